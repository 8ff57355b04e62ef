//! From packs to files: blobs are fetched in batches in the order of their packs, decoded by the engine's workers, and
//! written by threads of our own, so that a slow disk never blocks the workers that others share.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bygone_common::BlobId;
use parking_lot::{Condvar, Mutex};

use super::blobs::Fetching;
use super::execute::Run;
use super::table::at;
use crate::engine::verify::is_id_of;
use crate::engine::{Blob, Priority};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{Keep, Repository};

/// Threads that write. More do not help: they contend for the directories.
const WRITERS_MAX: usize = 8;
/// Plaintext asked for by one call.
const BATCH_BYTES_MAX: u64 = 8 << 20;
const BATCH_BLOBS_MAX: usize = 4096;
/// Plaintext asked for and not yet written, when packs lie on a local disk. More gains nothing: what the engine's pool of
/// buffers cannot hold would be fresh memory each time.
const IN_FLIGHT_BYTES_MAX: u64 = 24 << 20;
/// The same over a network, where more must be on its way.
const REMOTE_IN_FLIGHT_BYTES_MAX: u64 = 128 << 20;
/// How soon a cancelled restore notices while it waits.
const CANCEL_POLL: Duration = Duration::from_millis(50);
/// Entries that are looked at together for what needs no blob.
const OTHERS_CHUNK: u32 = 512;
/// Packs in a row that the storage failed, after all retries, before the restore stops: then it is gone, and waiting
/// for every pack's deadline would take days.
const FAILED_PACKS_MAX: usize = 3;

/// Blobs on their way from the engine's workers to the writers.
#[derive(Default)]
struct Delivery {
    state: Mutex<State>,
    /// Something arrived, or nothing will any more.
    arrived: Condvar,
    /// Something was written.
    written: Condvar,
}

#[derive(Default)]
struct State {
    arrived: VecDeque<(usize, Result<Arc<Blob>>)>,
    in_flight_bytes: u64,
    idle_writers: usize,
    closed: bool,
}

/// The packs that the storage failed since it last answered.
#[derive(Default)]
struct Outage {
    noted: AtomicBool,
    packs: Mutex<BTreeSet<u32>>,
}

/// Writes everything that is not a directory or a hard link.
pub(super) fn write_all(run: &Run<'_>, repository: &Repository, fetching: &Fetching) {
    let delivery = Arc::<Delivery>::default();
    let others = AtomicU32::new(0);
    let outage = Outage::default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let writer = || write(run, fetching, &delivery, &others, &outage);
        let mut started = 0;
        for number in 0..cores.clamp(1, WRITERS_MAX) {
            match std::thread::Builder::new().name(format!("restore-{number}")).spawn_scoped(scope, writer) {
                Ok(_) => started += 1,
                Err(error) if started == 0 => run.stop(Error::io("start a thread", error)),
                Err(_) => {}
            }
        }
        feed(run, repository, fetching, &delivery);
        delivery.close();
    });
    if run.is_stopped() {
        run.remove_unfinished();
    }
}

/// Asks for batch after batch, as fast as they are written, and waits for the last.
fn feed(run: &Run<'_>, repository: &Repository, fetching: &Fetching, delivery: &Arc<Delivery>) {
    let remote = repository.backend().is_remote();
    let in_flight_bytes_max = if remote { REMOTE_IN_FLIGHT_BYTES_MAX } else { IN_FLIGHT_BYTES_MAX };
    for batch in fetching.batches(run.table, BATCH_BYTES_MAX, BATCH_BLOBS_MAX) {
        if !delivery.wait_for_room(run, batch.bytes, in_flight_bytes_max) {
            return;
        }
        let blobs = (batch.start..batch.end).filter_map(|rank| fetching.blob(rank));
        let ids: Vec<BlobId> = blobs.filter_map(|blob| run.blobs.get(at(blob)).copied()).collect();
        let delivery = delivery.clone();
        let on_blob = move |position, blob| delivery.push(batch.start + position, blob);
        repository.fetch(&ids, Priority::Demand, Keep::Transient, Arc::new(on_blob));
    }
    delivery.wait_for_room(run, u64::MAX, 0);
}

impl Delivery {
    /// Waits until so many more bytes may be on their way, and counts them in. `false` when the restore stopped.
    fn wait_for_room(&self, run: &Run<'_>, bytes: u64, bytes_max: u64) -> bool {
        let mut state = self.state.lock();
        while !run.is_stopped() {
            if state.in_flight_bytes == 0 || state.in_flight_bytes.saturating_add(bytes) <= bytes_max {
                state.in_flight_bytes = state.in_flight_bytes.saturating_add(bytes);
                return true;
            }
            self.written.wait_for(&mut state, CANCEL_POLL);
        }
        false
    }

    fn push(&self, rank: usize, blob: Result<Arc<Blob>>) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        state.arrived.push_back((rank, blob));
        let wake = state.idle_writers > 0;
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
    }

    fn close(&self) {
        let abandoned = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.arrived)
        };
        drop(abandoned);
        self.arrived.notify_all();
    }

    /// The next blob; `None` when there is none now, and `wait` was not asked for, or there will be none.
    fn pop(&self, wait: bool) -> Option<(usize, Result<Arc<Blob>>)> {
        let mut state = self.state.lock();
        loop {
            if let Some(arrived) = state.arrived.pop_front() {
                return Some(arrived);
            }
            if state.closed || !wait {
                return None;
            }
            state.idle_writers += 1;
            self.arrived.wait(&mut state);
            state.idle_writers -= 1;
        }
    }

    fn written(&self, bytes: u64) {
        let mut state = self.state.lock();
        state.in_flight_bytes = state.in_flight_bytes.saturating_sub(bytes);
        drop(state);
        self.written.notify_one();
    }
}

