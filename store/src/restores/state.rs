//! Where a restore stands: it follows from what was said of it, and from its jobs.

use std::fmt;

use bygone_common::job::JobState;

use super::{Restore, Verdict};
use crate::jobs::Job;

/// Where a restore stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestoreState {
    /// It is being thought through, or waits for its machine to do so.
    Checking,
    /// It was thought through, and may be begun.
    Ready,
    /// Somebody else has to agree.
    Approval,
    /// Somebody else did not agree.
    Denied,
    /// It waits for its machine.
    Queued,
    /// It is being done.
    Running,
    /// It waits until it may go on.
    Paused,
    /// It was done, and all of it is there.
    Done,
    /// It was done, but for what could not be.
    DoneWithErrors,
    /// It was not done.
    Failed,
    /// It was given up.
    Cancelled,
}

impl RestoreState {
    pub(super) fn of(restore: &Restore, check: Option<&Job>, job: Option<&Job>) -> Self {
        if restore.cancelled_at.is_some() {
            return Self::Cancelled;
        }
        if let Some(job) = job {
            return Self::of_job(job);
        }
        match restore.approval.as_ref().map(|approval| approval.verdict) {
            Some(Verdict::Waits) => return Self::Approval,
            Some(Verdict::Denied) => return Self::Denied,
            Some(Verdict::Approved) | None => {}
        }
        match check.map(|check| check.state) {
            Some(JobState::Queued | JobState::Leased | JobState::Running) => Self::Checking,
            Some(JobState::Succeeded | JobState::Partial) => Self::Ready,
            Some(JobState::Cancelled) => Self::Cancelled,
            // Without a job there is nothing more to come.
            Some(JobState::Failed) | None => Self::Failed,
        }
    }

    const fn of_job(job: &Job) -> Self {
        match job.state {
            JobState::Queued | JobState::Leased | JobState::Running if job.pause_requested => Self::Paused,
            JobState::Queued | JobState::Leased => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Succeeded => Self::Done,
            JobState::Partial => Self::DoneWithErrors,
            JobState::Failed => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }

    /// Whether nothing will change any more, unless somebody begins it.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Checking | Self::Ready | Self::Approval | Self::Queued | Self::Running | Self::Paused => false,
            Self::Denied | Self::Done | Self::DoneWithErrors | Self::Failed | Self::Cancelled => true,
        }
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Approval => "approval",
            Self::Denied => "denied",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::DoneWithErrors => "done_with_errors",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for RestoreState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
