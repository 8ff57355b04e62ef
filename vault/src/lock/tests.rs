#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use bygone_common::Secret;
use parking_lot::Mutex;

use super::*;
use crate::backend::{Backend, Content, FileId, Listed, Storage};
use crate::error::ErrorKind;

const QUICK: Timing = Timing {
    settle: Duration::from_millis(20),
    reread: Duration::from_millis(5),
    retry: Duration::from_millis(10),
    retry_max: Duration::from_millis(20),
    refresh: Duration::from_millis(30),
    refresh_again: Duration::from_millis(10),
    lost_after: Duration::from_millis(400),
    watch: Duration::from_millis(5),
};
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Storage in memory that can be made to fail.
#[derive(Debug, Default)]
struct Memory {
    files: Mutex<BTreeMap<Id, Vec<u8>>>,
    refuses_writes: AtomicBool,
    refuses_removals: AtomicBool,
    writes: AtomicUsize,
    /// What appears when the next listing is over, as if written by another program meanwhile.
    appears: Mutex<Option<(Id, Vec<u8>)>>,
    /// Disappears when the next listing is over.
    vanishes: Mutex<Option<Id>>,
}

fn unavailable() -> Error {
    Error::new(ErrorKind::Unavailable, "storage is away")
}

impl Backend for Memory {
    fn location(&self) -> String {
        "memory".into()
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        assert_eq!(kind, FileKind::Lock);
        let mut files = self.files.lock();
        let listed = files.iter().map(|(id, bytes)| Listed { id: *id, size: bytes.len() as u64 }).collect();
        files.extend(self.appears.lock().take());
        if let Some(id) = self.vanishes.lock().take() {
            files.remove(&id);
        }
        Ok(listed)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.files.lock().get(&file.id).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, "no such lock"))
    }

    fn read_at(&self, file: FileId, _offset: u64, _buffer: &mut [u8]) -> Result<()> {
        panic!("locks are read whole: {file}");
    }
}

impl Storage for Memory {
    fn create(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        assert_eq!((file.kind, file.id), (FileKind::Lock, Id::new(content.sha256())));
        self.writes.fetch_add(1, Ordering::Relaxed);
        if self.refuses_writes.load(Ordering::Relaxed) {
            return Err(unavailable());
        }
        self.files.lock().insert(file.id, content.to_vec());
        Ok(())
    }

    fn remove(&self, file: FileId) -> Result<()> {
        if self.refuses_removals.load(Ordering::Relaxed) {
            return Err(unavailable());
        }
        self.files.lock().remove(&file.id);
        Ok(())
    }
}

struct Place {
    memory: Arc<Memory>,
    locks: Locks,
    token: CancelToken,
}

impl Place {
    fn new() -> Self {
        let memory = Arc::new(Memory::default());
        let locks = Locks::new(memory.clone(), MasterKey::new(Secret::new([5; 64])), 2);
        Self { memory, locks, token: CancelToken::new() }
    }

    fn take(&self, kind: LockKind) -> Result<HeldLock> {
        self.locks.acquire(&LockOptions { timing: QUICK, ..LockOptions::new(kind) }, &self.token)
    }

    /// Puts a lock of another program there.
    fn other(&self, kind: LockKind, change: impl FnOnce(&mut LockFile)) -> Id {
        let mut lock = LockFile { hostname: "elsewhere".into(), ..owner::lock_of_this_process(kind) };
        change(&mut lock);
        self.locks.write(&lock).unwrap()
    }

    fn ids(&self) -> Vec<Id> {
        self.memory.files.lock().keys().copied().collect()
    }
}

#[track_caller]
fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < WAIT_MAX);
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn kind_of(taken: Result<HeldLock>) -> Result<(), ErrorKind> {
    taken.map(drop).map_err(|error| error.kind())
}

#[test]
fn shared_locks_bear_each_other_and_an_exclusive_one_bears_none() {
    use LockKind::{Exclusive, Shared};
    for (held, wanted, expected) in [
        (Shared, Shared, Ok(())),
        (Shared, Exclusive, Err(ErrorKind::Locked)),
        (Exclusive, Shared, Err(ErrorKind::Locked)),
        (Exclusive, Exclusive, Err(ErrorKind::Locked)),
    ] {
        let place = Place::new();
        let first = place.take(held).unwrap();
        assert_eq!(kind_of(place.take(wanted)), expected, "{held:?}, then {wanted:?}");
        first.release().unwrap();
        assert_eq!(place.ids(), []);
        assert_eq!(kind_of(place.take(wanted)), Ok(()));
        assert_eq!(place.ids(), []);
    }
}

