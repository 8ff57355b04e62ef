//! The phases of a restore: directories, contents, hard links, reading back, and the directories' metadata last, as
//! everything before changes it or may need more rights than it leaves.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use bygone_common::BlobId;
use parking_lot::Mutex;

use super::aside::Aside;
use super::blobs::Fetching;
use super::folders::Folders;
use super::names::Temporary;
use super::plan::{Action, Plan};
use super::report::{Errors, Progress, Report};
use super::table::{Dir, Entry, Table, What, at};
use super::target::Folder;
use super::write::OpenFiles;
use super::{Options, contents, verify};
use crate::error::{Error, ErrorKind, Result};

/// Paths named by the error that refuses a restore.
const CONFLICTS_NAMED_MAX: usize = 5;

/// A restore while it runs. Shared by its threads.
pub(super) struct Run<'a> {
    pub(super) table: &'a Table,
    pub(super) blobs: &'a [BlobId],
    pub(super) options: &'a Options,
    pub(super) folders: Folders,
    /// Where what is replaced goes, if it is to be kept.
    pub(super) aside: Option<Aside>,
    pub(super) temporary: Temporary,
    /// For each entry, how far it is.
    pub(super) states: Vec<State>,
    pub(super) open_files: OpenFiles,
    /// The engine checks ids before it hands blobs out, so that it need not be done again.
    pub(super) ids_are_checked: bool,
    pub(super) progress: &'a dyn Progress,
    pub(super) files: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) errors: Errors,
    cancel: &'a AtomicBool,
    stopped: AtomicBool,
    reason: Mutex<Option<Error>>,
}

/// How far an entry is: how many of its pieces are missing, and whether its temporary file exists and it failed.
#[derive(Debug, Default)]
pub(super) struct State(AtomicU32);

impl State {
    const FAILED: u32 = 1 << 31;
    const CREATED: u32 = 1 << 30;
    const MISSING: u32 = Self::CREATED - 1;

    fn new(pieces: u32) -> Self {
        Self(AtomicU32::new(pieces & Self::MISSING))
    }

    pub(super) fn has_failed(&self) -> bool {
        self.0.load(Ordering::Acquire) & Self::FAILED != 0
    }

    /// Marks it as failed; answers whether it was not before.
    fn fail(&self) -> bool {
        self.0.fetch_or(Self::FAILED, Ordering::AcqRel) & Self::FAILED == 0
    }

    /// Marks its temporary file as made; answers whether it was before.
    pub(super) fn created(&self) -> bool {
        self.0.fetch_or(Self::CREATED, Ordering::AcqRel) & Self::CREATED != 0
    }

    /// Whether its temporary file was made, but is neither complete nor given up.
    pub(super) fn is_unfinished(&self) -> bool {
        let state = self.0.load(Ordering::Acquire);
        state & Self::CREATED != 0 && state & Self::FAILED == 0 && state & Self::MISSING != 0
    }

    /// Counts a piece as written; answers whether it was the last one.
    pub(super) fn piece_written(&self) -> bool {
        self.0.fetch_sub(1, Ordering::AcqRel) & Self::MISSING == 1
    }
}

/// Pieces that one file may have: a thousand million blobs.
pub(super) const PIECES_MAX: usize = State::MISSING as usize;

