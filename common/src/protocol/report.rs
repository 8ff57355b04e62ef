//! What an agent says of a job: `POST /agent/v1/jobs/{job}/start | renew | progress | log | finish`.
//!
//! Every one may be said twice, since an answer may be lost; and every answer but that to `finish` says whether to go on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LOG_LINES_MAX, NAME_CHARS_MAX, Refused, SENTENCE_CHARS_MAX, check_count, check_length};
use crate::LeaseUid;

/// `start`: the agent has begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// By which lease.
    pub lease: LeaseUid,
}

/// `renew`: the agent is still at it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingRequest {
    /// By which lease.
    pub lease: LeaseUid,
}

/// Where a job stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Standing {
    /// When the lease ends now.
    pub expires_at: Timestamp,
    /// Whether to give it up.
    #[serde(default)]
    pub cancel: bool,
}

/// What was counted, so far or in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counts {
    /// Files that are done.
    pub files: u64,
    /// Those of them that were not in the snapshot before.
    pub files_new: u64,
    /// Those of them that were others there.
    pub files_changed: u64,
    /// Folders.
    pub folders: u64,
    /// Bytes of files that are done.
    pub bytes: u64,
    /// Files that there will be; 0 when not known.
    pub files_total: u64,
    /// Bytes that there will be; 0 when not known.
    pub bytes_total: u64,
    /// Bytes that the repository has grown by.
    pub stored_bytes: u64,
    /// Things that could not be saved.
    pub problems: u64,
    /// Snapshots copied over from the spool.
    pub spooled: u64,
}

/// `progress`: how far it has come. At most every second.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// By which lease.
    pub lease: LeaseUid,
    /// What it does at the moment: `hooks`, `capture`, `copy`.
    pub stage: String,
    /// How far.
    pub counts: Counts,
}

/// How loud a line of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For the curious.
    Debug,
    /// What was done.
    Info,
    /// Somebody should know.
    Warning,
    /// Something is missing.
    Error,
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogLine {
    /// When, by the agent's clock.
    pub at: Timestamp,
    /// How loud.
    pub level: LogLevel,
    /// What is said.
    pub text: String,
}

/// `log`: what is worth keeping.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRequest {
    /// By which lease.
    pub lease: LeaseUid,
    /// The number of the first of these lines, counted from 0 in the attempt: lines that came already are passed over.
    pub first: u64,
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    /// All of it is saved, and could be read back.
    Succeeded,
    /// A snapshot was taken, but things are missing in it.
    Partial,
    /// Nothing was saved where it belongs.
    Failed,
    /// Somebody said so.
    Cancelled,
}

/// `finish`: the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// By which lease.
    pub lease: LeaseUid,
    /// How it ended.
    pub outcome: JobOutcome,
    /// restic's id of the snapshot, if one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// What was counted.
    #[serde(default)]
    pub counts: Counts,
    /// What went wrong, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether trying again later may help.
    #[serde(default)]
    pub retry: bool,
}

impl ProgressRequest {
    /// # Errors
    /// The stage's name is too long.
    pub fn check(&self) -> Result<(), Refused> {
        check_length("stage", &self.stage, NAME_CHARS_MAX)
    }
}

impl LogRequest {
    /// # Errors
    /// There are too many lines, or one is too long.
    pub fn check(&self) -> Result<(), Refused> {
        check_count("lines", self.lines.len(), LOG_LINES_MAX)?;
        self.lines.iter().try_for_each(|line| check_length("lines.text", &line.text, SENTENCE_CHARS_MAX))
    }
}

impl FinishRequest {
    /// # Errors
    /// A value is too long.
    pub fn check(&self) -> Result<(), Refused> {
        check_length("snapshot", self.snapshot.as_deref().unwrap_or_default(), NAME_CHARS_MAX)?;
        check_length("error", self.error.as_deref().unwrap_or_default(), SENTENCE_CHARS_MAX)
    }
}
