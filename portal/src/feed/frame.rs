//! Bytes on their way out. A frame is counted from when it is made until the connection has sent it, or is gone.
//!
//! While there is memory, a frame is a slice of a decoded blob, and holds as much memory as that blob. When there is none, a
//! connection gets small copies, one at a time: slow readers then hold next to nothing, and fast ones go on.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use bygone_vault::{Blob, Pieces};
use bytes::Bytes;
use futures_util::task::AtomicWaker;

use super::lanes::{Held, Lanes};

/// Bytes of a frame when memory is short.
pub(crate) const SQUEEZED_BYTES: usize = 16 << 10;
/// Bytes of a slice of a blob that is sent as one frame.
const SLICE_BYTES_MAX: usize = 512 << 10;

/// What one connection has been given and has not sent.
#[derive(Debug, Default)]
struct Unsent {
    bytes: AtomicUsize,
    waker: AtomicWaker,
}

/// Counts a frame as long as it is not sent.
#[derive(Debug)]
struct Counted {
    unsent: Arc<Unsent>,
    bytes: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.unsent.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        self.unsent.waker.wake();
    }
}

/// A frame.
#[derive(Debug)]
pub(crate) struct Outgoing {
    bytes: Kept,
    // Both are given back when the frame is dropped.
    _counted: Counted,
    _held: Option<Arc<Held>>,
}

#[derive(Debug)]
enum Kept {
    Own(Vec<u8>),
    Blob(Arc<Blob>, Range<usize>),
}

impl AsRef<[u8]> for Outgoing {
    fn as_ref(&self) -> &[u8] {
        match &self.bytes {
            Kept::Own(bytes) => bytes,
            Kept::Blob(blob, range) => blob.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl Outgoing {
    /// Bytes of it.
    pub(crate) fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// As what HTTP takes, without a copy.
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

/// Makes the frames of one connection.
#[derive(Debug)]
pub(crate) struct Frames {
    lanes: Arc<Lanes>,
    unsent: Arc<Unsent>,
    /// Slices of blobs that go out next.
    slices: VecDeque<(Arc<Blob>, Range<usize>)>,
    /// Memory that those hold.
    held: Option<Arc<Held>>,
}

impl Frames {
    pub(super) fn new(lanes: Arc<Lanes>) -> Self {
        Self { lanes, unsent: Arc::default(), slices: VecDeque::new(), held: None }
    }

    /// Room for a frame. None: there is no memory, and this connection has sent all that it was given.
    pub(super) async fn room(&self, bytes: usize) -> Option<Held> {
        if let Some(held) = self.lanes.try_hold(bytes) {
            return Some(held);
        }
        std::future::poll_fn(|context| {
            self.unsent.waker.register(context.waker());
            if self.unsent.bytes.load(Ordering::Acquire) == 0 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        None
    }

    /// Memory for decoded blobs that are to be sent as they lie.
    pub(super) fn hold(&self, pieces: &Pieces) -> Option<Held> {
        self.lanes.try_hold(pieces.blobs().iter().map(|blob| blob.len()).sum())
    }

    /// Takes in what was read, and the memory that it holds: it goes out before anything else.
    pub(super) fn land(&mut self, pieces: &Pieces, held: Held) {
        self.held = Some(Arc::new(held));
        // A slice is known by where it lies in its blob.
        for (blob, slice) in pieces.blobs().iter().zip(pieces.slices()) {
            let start = slice.as_ptr() as usize - blob.as_ptr() as usize;
            self.slices.push_back((blob.clone(), start..start + slice.len()));
        }
    }

    /// The next frame of what was taken in.
    pub(super) fn large(&mut self) -> Option<Outgoing> {
        let (blob, range) = self.slices.front_mut()?;
        let now = range.start..range.end.min(range.start + SLICE_BYTES_MAX);
        range.start = now.end;
        let (len, bytes) = (now.len(), Kept::Blob(blob.clone(), now));
        if range.start == range.end {
            self.slices.pop_front();
        }
        let frame = self.frame(bytes, len, self.held.clone());
        if self.slices.is_empty() {
            self.held = None;
        }
        Some(frame)
    }

    /// A frame of small pieces.
    pub(super) fn small(&self, bytes: Vec<u8>, held: Option<Held>) -> Outgoing {
        let len = bytes.len();
        self.frame(Kept::Own(bytes), len, held.map(Arc::new))
    }

    fn frame(&self, bytes: Kept, len: usize, held: Option<Arc<Held>>) -> Outgoing {
        self.unsent.bytes.fetch_add(len, Ordering::AcqRel);
        Outgoing { bytes, _counted: Counted { unsent: self.unsent.clone(), bytes: len }, _held: held }
    }
}
