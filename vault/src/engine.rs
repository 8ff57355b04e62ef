//! The resident engine of a process: decode workers, caches and one memory budget for all repositories it opens.
//!
//! Read in this order: [`queue`] (who works on what first), [`flight`] (each thing is fetched once, however many ask),
//! [`buffer`] (memory is used again), [`budget`] (how far readers may read ahead), [`verify`] (ids, off the critical path).

pub(crate) mod budget;
pub(crate) mod buffer;
pub(crate) mod flight;
pub(crate) mod queue;
pub(crate) mod verify;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bygone_common::{BlobId, TreeId};

use crate::error::{Error, ErrorKind, Result};
use crate::tree::Directory;
use budget::Budget;
use buffer::Buffers;
use flight::Flights;
use queue::Queue;
use verify::Verifier;

pub use buffer::Blob;
pub use queue::Priority;

/// Memory for everything, unless told otherwise.
pub const MEMORY_BYTES_DEFAULT: u64 = 256 << 20;
/// Less memory than this cannot hold what is being decoded at one time.
const MEMORY_BYTES_MIN: u64 = 64 << 20;
/// Workers beyond those that may decode at once: while one waits for a disk, another decodes.
const WORKERS_WAITING: usize = 2;
/// Workers when a repository is remote: most of them wait for the network.
pub(crate) const REMOTE_WORKERS: usize = 16;

/// What an engine may use.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Memory in bytes for caches, read-ahead and buffers together.
    pub memory_bytes: u64,
    /// Threads that decode; 0 means one for each core.
    pub workers: usize,
    /// Check each blob's SHA-256 before its bytes are used, not afterwards.
    pub strict_ids: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { memory_bytes: MEMORY_BYTES_DEFAULT, workers: 0, strict_ids: false }
    }
}

/// A shared engine. It stops when the last handle and the last repository are gone.
#[derive(Debug, Clone)]
pub struct Engine(pub(crate) Arc<EngineParts>);

/// What repositories share.
#[derive(Debug)]
pub(crate) struct EngineParts {
    pub(crate) queue: Queue,
    pub(crate) blobs: Flights<(u32, BlobId), Arc<Blob>>,
    pub(crate) directories: Flights<(u32, TreeId), Arc<Directory>>,
    pub(crate) buffers: Buffers,
    pub(crate) read_ahead: Budget,
    /// Files up to this size stay in the cache behind those who read them from end to end.
    pub(crate) kept_file_bytes_max: u64,
    pub(crate) verifier: Verifier,
    pub(crate) strict_ids: bool,
    next_repository: AtomicU32,
}

impl Engine {
    /// Starts the workers.
    ///
    /// # Errors
    /// `InvalidInput` for a budget too small to work with; `Io` when threads cannot be started.
    pub fn start(options: EngineOptions) -> Result<Self> {
        if options.memory_bytes < MEMORY_BYTES_MIN {
            let sentence = format!("{} MiB of memory is too little; give at least 64 MiB", options.memory_bytes >> 20);
            return Err(Error::new(ErrorKind::InvalidInput, sentence));
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = if options.workers == 0 { cores } else { options.workers };
        give_memory_back();
        // Of the whole: blobs in the cache 1/4, blobs that are being read, decoded or handed out 1/4, directories 3/16; the rest
        // is for the process.
        let blob_bytes = options.memory_bytes / 4;
        let passing_bytes = options.memory_bytes / 4;
        let directory_bytes = options.memory_bytes / 16 * 3;
        let blobs = Flights::new(blob_bytes, |blob: &Arc<Blob>| blob.weight_bytes());
        let directories = Flights::new(directory_bytes, |directory: &Arc<Directory>| directory.weight_bytes());
        let queue = Queue::start(workers, WORKERS_WAITING)?;
        Ok(Self(Arc::new(EngineParts {
            verifier: Verifier::start(queue.load())?,
            queue,
            blobs,
            directories,
            buffers: Buffers::new(usize::try_from(blob_bytes + passing_bytes).unwrap_or(usize::MAX)),
            read_ahead: Budget::new(blob_bytes / 2),
            kept_file_bytes_max: blob_bytes / 2,
            strict_ids: options.strict_ids,
            next_repository: AtomicU32::new(0),
        })))
    }

    /// Bytes of decoded blobs and directories that are kept.
    pub fn cached_bytes(&self) -> u64 {
        self.0.blobs.cached_bytes() + self.0.directories.cached_bytes()
    }

    /// A number for a repository that is being opened: the first half of its keys in the caches.
    pub(crate) fn next_repository(&self) -> u32 {
        self.0.next_repository.fetch_add(1, Ordering::Relaxed)
    }
}

/// Asks the allocator to return large buffers to the system when they are freed. By default glibc keeps ever larger ones,
/// in a heap for each thread, and a budget of bytes in use would say little about the memory that the process holds.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const MAPPED_BYTES_MIN: libc::c_int = 256 << 10;
        const HEAPS_MAX: libc::c_int = 4;
        // SAFETY: these calls set numbers in the allocator, under its own lock.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
            libc::mallopt(libc::M_ARENA_MAX, HEAPS_MAX);
        }
    }
}
