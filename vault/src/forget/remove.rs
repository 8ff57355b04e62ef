//! Removing snapshot files, several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::backend::{CancelToken, FileId, FileKind, Storage};
use crate::error::{Error, ErrorKind, Result};
use crate::snapshot::Snapshot;

/// Files that are removed at once.
const REMOVERS: usize = 8;

/// Removes snapshots in order, several at once, and calls `gone` after each.
///
/// # Errors
/// The first error of the storage, with how many are gone; `Cancelled`. The rest stay, and may be removed by doing it again.
/// A snapshot that is `Retained` does not keep the others.
pub fn remove(
    storage: &dyn Storage,
    snapshots: &[Arc<Snapshot>],
    token: &CancelToken,
    gone: impl Fn(&Snapshot) + Sync,
) -> Result<()> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed: Mutex<Option<Error>> = Mutex::new(None);
    let retained: Mutex<Option<Error>> = Mutex::new(None);
    let remove_some = || {
        while let Some(snapshot) = snapshots.get(next.fetch_add(1, Ordering::Relaxed)) {
            if failed.lock().is_some() {
                return;
            }
            let what = || format!("forget snapshot {}", snapshot.id.short());
            let removed = token.check(what).and_then(|()| {
                let file = FileId::new(FileKind::Snapshot, snapshot.id);
                storage.remove(file).map_err(|error| error.context(what()))
            });
            match removed {
                Ok(()) => {
                    done.fetch_add(1, Ordering::Relaxed);
                    gone(snapshot);
                }
                Err(error) if error.kind() == ErrorKind::Retained => drop(retained.lock().get_or_insert(error)),
                Err(error) => {
                    failed.lock().get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..REMOVERS.min(snapshots.len()) {
            scope.spawn(remove_some);
        }
    });
    let done = done.load(Ordering::Relaxed);
    match failed.into_inner().or(retained.into_inner()) {
        None => Ok(()),
        Some(error) => {
            Err(error.context(format!("{done} of {} snapshots are forgotten, the rest stay", snapshots.len())))
        }
    }
}
