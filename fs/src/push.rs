//! Giving the kernel what a reader will want next, before it asks.
//!
//! Two kinds of readers are recognized. One reads the small files of a directory one after the other: its next files
//! are put into the page cache ([`siblings`]). One reads a large file here and there: each blob that had to be decoded
//! for a few bytes is given away whole ([`random`]), so that no blob is decoded for it twice.
//!
//! One thread of its own talks to the kernel: storing a page waits for a read of that page that is under way, so no
//! thread that answers reads may do it.

pub(crate) mod random;
pub(crate) mod siblings;
mod store;

use std::sync::Arc;

use bygone_vault::{Directory, Pieces, Result};

use crate::core::Core;
use crate::core::directories::Visited;
use crate::core::files::{OpenFile, SMALL_FILE_BYTES_MAX};
use crate::core::inode::DirectoryId;
use siblings::{Walks, Window};
use store::{Sender, StoreThread};

/// What a kernel must be able to do to be given content.
pub(crate) trait PageCache: Send + 'static {
    /// Puts bytes of a file into the cache. Failing is of no consequence.
    fn store(&self, inode: crate::core::inode::Inode, offset: u64, bytes: &[u8]);
}

/// Watches reads and decides what to give. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    core: Arc<Core>,
    walks: Arc<Walks>,
    sender: Sender,
}

/// The thread that gives. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Pushing {
    _thread: StoreThread,
}

/// Prepares to push; the thread starts when there is a kernel to give to.
#[derive(Debug)]
pub(crate) struct Prepared {
    thread: store::Prepared,
}

impl Push {
    /// For one mount.
    pub(crate) fn new(core: &Arc<Core>) -> (Self, Prepared) {
        let (sender, thread) = store::prepare(Arc::clone(core));
        (Self { core: Arc::clone(core), walks: Arc::default(), sender }, Prepared { thread })
    }

    /// Watches a read before it is answered. Says whether it is one of many here and there, so that
    /// [`after_random_read`](Self::after_random_read) is worth calling.
    pub(crate) fn on_read(&self, file: &OpenFile, offset: u64, len: u64) -> bool {
        if file.reader.size() > SMALL_FILE_BYTES_MAX {
            return random::is_random(file, offset, len);
        }
        if offset == 0
            && let Some(visited) = self.core.visited(file.directory)
            && let Some(directory) = self.core.directory_at_hand(visited.tree)
            && let Some(range) = self.walks.on_read(visited.inode, file.position, directory.len())
        {
            // Which files these are is found out by the other thread: a reader waits for this one.
            self.sender.siblings(Window { directory, id: file.directory, visited, range });
        }
        false
    }

    /// Watches a directory that was listed to its end. `answer` says so to whoever lists it: after the first files have been
    /// given, if somebody seems to be reading them all, and otherwise at once.
    pub(crate) fn on_listed(
        &self,
        directory: &Arc<Directory>,
        id: DirectoryId,
        visited: Visited,
        answer: impl FnOnce() + Send + 'static,
    ) {
        match self.walks.on_listed(visited.inode, directory.len()) {
            Some(range) => {
                let window = Window { directory: Arc::clone(directory), id, visited, range };
                self.sender.siblings_then(window, Box::new(answer));
            }
            None => answer(),
        }
    }

    /// Gives away the blobs that a read here and there had decoded.
    pub(crate) fn after_random_read(&self, file: &Arc<OpenFile>, offset: u64, pieces: &Pieces) {
        let (range, start) = file.reader.blobs_at(offset, pieces.len());
        let mut at = start;
        for (index, blob) in range.zip(pieces.blobs()) {
            if random::take(file, index) && !self.sender.blob(file.inode, at, Arc::clone(blob)) {
                // No room now; the next read of it tries again.
                random::give_back(file, index);
            }
            at += blob.len() as u64;
        }
    }
}

impl Prepared {
    /// Starts giving.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(self, cache: impl PageCache) -> Result<Pushing> {
        self.thread.start(cache).map(|thread| Pushing { _thread: thread })
    }
}
