//! One file: made under its temporary name, complete with metadata, then given its own.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;

use super::execute::{Run, State};
use super::plan::Action;
use super::table::{Entry, What, at};
use super::target::Folder;
use crate::disk::write_all_at;
use crate::error::{Error, ErrorKind, Result};
use crate::tree::NodeKind;

/// Unfinished files held open. The others are opened again for their next piece.
const FILES_OPEN_MAX: usize = 64;
/// Runs of zeros become holes in blocks of this size: what file systems can leave out.
const HOLE_BYTES: usize = 4096;

/// Files of several pieces that are being written.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    files: Mutex<HashMap<u32, Arc<File>>>,
}

impl OpenFiles {
    /// The file of an entry: held open, opened again, or made. `None` when the entry failed meanwhile.
    fn get(&self, run: &Run<'_>, position: u32, entry: &Entry) -> Result<Option<Arc<File>>> {
        // Under the lock, so that a file is made once, and never after its entry failed.
        let mut files = self.files.lock();
        let Some(state) = run.states.get(at(position)).filter(|state| !state.has_failed()) else { return Ok(None) };
        if let Some(file) = files.get(&position) {
            return Ok(Some(file.clone()));
        }
        let folder = run.folder(entry)?;
        let temporary = run.temporary.of(run.table.entry_name(entry));
        let file = if state.created() {
            folder.reopen_file(temporary.as_bytes()).map_err(|error| Error::io("open it again", error))?
        } else {
            let file = run.create(&folder, &temporary, entry)?;
            if run.options.sparse {
                file.set_len(entry.size).map_err(|error| Error::io("give it its size", error))?;
            }
            file
        };
        if files.len() >= FILES_OPEN_MAX
            && let Some(other) = files.keys().next().copied()
        {
            files.remove(&other);
        }
        let file = Arc::new(file);
        files.insert(position, file.clone());
        Ok(Some(file))
    }

    fn close(&self, position: u32) -> Option<Arc<File>> {
        self.files.lock().remove(&position)
    }
}