pub(super) fn execute(plan: Plan, progress: &dyn Progress, cancel: &AtomicBool) -> Result<Report> {
    if plan.is_refused() {
        return Err(conflict(&plan));
    }
    let Plan { repository, options, table, blobs, summary, errors, odd_names } = plan;
    let target = options.target.display();
    if !cancel.load(Ordering::Relaxed) {
        Folder::make_root(&options.target, options.links)
            .map_err(|error| Error::io(format!("make the target {target}"), error))?;
    }
    let opened = Folder::open_root(&options.target, options.links)
        .map_err(|error| Error::io(format!("open the target {target}"), error))?;
    let root = match opened {
        Some(root) => root,
        None if cancel.load(Ordering::Relaxed) => return Err(cancelled()),
        None => return Err(Error::new(ErrorKind::NotFound, format!("the target {target} is gone"))),
    };
    let locked = root.lock().map_err(|error| Error::io(format!("lock the target {target}"), error))?;
    let Some(_lock) = locked else {
        return Err(Error::new(ErrorKind::Denied, format!("another restore is writing into {target}")));
    };
    let folders = Folders::new(Some(root));
    let aside = folders.root().filter(|_| options.sets_aside()).map(|root| Aside::new(root, &options.label()));
    progress.planned(summary.files_new + summary.files_replaced + summary.files_beside, summary.bytes);
    let run = Run {
        states: table.entries.iter().map(|entry| State::new(entry.pieces)).collect(),
        table: &table,
        blobs: &blobs,
        options: &options,
        folders,
        aside,
        temporary: if odd_names { Temporary::salted() } else { Temporary::plain() },
        open_files: OpenFiles::default(),
        ids_are_checked: repository.engine().0.strict_ids,
        progress,
        files: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        errors,
        cancel,
        stopped: AtomicBool::new(false),
        reason: Mutex::new(None),
    };
    let present = run.make_folders();
    let fetching = Fetching::of(&table, |entry, position| entry.action.makes() && run.is_open(position));
    contents::write_all(&run, &repository, &fetching);
    drop(fetching);
    run.make_hard_links();
    let verified = if options.verify && !run.is_stopped() { Some(verify::read_back(&run)) } else { None };
    run.finish_folders(&present);
    let stopped = if run.is_stopped() { run.reason.lock().take().or_else(|| Some(cancelled())) } else { None };
    Ok(Report {
        files: run.files.into_inner(),
        directories: present.iter().zip(&table.dirs).filter(|(present, dir)| **present && dir.needed).count() as u64,
        bytes: run.bytes.into_inner(),
        unchanged: summary.files_unchanged,
        skipped: summary.files_skipped,
        set_aside: run.aside.as_ref().and_then(Aside::used).map(str::to_owned),
        verified,
        error_count: run.errors.count(),
        errors: run.errors.into_kept(),
        stopped,
    })
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the restore was cancelled: run it again to go on")
}

fn target_full() -> Error {
    Error::new(ErrorKind::NoSpace, "the target is full: make room and run the restore again")
}

fn conflict(plan: &Plan) -> Error {
    let named: Vec<String> = plan
        .conflicts()
        .take(CONFLICTS_NAMED_MAX)
        .map(|planned| String::from_utf8_lossy(&planned.path).into_owned())
        .collect();
    let more = if plan.summary.conflicts > named.len() as u64 { ", …" } else { "" };
    let sentence = format!(
        "nothing was restored: {} of the files are in {} already and differ ({}{more}); choose a conflict rule",
        plan.summary.conflicts,
        plan.options.target.display(),
        named.join(", "),
    );
    Error::new(ErrorKind::Conflict, sentence)
}

