//! Decoded blobs, and the memory they lie in. Fresh memory costs the kernel as much as decoding does, and 4 KiB pages make
//! it look up every one of them when bytes are handed to it: large blobs lie in one arena of huge pages, used again and again.

use std::ops::Range;
use std::sync::Arc;

use memmap2::{MmapMut, MmapRaw};
use parking_lot::Mutex;

/// The arena never grows beyond this, however much memory an engine may use: buffers in use at once are far less.
const ARENA_BYTES_MAX: usize = 1 << 30;
/// Places in the arena are multiples of this.
const GRAIN_BYTES: usize = 128 << 10;
/// Smaller buffers are left to the allocator.
const ARENA_BYTES_MIN: usize = GRAIN_BYTES;
/// The size and alignment of a huge page, on most machines.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// A blob's plaintext.
#[derive(Debug)]
pub struct Blob(Buffer);

impl Blob {
    /// Bytes of memory held.
    pub(crate) fn weight_bytes(&self) -> u64 {
        match &self.0.place {
            Place::Heap(bytes) => bytes.len() as u64,
            Place::Arena(slot) => slot.bytes.len() as u64,
        }
    }
}

impl From<Buffer> for Blob {
    fn from(buffer: Buffer) -> Self {
        Self(buffer)
    }
}

impl std::ops::Deref for Blob {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// Memory for one blob: as many bytes as were asked for, of any value.
pub(crate) struct Buffer {
    place: Place,
    len: usize,
}

enum Place {
    Heap(Box<[u8]>),
    Arena(Slot),
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} bytes)", self.len)
    }
}

impl std::ops::Deref for Buffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        let all = match &self.place {
            Place::Heap(bytes) => bytes,
            // SAFETY: the range lies inside the mapping, which the slot keeps alive, and was zeroed by the system; until
            // the slot is dropped nobody else has that range, and writing through the slot needs it exclusively.
            Place::Arena(slot) => unsafe { std::slice::from_raw_parts(slot.start(), slot.bytes.len()) },
        };
        all.get(..self.len).unwrap_or_default()
    }
}

impl std::ops::DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        let all = match &mut self.place {
            Place::Heap(bytes) => bytes,
            // SAFETY: as above; the slot is borrowed exclusively, so that no other slice of its range exists.
            Place::Arena(slot) => unsafe { std::slice::from_raw_parts_mut(slot.start(), slot.bytes.len()) },
        };
        all.get_mut(..self.len).unwrap_or_default()
    }
}

/// Where buffers come from: the arena, and the allocator for what does not fit, or where there is no arena.
#[derive(Debug)]
pub(crate) struct Buffers(Option<Arc<Arena>>);

struct Arena {
    memory: MmapRaw,
    /// From here on in `memory`, huge pages begin.
    aligned: usize,
    /// Which grains are taken.
    taken: Mutex<Box<[bool]>>,
}

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arena({} bytes)", self.memory.len())
    }
}

/// A range of the arena that one buffer has to itself.
struct Slot {
    arena: Arc<Arena>,
    /// Relative to where huge pages begin.
    bytes: Range<usize>,
}

impl Buffers {
    /// Buffers of which up to `bytes`, and at most [`ARENA_BYTES_MAX`], lie in huge pages. Memory is taken from the system
    /// when it is first written to. Where there is not so much address space, all of them come from the allocator.
    pub(crate) fn new(bytes: usize) -> Self {
        match Arena::new(bytes.min(ARENA_BYTES_MAX)) {
            Ok(arena) => Self(Some(Arc::new(arena))),
            Err(error) => {
                tracing::warn!(%error, "reading will be slower: no address space for blobs");
                Self(None)
            }
        }
    }

    /// A buffer of `len` bytes.
    pub(crate) fn take(&self, len: usize) -> Buffer {
        let arena = self.0.as_ref().filter(|_| len >= ARENA_BYTES_MIN);
        let place = match arena.and_then(|arena| Some((arena, arena.take(len.div_ceil(GRAIN_BYTES))?))) {
            Some((arena, bytes)) => Place::Arena(Slot { arena: Arc::clone(arena), bytes }),
            None => Place::Heap(vec![0; len].into()),
        };
        Buffer { place, len }
    }
}

