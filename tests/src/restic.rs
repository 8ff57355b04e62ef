//! Stock restic.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::tool;

/// The password of every repository that tests make.
pub const PASSWORD: &str = "correct horse";

/// Runs restic to a repository somewhere.
#[derive(Debug)]
pub struct Restic {
    program: &'static str,
    repository: String,
    variables: Vec<(String, String)>,
    options: Vec<String>,
    folder: Option<PathBuf>,
    cache: tempfile::TempDir,
}

impl Restic {
    /// The newest restic, for the repository at `repository` in restic's own syntax.
    pub fn new(repository: impl Into<String>) -> Self {
        Self {
            program: "restic",
            repository: repository.into(),
            variables: Vec::new(),
            options: Vec::new(),
            folder: None,
            cache: tempfile::tempdir().unwrap(),
        }
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds global arguments.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.options.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Runs in a folder, from which relative paths then begin.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs restic and answers what it printed.
    ///
    /// # Panics
    /// With what it said, when it fails.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "restic {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// restic with these arguments, to be run by the caller.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool(self.program));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
            .args(&self.options)
            .args(arguments)
            .env("RESTIC_REPOSITORY", &self.repository)
            .env("RESTIC_PASSWORD", PASSWORD)
            .env("RESTIC_CACHE_DIR", self.cache.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Makes a repository with one snapshot of `source`.
    pub fn init_and_back_up(&self, source: &Path) {
        self.run(&["init"]);
        self.run(&["backup", "--pack-size", "4", source.to_str().unwrap()]);
    }
}
