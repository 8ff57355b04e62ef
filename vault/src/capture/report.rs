//! What a capture tells while it runs, and what it counts.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::snapshot::Summary;
use crate::tree::NodeKind;
use crate::write::Added;

/// What became of a file or folder since the snapshot before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It was not there.
    New,
    /// It was another.
    Changed,
    /// It was the same.
    Unmodified,
}

/// A file or folder that is done.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Where it stands in the snapshot.
    pub path: &'a [u8],
    /// What it is: a file or a folder.
    pub kind: NodeKind,
    /// What became of it.
    pub change: Change,
    /// Bytes of a file.
    pub size: u64,
    /// What it added to the repository, itself and not what is in it.
    pub added: AddedBytes,
}

/// Bytes added to a repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddedBytes {
    /// As they are read.
    pub plain: u64,
    /// As they are stored.
    pub stored: u64,
}

impl AddedBytes {
    /// Counts a blob of so many plain bytes.
    pub(super) fn count(&mut self, added: Added, plain: usize) {
        if added.is_new {
            self.plain += plain as u64;
            self.stored += added.stored_bytes;
        }
    }
}

/// Something that could not be saved, or not all of it. The snapshot is taken without it.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Where it lies on this machine.
    pub path: Vec<u8>,
    /// What is wrong with it.
    pub error: Error,
}

/// Who watches a capture. Called from its threads; must not block.
pub trait Watcher: Send + Sync {
    /// Something is missing in the snapshot.
    fn problem(&self, problem: &Problem);

    /// Something is in the snapshot, but somebody should know: a file changed while it was read.
    fn warning(&self, _path: &[u8], _what: &str) {}

    /// A file is being read.
    fn started(&self, _path: &[u8]) {}

    /// A file or folder is done.
    fn done(&self, _item: &Item<'_>) {}

    /// So many more bytes of files are done, those of unmodified files included.
    fn bytes(&self, _count: u64) {}

    /// A scan has found how many files and bytes there are.
    fn total(&self, _files: u64, _bytes: u64) {}

    /// Whether [`done`](Self::done) and [`started`](Self::started) are wanted, whose paths cost time.
    fn wants_items(&self) -> bool {
        false
    }
}

/// What is counted while a capture runs.
#[derive(Debug, Default)]
pub(super) struct Counts {
    files: [AtomicU64; 3],
    folders: [AtomicU64; 3],
    bytes: AtomicU64,
    problems: AtomicU64,
}

impl Counts {
    pub(super) fn file(&self, change: Change, size: u64) {
        add(&self.files, change);
        self.bytes.fetch_add(size, Ordering::Relaxed);
    }

    pub(super) fn folder(&self, change: Change) {
        add(&self.folders, change);
    }

    pub(super) fn problem(&self) {
        self.problems.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn problems(&self) -> u64 {
        self.problems.load(Ordering::Relaxed)
    }

    /// As far as it is known here: times and what was added are not.
    pub(super) fn summary(&self) -> Summary {
        let read = |counts: &[AtomicU64; 3]| counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        let [files_new, files_changed, files_unmodified] = read(&self.files);
        let [dirs_new, dirs_changed, dirs_unmodified] = read(&self.folders);
        Summary {
            files_new,
            files_changed,
            files_unmodified,
            dirs_new,
            dirs_changed,
            dirs_unmodified,
            total_files_processed: files_new + files_changed + files_unmodified,
            total_bytes_processed: self.bytes.load(Ordering::Relaxed),
            ..Summary::default()
        }
    }
}

fn add([new, changed, unmodified]: &[AtomicU64; 3], change: Change) {
    let count = match change {
        Change::New => new,
        Change::Changed => changed,
        Change::Unmodified => unmodified,
    };
    count.fetch_add(1, Ordering::Relaxed);
}
