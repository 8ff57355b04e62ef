//! What a lock file says.

use std::fmt;
use std::time::Duration;

use bygone_common::Id;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::named;
use crate::error::{Error, ErrorKind, Result};

/// A lock that was not refreshed for so long is stale.
pub const STALE_AFTER: Duration = Duration::from_secs(30 * 60);

/// Which other locks a lock bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Shared ones: for who adds to a repository or reads it.
    Shared,
    /// None: for who removes from it.
    Exclusive,
}

impl LockKind {
    /// Whether locks of these kinds cannot be held at once.
    pub fn conflicts(self, other: Self) -> bool {
        match (self, other) {
            (Self::Shared, Self::Shared) => false,
            (Self::Exclusive, _) | (_, Self::Exclusive) => true,
        }
    }
}

/// Whether a lock's owner is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// As far as can be told it is.
    Fresh,
    /// It ran on this machine, and runs no more.
    OwnerGone,
    /// It did not refresh the lock in time.
    Expired,
}

/// A lock file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile {
    /// When it was taken or last refreshed.
    pub time: Timestamp,
    /// Which other locks it bears.
    pub kind: LockKind,
    /// The owner's machine; empty when unknown.
    pub hostname: String,
    /// The owner's user; empty when unknown.
    pub username: String,
    /// The owner's process.
    pub pid: i64,
    /// The user's number; zero also when unknown, and on Windows.
    pub uid: u32,
    /// The user's group's number, likewise.
    pub gid: u32,
}

/// The JSON of it.
#[derive(Serialize, Deserialize)]
struct Stored {
    time: String,
    #[serde(default)]
    exclusive: bool,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    pid: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    uid: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    gid: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl LockFile {
    /// Reads the JSON of the lock file `id`.
    ///
    /// # Errors
    /// `Damaged` when it is not a lock's.
    pub(super) fn parse(id: Id, json: &[u8]) -> Result<Self> {
        let damaged = |why: &str| Error::new(ErrorKind::Damaged, format!("{} {why}", named(id)));
        let stored: Stored =
            serde_json::from_slice(json).map_err(|error| damaged("is not a lock's JSON").because(error))?;
        let time = stored.time.parse().map_err(|error| damaged("has a time nobody can read").because(error))?;
        Ok(Self {
            time,
            kind: if stored.exclusive { LockKind::Exclusive } else { LockKind::Shared },
            hostname: stored.hostname,
            username: stored.username,
            pid: stored.pid,
            uid: stored.uid,
            gid: stored.gid,
        })
    }

    /// The JSON of it.
    ///
    /// # Errors
    /// None that is known.
    pub(super) fn to_json(&self) -> Result<Vec<u8>> {
        let stored = Stored {
            time: self.time.to_string(),
            exclusive: self.kind == LockKind::Exclusive,
            hostname: self.hostname.clone(),
            username: self.username.clone(),
            pid: self.pid,
            uid: self.uid,
            gid: self.gid,
        };
        serde_json::to_vec(&stored).map_err(|error| Error::new(ErrorKind::Io, "write a lock's JSON").because(error))
    }

    /// How long ago it was taken or refreshed; zero for a lock from the future.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.time)).unwrap_or_default()
    }
}

impl fmt::Display for LockFile {
    /// `PID 7 on host by user since 2026-11-20T10:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PID {}", self.pid)?;
        for (word, name) in [("on", &self.hostname), ("by", &self.username)] {
            if !name.is_empty() {
                write!(f, " {word} {name}")?;
            }
        }
        write!(f, " since {}", self.time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The error for a lock that is in the way.
pub(super) fn in_the_way(id: Id, lock: &LockFile, staleness: Staleness) -> Error {
    let how = match lock.kind {
        LockKind::Shared => "",
        LockKind::Exclusive => "exclusively ",
    };
    let stale = match staleness {
        Staleness::Fresh => "",
        Staleness::OwnerGone => "; it is stale: that process is gone",
        Staleness::Expired => "; it is stale: it was not refreshed for half an hour",
    };
    Error::new(ErrorKind::Locked, format!("the repository is locked {how}by {lock} ({}){stale}", named(id)))
}
