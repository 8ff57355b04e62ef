//! `bygone copy`: snapshots from one repository to another.

use std::sync::Arc;

use bygone_vault::backend::SharedBackend;
use bygone_vault::copy::{self, Copied, CopyOptions, Outcome as Fate};
use bygone_vault::lock::{HeldLock, LockKind, release};
use bygone_vault::{Compression, Repository, Result, Snapshot, SnapshotSpec, WriteOptions};
use clap::Args;
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::from::FromArgs;
use crate::global::Global;
use crate::interrupt;
use crate::json::Path;
use crate::open::Opening;
use crate::output::{Output, printable};
use crate::progress::Stages;
use crate::selection::{Selection, parse_specs};
use crate::units::show_size;
use crate::writing::{LockArgs, Writing, take_lock};

/// Copy snapshots from another repository
///
/// Snapshots that are there already are passed over. A copy keeps everything a snapshot says, and remembers the snapshot it
/// was made of. Files are stored once in both repositories together only if both cut them in the same way: see
/// `bygone init --copy-chunker-params`.
#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// Only these [default: all]
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    /// Only say what would be copied
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Do not lock the repository that is copied from: it may lie where nothing can be written
    #[arg(long)]
    no_lock: bool,
    /// Compress everything anew: off, fastest, auto, better, max [default: as it is compressed already]
    #[arg(long, value_name = "HOW")]
    compression: Option<Compression>,
    /// Bytes at which a pack is full, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(4..=128))]
    pack_size: u32,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    from: FromArgs,
    #[command(flatten)]
    lock: LockArgs,
}

/// What became of a snapshot.
#[derive(Serialize)]
struct SnapshotLine<'a> {
    message_type: &'static str,
    snapshot_id: String,
    hostname: &'a str,
    time: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<UnreadableFields>,
}

#[derive(Serialize)]
struct UnreadableFields {
    #[serde(flatten)]
    path: Path,
    error: String,
}

#[derive(Serialize)]
struct Summary {
    message_type: &'static str,
    dry_run: bool,
    snapshots_copied: u64,
    snapshots_present: u64,
    snapshots_unreadable: u64,
    missing_blobs: u64,
    missing_bytes: u64,
    data_blobs: u64,
    tree_blobs: u64,
    plain_bytes: u64,
    stored_bytes: u64,
    packs: u64,
}

/// The repository that is copied from.
struct Source {
    repository: Repository,
    lock: Option<HeldLock>,
}

impl Source {
    fn open(opening: &Opening, no_lock: bool, lock: &LockArgs) -> Result<Self> {
        let storage = opening.storage()?;
        interrupt::pulls(&storage.cancel);
        let unlocked = opening.unlock(storage.storage.as_ref())?;
        let lock = match no_lock {
            true => None,
            false => Some(take_lock(opening.storage()?.storage, &unlocked, LockKind::Shared, lock, &storage.cancel)?),
        };
        let backend: SharedBackend = storage.storage;
        Ok(Self { repository: opening.open_unlocked(backend, unlocked)?, lock })
    }

    /// As [`Writing::finish`].
    fn finish<T>(self, outcome: Result<T>) -> Result<T> {
        match self.lock {
            Some(lock) => release(lock, outcome),
            None => outcome,
        }
    }
}

