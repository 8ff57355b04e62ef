//! The protected machine: a project that people work on, and an agent, which is this program once more.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bygone_common::Secret;
use bygone_vault::{Error, Result};

use super::{failed, program, project};

/// A machine with an agent that runs.
pub(super) struct Machine {
    folder: PathBuf,
    agent: Agent,
}

/// The agent's process; it ends with its owner.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nobody to end.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Machine {
    /// Enrols, and starts the agent.
    pub(super) fn enrol(folder: &Path, server: &str, token: &Secret<String>) -> Result<Self> {
        let folder = folder.join("machine");
        std::fs::create_dir(&folder).map_err(|error| Error::io(format!("make {}", folder.display()), error))?;
        let state = folder.join("agent");
        let mut enrol = Command::new(program()?);
        enrol.args(["agent", "enrol", "--token-file", "-", "--server", server, "--state"]).arg(&state);
        let doing = |error| Error::io("start the agent".to_owned(), error);
        let mut enrolling =
            enrol.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(doing)?;
        if let Some(mut input) = enrolling.stdin.take() {
            input.write_all(token.expose().as_bytes()).map_err(doing)?;
        }
        let output = enrolling.wait_with_output().map_err(doing)?;
        if !output.status.success() {
            return Err(failed("enrolling the agent", &output));
        }
        let mut run = Command::new(program()?);
        run.args(["--quiet", "agent", "run", "--state"]).arg(&state).env("XDG_CACHE_HOME", folder.join("cache"));
        let running = run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(doing)?;
        Ok(Self { folder, agent: Agent(running) })
    }

    /// What is captured.
    pub(super) fn project(&self) -> PathBuf {
        self.folder.join("project")
    }

    /// What the project was after a day, from 0 on: a copy beside it.
    pub(super) fn kept(&self, day: usize) -> PathBuf {
        self.folder.join(format!("kept-{day}"))
    }

    /// Works on the project for a day, and keeps a copy for the proof.
    pub(super) fn live(&self, day: usize) -> Result<()> {
        let doing = |error| Error::io(format!("work on {}", self.project().display()), error);
        project::live(&self.project(), day).map_err(doing)?;
        let copied = Command::new("cp").arg("-a").arg(self.project()).arg(self.kept(day)).output().map_err(doing)?;
        if copied.status.success() { Ok(()) } else { Err(failed("copying the project", &copied)) }
    }

    /// Ends the agent.
    pub(super) fn end(self) {
        drop(self.agent);
    }
}
