//! What all downloads share: memory for bytes on their way out, and turns at the engine's workers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes in grains: a semaphore counts in 32 bits.
const GRAIN_BYTES: usize = 4 << 10;
/// Memory of decoded bytes that downloads hold together, unless told otherwise: read ahead, or handed to a connection that
/// has not sent them.
const HELD_BYTES_DEFAULT: usize = 64 << 20;
/// Reads that all downloads together have at the engine at once, unless told otherwise. Turns are given in the order in which
/// they are asked for, so that a download with much to read takes no more of the workers than one with little, and a mount or
/// a page of a tree never waits behind a thousand of them.
const READS_DEFAULT: usize = 16;

/// What downloads may use together.
#[derive(Debug, Clone, Copy)]
pub struct LaneLimits {
    /// Bytes of memory.
    pub held_bytes: usize,
    /// Reads at once.
    pub reads: usize,
}

impl Default for LaneLimits {
    fn default() -> Self {
        Self { held_bytes: HELD_BYTES_DEFAULT, reads: READS_DEFAULT }
    }
}

/// What all downloads share.
#[derive(Debug)]
pub(crate) struct Lanes {
    memory: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// Memory that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held(#[expect(dead_code, reason = "held, and never read")] OwnedSemaphorePermit);

/// A turn at the workers, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "held, and never read")] OwnedSemaphorePermit);

impl Lanes {
    /// Lanes with these limits.
    pub(crate) fn new(limits: LaneLimits) -> Arc<Self> {
        Arc::new(Self {
            memory: Arc::new(Semaphore::new((limits.held_bytes / GRAIN_BYTES).max(1))),
            turns: Arc::new(Semaphore::new(limits.reads.max(1))),
        })
    }

    /// So many bytes of memory, if there are as many just now.
    pub(crate) fn try_hold(&self, bytes: usize) -> Option<Held> {
        let grains = u32::try_from(bytes.div_ceil(GRAIN_BYTES)).ok()?;
        self.memory.clone().try_acquire_many_owned(grains).ok().map(Held)
    }

    /// A turn, if there is one just now and nobody waits for it.
    pub(crate) fn try_turn(&self) -> Option<Turn> {
        self.turns.clone().try_acquire_owned().ok().map(Turn)
    }

    /// A turn, when it is one's turn.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        // Never closed; without a turn the read is made all the same.
        self.turns.clone().acquire_owned().await.ok().map(Turn)
    }
}
