//! One SSH connection with an SFTP session in it.

use std::fmt;
use std::sync::Arc;

use russh::client::{Config, Handle};
use russh::{Channel, ChannelMsg};
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::rawsession::Limits;
use russh_sftp::extensions;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::failure;
use super::files::{self, OpenFiles};
use super::host_key::{Checker, HostKeys, Refusal};
use super::sign_in::sign_in;
use super::target::Target;
use super::write;
use crate::backend::http::transport;
use crate::backend::{AddressRule, BackendOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::location::SftpLocation;

/// Bytes that the server may send ahead of us taking them.
const WINDOW_BYTES: u32 = 16 << 20;
/// Largest packet of the SSH layer.
const PACKET_BYTES_MAX: u32 = 32 << 10;

/// A signed-in connection.
pub(super) struct Connection {
    pub(super) sftp: Arc<RawSftpSession>,
    ssh: Handle<Checker>,
    /// Bytes of one read request.
    pub(super) read_bytes: u32,
    /// Bytes of one write request.
    pub(super) write_bytes: u32,
    /// What the server offers beyond the protocol.
    pub(super) offers: Offers,
    /// Bounds the read requests under way, of all calls together.
    pub(super) reads: Semaphore,
    pub(super) files: OpenFiles,
}

/// Extensions that writing makes use of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offers {
    /// A rename that replaces.
    pub(super) posix_rename: bool,
    /// Bringing a file to the disk.
    pub(super) fsync: bool,
    /// Telling how full the disk is.
    pub(super) statvfs: bool,
}

impl Connection {
    /// Whether the connection still stands, as far as this side knows.
    pub(super) fn is_alive(&self) -> bool {
        !self.ssh.is_closed()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("alive", &self.is_alive()).finish_non_exhaustive()
    }
}

/// Connects, checks the server's key and signs in. The caller sets the deadline.
///
/// # Errors
/// `Unavailable` when there is no server, `Denied` when it is not the known one or refuses us.
pub(super) async fn connect(location: &SftpLocation, options: &BackendOptions, doing: &str) -> Result<Connection> {
    let target = Target::of(location, &options.sftp).map_err(|error| error.context(doing))?;
    let (host, port, user) = (target.host.as_str(), target.port, target.user.as_str());
    let known = HostKeys::load(&target.known_hosts_files, options.sftp.known_hosts.as_deref(), host, port)?;
    let config = Config {
        preferred: known.preferred(),
        window_size: WINDOW_BYTES,
        maximum_packet_size: PACKET_BYTES_MAX,
        // A server that vanished without a word is noticed even when nobody reads.
        keepalive_interval: Some(options.deadlines.answer),
        nodelay: true,
        ..Config::default()
    };
    let found = tokio::net::lookup_host((host, port)).await.map_err(|error| transport(doing, error))?;
    let found: Vec<_> = found.filter(|address| options.addresses.allows(address.ip())).collect();
    if found.is_empty() {
        return Err(AddressRule::refusal(host).context(doing));
    }
    let stream = TcpStream::connect(found.as_slice()).await.map_err(|error| transport(doing, error))?;
    stream.set_nodelay(true).map_err(|error| transport(doing, error))?;
    let mut ssh = match russh::client::connect_stream(Arc::new(config), stream, Checker(known)).await {
        Ok(ssh) => ssh,
        Err(Refusal::Ssh(error)) => return Err(failure::ssh(doing, error)),
        Err(Refusal::HostKey(error)) => return Err(error.context(doing)),
    };
    sign_in(&mut ssh, user, &target.identity_files, &options.sftp, doing).await?;
    let channel = ssh.channel_open_session().await.map_err(|error| failure::ssh(doing, error))?;
    let channel = start_sftp(channel, doing).await?;
    let mut sftp = RawSftpSession::new_with_config(channel.into_stream(), files::config(&options.deadlines));
    let version = sftp.init().await.map_err(|error| failure::sftp(doing, error))?;
    let (read_bytes, write_bytes) = if version.extensions.contains_key(extensions::LIMITS) {
        let limits = sftp.limits().await.map(Limits::from).map_err(|error| failure::sftp(doing, error))?;
        sftp.set_limits(limits);
        (files::request_bytes(limits.read_len), files::request_bytes(limits.write_len))
    } else {
        (files::REQUEST_BYTES_SAFE, files::REQUEST_BYTES_SAFE)
    };
    let offers = Offers {
        posix_rename: version.extensions.contains_key(write::POSIX_RENAME),
        fsync: version.extensions.contains_key(extensions::FSYNC),
        statvfs: version.extensions.contains_key(extensions::STATVFS),
    };
    tracing::debug!(host, port, user, read_bytes, write_bytes, ?offers, "signed in to the SFTP server");
    Ok(Connection {
        sftp: Arc::new(sftp),
        ssh,
        read_bytes,
        write_bytes,
        offers,
        reads: Semaphore::new(files::READS_UNDER_WAY_MAX),
        files: OpenFiles::default(),
    })
}

/// Asks for the SFTP subsystem and waits for the answer: without one, a session would wait for bytes that never come.
async fn start_sftp(mut channel: Channel<russh::client::Msg>, doing: &str) -> Result<Channel<russh::client::Msg>> {
    channel.request_subsystem(true, "sftp").await.map_err(|error| failure::ssh(doing, error))?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => return Ok(channel),
            Some(ChannelMsg::Failure) => {
                return Err(Error::new(ErrorKind::Unsupported, format!("{doing}: the server offers no SFTP")));
            }
            Some(_) => {}
            None => {
                return Err(Error::new(ErrorKind::Unavailable, format!("{doing}: the server closed the connection")));
            }
        }
    }
}