impl Copy {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        let to = Opening::prepare(global)?;
        let from = Opening::prepare(&self.from.global(global))?;
        let source = Source::open(&from, self.no_lock, &self.lock)?;
        let destination = match Writing::open_prepared(&to, LockKind::Shared, &self.lock) {
            Ok(destination) => destination,
            Err(error) => return source.finish(Err(error)),
        };
        let outcome = self.copy(global, &source.repository, &destination, &named);
        let outcome = destination.finish(outcome);
        source.finish(outcome)
    }

    fn copy(
        &self,
        global: &Global,
        source: &Repository,
        destination: &Writing,
        named: &[SnapshotSpec],
    ) -> Result<Outcome> {
        let mut problems = Problems::default();
        let chosen = self.selection.some(source, named, &mut problems)?;
        let written = &destination.repository;
        if !global.quiet && !copy::cuts_alike(source, written)? {
            console::problem(&format!(
                "{} cuts files otherwise than {}: what new snapshots of both have in common is stored twice",
                source.location(),
                written.location()
            ));
        }
        let write = WriteOptions {
            compression: self.compression.unwrap_or_default(),
            pack_bytes: self.pack_size << 20,
            ..WriteOptions::default()
        };
        let stages = Stages::new(global);
        let copy = copy::Copy {
            source,
            destination: written,
            storage: Arc::clone(&destination.storage),
            options: CopyOptions { write, recompress: self.compression.is_some(), dry_run: self.dry_run },
            token: &destination.token,
            progress: &stages,
        };
        let mut output = Output::new()?;
        let copied =
            copy.run(&chosen, &mut |snapshot, fate| self.tell(global, snapshot, fate, &mut output, &mut problems))?;
        drop(stages);
        if global.json {
            output.json(&Summary::new(self.dry_run, &copied))?;
        } else if !global.quiet {
            output.line(&self.summary(&copied))?;
        }
        output.finish()?;
        Ok(Outcome::after(problems.count()))
    }

    fn tell(
        &self,
        global: &Global,
        snapshot: &Snapshot,
        fate: &Fate,
        output: &mut Output,
        problems: &mut Problems,
    ) -> Result<()> {
        let name = format!("snapshot {} of {}", snapshot.id.short(), printable(&snapshot.hostname));
        if let Fate::Unreadable(unreadable) = fate {
            for lost in unreadable {
                let path = String::from_utf8_lossy(&lost.path);
                problems.tell(&format!("{} of {name}: {}", printable(&path), lost.error.chain()));
            }
            problems.tell(&format!("{name} is not copied"));
        }
        if global.json {
            return output.json(&SnapshotLine::new(snapshot, fate, self.dry_run));
        }
        match fate {
            Fate::Copied(Some(id)) if !global.quiet => output.line(&format!("{name}: copied as {}", id.short())),
            Fate::Copied(None) if !global.quiet => output.line(&format!("{name}: would be copied")),
            Fate::Present(id) if global.verbose > 0 => {
                output.line(&format!("{name}: there already, as {}", id.short()))
            }
            Fate::Copied(_) | Fate::Present(_) | Fate::Unreadable(_) => Ok(()),
        }
    }

    fn summary(&self, copied: &Copied) -> String {
        let Copied { copied: new, present, missing_blobs, missing_bytes, .. } = *copied;
        let (would, size) = match self.dry_run {
            true => (" would be", show_size(missing_bytes)),
            false => ("", show_size(copied.written.stored_bytes)),
        };
        format!("{new} snapshots{would} copied, {present} there already; {missing_blobs} new blobs of files, {size}")
    }
}

impl<'a> SnapshotLine<'a> {
    fn new(snapshot: &'a Snapshot, fate: &Fate, dry_run: bool) -> Self {
        let (state, copy_id, unreadable) = match fate {
            Fate::Copied(id) => (if dry_run { "missing" } else { "copied" }, *id, &[][..]),
            Fate::Present(id) => ("present", Some(*id), &[][..]),
            Fate::Unreadable(unreadable) => ("unreadable", None, unreadable.as_slice()),
        };
        let fields =
            |lost: &copy::Unreadable| UnreadableFields { path: Path::new(&lost.path), error: lost.error.chain() };
        Self {
            message_type: "snapshot",
            snapshot_id: snapshot.id.to_string(),
            hostname: &snapshot.hostname,
            time: snapshot.rfc3339(),
            state,
            copy_id: copy_id.map(|id| id.to_string()),
            unreadable: unreadable.iter().map(fields).collect(),
        }
    }
}

impl Summary {
    fn new(dry_run: bool, copied: &Copied) -> Self {
        let Copied { copied: new, present, unreadable, missing_blobs, missing_bytes, written } = *copied;
        Self {
            message_type: "summary",
            dry_run,
            snapshots_copied: new,
            snapshots_present: present,
            snapshots_unreadable: unreadable,
            missing_blobs,
            missing_bytes,
            data_blobs: written.data_blobs,
            tree_blobs: written.tree_blobs,
            plain_bytes: written.plain_bytes,
            stored_bytes: written.stored_bytes,
            packs: written.packs,
        }
    }
}
