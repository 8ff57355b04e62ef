//! What an agent says of a job: `POST /agent/v1/jobs/{job}/start | renew | progress | log | finish`.
//!
//! Every one may be said twice, since an answer may be lost; and every answer but that to `finish` says whether to go on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Refused, check_count};
use crate::LeaseUid;
use crate::job::progress::LOG_LINES_MAX;
use crate::job::{LogLine, Outcome, Progress};

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
    /// Whether to wait until it may go on.
    #[serde(default)]
    pub pause: bool,
}

/// `progress`: how far it has come. At most every second.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressRequest {
    /// By which lease.
    pub lease: LeaseUid,
    /// How far.
    pub progress: Progress,
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

/// `finish`: the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// By which lease.
    pub lease: LeaseUid,
    /// How it ended.
    pub outcome: Outcome,
}

impl LogRequest {
    /// # Errors
    /// There are too many lines.
    pub fn check(&self) -> Result<(), Refused> {
        check_count("lines", self.lines.len(), LOG_LINES_MAX)
    }
}
