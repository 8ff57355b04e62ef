//! How much of a repository is retained, and until when.

use jiff::Timestamp;
use parking_lot::Mutex;

use super::each::each;
use crate::backend::object_lock::{LockMode, Protection};
use crate::backend::{CancelToken, FileId, FileKind, ObjectLock};
use crate::error::Result;
use crate::progress::Progress;
use crate::repository::Repository;

/// The files of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindStatus {
    /// Which kind.
    pub kind: FileKind,
    /// How many there are.
    pub files: u64,
    /// Those that nobody can remove before a time to come, in compliance mode.
    pub compliance: u64,
    /// The same in governance mode: keys with the right to can.
    pub governance: u64,
    /// Those whose retention is over.
    pub over: u64,
    /// Those that never had one.
    pub unprotected: u64,
    /// Those under legal hold, whatever their retention.
    pub held: u64,
    /// When the first of them becomes free.
    pub first_end: Option<Timestamp>,
    /// When the last of them does.
    pub last_end: Option<Timestamp>,
}

impl KindStatus {
    fn new(kind: FileKind) -> Self {
        let (compliance, governance, over, unprotected, held) = (0, 0, 0, 0, 0);
        let (first_end, last_end) = (None, None);
        Self { kind, files: 0, compliance, governance, over, unprotected, held, first_end, last_end }
    }

    fn count(&mut self, protection: Protection, now: Timestamp) {
        self.files += 1;
        self.held += u64::from(protection.has_legal_hold);
        match protection.retention {
            None => self.unprotected += 1,
            Some(retention) if retention.until <= now => self.over += 1,
            Some(retention) => {
                match retention.mode {
                    LockMode::Compliance => self.compliance += 1,
                    LockMode::Governance => self.governance += 1,
                }
                self.first_end = Some(self.first_end.map_or(retention.until, |end| end.min(retention.until)));
                self.last_end = Some(self.last_end.map_or(retention.until, |end| end.max(retention.until)));
            }
        }
    }
}

/// Looks at every file of the repository: one request each. Lock files come last; none of them should be retained.
///
/// # Errors
/// What the storage answers; `Cancelled`.
pub fn status(
    repository: &Repository,
    object_lock: &ObjectLock,
    now: Timestamp,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<KindStatus>> {
    let kinds = [FileKind::Config, FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack, FileKind::Lock];
    let mut files = Vec::new();
    for kind in kinds {
        files.extend(repository.backend().list(kind)?.iter().map(|file| FileId::new(kind, file.id)));
    }
    let counted = Mutex::new(kinds.map(KindStatus::new));
    // What was removed since it was listed is not missed.
    each("look at files", &files, token, progress, |file| {
        let protection = object_lock.protection(file)?;
        if let Some(status) = counted.lock().iter_mut().find(|status| status.kind == file.kind) {
            status.count(protection, now);
        }
        Ok(())
    })?;
    Ok(counted.into_inner().to_vec())
}
