//! Stock restic at work on a local repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bygone_tests::restic::PASSWORD;
use bygone_tests::tools::tool;

/// Which restic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// The newest that `cargo xtask test` could get.
    Newest,
    /// Debian bookworm's 0.14, the oldest that is still met.
    Bookworm,
}

/// restic and one repository.
#[derive(Debug, Clone)]
pub(crate) struct Restic {
    program: PathBuf,
    repository: PathBuf,
    /// The folder in which it runs; relative sources lie there.
    folder: PathBuf,
}

impl Restic {
    /// Makes a repository of a format version (1 or 2) in `folder/repository`.
    pub(crate) fn init(release: Release, folder: &Path, version: u32) -> Self {
        let program = tool(match release {
            Release::Newest => "restic",
            Release::Bookworm => "restic-0.14",
        });
        let restic = Self { program, repository: folder.join("repository"), folder: folder.to_owned() };
        restic.run(["init", "--repository-version", &version.to_string()]);
        restic
    }

    /// A repository that is there.
    pub(crate) fn over(repository: PathBuf, folder: &Path) -> Self {
        Self { program: tool("restic"), repository, folder: folder.to_owned() }
    }

    /// The repository's folder.
    pub(crate) fn repository(&self) -> &Path {
        &self.repository
    }

    /// Saves `source`, with more arguments; the new snapshot's id.
    pub(crate) fn backup<A: AsRef<OsStr>>(&self, source: &Path, arguments: impl IntoIterator<Item = A>) -> String {
        let mut command = self.command();
        command.args(["backup", "--json", "--host", "test-host"]).args(arguments).arg(source);
        let output = succeed(&mut command);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, after) = text.rsplit_once("\"snapshot_id\":\"").expect("restic names the new snapshot");
        after.chars().take_while(char::is_ascii_hexdigit).collect()
    }

    /// Forgets a snapshot, without pruning.
    pub(crate) fn forget(&self, snapshot: &str) {
        self.run(["forget", snapshot]);
    }

    /// Runs restic; its output. Fails the test when restic fails.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        succeed(self.command().args(arguments))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("RESTIC_REPOSITORY", &self.repository)
            .env("RESTIC_PASSWORD", PASSWORD)
            .env("TZ", "UTC")
            .arg("--no-cache")
            .current_dir(&self.folder);
        command
    }
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
