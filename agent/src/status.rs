//! What `bygone agent status` shows: written by the agent that runs, read by whoever asks.

use bygone_common::job::Progress;
use bygone_common::{JobUid, PlanUid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::state::Folder;

/// The file's name.
const FILE: &str = "status.json";

/// A job that is being done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunningStatus {
    /// The job.
    pub job: JobUid,
    /// Its plan.
    pub plan: Option<PlanUid>,
    /// Since when.
    pub since: Timestamp,
    /// How far.
    pub progress: Progress,
}

/// How an agent does.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Its process.
    pub pid: u32,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
    /// When the server was last heard of.
    pub last_contact_at: Option<Timestamp>,
    /// Why it is not heard of, if so.
    pub last_error: Option<String>,
    /// By how many milliseconds this machine's clock is ahead of the server's.
    pub clock_skew_ms: Option<i64>,
    /// Whether the server does not want this agent any more.
    pub revoked: bool,
    /// What it works at.
    pub running: Vec<RunningStatus>,
    /// Plans that it follows when the server is away.
    pub plans: usize,
    /// Snapshots that wait in the spool.
    pub spooled: usize,
}

impl Status {
    /// As it was last written.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(folder: &Folder) -> Result<Option<Self>> {
        folder.read(FILE)
    }

    /// Writes it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<()> {
        folder.write(FILE, self)
    }
}
