//! What there is: packs in storage, and what index files say of each.

use std::collections::HashMap;

use bygone_common::{IndexId, PackId};
use jiff::Timestamp;
use parking_lot::Mutex;

use crate::backend::{CancelToken, FileKind};
use crate::error::Result;
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::index::index_file;

/// Index files that are read at once.
const READERS: usize = 4;
/// The same over a network.
const REMOTE_READERS: usize = 16;

/// A pack, by all that names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pack {
    pub(super) id: PackId,
    /// Its size in storage; `None` when it is not there.
    pub(super) stored_bytes: Option<u64>,
    pub(super) named: Named,
    /// Until when the storage keeps it, as far as somebody asked.
    pub(super) locked_until: Option<Timestamp>,
}

/// What index files say of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// None names it.
    Nowhere,
    /// It is in use.
    Used,
    /// All that name it have it marked, the last of them then.
    Marked(Timestamp),
}

/// The packs of a repository, and which index files name them.
#[derive(Debug)]
pub(super) struct Survey {
    /// By id.
    pub(super) packs: Vec<Pack>,
    /// Each index file, with the numbers of the packs that it names.
    pub(super) index_files: Vec<(IndexId, Vec<u32>)>,
}

/// What one index file names: packs, and since when they are marked.
type Names = Vec<(PackId, Option<Timestamp>)>;

impl Survey {
    pub(super) fn make(repository: &Repository, token: &CancelToken, progress: &dyn Progress) -> Result<Self> {
        if let Some((_, error)) = repository.damaged_index_files().into_iter().next() {
            return Err(error.context("what lies where is not known: repair the index first"));
        }
        let backend = repository.backend();
        let index_files: Vec<IndexId> = backend.list(FileKind::Index)?.iter().map(|file| IndexId(file.id)).collect();
        let named = read_all(repository, &index_files, token, progress)?;
        // After the index files: whoever writes beside us names packs after they are there.
        let listed: HashMap<PackId, u64> =
            backend.list(FileKind::Pack)?.iter().map(|file| (PackId(file.id), file.size)).collect();
        Ok(Self::of(&listed, named))
    }

    fn of(listed: &HashMap<PackId, u64>, named: Vec<(IndexId, Names)>) -> Self {
        let mut known: HashMap<PackId, Named> = listed.keys().map(|pack| (*pack, Named::Nowhere)).collect();
        for (pack, marked) in named.iter().flat_map(|(_, names)| names) {
            let named = known.entry(*pack).or_insert(Named::Nowhere);
            *named = match (*named, marked) {
                (Named::Used, _) | (_, None) => Named::Used,
                (Named::Nowhere, Some(time)) => Named::Marked(*time),
                (Named::Marked(before), Some(time)) => Named::Marked(before.max(*time)),
            };
        }
        let mut packs: Vec<Pack> = known
            .into_iter()
            .map(|(id, named)| Pack { id, stored_bytes: listed.get(&id).copied(), named, locked_until: None })
            .collect();
        packs.sort_unstable_by_key(|pack| pack.id);
        let mut survey = Self { packs, index_files: Vec::new() };
        survey.index_files = named
            .into_iter()
            .map(|(file, names)| (file, names.iter().filter_map(|(pack, _)| survey.number(*pack)).collect()))
            .collect();
        survey
    }

    /// A pack's position.
    pub(super) fn number(&self, pack: PackId) -> Option<u32> {
        let position = self.packs.binary_search_by_key(&pack, |pack| pack.id).ok()?;
        u32::try_from(position).ok()
    }
}

fn read_all(
    repository: &Repository,
    files: &[IndexId],
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<(IndexId, Names)>> {
    progress.stage("read the index", files.len() as u64, Unit::Items);
    let readers = if repository.backend().is_remote() { REMOTE_READERS } else { READERS };
    let read = Mutex::new(Vec::with_capacity(files.len()));
    for_each(readers, files, |id| {
        token.check(|| "read the index".to_owned())?;
        let names = read_one(repository, *id)?;
        read.lock().push((*id, names));
        progress.advance(1);
        Ok(())
    })?;
    Ok(read.into_inner())
}

fn read_one(repository: &Repository, id: IndexId) -> Result<Names> {
    let file = index_file(repository, id)?;
    let used = file.packs.iter().map(|pack| (pack.id, None));
    // A mark without a time is of nobody we know: the pack counts as used, and is marked again.
    let marked = file.packs_to_delete.iter().map(|pack| (pack.id, pack.time));
    Ok(used.chain(marked).collect())
}
