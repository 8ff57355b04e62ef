//! Reading back: every file of the plan is read from the target again, and each blob's range compared with its id.

use std::io::Read;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::execute::Run;
use super::table::{Entry, What, at};
use crate::error::{Error, ErrorKind, Result};
use crate::tree::NodeKind;

/// Threads that read and hash.
const READERS_MAX: usize = 8;
/// Bytes read at a time.
const READ_BYTES: usize = 1 << 20;

/// Reads all files back that were restored or found unchanged; answers how many are as in the snapshot.
pub(super) fn read_back(run: &Run<'_>) -> u64 {
    let is_meant = |entry: &Entry| entry.what == What::File && entry.action.ends_restored();
    run.progress.verifying(run.table.entries.iter().filter(|entry| is_meant(entry)).map(|entry| entry.size).sum());
    let next = AtomicU32::new(0);
    let verified = AtomicU64::new(0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let read_some = || {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = run.table.entries.get(at(position)).filter(|_| !run.is_stopped()) else { return };
            if !is_meant(entry) || !run.is_open(position) {
                continue;
            }
            match compare(run, entry, &mut buffer) {
                Ok(()) => {
                    verified.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => run.report(entry, error),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..cores.clamp(1, READERS_MAX) {
            // One thread fewer only takes longer.
            let _ = std::thread::Builder::new().name("verify-restore".to_owned()).spawn_scoped(scope, read_some);
        }
        read_some();
    });
    verified.into_inner()
}

/// Compares one file of the target with the snapshot.
fn compare(run: &Run<'_>, entry: &Entry, buffer: &mut [u8]) -> Result<()> {
    let folder = run.folder(entry)?;
    let name = run.table.entry_name(entry);
    let failed = |error| Error::io("read it back", error);
    let mut file = match folder.read_file(name) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && entry.action.makes() => {
            // The snapshot's mode forbids its owner to read it; it is ours to allow for a moment.
            let mode = folder.found(name).map_err(failed)?.map_or(0, |found| found.mode);
            folder.set_mode(name, NodeKind::File, mode | 0o400).map_err(failed)?;
            let file = folder.read_file(name);
            folder.set_mode(name, NodeKind::File, mode).map_err(failed)?;
            file.map_err(failed)?
        }
        opened => opened.map_err(failed)?,
    };
    for piece in run.table.pieces_of(entry) {
        let blob = at(piece.blob);
        let (Some(id), Some(place)) = (run.blobs.get(blob), run.table.places.get(blob)) else { continue };
        let mut hasher = Sha256::new();
        let mut left = at(place.length);
        while left > 0 {
            let window = buffer.get_mut(..left.min(READ_BYTES)).unwrap_or_default();
            file.read_exact(window).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => differs(piece.offset),
                _ => failed(error),
            })?;
            hasher.update(&*window);
            left -= window.len();
            run.progress.bytes(window.len() as u64);
        }
        if hasher.finalize().as_slice() != id.as_bytes().as_slice() {
            return Err(differs(piece.offset));
        }
    }
    let more = buffer.get_mut(..1).unwrap_or_default();
    match file.read(more) {
        Ok(0) => Ok(()),
        Ok(_) => Err(differs(entry.size)),
        Err(error) => Err(failed(error)),
    }
}

fn differs(offset: u64) -> Error {
    let sentence = format!("read back, it differs from the snapshot in the blob at byte {offset}");
    Error::new(ErrorKind::Damaged, sentence)
}
