//! S3 Object Lock: files that nobody can remove or overwrite before a time, whatever keys he has.
//!
//! A locked object is a *version* of a key. A plain delete or another write only puts a newer version over it, so that
//! what is locked can always be got back; removing the version itself is what the server refuses.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::retry::Retry;
use super::s3::S3;
use super::{Backend, CancelToken, FileId, RetryPolicy};
use crate::error::{Error, ErrorKind, Result};

/// Days that a policy may ask for: a century. What is locked by mistake in compliance mode nobody can unlock.
pub const DAYS_MAX: u32 = 36_525;
/// Seconds that our clock and the server's may differ: a time to retain until would be wrong by as much.
pub const CLOCK_SKEW_SECONDS_MAX: i64 = 300;

/// Who may lift a retention before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LockMode {
    /// Keys with the right to bypass it.
    Governance,
    /// Nobody, the account's owner included.
    Compliance,
}

impl LockMode {
    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Compliance => "compliance",
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for LockMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "governance" => Ok(Self::Governance),
            "compliance" => Ok(Self::Compliance),
            _ => {
                let context = format!("{text:?} is no mode of Object Lock: it is compliance or governance");
                Err(Error::new(ErrorKind::InvalidInput, context))
            }
        }
    }
}

/// How everything that is written into a repository is retained, lock files apart. It stands in the repository's config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPolicy {
    /// Who may lift it.
    pub mode: LockMode,
    /// For how many days after it was written.
    pub days: NonZeroU32,
}

impl RetentionPolicy {
    /// # Errors
    /// `InvalidInput` for no day at all, or more than [`DAYS_MAX`].
    pub fn new(mode: LockMode, days: u32) -> Result<Self> {
        match NonZeroU32::new(days).filter(|days| days.get() <= DAYS_MAX) {
            Some(days) => Ok(Self { mode, days }),
            None => {
                let context = format!("files are retained for 1 to {DAYS_MAX} days, not for {days}");
                Err(Error::new(ErrorKind::InvalidInput, context))
            }
        }
    }

    /// Until when a file is retained that is written now.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        retained_until(now, self.days.get())
    }
}

/// Until when a file is retained that was written at a time, by a policy of so many days.
pub fn retained_until(written_at: Timestamp, days: u32) -> Timestamp {
    let days = i64::from(days.min(DAYS_MAX));
    written_at.saturating_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(Timestamp::MAX)
}

/// What keeps one file from being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protection {
    /// Its retention; it may be over.
    pub retention: Option<Retention>,
    /// A legal hold, which has no end of its own.
    pub has_legal_hold: bool,
}

/// A retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Who may lift it.
    pub mode: LockMode,
    /// Until when.
    pub until: Timestamp,
}

impl Protection {
    /// Whether something keeps the file at that time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.held_until(now).is_some()
    }

    /// Until when something keeps the file; the end of time for a legal hold. `None` when nothing does.
    pub fn held_until(&self, now: Timestamp) -> Option<Timestamp> {
        match (self.has_legal_hold, self.retention) {
            (true, _) => Some(Timestamp::MAX),
            (false, Some(retention)) if retention.until > now => Some(retention.until),
            (false, _) => None,
        }
    }

    /// For people: `locked until 2026-12-01T00:00:00Z (compliance)`.
    fn why(&self, now: Timestamp) -> String {
        let until = self.retention.filter(|retention| retention.until > now);
        let until = until.map(|retention| format!("locked until {} ({})", seconds(retention.until), retention.mode));
        match (until, self.has_legal_hold) {
            (Some(until), false) => until,
            (Some(until), true) => format!("under legal hold and {until}"),
            (None, _) => "under legal hold".to_owned(),
        }
    }

    /// The refusal to remove a file.
    pub(super) fn refusal(&self, doing: &str, now: Timestamp) -> Error {
        Error::new(ErrorKind::Retained, format!("{doing}: it is {}", self.why(now)))
    }
}

/// Whole seconds: servers keep no more.
pub(super) fn seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// What a [probe](ObjectLock::probe) found out about a server that keeps locks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probed {
    /// Our own keys may lift a governance retention: whoever steals them may, too.
    pub keys_may_bypass: bool,
    /// The probe could not be removed afterwards; its key.
    pub left_behind: Option<String>,
}

/// What became of index files that are hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Removed, with all versions.
    pub removed: u64,
    /// Still locked.
    pub locked: u64,
}

/// What became of a retention that was to be prolonged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prolonged {
    /// It is longer now.
    Now,
    /// It was long enough.
    Already,
}

/// The Object Lock of the bucket that a repository lies in. Clones share it.
///
/// Calls block, are tried again like those to storage, and end when the storage's token is pulled.
#[derive(Debug, Clone)]
pub struct ObjectLock {
    s3: Arc<S3>,
    retry: Arc<Retry<S3>>,
}

impl ObjectLock {
    pub(super) fn new(s3: Arc<S3>, policy: RetryPolicy, cancel: CancelToken) -> Self {
        Self { retry: Arc::new(Retry::new(Arc::clone(&s3), policy, cancel)), s3 }
    }

