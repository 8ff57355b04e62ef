//! How an agent gets work: it asks, and the server keeps the answer back until there is some.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CLAIM_WAIT_SECONDS_MAX, Refused, Work};
use crate::{CorrelationUid, JobUid, LeaseUid};

/// `POST /agent/v1/claim`: answered with a [`JobLease`], or with 204 when there was nothing to do for so long.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
    pub version: u32,
    /// For how long the answer may be kept back.
    pub wait_seconds: u32,
}

/// A job that is the agent's until its lease ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobLease {
    /// By which everything is said of it.
    pub lease: LeaseUid,
    /// The job.
    pub job: JobUid,
    /// The how many-th time it is tried, from 1 on.
    pub attempt: u32,
    /// What the request that made it, the job and its log have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<CorrelationUid>,
    /// When it is somebody else's unless renewed.
    pub expires_at: Timestamp,
    /// How often to renew it, in seconds.
    pub renew_seconds: u32,
    /// What is to be done.
    pub work: Work,
}

impl ClaimRequest {
    /// # Errors
    /// It asks for too long.
    pub fn check(&self) -> Result<(), Refused> {
        if self.wait_seconds > CLAIM_WAIT_SECONDS_MAX {
            let why = format!("wait_seconds is more than {CLAIM_WAIT_SECONDS_MAX}");
            return Err(Refused { field: "wait_seconds", why });
        }
        Ok(())
    }
}