impl Arena {
    fn new(bytes: usize) -> std::io::Result<Self> {
        let memory = MmapMut::map_anon(bytes.next_multiple_of(HUGE_PAGE_BYTES) + HUGE_PAGE_BYTES)?;
        #[cfg(target_os = "linux")]
        if let Err(error) = memory.advise(memmap2::Advice::HugePage) {
            tracing::debug!(%error, "blobs lie in ordinary pages");
        }
        let aligned = memory.as_ptr().align_offset(HUGE_PAGE_BYTES).min(HUGE_PAGE_BYTES);
        let taken = Mutex::new(vec![false; bytes / GRAIN_BYTES].into());
        Ok(Self { memory: memory.into(), aligned, taken })
    }

    /// Takes the first so many free grains in a row.
    fn take(&self, grains: usize) -> Option<Range<usize>> {
        let mut taken = self.taken.lock();
        let mut free = 0;
        let end = 1 + taken.iter().position(|taken| {
            free = if *taken { 0 } else { free + 1 };
            free == grains
        })?;
        taken.get_mut(end - grains..end)?.fill(true);
        Some((end - grains) * GRAIN_BYTES..end * GRAIN_BYTES)
    }
}

impl Slot {
    fn start(&self) -> *mut u8 {
        self.arena.memory.as_mut_ptr().wrapping_add(self.arena.aligned + self.bytes.start)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let grains = self.bytes.start / GRAIN_BYTES..self.bytes.end / GRAIN_BYTES;
        if let Some(grains) = self.arena.taken.lock().get_mut(grains) {
            grains.fill(false);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Where a buffer's memory lies.
    fn at(buffer: &Buffer) -> Range<usize> {
        let start = buffer.as_ptr().addr();
        start..start + buffer.len()
    }

    #[test]
    fn buffers_in_use_share_no_byte() {
        let buffers = Buffers::new(8 << 20);
        let mut held: Vec<(Buffer, u8)> = Vec::new();
        let mut state = 1_u64;
        for round in 0..=u8::MAX {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut buffer = buffers.take((state >> 33) as usize % (2 << 20));
            buffer.fill(round);
            held.push((buffer, round));
            if held.len() > 6 {
                let (gone, value) = held.swap_remove((state >> 60) as usize % 6);
                assert!(gone.iter().all(|byte| *byte == value));
            }
        }
        assert!(held.iter().all(|(buffer, value)| buffer.iter().all(|byte| byte == value)));
    }

    #[test]
    fn what_was_given_back_is_used_again() {
        let buffers = Buffers::new(4 << 20);
        let first = buffers.take(3 << 20);
        let place = at(&first);
        // There is no room for it beside the first.
        let second = buffers.take(2 << 20);
        assert!(matches!(second.place, Place::Heap(_)) && second.len() == 2 << 20);
        drop(first);
        let third = buffers.take((3 << 20) - 5);
        assert_eq!(at(&third), place.start..place.end - 5);
    }

    #[test]
    fn a_buffer_outlives_where_it_came_from() {
        let buffers = Buffers::new(4 << 20);
        let mut buffer = buffers.take(1 << 20);
        drop(buffers);
        buffer.fill(7);
        assert_eq!(Blob::from(buffer).last(), Some(&7));
    }

    #[test]
    fn however_much_is_allowed_only_so_much_is_reserved() {
        let buffers = Buffers::new(usize::MAX);
        assert!(buffers.0.is_some_and(|arena| arena.memory.len() <= ARENA_BYTES_MAX + HUGE_PAGE_BYTES));
    }

    #[test]
    fn without_an_arena_the_allocator_serves() {
        let mut buffer = Buffers(None).take(1 << 20);
        buffer.fill(7);
        assert!(matches!(buffer.place, Place::Heap(_)) && buffer.len() == 1 << 20);
    }

    #[test]
    fn no_bytes_need_no_memory() {
        assert!(Buffers::new(0).take(0).is_empty());
    }
}
