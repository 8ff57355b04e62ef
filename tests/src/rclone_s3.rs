//! An S3 server that knows neither versions nor locks: rclone's.

use std::fs;
use std::process::Command;

use crate::ports;
use crate::process::Process;
use crate::s3::{ACCESS_KEY, SECRET_KEY};
use crate::tools::tool;

/// A running `rclone serve s3` over a folder. It takes lock headers without a word.
#[derive(Debug)]
pub struct RcloneS3 {
    _process: Process,
    folder: tempfile::TempDir,
    port: u16,
}

impl RcloneS3 {
    /// Starts one with a bucket called `bucket`.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (served, port) = (folder.path().join("served"), ports::free());
        fs::create_dir_all(served.join("bucket")).unwrap();
        let mut command = Command::new(tool("rclone"));
        command.args(["serve", "s3", "--config", "/dev/null", "--addr", &format!("127.0.0.1:{port}")]);
        command.arg("--auth-key").arg(format!("{ACCESS_KEY},{SECRET_KEY}")).arg(served);
        let mut process = Process::start(&mut command, &folder.path().join("log"));
        process.wait_until_ready(|| ports::is_open(port));
        Self { _process: process, folder, port }
    }

    /// The location of a repository in a bucket, in restic's syntax.
    pub fn location(&self, bucket_and_prefix: &str) -> String {
        format!("s3:http://127.0.0.1:{}/{bucket_and_prefix}", self.port)
    }

    /// Names of the files below `bucket`.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("served/bucket")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}
