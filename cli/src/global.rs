//! Options that every verb takes. They may stand before or after the verb.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::units::parse_size;

/// Which repository options are about. The environment names each by other variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// The one that the verb is about.
    #[default]
    Main,
    /// The one that something is taken from: `RESTIC_FROM_…`.
    From,
    /// The mirror of the main one: `BYGONE_MIRROR_…`.
    Mirror,
}

impl Role {
    /// The name of a variable: `BYGONE_PASSWORD`, `RESTIC_FROM_PASSWORD`.
    pub(crate) fn variable(self, prefix: &str, name: &str) -> String {
        match self {
            Self::Main => format!("{prefix}_{name}"),
            Self::From => format!("{prefix}_FROM_{name}"),
            Self::Mirror => format!("{prefix}_MIRROR_{name}"),
        }
    }

    /// A variable about storage: of its own, or that of the main one.
    pub(crate) fn of_storage(self, name: &str) -> Option<String> {
        let own = match self {
            Self::Main => None,
            Self::From => std::env::var(format!("BYGONE_FROM_{name}")).ok(),
            Self::Mirror => std::env::var(format!("BYGONE_MIRROR_{name}")).ok(),
        };
        own.or_else(|| std::env::var(name).ok())
    }
}

/// Where the repository lies and how it is opened.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    #[arg(skip)]
    pub(crate) role: Role,
    /// The repository: /path, s3:https://host/bucket/prefix, sftp:user@host:/path (also a host of ~/.ssh/config),
    /// rest:https://host/
    /// [env: BYGONE_REPOSITORY, RESTIC_REPOSITORY]
    #[arg(short, long, global = true, value_name = "LOCATION", visible_alias = "repo")]
    pub(crate) repository: Option<String>,
    /// A file that holds the repository's location [env: BYGONE_REPOSITORY_FILE, RESTIC_REPOSITORY_FILE]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "repository")]
    pub(crate) repository_file: Option<PathBuf>,
    /// A server whose snapshots are read instead, as whoever `bygone login` signed in [env: BYGONE_SERVER; an API token:
    /// BYGONE_API_TOKEN, BYGONE_API_TOKEN_FILE]
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["repository", "repository_file"])]
    pub(crate) server: Option<String>,
    /// Which of its sources, by name, if it shows several [env: BYGONE_SOURCE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// A mirror of the repository, which is read while the repository does not answer; its own variables begin with
    /// BYGONE_MIRROR_ [env: BYGONE_FAILOVER]
    #[arg(long, global = true, value_name = "LOCATION")]
    pub(crate) failover: Option<String>,
    /// A file whose first line is the password [env: BYGONE_PASSWORD_FILE, RESTIC_PASSWORD_FILE; the password itself:
    /// BYGONE_PASSWORD, RESTIC_PASSWORD]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// A command that prints the password [env: BYGONE_PASSWORD_COMMAND, RESTIC_PASSWORD_COMMAND]
    #[arg(long, global = true, value_name = "COMMAND", conflicts_with = "password_file")]
    pub(crate) password_command: Option<String>,
    /// The repository has an empty password
    #[arg(long, global = true, conflicts_with_all = ["password_file", "password_command"])]
    pub(crate) insecure_no_password: bool,
    /// An option of the storage, such as s3.region=eu-west-1 (may be repeated)
    #[arg(short = 'o', long = "option", global = true, value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    /// PEM file with the certificate authorities to trust instead of the system's [env: RESTIC_CACERT]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// PEM file with our certificate and its private key [env: RESTIC_TLS_CLIENT_CERT]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) tls_client_cert: Option<PathBuf>,
    /// Send at most so many KiB a second [env: BYGONE_LIMIT_UPLOAD]
    #[arg(long, global = true, value_name = "KIB/S")]
    pub(crate) limit_upload: Option<u64>,
    /// Receive at most so many KiB a second [env: BYGONE_LIMIT_DOWNLOAD]
    #[arg(long, global = true, value_name = "KIB/S")]
    pub(crate) limit_download: Option<u64>,
    /// Where the blob map and encrypted tree packs are kept [default: bygone in the user's cache folder; env:
    /// BYGONE_CACHE_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Keep nothing on disk
    #[arg(long, global = true, conflicts_with = "cache_dir")]
    pub(crate) no_cache: bool,
    /// Memory for caches and read-ahead together [default: 256M]
    #[arg(long, global = true, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) memory: Option<u64>,
    /// Check each blob's SHA-256 before its bytes are used, not behind them (half as fast)
    #[arg(long, global = true)]
    pub(crate) verify_ids: bool,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more (may be repeated)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

impl Global {
    /// Whether a repository is named on the command line.
    pub(crate) const fn names_repository(&self) -> bool {
        self.repository.is_some() || self.repository_file.is_some()
    }

    /// The options by which the mirror at a place is reached.
    pub(crate) fn of_mirror(&self, location: &str) -> Self {
        Self {
            role: Role::Mirror,
            repository: Some(location.to_owned()),
            repository_file: None,
            failover: None,
            ..self.clone()
        }
    }
}
