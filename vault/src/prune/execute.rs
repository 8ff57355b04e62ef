//! The order in which a prune writes, removes and deletes. It may end after any step.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use bygone_common::{IndexId, PackId};
use jiff::Timestamp;

use super::decide::Fate;
use super::survey::Named;
use super::{PrunePlan, repack};
use crate::backend::{CancelToken, FileId, FileKind, SharedStorage};
use crate::error::Result;
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::index::{IndexPack, index_file};
use crate::write::reindex::IndexRewriter;
use crate::write::{WriteOptions, Writer};

/// Files that are removed at once.
const REMOVALS: usize = 8;

/// What a prune did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Packs written.
    pub packs_written: u64,
    /// Index files written.
    pub index_files_written: u64,
    /// Index files removed.
    pub index_files_removed: u64,
    /// Packs deleted.
    pub packs_deleted: u64,
    /// Their bytes.
    pub bytes_deleted: u64,
}

pub(super) fn execute(
    plan: PrunePlan,
    repository: &Repository,
    storage: &SharedStorage,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Pruned> {
    let options = WriteOptions { pack_bytes: plan.options.pack_bytes, ..WriteOptions::default() };
    let writer = Writer::rewriting(repository, storage.clone(), &options)?;
    repack::repack(&plan, repository, &writer, token, progress)?;
    let changes = Changes::of(&plan);
    let removed = rewrite_index(&plan, &changes, repository, &writer, token, progress)?;
    let removed: Vec<FileId> = removed.into_iter().map(|id| FileId::new(FileKind::Index, id)).collect();
    progress.stage("remove old index files", removed.len() as u64, Unit::Items);
    for_each(REMOVALS, &removed, |file| {
        storage.remove(*file)?;
        progress.advance(1);
        Ok(())
    })?;
    progress.stage("delete packs", changes.delete.len() as u64, Unit::Items);
    let bytes_deleted = AtomicU64::new(0);
    for_each(REMOVALS, &changes.delete, |(pack, bytes)| {
        token.check(|| "delete packs".to_owned())?;
        storage.remove(FileId::pack(*pack))?;
        bytes_deleted.fetch_add(*bytes, Ordering::Relaxed);
        progress.advance(1);
        Ok(())
    })?;
    repository.refresh()?;
    let written = writer.written();
    Ok(Pruned {
        packs_written: written.packs,
        index_files_written: written.index_files,
        index_files_removed: removed.len() as u64,
        packs_deleted: changes.delete.len() as u64,
        bytes_deleted: bytes_deleted.into_inner(),
    })
}

/// How a pack is named from now on.
#[derive(Debug, Clone, Copy)]
enum NewName {
    /// By no index file.
    None,
    /// As one in use.
    Used,
    /// As one that is marked since then.
    Marked(Timestamp),
}

/// What changes in the index, and what is deleted at the end.
struct Changes {
    names: HashMap<PackId, NewName>,
    /// Packs that index files do not name and that are marked now, with their bytes.
    marked_unindexed: Vec<(PackId, u64)>,
    delete: Vec<(PackId, u64)>,
}

impl Changes {
    fn of(plan: &PrunePlan) -> Self {
        let mut changes = Self { names: HashMap::new(), marked_unindexed: Vec::new(), delete: Vec::new() };
        let at_once = plan.options.deletes_at_once();
        for (pack, fate) in plan.survey.packs.iter().zip(&plan.decisions.fates) {
            let bytes = pack.stored_bytes.unwrap_or(0);
            match (fate, pack.named) {
                (Fate::Keep | Fate::Wait, _) => {}
                (Fate::Repack | Fate::Retire, Named::Nowhere) if !at_once => {
                    changes.marked_unindexed.push((pack.id, bytes));
                }
                (Fate::Repack | Fate::Retire, _) if !at_once => {
                    changes.names.insert(pack.id, NewName::Marked(plan.options.now));
                }
                (Fate::Mark, Named::Nowhere) => changes.marked_unindexed.push((pack.id, bytes)),
                (Fate::Mark, _) => {
                    changes.names.insert(pack.id, NewName::Marked(plan.options.now));
                }
                (Fate::Recover, _) => {
                    changes.names.insert(pack.id, NewName::Used);
                }
                (Fate::Drop, _) => {
                    changes.names.insert(pack.id, NewName::None);
                }
                (Fate::Delete | Fate::Repack | Fate::Retire, _) => {
                    changes.names.insert(pack.id, NewName::None);
                    changes.delete.push((pack.id, bytes));
                }
            }
        }
        changes
    }
}

/// Writes the index anew as far as it changes; answers the index files that are replaced.
fn rewrite_index(
    plan: &PrunePlan,
    changes: &Changes,
    repository: &Repository,
    writer: &Writer,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<IndexId>> {
    let is_changed =
        |number: &u32| plan.survey.packs.get(*number as usize).is_some_and(|pack| changes.names.contains_key(&pack.id));
    let replaced: Vec<IndexId> =
        plan.survey.index_files.iter().filter(|(_, packs)| packs.iter().any(is_changed)).map(|(id, _)| *id).collect();
    progress.stage("rewrite the index", replaced.len() as u64, Unit::Items);
    let mut new = IndexRewriter::new(writer);
    for (pack, bytes) in &changes.marked_unindexed {
        let size = u32::try_from(*bytes).ok();
        new.push(IndexPack { id: *pack, blobs: Vec::new(), time: Some(plan.options.now), size })?;
    }
    for id in &replaced {
        token.check(|| "rewrite the index".to_owned())?;
        let old = index_file(repository, *id)?;
        for mut pack in old.packs.into_iter().chain(old.packs_to_delete) {
            match changes.names.get(&pack.id) {
                None => {}
                Some(NewName::None) => continue,
                Some(NewName::Used) => (pack.time, pack.size) = (None, None),
                Some(NewName::Marked(time)) => {
                    let number = plan.survey.number(pack.id);
                    let stored = number.and_then(|number| plan.survey.packs.get(number as usize)?.stored_bytes);
                    pack.time = Some(*time);
                    pack.size = stored.and_then(|bytes| u32::try_from(bytes).ok());
                }
            }
            new.push(pack)?;
        }
        progress.advance(1);
    }
    new.finish()?;
    Ok(replaced)
}
