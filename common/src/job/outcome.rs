//! How a job ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::SnapshotId;

use super::{JobState, Restored};

/// Bytes of a sentence that says why a job failed. What is longer is cut.
pub const FAILURE_TEXT_BYTES_MAX: usize = 4096;

/// What a job ended with, as whoever did it tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// All of it was done.
    Succeeded(Done),
    /// It was done, but for what could not be read or written: `counts.problems` says of how many.
    Partial(Done),
    /// It was not done.
    Failed(Failure),
    /// It was given up.
    Cancelled,
}

impl Outcome {
    /// The state that a job has after it, when it is not tried again.
    pub const fn state(&self) -> JobState {
        match self {
            Self::Succeeded(_) => JobState::Succeeded,
            Self::Partial(_) => JobState::Partial,
            Self::Failed(_) => JobState::Failed,
            Self::Cancelled => JobState::Cancelled,
        }
    }

    /// What was done, if it was.
    pub const fn done(&self) -> Option<&Done> {
        match self {
            Self::Succeeded(done) | Self::Partial(done) => Some(done),
            Self::Failed(_) | Self::Cancelled => None,
        }
    }

    /// A failure with a sentence.
    pub fn failed(code: FailureCode, text: impl Into<String>) -> Self {
        Self::Failed(Failure::new(code, text))
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Done {
    /// The snapshot that was taken. None when nothing has changed and none was wanted then.
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub snapshot: Option<SnapshotId>,
    /// How much.
    pub counts: Counts,
    /// Of a restore: what was found and done on the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<Box<Restored>>,
}

/// How much was done; what does not fit the kind of job is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Counts {
    /// Files that the snapshot before did not have; files restored.
    pub files_new: u64,
    /// Files that are others than in the snapshot before.
    pub files_changed: u64,
    /// Files that are as they were.
    pub files_unmodified: u64,
    /// Folders.
    pub dirs: u64,
    /// Bytes of files looked at.
    pub bytes_processed: u64,
    /// Bytes of contents that the repository did not have.
    pub bytes_added: u64,
    /// Bytes that were written to storage for them.
    pub bytes_written: u64,
    /// Files that could not be read or written; errors that a verify found.
    pub problems: u64,
    /// Snapshots found, copied, kept or held.
    pub snapshots: u64,
    /// Snapshots forgotten.
    pub snapshots_forgotten: u64,
    /// Packs marked, checked or copied; files put under legal hold, or released from it.
    pub packs: u64,
    /// Packs removed.
    pub packs_removed: u64,
    /// Bytes removed from storage.
    pub bytes_removed: u64,
}

/// Why a job failed, for machines: whether to try again, and whether the storage is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The repository's storage does not answer.
    StorageUnavailable,
    /// Another program holds restic's lock.
    RepositoryLocked,
    /// The password opens no key.
    WrongPassword,
    /// What is stored is damaged.
    Damaged,
    /// The storage is full, or a quota is reached.
    NoSpace,
    /// The storage or the system forbids it.
    Denied,
    /// What was to be saved is not there.
    SourceMissing,
    /// A hook failed, and said that nothing goes on then.
    HookFailed,
    /// It took longer than it may.
    TimedOut,
    /// Whoever did it went away, more often than is tried again.
    LeaseLost,
    /// Something is there that must not be overwritten.
    Conflict,
    /// What was asked for cannot be.
    Invalid,
    /// A job or plan that it waited for did not succeed.
    DependencyFailed,
    /// The window in which it could begin has closed.
    WindowClosed,
    /// A verify of the repository has failed, so that nothing is removed.
    VerifyFailed,
    /// Anything else.
    Internal,
}

impl FailureCode {
    /// Whether the same may succeed later without anybody changing anything.
    pub const fn may_pass(self) -> bool {
        match self {
            Self::StorageUnavailable | Self::RepositoryLocked | Self::LeaseLost | Self::TimedOut | Self::Internal => {
                true
            }
            Self::WrongPassword
            | Self::Damaged
            | Self::NoSpace
            | Self::Denied
            | Self::SourceMissing
            | Self::HookFailed
            | Self::Conflict
            | Self::Invalid
            | Self::DependencyFailed
            | Self::WindowClosed
            | Self::VerifyFailed => false,
        }
    }

    /// Whether it tells that the repository's storage is down.
    pub const fn blames_storage(self) -> bool {
        matches!(self, Self::StorageUnavailable)
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Failure {
    /// For machines.
    pub code: FailureCode,
    /// For people. No file's name is in it above the debug level, and no secret.
    pub text: String,
}

impl Failure {
    /// A failure; a text that is too long is cut at a character.
    pub fn new(code: FailureCode, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.len() > FAILURE_TEXT_BYTES_MAX {
            text.truncate(text.floor_char_boundary(FAILURE_TEXT_BYTES_MAX));
        }
        Self { code, text }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
