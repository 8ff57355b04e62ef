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
/// A reader that skips more than this begins anew: it is fetched ahead for when it goes on from there.
const GAP_BYTES_MAX: u64 = 2 << 20;
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
    /// How far it has come since it began, and how much of that it read.
    way: u64,
    read: u64,
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
            let mut stream = Stream::begin(offset, end, budget.lease());
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
        if !stream.follow(offset, end) {
            return Advice::default();
        }
        stream.fetched = stream.fetched.max(stream.next);
        budget.touch(&stream.lease);
        // A file that fits is kept whole: whoever reads it again finds it decoded.
        let behind = if size > engine.0.kept_file_bytes_max { stream.pass() } else { None };
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
    /// A reader that read this first.
    fn begin(offset: u64, end: u64, lease: Arc<Lease>) -> Self {
        let read = end.saturating_sub(offset);
        Self { next: end, fetched: end, passed: offset, way: read, read, lease }
    }

    /// Takes in its next read; whether it reads on. Many who read here and there in one part of a file look like one who skips:
    /// for them nothing is fetched, and nothing that they read is let go.
    fn follow(&mut self, offset: u64, end: u64) -> bool {
        if offset > self.next + GAP_BYTES_MAX {
            self.lease.release();
            *self = Self::begin(offset, end, self.lease.clone());
            return false;
        }
        let come = end.saturating_sub(self.next);
        self.way += come;
        self.read = (self.read + end.saturating_sub(offset)).min(self.way);
        self.next = self.next.max(end);
        come > 0 && self.read * 2 >= self.way
    }

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
    fn a_file_that_fits_into_the_cache_is_kept_behind_its_reader() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let (streams, size) = (Streams::default(), engine.0.kept_file_bytes_max);
        assert!(size > STEADY_WINDOW_BYTES_MIN + 2 * BACK_BYTES_MAX);
        let kept =
            |size| (0..size).step_by(READ as usize).all(|at| streams.note(&engine, at, READ, size).behind.is_none());
        assert!(kept(size) && !kept(size + READ));
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
    fn who_reads_here_and_there_in_one_part_of_a_file_is_not_read_ahead_for_and_loses_nothing() {
        const PART: u64 = 48 << 20;
        const RANGE: u64 = 256 << 10;
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        let (mut ahead, mut behind, mut chance) = (0, 0, 1_u64);
        for _ in 0..10_000 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let advice = streams.note(&engine, (chance >> 33) % PART, RANGE, FILE);
            ahead += advice.ahead.map_or(0, |ahead| ahead.end - ahead.start);
            behind += advice.behind.map_or(0, |behind| behind.end - behind.start);
        }
        assert!(ahead < 10_000 * RANGE / 2, "{} MiB were fetched ahead", ahead >> 20);
        assert!(behind < 10_000 * RANGE / 50, "{} MiB were let go", behind >> 20);
    }

    #[test]
    fn who_skips_a_part_is_read_ahead_for_again() {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let streams = Streams::default();
        for start in [0, 70 << 20] {
            let notes = (0..64).map(|step| streams.note(&engine, start + step * READ, READ, FILE).ahead);
            assert!(notes.flatten().map(|ahead| ahead.end).max().unwrap() > start + (16 << 20));
            streams.note(&engine, start + (12 << 20), READ, FILE);
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
