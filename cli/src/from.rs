//! Another repository, that something is taken from: by restic's options and variables for it.

use std::path::PathBuf;

use clap::Args;

use crate::global::{Global, Role};

/// The other repository.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "The repository to take from")]
pub(crate) struct FromArgs {
    /// Its location [env: BYGONE_FROM_REPOSITORY, RESTIC_FROM_REPOSITORY]
    #[arg(long, value_name = "LOCATION", visible_alias = "from-repository")]
    from_repo: Option<String>,
    /// A file that holds its location [env: BYGONE_FROM_REPOSITORY_FILE, RESTIC_FROM_REPOSITORY_FILE]
    #[arg(long, value_name = "FILE", conflicts_with = "from_repo")]
    from_repository_file: Option<PathBuf>,
    /// A file whose first line is its password [env: BYGONE_FROM_PASSWORD_FILE, RESTIC_FROM_PASSWORD_FILE; the password
    /// itself: BYGONE_FROM_PASSWORD, RESTIC_FROM_PASSWORD]
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    /// A command that prints its password [env: BYGONE_FROM_PASSWORD_COMMAND, RESTIC_FROM_PASSWORD_COMMAND]
    #[arg(long, value_name = "COMMAND", conflicts_with = "from_password_file")]
    from_password_command: Option<String>,
    /// It has an empty password
    #[arg(long, conflicts_with_all = ["from_password_file", "from_password_command"])]
    from_insecure_no_password: bool,
}

impl FromArgs {
    /// The global options with which it is opened: storage, cache and memory are as for the verb's own repository.
    pub(crate) fn global(&self, global: &Global) -> Global {
        Global {
            role: Role::From,
            repository: self.from_repo.clone(),
            repository_file: self.from_repository_file.clone(),
            password_file: self.from_password_file.clone(),
            password_command: self.from_password_command.clone(),
            insecure_no_password: self.from_insecure_no_password,
            failover: None,
            ..global.clone()
        }
    }

    /// Whether the command line names it.
    pub(crate) fn is_named(&self) -> bool {
        self.from_repo.is_some() || self.from_repository_file.is_some()
    }
}
