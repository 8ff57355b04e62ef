//! What an agent says every half minute, and what it is told then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Facts, NAME_CHARS_MAX, RUNNING_JOBS_MAX, Refused, SPOOLED_SNAPSHOTS_MAX, check_count, check_length};
use crate::job::BackupSpec;
use crate::schedule::Schedule;
use crate::{JobUid, LeaseUid, PlanUid};

/// A job that the agent works at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunningJob {
    /// The job.
    pub job: JobUid,
    /// By which lease.
    pub lease: LeaseUid,
}

/// A snapshot that waits in the agent's spool to be copied to where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpooledSnapshot {
    /// The plan it was taken for.
    pub plan: PlanUid,
    /// When it was taken.
    pub at: Timestamp,
    /// Its id in the spool.
    pub snapshot: String,
}

/// `POST /agent/v1/heartbeat`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatRequest {
    /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
    pub version: u32,
    /// The agent's clock.
    pub now: Timestamp,
    /// The machine.
    pub facts: Facts,
    /// What it works at.
    #[serde(default)]
    pub running: Vec<RunningJob>,
    /// The plans it has, by the server's name for that set; none at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans_tag: Option<String>,
    /// What waits in its spool, the oldest first.
    #[serde(default)]
    pub spooled: Vec<SpooledSnapshot>,
}

/// What an agent is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeartbeatResponse {
    /// The server's clock.
    pub now: Timestamp,
    /// By how much the agent's clock is ahead of it, in milliseconds; negative when it is behind.
    pub skew_ms: i64,
    /// When to say it again, in seconds.
    pub interval_seconds: u32,
    /// Jobs to give up: somebody cancelled them, or their leases are lost.
    #[serde(default)]
    pub cancel: Vec<JobUid>,
    /// Whether to ask for a new certificate now.
    #[serde(default)]
    pub renew: bool,
    /// The agent's plans, unless it has these already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<AgentPlans>,
}

/// The plans of one agent, for when the server is away at their time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AgentPlans {
    /// The server's name for this set.
    pub tag: String,
    /// The plans.
    pub plans: Vec<AgentPlan>,
}

/// A plan as an agent keeps it: without any secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgentPlan {
    /// What people call it.
    pub name: String,
    /// When it runs.
    #[serde(deserialize_with = "super::tolerant::deserialize")]
    pub schedule: Schedule,
    /// What a run of it saves.
    #[serde(deserialize_with = "super::tolerant::deserialize")]
    pub spec: BackupSpec,
}

impl HeartbeatRequest {
    /// # Errors
    /// A value is too long, or there are too many.
    pub fn check(&self) -> Result<(), Refused> {
        check_count("running", self.running.len(), RUNNING_JOBS_MAX)?;
        check_count("spooled", self.spooled.len(), SPOOLED_SNAPSHOTS_MAX)?;
        check_length("plans_tag", self.plans_tag.as_deref().unwrap_or_default(), NAME_CHARS_MAX)?;
        for spooled in &self.spooled {
            check_length("spooled.snapshot", &spooled.snapshot, NAME_CHARS_MAX)?;
        }
        self.facts.check()
    }
}
