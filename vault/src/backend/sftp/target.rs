//! Where a location leads. What it says itself comes first, then the options, then OpenSSH's configuration, and what
//! OpenSSH does without any.

use std::path::PathBuf;

use super::ssh_config::{HostConfig, at_home, expanded};
use crate::backend::options::SftpOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::location::SftpLocation;

const SSH_PORT: u16 = 22;
/// What stands in OpenSSH's files for "do without".
const NONE: &str = "none";

/// A server, and what we have to show there.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) identity_files: Vec<PathBuf>,
    pub(super) known_hosts_files: Vec<PathBuf>,
}

impl Target {
    /// # Errors
    /// A configuration that cannot be read or leads through a proxy; no user.
    pub(super) fn of(location: &SftpLocation, options: &SftpOptions) -> Result<Self> {
        let openssh = &options.openssh;
        let home = openssh.home.as_deref();
        let config = HostConfig::read(&openssh.config_files, home, &location.host)?;
        if let Some(proxy) = config.proxy.filter(|proxy| !proxy.eq_ignore_ascii_case(NONE)) {
            let context = format!("the SSH configuration reaches {} through {proxy:?}: no proxies here", location.host);
            return Err(Error::new(ErrorKind::Unsupported, context));
        }
        let host = config.host_name.map(|name| expanded(&name, &[('h', &location.host)]));
        let host = host.unwrap_or_else(|| location.host.clone());
        let said = location.user.clone().or_else(|| options.user.clone()).or(config.user);
        let user = said.or_else(|| openssh.user.clone()).ok_or_else(|| {
            let context = format!("name the user: sftp:USER@{}:{}", location.host, location.path);
            Error::new(ErrorKind::InvalidInput, context)
        })?;
        let home_text = home.map(|home| home.to_string_lossy().into_owned()).unwrap_or_default();
        let local_user = openssh.user.as_deref().unwrap_or_default();
        let tokens = [('h', host.as_str()), ('r', &user), ('u', local_user), ('d', &home_text)];
        let files = |texts: Vec<String>| -> Vec<PathBuf> {
            let texts = texts.into_iter().filter(|text| !text.eq_ignore_ascii_case(NONE));
            texts.map(|text| at_home(&expanded(&text, &tokens), home)).collect()
        };
        let identity_files = match (options.identity_files.as_slice(), config.identity_files) {
            ([], none) if none.is_empty() => openssh.identity_files.clone(),
            ([], named) => files(named),
            (given, _) => given.to_vec(),
        };
        let known_hosts_files = match (options.known_hosts_files.as_slice(), config.known_hosts_files) {
            ([], none) if none.is_empty() => {
                [&openssh.known_hosts_files[..], &openssh.system_known_hosts_files].concat()
            }
            ([], named) => [files(named), openssh.system_known_hosts_files.clone()].concat(),
            (given, _) => given.to_vec(),
        };
        let port = location.port.or(options.port).or(config.port).unwrap_or(SSH_PORT);
        Ok(Self { host, port, user, identity_files, known_hosts_files })
    }
}
