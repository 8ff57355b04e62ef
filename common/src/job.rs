//! A job: one run with a state and an outcome. What is to be done, by whom, what becomes of it, and what it tells
//! meanwhile. Values only: the queue is the store's.
//!
//! Read in this order: here [`JobKind`] and [`JobState`], [`spec`] (what is to be done), [`outcome`] (how it ended),
//! [`restored`] (what a restore tells at its end), [`progress`] (what a job tells while it runs).

pub mod outcome;
pub mod progress;
pub mod restored;
pub mod spec;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use outcome::{Counts, Done, Failure, FailureCode, Outcome};
pub use progress::{LogLevel, LogLine, Phase, Progress};
pub use restored::{PlannedEntry, RestorePlan, RestoreProblem, Restored};
pub use spec::{
    BackupSpec, CatalogSpec, ConflictRule, CopySpec, ForgetSpec, JobSpec, LegalHoldSpec, MirrorSpec, PruneSpec,
    RestoreChoice, RestoreRule, RestoreSpec, RestoreTarget, RestoreUndo, VerifyDepth, VerifySpec,
};

/// A word that is none of those expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordError {
    what: &'static str,
    text: String,
}

impl WordError {
    pub(crate) fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.to_owned() }
    }
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a {}", self.text, self.what)
    }
}

impl std::error::Error for WordError {}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Takes a snapshot of a source.
    Backup,
    /// Brings files of a snapshot back to a machine.
    Restore,
    /// Lists a repository's snapshots anew.
    Catalog,
    /// Removes snapshots that no rule keeps.
    Forget,
    /// Reclaims what no snapshot uses.
    Prune,
    /// Proves that snapshots can be read.
    Verify,
    /// Copies snapshots from one repository to another.
    Copy,
    /// Copies the files of a repository to another place.
    Mirror,
    /// Has the storage keep what a snapshot needs for as long as it is held.
    LegalHold,
}

/// Where a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunsOn {
    /// On the protected machine.
    Agent,
    /// On any replica of the server.
    Server,
}

/// Who else may work on the same repository meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusivity {
    /// Everybody: it only reads, and what it reads is kept by leases.
    None,
    /// Any number of others that share: those that add.
    Shared,
    /// None that shares or excludes: as restic's exclusive lock.
    Exclusive,
}

impl Exclusivity {
    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Shared => "shared",
            Self::Exclusive => "exclusive",
        }
    }
}

impl RunsOn {
    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Server => "server",
        }
    }
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Backup,
        Self::Restore,
        Self::Catalog,
        Self::Forget,
        Self::Prune,
        Self::Verify,
        Self::Copy,
        Self::Mirror,
        Self::LegalHold,
    ];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Catalog => "catalog",
            Self::Forget => "forget",
            Self::Prune => "prune",
            Self::Verify => "verify",
            Self::Copy => "copy",
            Self::Mirror => "mirror",
            Self::LegalHold => "legal_hold",
        }
    }

    /// Where it is done.
    pub const fn runs_on(self) -> RunsOn {
        match self {
            Self::Backup | Self::Restore => RunsOn::Agent,
            Self::Catalog | Self::Forget | Self::Prune | Self::Verify | Self::Copy | Self::Mirror | Self::LegalHold => {
                RunsOn::Server
            }
        }
    }

    /// Who may work on its repository beside it.
    pub const fn exclusivity(self) -> Exclusivity {
        match self {
            Self::Forget | Self::Prune => Exclusivity::Exclusive,
            Self::Backup | Self::Verify | Self::Copy | Self::Mirror | Self::LegalHold => Exclusivity::Shared,
            Self::Restore | Self::Catalog => Exclusivity::None,
        }
    }

    /// Whether only one of the kind may work on a repository at a time, beside all others that may. What one lifts another may
    /// be about to hold: they would undo each other's work.
    pub const fn is_one_at_a_time(self) -> bool {
        match self {
            Self::LegalHold => true,
            Self::Backup
            | Self::Restore
            | Self::Catalog
            | Self::Forget
            | Self::Prune
            | Self::Verify
            | Self::Copy
            | Self::Mirror => false,
        }
    }

    /// Which goes first when several could: the smaller number. Somebody waits for a restore; a snapshot not taken is
    /// lost; what is held is held before anything is removed; the rest can wait.
    pub const fn priority(self) -> i64 {
        match self {
            Self::Restore => 0,
            Self::Backup => 10,
            Self::LegalHold => 15,
            Self::Catalog => 20,
            Self::Copy => 30,
            Self::Forget => 40,
            Self::Verify => 50,
            Self::Mirror => 60,
            Self::Prune => 70,
        }
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JobKind {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| WordError::new("kind of job", text))
    }
}

/// Where a job stands. It goes from left to right only, except that a lease that runs out, or a failure that may pass, puts
/// it back into the queue with one attempt counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for somebody to take it.
    Queued,
    /// Taken, but not begun.
    Leased,
    /// Begun.
    Running,
    /// Done in full.
    Succeeded,
    /// Done, but some files could not be read or written.
    Partial,
    /// Not done, and not tried again.
    Failed,
    /// Given up because somebody said so.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Leased, Self::Running, Self::Succeeded, Self::Partial, Self::Failed, Self::Cancelled];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will change any more.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Leased | Self::Running => false,
            Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled => true,
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JobState {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| WordError::new("state of a job", text))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_word_reads_back_as_what_it_names() {
        for kind in JobKind::ALL {
            assert_eq!(kind.name().parse::<JobKind>().unwrap(), kind);
        }
        for state in JobState::ALL {
            assert_eq!(state.name().parse::<JobState>().unwrap(), state);
        }
    }

    #[test]
    fn a_restore_goes_before_a_backup_and_a_prune_goes_last() {
        let mut kinds = JobKind::ALL;
        kinds.sort_by_key(|kind| kind.priority());
        assert_eq!(kinds.first(), Some(&JobKind::Restore));
        assert_eq!(kinds.get(1), Some(&JobKind::Backup));
        assert_eq!(kinds.last(), Some(&JobKind::Prune));
    }
}
