//! Stock rustic. It takes long to build: only tests behind the feature `peers` use it.

use std::process::Command;

use crate::restic::PASSWORD;
use crate::tools::tool;

/// Runs rustic to a repository somewhere.
#[derive(Debug)]
pub struct Rustic {
    repository: String,
    home: tempfile::TempDir,
}

impl Rustic {
    /// rustic for the repository at `repository` in its own syntax, which is restic's for folders and REST servers.
    pub fn new(repository: impl Into<String>) -> Self {
        Self { repository: repository.into(), home: tempfile::tempdir().unwrap() }
    }

    /// Runs rustic and answers what it printed.
    ///
    /// # Panics
    /// With what it said, when it fails.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "rustic {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs rustic, which has to fail, and answers what it said.
    ///
    /// # Panics
    /// When it succeeds.
    pub fn fail(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stderr, output.stdout].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!output.status.success(), "rustic {arguments:?}: {said}");
        said
    }

    /// rustic with these arguments, to be run by the caller. It keeps its cache apart, and reads nobody's profiles.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool("rustic"));
        command
            .args(arguments)
            .env("RUSTIC_REPOSITORY", &self.repository)
            .env("RUSTIC_PASSWORD", PASSWORD)
            .env("RUSTIC_CACHE_DIR", self.home.path().join("cache"))
            .env("RUSTIC_NO_PROGRESS", "true")
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"));
        command
    }
}