#[test]
fn whoever_is_in_the_way_is_named() {
    let place = Place::new();
    let id = place.other(LockKind::Exclusive, |lock| {
        (lock.pid, lock.username, lock.time) = (7, "alice".into(), "2999-11-20T10:00:00.5Z".parse().unwrap());
    });
    let error = place.take(LockKind::Shared).unwrap_err();
    let expected = format!(
        "the repository is locked exclusively by PID 7 on elsewhere by alice since 2999-11-20T10:00:00Z (lock {})",
        id.short()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_lock_that_comes_between_the_two_looks_wins() {
    let place = Place::new();
    let other = LockFile { hostname: "elsewhere".into(), ..owner::lock_of_this_process(LockKind::Exclusive) };
    let (id, sealed) = place.locks.seal(&other).unwrap();
    *place.memory.appears.lock() = Some((id, sealed));
    assert_eq!(kind_of(place.take(LockKind::Shared)), Err(ErrorKind::Locked));
    assert_eq!(place.ids(), [id], "our own file is gone again");
}

#[test]
fn a_lock_that_goes_between_listing_and_reading_is_no_obstacle() {
    let place = Place::new();
    *place.memory.vanishes.lock() = Some(place.other(LockKind::Exclusive, |_| {}));
    assert_eq!(kind_of(place.take(LockKind::Exclusive)), Ok(()));
}

#[test]
fn empty_files_are_no_locks_and_unreadable_ones_are_in_the_way() {
    let place = Place::new();
    place.memory.files.lock().insert(Id::new([1; 32]), Vec::new());
    assert_eq!(kind_of(place.take(LockKind::Exclusive)), Ok(()));
    assert!(place.locks.list().unwrap().is_empty());
    place.memory.files.lock().insert(Id::new([2; 32]), vec![0; 100]);
    assert_eq!(kind_of(place.take(LockKind::Shared)), Err(ErrorKind::Damaged));
    assert_eq!(place.ids().len(), 2);
    assert!(place.locks.remove_stale().unwrap().is_empty(), "nobody knows whether it is stale");
    assert_eq!(place.locks.remove_all().unwrap().len(), 2);
    assert_eq!(place.ids(), []);
}

#[test]
fn a_lock_is_waited_for() {
    let place = Place::new();
    let other = place.other(LockKind::Exclusive, |_| {});
    let options = LockOptions { retry_for: WAIT_MAX, timing: QUICK, ..LockOptions::new(LockKind::Shared) };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| place.locks.acquire(&options, &place.token));
        wait_until(|| waiting.is_finished() || place.memory.files.lock().len() == 1);
        place.locks.remove(other).unwrap();
        waiting.join().unwrap().unwrap().release().unwrap();
    });
}

#[test]
fn waiting_ends_with_the_time_and_with_the_token() {
    let place = Place::new();
    place.other(LockKind::Exclusive, |_| {});
    let start = Instant::now();
    let retry_for = Duration::from_millis(50);
    let options = LockOptions { retry_for, timing: QUICK, ..LockOptions::new(LockKind::Shared) };
    assert_eq!(kind_of(place.locks.acquire(&options, &place.token)), Err(ErrorKind::Locked));
    assert!(start.elapsed() >= retry_for);
    let options = LockOptions { retry_for: WAIT_MAX, ..options };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| place.locks.acquire(&options, &place.token));
        place.token.cancel();
        assert_eq!(kind_of(waiting.join().unwrap()), Err(ErrorKind::Cancelled));
    });
}

#[test]
fn a_held_lock_is_refreshed_by_a_new_file_in_place_of_the_old() {
    let place = Place::new();
    let held = place.take(LockKind::Exclusive).unwrap();
    let (first, time) = (held.id().unwrap(), place.locks.list().unwrap()[0].lock.as_ref().unwrap().time);
    wait_until(|| held.id() != Some(first) && place.ids() == held.id().into_iter().collect::<Vec<_>>());
    let found = place.locks.list().unwrap();
    assert!(found.iter().any(|found| found.lock.as_ref().is_ok_and(|lock| lock.time > time)), "{found:?}");
    assert!(held.lost().is_none() && !place.token.is_cancelled());
    held.release().unwrap();
    assert_eq!(place.ids(), []);
}

#[test]
fn every_file_of_a_lock_is_noted_before_it_is_there_and_until_it_is_gone() {
    let place = Place::new();
    let noted = Arc::new(Mutex::new(Vec::<Id>::new()));
    let notes = {
        let (noted, memory) = (noted.clone(), place.memory.clone());
        Notes::new(move |note| match note {
            Note::Writing(id) => {
                assert!(!memory.files.lock().contains_key(&id));
                noted.lock().push(id);
            }
            Note::Removed(id) => {
                assert!(!memory.files.lock().contains_key(&id));
                noted.lock().retain(|known| *known != id);
            }
        })
    };
    let options = LockOptions { timing: QUICK, ..LockOptions::new(LockKind::Shared) };
    let held = place.locks.clone().noted(notes).acquire(&options, &place.token).unwrap();
    let first = place.ids();
    wait_until(|| !place.ids().contains(&first[0]));
    place.memory.refuses_removals.store(true, Ordering::Relaxed);
    held.release().unwrap_err();
    let (mut left, mut known) = (place.ids(), noted.lock().clone());
    left.sort_unstable();
    known.sort_unstable();
    assert!(!left.is_empty());
    assert_eq!(left, known, "what could not be removed is known");
}

