//! What a job tells while it runs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes of one line of a job's log. What is longer is cut.
pub const LOG_LINE_BYTES_MAX: usize = 2048;

/// Lines that are sent at once, at most.
pub const LOG_LINES_MAX: usize = 256;

/// What a job is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opens the repository, waits for locks.
    #[default]
    Preparing,
    /// Runs hooks.
    Hooks,
    /// Counts what there is to do.
    Scanning,
    /// Does it.
    Working,
    /// Writes what makes it count; checks it.
    Finishing,
}

/// How far a job is. Totals are none as long as nobody knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// Files, snapshots or packs that are done.
    pub items_done: u64,
    /// Of how many.
    pub items_total: Option<u64>,
    /// Bytes that are done.
    pub bytes_done: u64,
    /// Of how many.
    pub bytes_total: Option<u64>,
    /// Bytes that were new.
    pub bytes_added: u64,
    /// What could not be read or written so far.
    pub problems: u64,
}

/// How much a line of a log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For whoever looks for a fault; may name files.
    Debug,
    /// What was done.
    Info,
    /// What was left out.
    Warn,
    /// What went wrong.
    Error,
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// When, by the clock of whoever does the job.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// What there is to say.
    pub text: String,
}

impl LogLine {
    /// A line; a text that is too long is cut at a character.
    pub fn new(at: Timestamp, level: LogLevel, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.len() > LOG_LINE_BYTES_MAX {
            text.truncate(text.floor_char_boundary(LOG_LINE_BYTES_MAX));
        }
        Self { at, level, text }
    }
}
