//! What lies at both places, and what follows.

use std::collections::{HashMap, HashSet};

use bygone_common::{Id, SnapshotId};

use super::{Count, Delete, MirrorOptions, ORDER};
use crate::backend::{Backend, FileId, FileKind, Listed, Storage};
use crate::error::{Error, ErrorKind, Result};

/// What is going to be done.
#[derive(Debug)]
pub struct MirrorPlan {
    pub(super) config: Vec<u8>,
    /// Whether the mirror has its config.
    pub(super) has_config: bool,
    /// By kind, in [`ORDER`].
    pub(super) kinds: Vec<Files>,
    pub(super) verify: bool,
    pub(super) delete: Delete,
    /// Snapshots of the source.
    snapshots: Vec<SnapshotId>,
}

/// The files of one kind.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) kind: FileKind,
    /// Not at the mirror, or of another size there.
    pub(super) missing: Vec<Listed>,
    /// At both, of one size.
    pub(super) present: Vec<Listed>,
    /// At the mirror alone.
    pub(super) extra: Vec<Listed>,
}

/// Whether a place is a mirror of this repository already; no when nothing is there.
///
/// # Errors
/// `NotARepository` when the source is none; `Conflict` when another repository is there; what either storage answers.
pub fn is_mirror(from: &dyn Backend, to: &dyn Backend) -> Result<bool> {
    let config = from.read(FileId::CONFIG).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let sentence = format!("{} is not a repository: it has no config file", from.location());
            Error::new(ErrorKind::NotARepository, sentence)
        }
        _ => error,
    })?;
    match to.read(FileId::CONFIG) {
        Ok(there) if there == config => Ok(true),
        Ok(_) => {
            let sentence =
                format!("{} is no mirror of {}: another repository is there", to.location(), from.location());
            Err(Error::new(ErrorKind::Conflict, sentence))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotARepository) => Ok(false),
        Err(error) => Err(error),
    }
}

impl MirrorPlan {
    /// Looks at both places; makes the mirror's if it is not there yet.
    ///
    /// # Errors
    /// `NotARepository` when the source is none; `Conflict` when the mirror is of another repository, or has snapshots that
    /// the source never had, or deleting would take too much; what either storage answers.
    pub fn make(from: &dyn Backend, to: &dyn Storage, options: &MirrorOptions) -> Result<Self> {
        let has_config = is_mirror(from, to)?;
        if !has_config {
            to.create()?;
        }
        let config = from.read(FileId::CONFIG)?;
        // What names other files is listed before them: a backup that ends meanwhile is left for the next time, whole.
        let mut kinds = Vec::new();
        for kind in ORDER.into_iter().rev() {
            kinds.push(Files::look(kind, from.list(kind)?, to.list(kind)?));
        }
        kinds.reverse();
        let snapshots = from_source(&kinds, FileKind::Snapshot).map(SnapshotId).collect();
        let plan = Self { config, has_config, kinds, verify: options.verify, delete: options.delete, snapshots };
        plan.expect_no_strangers(from, to, options)?;
        plan.expect_little_to_delete(from)?;
        Ok(plan)
    }

    /// The snapshots that the source has: those that will have been seen there.
    pub fn snapshots(&self) -> &[SnapshotId] {
        &self.snapshots
    }

    /// What is to be copied.
    pub fn to_copy(&self) -> Count {
        let mut count = Count::default();
        self.kinds.iter().flat_map(|files| &files.missing).for_each(|file| count.add(file.size));
        count
    }

    /// What lies at the mirror alone.
    pub fn extra(&self) -> Count {
        let mut count = Count::default();
        self.kinds.iter().flat_map(|files| &files.extra).for_each(|file| count.add(file.size));
        count
    }

    /// Whether anything is going to be deleted.
    pub fn deletes(&self) -> bool {
        self.delete != Delete::Nothing && self.extra().files > 0
    }

    fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = &Files> {
        self.kinds.iter().filter(move |files| files.kind == kind)
    }

    /// # Errors
    /// `Conflict` when the mirror has snapshots that the source never had.
    fn expect_no_strangers(&self, from: &dyn Backend, to: &dyn Backend, options: &MirrorOptions) -> Result<()> {
        let seen: HashSet<Id> = options.seen.iter().map(|snapshot| snapshot.0).collect();
        let strangers: Vec<Id> = self
            .of_kind(FileKind::Snapshot)
            .flat_map(|files| &files.extra)
            .map(|file| file.id)
            .filter(|id| !seen.contains(id))
            .collect();
        let (Some(first), Delete::Nothing | Delete::Gone) = (strangers.first(), self.delete) else { return Ok(()) };
        let sentence = format!(
            "the mirror {} went its own way: it has {} snapshots, such as {}, that {} was never seen to have; copy them back \
             first, or delete them by --delete-any",
            to.location(),
            strangers.len(),
            first.short(),
            from.location()
        );
        Err(Error::new(ErrorKind::Conflict, sentence))
    }

    /// # Errors
    /// `Conflict` when the source lost so much that it may be what is wrong.
    fn expect_little_to_delete(&self, from: &dyn Backend) -> Result<()> {
        match self.delete {
            Delete::Nothing | Delete::Any => return Ok(()),
            Delete::Gone => {}
        }
        let refused = |what: &str| {
            let sentence =
                format!("{}: {what}; nothing is deleted at the mirror unless --delete-any says so", from.location());
            Err(Error::new(ErrorKind::Conflict, sentence))
        };
        let (mut at_source, mut at_mirror, mut gone) = (0, 0, 0);
        for files in self.of_kind(FileKind::Snapshot) {
            at_source += files.missing.len() + files.present.len();
            at_mirror += files.present.len() + files.extra.len();
            gone += files.extra.len();
        }
        let packs = from_source(&self.kinds, FileKind::Pack).count();
        if self.extra().files > 0 && (at_source == 0 || packs == 0) {
            return refused("it holds no snapshot, or no pack");
        }
        if gone * 2 > at_mirror {
            return refused(&format!("it lost {gone} of {at_mirror} snapshots since it was mirrored"));
        }
        Ok(())
    }
}

/// The ids of the source's files of a kind.
fn from_source(kinds: &[Files], kind: FileKind) -> impl Iterator<Item = Id> {
    let of_kind = kinds.iter().filter(move |files| files.kind == kind);
    of_kind.flat_map(|files| files.missing.iter().chain(&files.present)).map(|file| file.id)
}

impl Files {
    fn look(kind: FileKind, from: Vec<Listed>, to: Vec<Listed>) -> Self {
        let mut there: HashMap<Id, u64> = to.into_iter().map(|file| (file.id, file.size)).collect();
        let mut files = Self { kind, missing: Vec::new(), present: Vec::new(), extra: Vec::new() };
        for file in from {
            match there.remove(&file.id) {
                Some(size) if size == file.size => files.present.push(file),
                Some(_) | None => files.missing.push(file),
            }
        }
        files.extra = there.into_iter().map(|(id, size)| Listed { id, size }).collect();
        for list in [&mut files.missing, &mut files.present, &mut files.extra] {
            list.sort_unstable();
        }
        files
    }
}
