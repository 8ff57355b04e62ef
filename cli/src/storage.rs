//! How storage is reached: options and environment, for every repository that one command names.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;

use bygone_vault::backend::options::PathStyle;
use bygone_vault::backend::{self, BackendOptions, Limits, OpenStorage};
use bygone_vault::{Error, ErrorKind, Result};

use crate::global::Global;
use crate::open::location;
use crate::password::variable;

/// Bytes in what limits of bandwidth are counted in.
const KIB: u64 = 1024;

/// How storage is reached, by the options and the environment.
///
/// # Errors
/// `InvalidInput` names the option or variable whose value cannot be used.
pub(crate) fn backend_options(global: &Global) -> Result<BackendOptions> {
    let mut options = BackendOptions::from_env(|name| global.role.of_storage(name))?;
    if let Some(file) = &global.cacert {
        options.tls.ca_file = Some(file.clone());
    }
    if let Some(file) = &global.tls_client_cert {
        options.tls.client_certificate_file = Some(file.clone());
    }
    for option in &global.options {
        set_option(&mut options, option)?;
    }
    let upload = limit(global.limit_upload, "BYGONE_LIMIT_UPLOAD")?;
    let download = limit(global.limit_download, "BYGONE_LIMIT_DOWNLOAD")?;
    options.bandwidth = Arc::new(Limits::new(upload, download));
    Ok(options)
}

/// Opens storage to write to, at the place that the options name.
///
/// # Errors
/// No place, or whatever is wrong with the options.
pub(crate) fn open(global: &Global) -> Result<OpenStorage> {
    backend::open_storage(&location(global)?, &backend_options(global)?)
}

/// restic's extended options, as far as they mean something here.
fn set_option(options: &mut BackendOptions, option: &str) -> Result<()> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidInput, format!("option {option:?}: {why}"));
    let (key, value) = option.split_once('=').ok_or_else(|| refused("write KEY=VALUE"))?;
    match key.trim() {
        "s3.region" => options.s3.region = Some(value.to_owned()),
        "s3.bucket-lookup" => {
            options.s3.path_style = match value {
                "auto" => PathStyle::Auto,
                "path" => PathStyle::On,
                "dns" => PathStyle::Off,
                _ => return Err(refused("it is auto, dns or path")),
            }
        }
        "s3.profile" => options.s3.profile = Some(value.to_owned()),
        "s3.unsafe-anonymous-auth" => {
            options.s3.anonymous = value.parse().map_err(|_| refused("it is true or false"))?;
        }
        "s3.connections" | "sftp.connections" | "rest.connections" | "local.connections" => {
            options.limits.connections =
                value.parse().ok().filter(|number| *number > 0).ok_or_else(|| refused("it is a number from 1 on"))?;
        }
        "sftp.user" => options.sftp.user = Some(value.to_owned()),
        "sftp.port" => options.sftp.port = Some(value.parse().map_err(|_| refused("it is a port"))?),
        "sftp.identity-file" => options.sftp.identity_files = vec![PathBuf::from(value)],
        "sftp.known-hosts" => options.sftp.known_hosts_files = vec![PathBuf::from(value)],
        "sftp.config" if value == "none" => options.sftp.openssh.config_files.clear(),
        "sftp.config" => options.sftp.openssh.config_files = vec![PathBuf::from(value)],
        "sftp.command" | "sftp.args" => {
            return Err(refused(
                "no ssh program is run here; ~/.ssh/config is read, and see sftp.config, sftp.user, sftp.port, \
                 sftp.identity-file and sftp.known-hosts",
            ));
        }
        _ => return Err(refused("there is no such option")),
    }
    Ok(())
}

/// A limit in bytes a second: of the option, or of a variable. Zero is none, as in restic.
fn limit(given: Option<u64>, name: &str) -> Result<Option<NonZeroU64>> {
    let kib = match (given, variable(name)?) {
        (Some(kib), _) => kib,
        (None, None) => return Ok(None),
        (None, Some(text)) => text.parse().map_err(|_| {
            Error::new(ErrorKind::InvalidInput, format!("the environment's {name} is {text:?}, not a number of KiB/s"))
        })?,
    };
    Ok(NonZeroU64::new(kib.saturating_mul(KIB)))
}
