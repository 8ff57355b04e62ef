//! Notices sequential readers of a file and says what they will want next.
//!
//! A file may have several readers at once, and the kernel's own read-ahead arrives out of order: each reader is a
//! stream, known by where it should read next.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::Engine;
use crate::engine::budget::Lease;

/// Readers of one file that are told apart.
const STREAMS_MAX: usize = 4;
/// A read that begins this much before where the reader is belongs to it still.
const BACK_BYTES_MAX: u64 = 2 << 20;
/// A read that skips up to this much belongs to it still.
const SKIP_BYTES_MAX: u64 = 8 << 20;
/// The window that a reader begins with.
const WINDOW_BYTES_MIN: u64 = 1 << 20;
/// The largest window of one reader, whatever the budget.
const WINDOW_BYTES_MAX: u64 = 64 << 20;
/// Whoever has read so far that its window grew to this reads on: what lies behind it is not kept, so that a few buffers
/// stay in the processor's caches and a large file does not push out everything else.
const STEADY_WINDOW_BYTES_MIN: u64 = 8 << 20;

#[derive(Debug)]
struct Stream {
    /// Where it should read next.
    next: u64,
    /// What has been fetched ahead for it ends here.
    fetched: u64,
    /// What is not kept behind it ends here.
    passed: u64,
    lease: Arc<Lease>,
}

/// What a read means for the cache: ranges of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Advice {
    /// To be fetched ahead, if it is time to.
    pub(crate) ahead: Option<Range<u64>>,
    /// Has been read and will hardly be read again.
    pub(crate) behind: Option<Range<u64>>,
}

/// The readers of one file, the one that read last in front.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<Vec<Stream>>);

impl Streams {
    /// Notes a read.
    pub(crate) fn note(&self, engine: &Engine, offset: u64, len: u64, size: u64) -> Advice {
        let end = offset.saturating_add(len).min(size);
        let budget = &engine.0.read_ahead;
        let mut streams = self.0.lock();
        let found = streams.iter().position(|stream| {
            offset.saturating_add(BACK_BYTES_MAX) >= stream.next && offset <= stream.next.saturating_add(SKIP_BYTES_MAX)
        });
        let Some(found) = found else {
            // A file smaller than the first window needs no stream: its read is its blob.
            if size <= WINDOW_BYTES_MIN {
                return Advice::default();
            }
            let mut stream = Stream { next: end, fetched: end, passed: offset, lease: budget.lease() };
            // Whoever begins at the beginning will mostly go on; elsewhere one read is no sequence yet.
            let ahead = (offset == 0).then(|| {
                budget.touch(&stream.lease);
                budget.resize(&stream.lease, WINDOW_BYTES_MIN);
                end..(end + WINDOW_BYTES_MIN).min(size)
            });
            stream.fetched = ahead.as_ref().map_or(end, |ahead| ahead.end);
            streams.truncate(STREAMS_MAX - 1);
            streams.insert(0, stream);
            return Advice { ahead: ahead.filter(|ahead| !ahead.is_empty()), behind: None };
        };
        if let Some(before) = streams.get_mut(..=found) {
            before.rotate_right(1);
        }
        let Some(stream) = streams.first_mut() else { return Advice::default() };
        stream.next = stream.next.max(end);
        stream.fetched = stream.fetched.max(stream.next);
        budget.touch(&stream.lease);
        let behind = stream.pass();
        if stream.next >= size {
            stream.lease.release();
            return Advice { ahead: None, behind };
        }
        let window = stream.lease.bytes().max(WINDOW_BYTES_MIN);
        // Half of the window is still ahead: time enough.
        if stream.fetched - stream.next > window / 2 {
            return Advice { ahead: None, behind };
        }
        budget.resize(&stream.lease, (window * 2).min(WINDOW_BYTES_MAX));
        let window = stream.lease.bytes().max(WINDOW_BYTES_MIN);
        let ahead = stream.fetched..(stream.next + window).min(size);
        stream.fetched = stream.fetched.max(ahead.end);
        Advice { ahead: Some(ahead).filter(|ahead| !ahead.is_empty()), behind }
    }
}

impl Stream {
    /// What a steady reader has left behind, as far as reads that come out of order may not want it any more.
    fn pass(&mut self) -> Option<Range<u64>> {
        let end = self.next.saturating_sub(BACK_BYTES_MAX);
        if self.lease.bytes() < STEADY_WINDOW_BYTES_MIN || end <= self.passed {
            return None;
        }
        Some(std::mem::replace(&mut self.passed, end)..end)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::EngineOptions;

    const FILE: u64 = 1 << 30;
    const READ: u64 = 128 << 10;

    #[test]
    fn a_sequential_reader_is_always_read_ahead_for() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        let mut fetched = 0;
        for at in (0..FILE).step_by(READ as usize) {
            if let Some(ahead) = streams.note(&engine, at, READ, FILE).ahead {
                assert!(ahead.start <= fetched.max(at + READ), "a hole before {ahead:?}");
                fetched = ahead.end;
            }
            assert!(fetched >= (at + READ).min(FILE), "nothing ahead at {at}");
        }
        assert_eq!(fetched, FILE);
    }

    #[test]
    fn what_a_steady_reader_left_behind_is_passed_once_and_in_order() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        let mut passed = 0;
        for at in (0..FILE).step_by(READ as usize) {
            if let Some(behind) = streams.note(&engine, at, READ, FILE).behind {
                assert_eq!(behind.start, passed);
                assert!(behind.end + BACK_BYTES_MAX <= at + READ, "{behind:?} at {at}");
                passed = behind.end;
            }
        }
        assert_eq!(passed, FILE - BACK_BYTES_MAX);
    }

    #[test]
    fn a_random_reader_is_not_read_ahead_for() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        for at in [500, 100, 900, 300, 700, 200, 800].map(|mebibyte| mebibyte << 20) {
            assert_eq!(streams.note(&engine, at, 4096, FILE), Advice::default());
        }
    }

    #[test]
    fn interleaved_readers_are_told_apart() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        let mut ahead = [0_u64; 2];
        for step in 0..200 {
            for (reader, base) in [(0, 0), (1, FILE / 2)] {
                if let Some(range) = streams.note(&engine, base + step * READ, READ, FILE).ahead {
                    ahead[reader] = range.end - base;
                }
            }
        }
        assert!(ahead.iter().all(|bytes| *bytes > 200 * READ), "{ahead:?}");
    }
}
