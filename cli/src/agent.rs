//! `bygone agent`: this machine as one that a server backs up.

mod enrol;
mod run;
mod service;
mod status;
mod unenrol;

use std::path::PathBuf;

use bygone_agent::{ErrorKind as AgentErrorKind, Folder};
use bygone_vault::{Error, ErrorKind, Result};
use clap::{Args, Subcommand};

use crate::exit::Outcome;
use crate::global::Global;
use crate::password::variable;

/// Where the machine's own agent keeps its state.
#[cfg(unix)]
const SYSTEM_STATE: &str = "/var/lib/bygone-agent";

/// Have this machine backed up by a server
///
/// An agent asks a server for work: nobody calls it, and it needs no storage keys. It may add snapshots, and can remove
/// nothing.
#[derive(Debug, Args)]
pub(crate) struct Agent {
    #[command(subcommand)]
    verb: AgentVerb,
}

#[derive(Debug, Subcommand)]
enum AgentVerb {
    Enrol(enrol::Enrol),
    Run(run::Run),
    Status(status::StatusVerb),
    Install(service::InstallVerb),
    Uninstall(service::UninstallVerb),
    Unenrol(unenrol::Unenrol),
}

/// Where the agent keeps its state.
#[derive(Debug, Clone, Args)]
struct StateArgs {
    /// Where the agent keeps its state [default: /var/lib/bygone-agent for root, else bygone-agent in the user's state
    /// folder; env: BYGONE_AGENT_STATE]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl StateArgs {
    fn path(&self) -> Result<PathBuf> {
        if let Some(state) = &self.state {
            return absolute(state.clone());
        }
        if let Some(state) = variable("BYGONE_AGENT_STATE")? {
            return absolute(PathBuf::from(state));
        }
        default_state()
    }

    fn folder(&self) -> Result<Folder> {
        Folder::open(&self.path()?).map_err(failure)
    }
}

fn absolute(path: PathBuf) -> Result<PathBuf> {
    std::path::absolute(&path).map_err(|error| Error::io(format!("find {}", path.display()), error))
}

#[cfg(unix)]
fn default_state() -> Result<PathBuf> {
    // SAFETY: the call takes nothing and cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        return Ok(PathBuf::from(SYSTEM_STATE));
    }
    let missing = || Error::new(ErrorKind::InvalidInput, "no place for the agent's state: give --state DIR");
    let base = match variable("XDG_STATE_HOME")?.map(PathBuf::from).filter(|folder| folder.is_absolute()) {
        Some(folder) => folder,
        None => variable("HOME")?.map(|home| PathBuf::from(home).join(".local/state")).ok_or_else(missing)?,
    };
    Ok(base.join("bygone-agent"))
}

#[cfg(not(unix))]
fn default_state() -> Result<PathBuf> {
    let missing = || Error::new(ErrorKind::InvalidInput, "no place for the agent's state: give --state DIR");
    Ok(variable("ProgramData")?.map(PathBuf::from).ok_or_else(missing)?.join("Bygone").join("agent"))
}

/// An agent's error as every verb's.
fn failure(error: bygone_agent::Error) -> Error {
    let kind = match error.kind() {
        AgentErrorKind::Usage => ErrorKind::InvalidInput,
        AgentErrorKind::NotEnrolled => ErrorKind::NotFound,
        AgentErrorKind::Revoked => ErrorKind::Denied,
        AgentErrorKind::Busy => ErrorKind::Locked,
        AgentErrorKind::Server => ErrorKind::Unavailable,
        AgentErrorKind::Local => ErrorKind::Io,
    };
    Error::new(kind, error.to_string())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::io("start the agent's threads", error))
}

impl Agent {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            AgentVerb::Enrol(enrol) => enrol.run(global),
            AgentVerb::Run(run) => run.run(global),
            AgentVerb::Status(status) => status.run(global),
            AgentVerb::Install(install) => install.run(global),
            AgentVerb::Uninstall(uninstall) => uninstall.run(global),
            AgentVerb::Unenrol(unenrol) => unenrol.run(global),
        }
    }

    /// Whether it goes on until somebody ends it, with a log of its own.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self.verb, AgentVerb::Run(_))
    }
}
