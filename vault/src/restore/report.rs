//! What a restore says while it runs and when it ends.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::error::Error;

/// Errors kept in a report; those beyond are counted only.
pub const ERRORS_KEPT_MAX: usize = 1000;

/// Somebody who watches a restore. Calls come from several threads and must not block.
pub trait Progress: Sync {
    /// Before anything is written: how many files, and how many bytes of content, will be.
    fn planned(&self, files: u64, bytes: u64) {
        let _ = (files, bytes);
    }

    /// A file is done, be it with an error.
    fn file_done(&self) {}

    /// So many bytes of content were written.
    fn bytes(&self, count: u64) {
        let _ = count;
    }

    /// Reading back begins: so many bytes will be read, each reported by [`Progress::bytes`] again.
    fn verifying(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody watches.
impl Progress for () {}

/// A file that could not be restored, or not completely.
#[derive(Debug, Clone)]
pub struct RestoreError {
    /// Its path below the source, for people: bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Why.
    pub error: Error,
}

/// How a restore went.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Files, links and special files made or replaced.
    pub files: u64,
    /// Directories made, or merged into existing ones.
    pub directories: u64,
    /// Bytes of content written.
    pub bytes: u64,
    /// Files left alone because they already were as in the snapshot.
    pub unchanged: u64,
    /// Files left alone because the conflict rule said so.
    pub skipped: u64,
    /// The folder in the target that holds what was set aside, if anything was.
    pub set_aside: Option<String>,
    /// Files read back and found equal; `None` when that was not asked for.
    pub verified: Option<u64>,
    /// What went wrong: the first [`ERRORS_KEPT_MAX`], in no order.
    pub errors: Vec<RestoreError>,
    /// How much went wrong altogether.
    pub error_count: u64,
    /// Why the restore ended early, if it did: the disk is full, the storage is gone, or the caller gave up.
    pub stopped: Option<Error>,
}

impl Report {
    /// Whether everything asked for is there.
    pub fn is_complete(&self) -> bool {
        self.error_count == 0 && self.stopped.is_none()
    }
}

/// A bounded list of errors that any thread may add to.
#[derive(Debug, Default)]
pub(super) struct Errors {
    kept: Mutex<Vec<RestoreError>>,
    count: AtomicU64,
}

impl Errors {
    pub(super) fn add(&self, path: impl FnOnce() -> Vec<u8>, error: Error) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let mut kept = self.kept.lock();
        if kept.len() < ERRORS_KEPT_MAX {
            kept.push(RestoreError { path: String::from_utf8_lossy(&path()).into_owned(), error });
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn kept(&self) -> Vec<RestoreError> {
        self.kept.lock().clone()
    }

    pub(super) fn into_kept(self) -> Vec<RestoreError> {
        self.kept.into_inner()
    }
}