/// Gives the bytes back when a blob is dealt with, however that ends.
struct InFlight<'a> {
    delivery: &'a Delivery,
    bytes: u64,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.delivery.written(self.bytes);
    }
}

/// One writer: blobs first, and while none is there, what needs none.
fn write(run: &Run<'_>, fetching: &Fetching, delivery: &Delivery, others: &AtomicU32, outage: &Outage) {
    let mut others_left = true;
    loop {
        match delivery.pop(!others_left) {
            Some((rank, blob)) => {
                let planned = fetching.blob(rank).and_then(|blob| run.table.places.get(at(blob)));
                let _in_flight = InFlight { delivery, bytes: planned.map_or(0, |place| place.length.into()) };
                if !run.is_stopped() {
                    write_blob(run, fetching, rank, blob, outage);
                }
            }
            None if others_left => others_left = write_others(run, others),
            None => return,
        }
    }
}

/// Writes some of the entries that need no blob; answers whether there are more.
fn write_others(run: &Run<'_>, others: &AtomicU32) -> bool {
    let start = others.fetch_add(OTHERS_CHUNK, Ordering::Relaxed);
    let length = run.states.len() as u64;
    for position in start..start.saturating_add(OTHERS_CHUNK) {
        if u64::from(position) >= length || run.is_stopped() {
            return false;
        }
        run.write_other(position);
    }
    true
}

/// Writes a blob to every file that needs it.
fn write_blob(run: &Run<'_>, fetching: &Fetching, rank: usize, blob: Result<Arc<Blob>>, outage: &Outage) {
    let uses = || fetching.uses(rank).iter().filter_map(|piece| run.table.pieces.get(at(*piece)));
    match blob.and_then(|blob| check(run, fetching, rank, blob)) {
        Ok(blob) => {
            outage.over();
            for piece in uses() {
                run.write_piece(piece.entry, piece.offset, &blob);
            }
        }
        Err(error) => {
            match error.kind() {
                ErrorKind::Cancelled => run.stop(error.clone()),
                ErrorKind::Unavailable | ErrorKind::TimedOut => outage.note(run, fetching, rank, &error),
                ErrorKind::InvalidInput
                | ErrorKind::WrongPassword
                | ErrorKind::NotARepository
                | ErrorKind::Unsupported
                | ErrorKind::NotFound
                | ErrorKind::Ambiguous
                | ErrorKind::Damaged
                | ErrorKind::Denied
                | ErrorKind::Locked
                | ErrorKind::Conflict
                | ErrorKind::Retained
                | ErrorKind::NoSpace
                | ErrorKind::Io => {}
            }
            // A repository's own trouble with space is not the target's.
            let error = Error::new(source_kind(error.kind()), "read its content").because(error);
            for piece in uses() {
                run.give_up(piece.entry, error.clone());
            }
        }
    }
}

/// A full disk below a repository or its cache must not look like a full target.
fn source_kind(kind: ErrorKind) -> ErrorKind {
    if kind == ErrorKind::NoSpace { ErrorKind::Io } else { kind }
}

/// The blob, if it is the one that was asked for.
fn check(run: &Run<'_>, fetching: &Fetching, rank: usize, blob: Arc<Blob>) -> Result<Arc<Blob>> {
    let position = fetching.blob(rank).map(at);
    let planned = position.and_then(|blob| Some((run.blobs.get(blob)?, run.table.places.get(blob)?)));
    let Some((id, place)) = planned else {
        return Err(Error::new(ErrorKind::Damaged, "a blob that nobody asked for"));
    };
    if blob.len() as u64 != u64::from(place.length) {
        let sentence = format!("blob {id} holds {} bytes, the index says {}", blob.len(), place.length);
        return Err(Error::new(ErrorKind::Damaged, sentence));
    }
    if !run.ids_are_checked && !is_id_of(id, &blob) {
        return Err(Error::new(ErrorKind::Damaged, format!("the bytes of blob {id} are not those of its id")));
    }
    Ok(blob)
}

impl Outage {
    /// The storage failed a blob after all retries. One lost connection fails many blobs of a pack: they count once.
    fn note(&self, run: &Run<'_>, fetching: &Fetching, rank: usize, error: &Error) {
        let place = fetching.blob(rank).and_then(|blob| run.table.places.get(at(blob)));
        let mut packs = self.packs.lock();
        packs.extend(place.map(|place| place.pack));
        self.noted.store(true, Ordering::Relaxed);
        if packs.len() >= FAILED_PACKS_MAX {
            run.stop(Error::new(error.kind(), "the repository cannot be reached any more").because(error.clone()));
        }
    }

    /// The storage answers.
    fn over(&self) {
        if self.noted.swap(false, Ordering::Relaxed) {
            self.packs.lock().clear();
        }
    }
}