    /// Makes the bucket with versions and Object Lock, unless it is there.
    ///
    /// # Errors
    /// Whatever the server answers.
    pub fn create_bucket(&self) -> Result<()> {
        self.retry.run(|| "make the bucket".to_owned(), || self.s3.make_locked_bucket())
    }

    /// Checks that the bucket has versions and Object Lock, that it has no rule which would lock our lock files too, and
    /// that its server's clock agrees with ours.
    ///
    /// # Errors
    /// `Unsupported` with the sentence that says what is missing; `Denied` when these keys may not ask.
    pub fn check_bucket(&self) -> Result<()> {
        self.retry.run(|| "look at the bucket".to_owned(), || self.s3.check_bucket())
    }

    /// Writes a file that is locked for some seconds, and tries to remove it and to shorten its retention: a server that
    /// lets us takes lock headers and ignores them. Takes as long as the lock does.
    ///
    /// # Errors
    /// `Unsupported` for such a server; `Denied` when these keys may not write locked files; whatever else it answers.
    pub fn probe(&self, mode: LockMode) -> Result<Probed> {
        self.retry.run(|| "probe Object Lock".to_owned(), || self.s3.probe(mode))
    }

    /// From now on everything but lock files is written with this retention, and a file is looked at before it is removed.
    pub fn protect(&self, policy: RetentionPolicy) {
        self.s3.protect(policy);
    }

    /// What [`protect`](Self::protect) was told.
    pub fn policy(&self) -> Option<RetentionPolicy> {
        self.s3.policy()
    }

    /// The bucket and prefix, for people.
    pub fn location(&self) -> String {
        self.s3.location()
    }

    /// Checks that the server's clock agrees with ours, so that files are retained until the time that is meant.
    ///
    /// # Errors
    /// `Unsupported` when it does not, and whatever the server answers.
    pub fn check_clock(&self) -> Result<()> {
        self.retry.run(|| "ask for the time".to_owned(), || self.s3.check_clock())
    }

    /// Removes index files that were to be removed before and could only be hidden, because they were locked then.
    ///
    /// # Errors
    /// Whatever the server answers.
    pub fn sweep_index(&self) -> Result<Swept> {
        self.retry.run(|| "sweep the index".to_owned(), || self.s3.sweep_index())
    }

    /// Hides a file that is locked and that another has replaced: what is locked stays, and is not listed any more.
    ///
    /// # Errors
    /// Whatever the server answers.
    pub fn hide(&self, file: FileId) -> Result<()> {
        self.retry.run(|| format!("hide {file}"), || self.s3.hide_file(file))
    }

    /// What keeps a file.
    ///
    /// # Errors
    /// `NotFound`, and whatever else the server answers.
    pub fn protection(&self, file: FileId) -> Result<Protection> {
        self.retry.run(|| format!("look at {file}"), || self.s3.protection(file))
    }

    /// Retains a file for so long at least. Never shortens a retention; one that is not over keeps its mode.
    ///
    /// # Errors
    /// `NotFound`, `Denied`, and whatever else the server answers.
    pub fn extend(&self, file: FileId, retention: Retention) -> Result<Prolonged> {
        self.retry.run(|| format!("retain {file}"), || self.s3.extend(file, retention))
    }

    /// Puts a file under legal hold, or lifts that.
    ///
    /// # Errors
    /// `NotFound`, `Denied`, and whatever else the server answers.
    pub fn set_legal_hold(&self, file: FileId, on: bool) -> Result<()> {
        self.retry.run(|| format!("hold {file}"), || self.s3.set_legal_hold(file, on))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_policy_retains_for_whole_days() {
        let policy = RetentionPolicy::new(LockMode::Compliance, 30).unwrap();
        assert_eq!(policy.until(at(0)), at(30 * 86_400));
        assert_eq!(serde_json::to_string(&policy).unwrap(), r#"{"mode":"compliance","days":30}"#);
        assert_eq!(serde_json::from_str::<RetentionPolicy>(r#"{"days":30,"mode":"compliance"}"#).unwrap(), policy);
        for days in [0, DAYS_MAX + 1] {
            assert_eq!(RetentionPolicy::new(LockMode::Governance, days).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_file_is_kept_until_its_time_and_as_long_as_it_is_held() {
        let retention = Some(Retention { mode: LockMode::Governance, until: at(100) });
        let check = |has_legal_hold, now, why: Option<&str>| {
            let protection = Protection { retention, has_legal_hold };
            assert_eq!(protection.holds_at(at(now)), why.is_some());
            if let Some(why) = why {
                let refusal = protection.refusal("remove x", at(now));
                assert_eq!((refusal.kind(), refusal.chain()), (ErrorKind::Retained, format!("remove x: it is {why}")));
            }
        };
        check(false, 99, Some("locked until 1970-01-01T00:01:40Z (governance)"));
        check(true, 99, Some("under legal hold and locked until 1970-01-01T00:01:40Z (governance)"));
        check(true, 100, Some("under legal hold"));
        check(false, 100, None);
    }
}
