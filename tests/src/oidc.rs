//! A certified OpenID Connect provider: npm's `oidc-provider`, set up by `tests/oidc/provider.mjs`.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::ports;
use crate::process::Process;
use crate::tools::tool;

/// How the provider is set up.
const PROGRAM: &str = include_str!("../oidc/provider.mjs");

/// A running provider. Its people are alice (in `backup-admins` and `staff`), bob (in `staff`) and mallory (in no group);
/// their passwords are `alice-pw` and so on.
#[derive(Debug)]
pub struct OidcProvider {
    _process: Process,
    _folder: tempfile::TempDir,
    port: u16,
}

impl OidcProvider {
    /// Starts one.
    pub fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), ports::free());
        // The link leads to `node_modules/oidc-provider/package.json`; modules are looked for beside the program.
        let package = fs::canonicalize(tool("oidc-provider")).unwrap();
        symlink(package.ancestors().nth(2).unwrap(), folder.path().join("node_modules")).unwrap();
        let program = folder.path().join("provider.mjs");
        fs::write(&program, PROGRAM).unwrap();
        let mut command = Command::new(tool("node"));
        command.args(["--preserve-symlinks", "--preserve-symlinks-main"]).arg(program).arg(port.to_string());
        let mut process = Process::start(&mut command, &folder.path().join("log"));
        process.wait_until_ready(|| ports::is_open(port));
        Self { _process: process, _folder: folder, port }
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
