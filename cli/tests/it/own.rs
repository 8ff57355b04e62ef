//! A repository of a test's own, made by `bygone init` with a key that costs next to nothing to derive.

use std::fs;
use std::path::{Path, PathBuf};

use bygone_tests::restic::{PASSWORD, Restic};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::Program;

/// What makes keys cheap.
pub(crate) const CHEAP: [&str; 2] = ["--scrypt-log-n", "1"];

pub(crate) struct Own {
    pub(crate) folder: TempDir,
    pub(crate) restic: Restic,
}

impl Own {
    /// An empty repository.
    pub(crate) fn new() -> Self {
        let own = Self::nothing();
        own.bygone(&["init", "-q"]).arguments(&CHEAP).bytes();
        own
    }

    /// No repository yet.
    pub(crate) fn nothing() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let restic = Restic::new(folder.path().join("repository").to_str().unwrap());
        let restic = restic.arguments(&["--no-cache", "--quiet"]).env("TZ", "UTC");
        Self { folder, restic }
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `bygone`, with the repository and its password in the environment.
    pub(crate) fn bygone(&self, arguments: &[&str]) -> Program {
        Program::bygone(self.folder.path())
            .env("RESTIC_REPOSITORY", self.repository())
            .env("RESTIC_PASSWORD", PASSWORD)
            .arguments(arguments)
    }

    /// A snapshot that stock restic takes of a small file, on a day of November 2026; answers its id.
    pub(crate) fn snapshot(&self, day: u32, host: &str, options: &[&str]) -> String {
        fs::create_dir_all(self.path("source")).unwrap();
        fs::write(self.path("source/file"), format!("day {day} of {host}\n")).unwrap();
        let time = format!("2026-11-{day:02} 10:00:00");
        let source = self.path("source");
        let arguments = ["backup", source.to_str().unwrap(), "--json", "--host", host, "--time", &time];
        let said = self.restic.run(&[&arguments, options].concat());
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        last["snapshot_id"].as_str().unwrap().to_owned()
    }

    /// What stock restic lists, oldest first.
    pub(crate) fn snapshots(&self) -> Vec<Value> {
        serde_json::from_str(&self.restic.run(&["snapshots", "--json"])).unwrap()
    }

    /// Their ids.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.snapshots().iter().map(|snapshot| snapshot["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Stock restic finds nothing wrong.
    pub(crate) fn check(&self) {
        self.restic.run(&["check", "--read-data"]);
    }

    pub(crate) fn count(&self, folder: &str) -> usize {
        count(&self.repository().join(folder))
    }
}

/// Files in a folder, without those that restic is still writing: it gives them their name when they are on the disk.
pub(crate) fn count(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| !name.to_string_lossy().contains("-tmp-")).count()
}
