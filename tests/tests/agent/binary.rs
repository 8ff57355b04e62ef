//! The program as it is built, in processes of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::stack::Stack;

/// The real program as an agent or a server, ended when dropped.
pub(crate) struct Program(Child);

impl Program {
    /// The program, which the tests of this package build beside themselves.
    pub(crate) fn path() -> PathBuf {
        let test = std::env::current_exe().unwrap();
        let built = test.parent().unwrap().parent().unwrap().join("bygone");
        assert!(built.exists(), "{} is not built: cargo build -p bygone", built.display());
        built
    }

    /// `bygone agent run`.
    pub(crate) fn agent(state: &Path) -> Self {
        let mut command = Command::new(Self::path());
        command.args(["agent", "run", "--state"]).arg(state);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// `bygone serve` with what a stack that is stopped has kept.
    pub(crate) fn server(stack: &Stack, port: u16) -> Self {
        Self::server_with(stack.variables(port))
    }

    /// The same with these variables.
    pub(crate) fn server_with(variables: BTreeMap<String, String>) -> Self {
        let mut command = Command::new(Self::path());
        command.args(["serve", "--config", "/dev/null"]);
        command.envs(variables.into_iter().map(|(name, value)| (format!("BYGONE_{name}"), value)));
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// As `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to end, which it has to do in order.
    pub(crate) fn end(mut self) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), rustix::process::Signal::TERM)
            .unwrap();
        assert!(self.0.wait().unwrap().success(), "asked to end, it ends in order");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended is as good.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