impl Run<'_> {
    /// Whether nothing more is to be begun.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.cancel.load(Ordering::Relaxed)
    }

    /// Ends the restore early. The first reason counts.
    pub(super) fn stop(&self, error: Error) {
        self.reason.lock().get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether an entry did not fail.
    pub(super) fn is_open(&self, position: u32) -> bool {
        self.states.get(at(position)).is_some_and(|state| !state.has_failed())
    }

    /// Gives an entry up. Only the first error of a file is reported. A full disk ends the whole restore.
    pub(super) fn fail(&self, position: u32, error: Error) {
        let (Some(state), Some(entry)) = (self.states.get(at(position)), self.table.entries.get(at(position))) else {
            return;
        };
        if !state.fail() {
            return;
        }
        if error.kind() == ErrorKind::NoSpace {
            self.stop(target_full());
        }
        self.report(entry, error);
        self.progress.file_done();
    }

    /// Reports what went wrong with an entry that goes on nevertheless.
    pub(super) fn report(&self, entry: &Entry, error: Error) {
        self.errors.add(|| self.table.entry_path(entry), error);
    }

    /// Counts an entry as made.
    pub(super) fn made(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.progress.file_done();
    }

    /// Makes the directories; answers which of them are there.
    fn make_folders(&self) -> Vec<bool> {
        let mut present = vec![false; self.table.dirs.len()];
        for (dir, position) in self.table.dirs.iter().zip(0_u32..) {
            let parent = position == 0 || present.get(at(dir.parent)).is_some_and(|present| *present);
            if self.is_stopped() {
                break;
            }
            if dir.action == Action::Conflict {
                let sentence = "something is in the way, and there is no name left beside it";
                self.errors.add(|| self.table.dir_path(position), Error::new(ErrorKind::Conflict, sentence));
            }
            let there = parent && dir.needed && position != 0 && self.make_folder(position);
            if let Some(slot) = present.get_mut(at(position)) {
                *slot = there || position == 0;
            }
        }
        for (entry, position) in self.table.entries.iter().zip(0..) {
            if !self.is_stopped() && entry.action.makes() && !present.get(at(entry.dir)).is_some_and(|present| *present)
            {
                self.fail(position, Error::new(ErrorKind::Io, "its directory could not be made"));
            }
        }
        present
    }

    fn make_folder(&self, position: u32) -> bool {
        let Some(dir) = self.table.dirs.get(at(position)) else { return false };
        let name = self.table.dir_name(dir);
        let made = match dir.action {
            Action::Create | Action::CreateBeside => {
                self.folders.get(self.table, dir.parent).and_then(|parent| parent.make_folder(name))
            }
            Action::Replace => self.folders.get(self.table, dir.parent).and_then(|parent| {
                match &self.aside {
                    Some(aside) => aside.keep(self.table, dir.parent, &parent, name)?,
                    None => parent.remove(name)?,
                }
                parent.make_folder(name)
            }),
            // Opening it proves that it is a directory, and no link to one, even now.
            Action::Merge => self.folders.get(self.table, position).map(drop),
            Action::Renew | Action::Unchanged | Action::Skip | Action::Conflict => return false,
        };
        match made {
            Ok(()) => true,
            Err(error) => {
                let error = Error::io("make the directory", error);
                if error.kind() == ErrorKind::NoSpace {
                    self.stop(target_full());
                }
                self.errors.add(|| self.table.dir_path(position), error);
                false
            }
        }
    }

    fn make_hard_links(&self) {
        for (entry, position) in self.table.entries.iter().zip(0..) {
            if self.is_stopped() {
                return;
            }
            if entry.what == What::HardLink && entry.action.makes() && self.is_open(position) {
                self.write_hard_link(position, entry);
            }
        }
    }

    /// Sets the directories' metadata, children before their parents, even when the restore stopped: what is there
    /// should not stay private.
    fn finish_folders(&self, present: &[bool]) {
        let meant = |position: u32| -> Option<&Dir> {
            let dir = self.table.dirs.get(at(position)).filter(|dir| dir.needed && dir.has_metadata);
            dir.filter(|_| present.get(at(position)).is_some_and(|present| *present))
        };
        // Positions of directories fit: the table refuses more.
        for position in (0..u32::try_from(present.len()).unwrap_or(u32::MAX)).rev() {
            let Some(dir) = meant(position) else { continue };
            let set = match self.folders.get(self.table, position) {
                Ok(folder) => folder.set_own_metadata(&self.table.dir_metadata(dir)),
                Err(error) => Err(Error::io("open the directory again", error)),
            };
            if let Err(error) = set {
                self.errors.add(|| self.table.dir_path(position), error);
            }
        }
    }
}