impl Run<'_> {
    /// Writes a piece of a file, and finishes the file with its last one.
    pub(super) fn write_piece(&self, position: u32, offset: u64, bytes: &[u8]) {
        let Some(entry) = self.table.entries.get(at(position)).filter(|_| self.is_open(position)) else { return };
        let written =
            if entry.pieces == 1 { self.write_whole(entry, bytes) } else { self.add(position, entry, offset, bytes) };
        match written {
            Ok(finished) => {
                self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                self.progress.bytes(bytes.len() as u64);
                if finished {
                    self.made();
                }
            }
            Err(error) => self.give_up(position, error),
        }
    }

    /// Gives an entry up and removes what was made of it.
    pub(super) fn give_up(&self, position: u32, error: Error) {
        self.fail(position, error);
        self.open_files.close(position);
        if let Some(entry) = self.table.entries.get(at(position)).filter(|entry| entry.action.makes())
            && let Ok(folder) = self.folders.get(self.table, entry.dir)
        {
            // Most often there is nothing: the failure came before.
            let _ = folder.remove(self.temporary.of(self.table.entry_name(entry)).as_bytes());
        }
    }

    /// Gives up every file that was begun and did not get all its pieces.
    pub(super) fn remove_unfinished(&self) {
        let begun = self.table.entries.iter().zip(0..).filter(|(entry, _)| entry.pieces > 1 && entry.action.makes());
        for (entry, position) in begun {
            if self.states.get(at(position)).is_some_and(State::is_unfinished) {
                self.open_files.close(position);
                if let Ok(folder) = self.folders.get(self.table, entry.dir) {
                    let _ = folder.remove(self.temporary.of(self.table.entry_name(entry)).as_bytes());
                }
            }
        }
    }

    /// A file whose content is at hand as a whole.
    fn write_whole(&self, entry: &Entry, bytes: &[u8]) -> Result<bool> {
        let folder = self.folder(entry)?;
        let temporary = self.temporary.of(self.table.entry_name(entry));
        let file = self.create(&folder, &temporary, entry)?;
        if self.options.sparse {
            file.set_len(entry.size).map_err(|error| Error::io("give it its size", error))?;
        }
        self.write_at(&file, 0, bytes)?;
        self.complete(&folder, &file, &temporary, entry)?;
        Ok(true)
    }

    fn add(&self, position: u32, entry: &Entry, offset: u64, bytes: &[u8]) -> Result<bool> {
        let Some(file) = self.open_files.get(self, position, entry)? else { return Ok(false) };
        self.write_at(&file, offset, bytes)?;
        if !self.states.get(at(position)).is_some_and(State::piece_written) {
            return Ok(false);
        }
        self.open_files.close(position);
        let temporary = self.temporary.of(self.table.entry_name(entry));
        self.complete(&*self.folder(entry)?, &file, &temporary, entry)?;
        Ok(true)
    }

    /// Metadata, then the real name. What goes wrong with metadata is reported; the content is worth having.
    fn complete(&self, folder: &Folder, file: &File, temporary: &str, entry: &Entry) -> Result<()> {
        if let Err(error) = Folder::set_file_metadata(file, &self.table.entry_metadata(entry)) {
            self.report(entry, error);
        }
        self.publish(folder, temporary, entry)
    }

    fn publish(&self, folder: &Folder, temporary: &str, entry: &Entry) -> Result<()> {
        let name = self.table.entry_name(entry);
        if entry.action == Action::Replace
            && let Some(aside) = &self.aside
        {
            let kept = aside.keep(self.table, entry.dir, folder, name);
            kept.map_err(|error| Error::io("set aside what is in its place", error))?;
        } else if entry.action == Action::Replace {
            return folder.replace(temporary.as_bytes(), name).map_err(|error| Error::io("give it its name", error));
        }
        folder.publish(temporary.as_bytes(), name).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::new(ErrorKind::Conflict, "something has come under its name since the restore was planned")
            }
            _ => Error::io("give it its name", error),
        })
    }

    fn create(&self, folder: &Folder, temporary: &str, entry: &Entry) -> Result<File> {
        let metadata = self.table.entry_metadata(entry);
        fresh(folder, temporary, |name| folder.create_file(name, &metadata))
            .map_err(|error| Error::io("make the file", error))
    }

    pub(super) fn folder(&self, entry: &Entry) -> Result<Arc<Folder>> {
        self.folders.get(self.table, entry.dir).map_err(|error| Error::io("open its directory", error))
    }

    /// Everything that needs no blob: empty files, links, special files, and what is there but needs its metadata.
    pub(super) fn write_other(&self, position: u32) {
        let Some(entry) = self.table.entries.get(at(position)).filter(|_| self.is_open(position)) else { return };
        match entry.action {
            Action::Create | Action::Replace | Action::CreateBeside => {
                let needs_blobs = entry.what == What::File && entry.pieces > 0;
                if needs_blobs || entry.what == What::HardLink {
                    return;
                }
                match self.make_other(entry) {
                    Ok(()) => self.made(),
                    Err(error) => self.give_up(position, error),
                }
            }
            Action::Renew => {
                let metadata = self.table.entry_metadata(entry);
                let name = self.table.entry_name(entry);
                let set = self.folder(entry).and_then(|folder| folder.set_metadata(name, entry.what.kind(), &metadata));
                if let Err(error) = set {
                    self.report(entry, error);
                }
            }
            Action::Conflict => {
                let sentence = "a directory is in the way, which no conflict rule removes";
                self.report(entry, Error::new(ErrorKind::Conflict, sentence));
            }
            Action::Merge | Action::Unchanged | Action::Skip => {}
        }
    }

    fn make_other(&self, entry: &Entry) -> Result<()> {
        let folder = self.folder(entry)?;
        let temporary = self.temporary.of(self.table.entry_name(entry));
        let kind = entry.what.kind();
        match entry.what {
            What::File => {
                let file = self.create(&folder, &temporary, entry)?;
                return self.complete(&folder, &file, &temporary, entry);
            }
            What::Symlink => {
                let target = self.table.link_target(entry);
                fresh(&folder, &temporary, |name| folder.make_symlink(name, target))
                    .map_err(|error| Error::io("make the symbolic link", error))?;
            }
            What::BlockDevice | What::CharDevice | What::Fifo | What::Socket => {
                let device = match entry.what {
                    What::BlockDevice | What::CharDevice => self.table.device(entry),
                    What::File | What::HardLink | What::Symlink | What::Fifo | What::Socket => 0,
                };
                fresh(&folder, &temporary, |name| folder.make_special(name, kind, device))
                    .map_err(|error| Error::io(special_failed(kind), error))?;
            }
            What::HardLink => return Ok(()),
        }
        if let Err(error) = folder.set_metadata(temporary.as_bytes(), kind, &self.table.entry_metadata(entry)) {
            self.report(entry, error);
        }
        self.publish(&folder, &temporary, entry)
    }

    /// Another name of a file that is there by now; a copy where the target knows no such thing.
    pub(super) fn write_hard_link(&self, position: u32, entry: &Entry) {
        let Some(first) = self.table.entries.get(at(entry.detail)) else { return };
        if !self.is_open(entry.detail) {
            let sentence = "the file that it is another name of could not be restored";
            self.fail(position, Error::new(ErrorKind::Io, sentence));
            return;
        }
        match self.link(first, entry) {
            Ok(()) => self.made(),
            Err(error) => self.give_up(position, error),
        }
    }

    fn link(&self, first: &Entry, entry: &Entry) -> Result<()> {
        let (folder, first_folder) = (self.folder(entry)?, self.folder(first)?);
        let first_name = self.table.entry_name(first);
        let temporary = self.temporary.of(self.table.entry_name(entry));
        let linked = fresh(&folder, &temporary, |name| folder.make_hard_link(name, &first_folder, first_name));
        match linked {
            Ok(()) => self.publish(&folder, &temporary, entry),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::StorageFull) => {
                Err(Error::io("make the hard link", error))
            }
            Err(_) => {
                let copied = |error| Error::io("copy the file that it is another name of", error);
                let mut from = first_folder.read_file(first_name).map_err(copied)?;
                let mut file = self.create(&folder, &temporary, entry)?;
                io::copy(&mut from, &mut file).map_err(copied)?;
                self.complete(&folder, &file, &temporary, entry)
            }
        }
    }

    fn write_at(&self, file: &File, offset: u64, bytes: &[u8]) -> Result<()> {
        let written = if self.options.sparse {
            data_runs(offset, bytes).try_for_each(|(start, data)| write_all_at(file, data, offset + start as u64))
        } else {
            write_all_at(file, bytes, offset)
        };
        written.map_err(|error| Error::io("write to it", error))
    }
}

