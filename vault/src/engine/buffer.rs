//! Decoded blobs, and the memory they lie in. Fresh memory costs the kernel as much as decoding does: buffers of large
//! blobs go back to a pool and are used again.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// Buffers are made in multiples of this, so that one blob's buffer fits another.
const GRAIN_BYTES: usize = 512 << 10;
/// Smaller buffers are left to the allocator.
const POOLED_BYTES_MIN: usize = 256 << 10;

/// A blob's plaintext.
pub struct Blob {
    bytes: Vec<u8>,
    pool: Weak<BufferPool>,
}

impl Blob {
    /// Bytes of memory held.
    pub(crate) fn weight_bytes(&self) -> u64 {
        self.bytes.capacity() as u64
    }
}

impl std::ops::Deref for Blob {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} bytes)", self.bytes.len())
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if self.bytes.capacity() >= POOLED_BYTES_MIN
            && let Some(pool) = self.pool.upgrade()
        {
            pool.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

/// Spare buffers.
#[derive(Debug)]
pub(crate) struct BufferPool {
    bytes_max: usize,
    spare: Mutex<Spare>,
}

#[derive(Debug, Default)]
struct Spare {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl BufferPool {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, spare: Mutex::default() })
    }

    /// An empty buffer with room for `bytes`.
    pub(crate) fn take(&self, bytes: usize) -> Vec<u8> {
        if bytes < POOLED_BYTES_MIN {
            return Vec::with_capacity(bytes);
        }
        {
            let mut spare = self.spare.lock();
            let fitting = spare.buffers.iter().enumerate().filter(|(_, buffer)| buffer.capacity() >= bytes);
            if let Some((position, _)) = fitting.min_by_key(|(_, buffer)| buffer.capacity()) {
                let buffer = spare.buffers.swap_remove(position);
                spare.bytes -= buffer.capacity();
                return buffer;
            }
        }
        Vec::with_capacity(bytes.next_multiple_of(GRAIN_BYTES))
    }

    /// A blob of these bytes.
    pub(crate) fn blob(self: &Arc<Self>, bytes: Vec<u8>) -> Arc<Blob> {
        Arc::new(Blob { bytes, pool: Arc::downgrade(self) })
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut spare = self.spare.lock();
        if spare.bytes + buffer.capacity() <= self.bytes_max {
            spare.bytes += buffer.capacity();
            spare.buffers.push(buffer);
        }
    }
}