#[test]
fn a_lock_that_cannot_be_refreshed_is_lost_and_pulls_the_token() {
    let place = Place::new();
    let held = place.take(LockKind::Shared).unwrap();
    place.memory.refuses_writes.store(true, Ordering::Relaxed);
    wait_until(|| place.token.is_cancelled());
    assert_eq!(held.lost().map(|error| error.kind()), Some(ErrorKind::Locked));
    let writes = place.memory.writes.load(Ordering::Relaxed);
    assert!(writes > 2, "it was tried again: {writes}");
    held.release().unwrap();
    assert_eq!(place.ids(), []);
}

#[test]
fn a_refresh_that_succeeds_in_time_keeps_the_lock() {
    let place = Place::new();
    let held = place.take(LockKind::Shared).unwrap();
    let first = held.id();
    place.memory.refuses_writes.store(true, Ordering::Relaxed);
    let writes = place.memory.writes.load(Ordering::Relaxed);
    wait_until(|| place.memory.writes.load(Ordering::Relaxed) > writes);
    place.memory.refuses_writes.store(false, Ordering::Relaxed);
    wait_until(|| held.id() != first);
    assert!(held.lost().is_none() && !place.token.is_cancelled());
}

#[test]
fn old_files_that_could_not_be_removed_go_with_the_lock() {
    let place = Place::new();
    let held = place.take(LockKind::Exclusive).unwrap();
    place.memory.refuses_removals.store(true, Ordering::Relaxed);
    wait_until(|| place.ids().len() > 2);
    place.memory.refuses_removals.store(false, Ordering::Relaxed);
    held.release().unwrap();
    assert_eq!(place.ids(), []);
}

#[test]
fn a_release_that_fails_says_so() {
    let place = Place::new();
    let held = place.take(LockKind::Exclusive).unwrap();
    place.memory.refuses_removals.store(true, Ordering::Relaxed);
    assert_eq!(held.release().map_err(|error| error.kind()), Err(ErrorKind::Unavailable));
}

// Elsewhere nobody asks whether a process is gone.
#[cfg(unix)]
#[test]
fn stale_locks_refuse_unless_told_to_go() {
    use jiff::{SignedDuration, Timestamp};

    let gone = |lock: &mut LockFile| {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        *lock = LockFile { pid: i64::from(child.id()), ..owner::lock_of_this_process(lock.kind) };
    };
    let old = |lock: &mut LockFile| lock.time = Timestamp::now() - SignedDuration::from_mins(31);
    let place = Place::new();
    let live = place.other(LockKind::Shared, |lock| lock.time = Timestamp::now() - SignedDuration::from_mins(29));
    place.other(LockKind::Exclusive, gone);
    let error = place.take(LockKind::Shared).unwrap_err();
    assert!(error.to_string().ends_with("; it is stale: that process is gone"), "{error}");
    place.other(LockKind::Exclusive, old);
    let options = LockOptions { stale: StaleLocks::Remove, timing: QUICK, ..LockOptions::new(LockKind::Shared) };
    place.locks.acquire(&options, &place.token).unwrap().release().unwrap();
    assert_eq!(place.ids(), [live]);
    place.other(LockKind::Shared, gone);
    place.other(LockKind::Exclusive, old);
    assert_eq!(place.locks.remove_stale().unwrap().len(), 2);
    assert_eq!(place.ids(), [live]);
}

#[test]
fn of_two_that_want_an_exclusive_lock_at_once_at_most_one_gets_it() {
    let place = Place::new();
    for _ in 0..5 {
        let held: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| place.take(LockKind::Exclusive))).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect()
        });
        assert!(held.len() <= 1);
    }
    assert_eq!(place.ids(), []);
}

#[test]
fn version_1_stores_plain_json_and_version_2_compresses_it() {
    let place = Place::new();
    for (version, first) in [(1, b'{'), (2, 2)] {
        let locks = Locks::new(place.memory.clone(), MasterKey::new(Secret::new([5; 64])), version);
        let lock = owner::lock_of_this_process(LockKind::Shared);
        let (id, mut sealed) = locks.seal(&lock).unwrap();
        place.memory.files.lock().insert(id, sealed.clone());
        assert_eq!(locks.read(id).unwrap(), lock);
        assert_eq!(locks.key.open(&mut sealed).unwrap()[0], first);
    }
}

#[test]
fn locks_of_restic_are_read() {
    let id = Id::new([1; 32]);
    let json = br#"{"time":"2026-11-20T10:00:00.123456789+01:00","exclusive":true,"hostname":"h","username":"u","pid":9,"uid":1,"gid":2}"#;
    let lock = LockFile::parse(id, json).unwrap();
    assert_eq!(lock.to_string(), "PID 9 on h by u since 2026-11-20T09:00:00Z");
    assert_eq!((lock.kind, lock.uid, lock.gid), (LockKind::Exclusive, 1, 2));
    let windows = LockFile::parse(
        id,
        br#"{"time":"2026-11-20T10:00:00Z","exclusive":false,"hostname":"","username":"","pid":9}"#,
    );
    assert_eq!(windows.unwrap().to_string(), "PID 9 since 2026-11-20T10:00:00Z");
    assert_eq!(LockFile::parse(id, b"{}").map_err(|error| error.kind()), Err(ErrorKind::Damaged));
}