/// Makes something under a temporary name; what a killed restore left there goes first.
fn fresh<T>(folder: &Folder, temporary: &str, make: impl Fn(&[u8]) -> io::Result<T>) -> io::Result<T> {
    match make(temporary.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            folder.remove(temporary.as_bytes())?;
            make(temporary.as_bytes())
        }
        made => made,
    }
}

fn special_failed(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::BlockDevice => "make the block device",
        NodeKind::CharDevice => "make the character device",
        NodeKind::Fifo => "make the named pipe",
        NodeKind::Socket => "make the socket",
        NodeKind::File | NodeKind::Dir | NodeKind::Symlink | NodeKind::Unknown => "make the file",
    }
}

/// The parts of `bytes` that are not blocks of zeros, with where each begins. Blocks are those of a file in which
/// `bytes` begin at `offset`.
fn data_runs(offset: u64, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lead = offset.next_multiple_of(HOLE_BYTES as u64) - offset;
    let lead = usize::try_from(lead).unwrap_or(0).min(bytes.len());
    let (head, body) = bytes.split_at(lead);
    let is_zero = |block: &[u8]| block.iter().all(|byte| *byte == 0);
    let blocks = std::iter::once(head).filter(|head| !head.is_empty()).chain(body.chunks(HOLE_BYTES));
    let mut start = 0;
    let mut blocks = blocks.map(move |block| {
        start += block.len();
        (start - block.len(), start, is_zero(block))
    });
    let mut pending = None;
    std::iter::from_fn(move || {
        loop {
            match (blocks.next(), pending) {
                (Some((start, end, false)), None) => pending = Some((start, end)),
                (Some((_, end, false)), Some((start, _))) => pending = Some((start, end)),
                (Some((_, _, true)), None) => {}
                (None, None) => return None,
                (Some((_, _, true)) | None, Some((start, end))) => {
                    pending = None;
                    return bytes.get(start..end).map(|run| (start, run));
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offset: u64, pattern: &[(u8, usize)], expected: &[(usize, usize)]) {
        let bytes: Vec<u8> = pattern.iter().flat_map(|(byte, count)| std::iter::repeat_n(*byte, *count)).collect();
        let runs: Vec<(usize, usize)> = data_runs(offset, &bytes).map(|(start, run)| (start, run.len())).collect();
        assert_eq!(runs, expected);
    }

    #[test]
    fn blocks_of_zeros_are_left_out() {
        check(0, &[(1, 4096), (0, 8192), (1, 10)], &[(0, 4096), (12288, 10)]);
        check(0, &[(0, 10_000)], &[]);
        check(0, &[], &[]);
        check(0, &[(1, 1), (0, 5000), (1, 1)], &[(0, 5002)]);
        check(0, &[(1, 8192)], &[(0, 8192)]);
    }

    #[test]
    fn blocks_are_those_of_the_file() {
        check(4000, &[(0, 96), (1, 1), (0, 4095), (0, 4096)], &[(96, 4096)]);
        check(1, &[(1, 10)], &[(0, 10)]);
        check(4000, &[(1, 96), (0, 4096), (1, 3)], &[(0, 96), (4192, 3)]);
    }
}
