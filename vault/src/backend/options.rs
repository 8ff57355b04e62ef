//! Everything a backend needs besides its location. The library reads no environment: see [`BackendOptions::from_env`].

mod env;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::Secret;
use bygone_common::plan::StorageClass;

use super::{Limits, RetryPolicy};
use crate::error::{Error, ErrorKind, Result};

/// Establishing a connection, TLS and SSH handshakes included.
pub const CONNECT_MAX: Duration = Duration::from_secs(20);
/// From a request to the first byte of its answer, and between two parts of an answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(30);
/// An answer of known length may take its length at this pace longer.
pub const SLOWEST_BYTES_PER_SECOND: u64 = 64 * 1024;
/// Calls to one remote storage at once. More only fill its queue.
pub const CONNECTIONS_MAX: usize = 32;

/// How to reach a repository's storage.
#[derive(Debug, Clone, Default)]
pub struct BackendOptions {
    /// S3 servers.
    pub s3: S3Options,
    /// SSH servers.
    pub sftp: SftpOptions,
    /// restic REST servers.
    pub rest: RestOptions,
    /// Everything that speaks HTTPS.
    pub tls: TlsOptions,
    /// How long one try of a remote call may take.
    pub deadlines: Deadlines,
    /// What happens to calls that failed for the moment.
    pub retry: RetryPolicy,
    /// How much at once.
    pub limits: IoLimits,
    /// The class of storage that packs are kept in, unless they want a colder one. S3 has classes, and a gateway tells them on.
    pub class: StorageClass,
    /// Which addresses may be connected to.
    pub addresses: AddressRule,
    /// How fast; shared by every backend that is opened with a clone of these options.
    pub bandwidth: Arc<Limits>,
}

/// Which addresses of a network may be connected to: all of them, unless a rule says otherwise. It is asked about every
/// address that a name stands for, at every connection, so that a name which changes its address gains nothing.
#[derive(Clone, Default)]
pub struct AddressRule(Option<Arc<dyn Fn(IpAddr) -> bool + Send + Sync>>);

impl AddressRule {
    /// Only addresses for which `allows` is true.
    pub fn new(allows: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(allows)))
    }

    /// Whether an address may be connected to.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.0.as_ref().is_none_or(|allows| allows(address))
    }

    /// A host that is an address itself, and one that may not be connected to.
    ///
    /// # Errors
    /// `Denied`.
    pub(super) fn check_host(&self, host: &str) -> Result<()> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse() {
            Ok(address) if !self.allows(address) => Err(Self::refusal(host)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub(super) fn refusal(host: &str) -> Error {
        Error::new(ErrorKind::Denied, format!("{host} leads to an address that may not be connected to"))
    }
}

impl fmt::Debug for AddressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "AddressRule(some)" } else { "AddressRule(all)" })
    }
}

/// Who we are to an S3 server, and how its buckets are addressed.
///
/// Keys are taken from the first of these that has them: `access_key` and `secret_key`, the profile, the platform.
#[derive(Debug, Clone, Default)]
pub struct S3Options {
    /// The access key's id.
    pub access_key: Option<String>,
    /// The secret that belongs to the access key.
    pub secret_key: Option<Secret<String>>,
    /// The token of temporary keys.
    pub session_token: Option<Secret<String>>,
    /// The profile in `credentials_files`; `default` when none is named.
    pub profile: Option<String>,
    /// AWS credentials and config files, in the order in which they are read. Files that do not exist are passed over.
    pub credentials_files: Vec<PathBuf>,
    /// The bucket's region; without it, the one in an amazonaws.com host name or `us-east-1`, and then what the server says.
    pub region: Option<String>,
    /// How a bucket is addressed.
    pub path_style: PathStyle,
    /// Sends no keys at all, for public buckets.
    pub anonymous: bool,
    /// Whether the machine's own role may be asked for keys (web identity, container and instance metadata). This is
    /// the one thing that reads the process's environment, because the platform passes its hints there.
    pub ask_platform: bool,
}

/// How a bucket is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathStyle {
    /// As host name on amazonaws.com, as path everywhere else.
    #[default]
    Auto,
    /// `https://host/bucket/name`.
    On,
    /// `https://bucket.host/name`.
    Off,
}

/// Who we are to an SSH server, and how we know it. What the location and these do not say, OpenSSH's files may say.
#[derive(Debug, Clone, Default)]
pub struct SftpOptions {
    /// The user, when the location names none.
    pub user: Option<String>,
    /// The port, when the location names none.
    pub port: Option<u16>,
    /// Private keys, tried in this order. Files that do not exist are passed over.
    pub identity_files: Vec<PathBuf>,
    /// A private key itself, in PEM, tried before the identity files.
    pub identity: Option<Secret<String>>,
    /// The passphrase of encrypted identity files.
    pub passphrase: Option<Secret<String>>,
    /// Files in OpenSSH's `known_hosts` format. A server that none of them knows is refused.
    pub known_hosts_files: Vec<PathBuf>,
    /// Known hosts themselves, in the same format, beside those of the files.
    pub known_hosts: Option<String>,
    /// A password, tried after the keys.
    pub password: Option<Secret<String>>,
    /// The SSH agent's socket, asked before the identity files. Unix only.
    pub agent_socket: Option<PathBuf>,
    /// What OpenSSH goes by.
    pub openssh: OpenSsh,
}

/// What OpenSSH goes by on this machine, where nothing else is said.
#[derive(Debug, Clone, Default)]
pub struct OpenSsh {
    /// Files in the format of ssh_config(5), of which `HostName`, `Port`, `User`, `IdentityFile`, `UserKnownHostsFile` and
    /// `Include` are followed. The first value found counts; files that do not exist are passed over.
    pub config_files: Vec<PathBuf>,
    /// What `~` stands for in them.
    pub home: Option<PathBuf>,
    /// The user of this machine.
    pub user: Option<String>,
    /// Private keys of servers for which the configuration names none.
    pub identity_files: Vec<PathBuf>,
    /// Known hosts, unless the configuration names other files.
    pub known_hosts_files: Vec<PathBuf>,
    /// Hosts that all users of this machine know.
    pub system_known_hosts_files: Vec<PathBuf>,
}

/// Who we are to a REST server. A location that names a user or a password says all of it.
#[derive(Debug, Clone, Default)]
pub struct RestOptions {
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret<String>>,
}

/// Whom we trust over TLS, and who we are there.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// PEM file with the certificates of authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// PEM file with our certificate and its private key.
    pub client_certificate_file: Option<PathBuf>,
}

/// How long one try of a remote call may take. Every wait for a network ends by one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Establishing a connection, handshakes included.
    pub connect: Duration,
    /// From a request to the first byte of its answer, and between two parts of an answer.
    pub answer: Duration,
    /// An answer of known length may take its length at this pace longer.
    pub slowest_bytes_per_second: u64,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: CONNECT_MAX, answer: ANSWER_MAX, slowest_bytes_per_second: SLOWEST_BYTES_PER_SECOND }
    }
}

impl Deadlines {
    /// The time for a whole answer of `bytes` bytes.
    pub(super) fn for_bytes(&self, bytes: u64) -> Duration {
        let seconds = bytes.checked_div(self.slowest_bytes_per_second).unwrap_or(0);
        self.answer.saturating_add(Duration::from_secs(seconds))
    }
}

/// How much a backend does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IoLimits {
    /// Calls to one remote storage at once; further ones wait for their turn, which is not part of their deadline.
    pub connections: usize,
}

impl Default for IoLimits {
    fn default() -> Self {
        Self { connections: CONNECTIONS_MAX }
    }
}
