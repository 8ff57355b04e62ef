//! Building and merging tables: index files in, sorted tables out, in bounded memory.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use bygone_common::{BlobId, IndexId, PackId, RepositoryId};

use super::index_file::{self, Sink};
use super::record::{BlobLocation, PACKS_MAX, Record};
use super::table::{Table, TableParts, TableWriter};
use crate::backend::{FileId, FileKind, SharedBackend};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::sealed_file;

/// Records that are sorted in memory at once (48 bytes each); more become several tables, which are merged.
const RECORDS_IN_MEMORY_MAX: usize = 1 << 20;
/// Records of a table that are merged before the memory of those before them is given back: 3 MiB.
const RECORDS_BEFORE_RELEASE: usize = 1 << 16;
/// Index files that are read at once, where reading is waiting.
const REMOTE_READERS: usize = 8;
/// Parsed index files that wait to be collected.
const PARSED_WAITING_MAX: usize = 2;

/// What building needs.
pub(super) struct Builder<'a> {
    pub(super) repository: RepositoryId,
    pub(super) folder: Option<&'a Path>,
    pub(super) backend: &'a SharedBackend,
    pub(super) key: &'a MasterKey,
}

/// What came of reading index files.
pub(super) struct Built {
    pub(super) tables: Vec<Arc<Table>>,
    /// Those that could not be read.
    pub(super) damaged: Vec<(IndexId, Error)>,
}

/// The blobs of some index files, packs numbered in the order of their coming.
#[derive(Default)]
struct Collected {
    sources: Vec<IndexId>,
    packs: Vec<PackId>,
    numbers: HashMap<PackId, u32>,
    records: Vec<Record>,
}

impl Collected {
    fn number(&mut self, pack: PackId) -> u32 {
        // Blobs come pack by pack: mostly it is the one seen last.
        if self.packs.last() == Some(&pack) {
            return last_position(self.packs.len());
        }
        *self.numbers.entry(pack).or_insert_with(|| {
            self.packs.push(pack);
            last_position(self.packs.len())
        })
    }

    fn absorb(&mut self, other: Self) {
        let renumbered: Vec<u32> = other.packs.iter().map(|pack| self.number(*pack)).collect();
        self.sources.extend(other.sources);
        self.records.extend(
            other
                .records
                .into_iter()
                .filter_map(|record| Some(record.renumbered(*renumbered.get(record.pack_number() as usize)?))),
        );
    }
}

impl Sink for Collected {
    fn blob(&mut self, id: BlobId, location: BlobLocation, marked: bool) {
        let number = self.number(location.pack);
        self.records.push(Record::new(id, number, &location, marked));
    }
}

/// Packs of one table stay below 2^30: each has an entry in an index file, and those files are megabytes.
fn last_position(length: usize) -> u32 {
    u32::try_from(length - 1).unwrap_or(PACKS_MAX).min(PACKS_MAX)
}

impl Builder<'_> {
    /// Reads index files into tables. One that is damaged does not fail the others.
    ///
    /// # Errors
    /// The storage does not answer, or the disk is full.
    pub(super) fn read(&self, missing: &[IndexId]) -> Result<Built> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let readers = if self.backend.is_remote() { REMOTE_READERS } else { cores }.min(missing.len());
        let next = AtomicUsize::new(0);
        let (send, receive) = sync_channel(PARSED_WAITING_MAX);
        std::thread::scope(|scope| {
            for _ in 0..readers {
                let send = send.clone();
                let next = &next;
                scope.spawn(move || {
                    while let Some(id) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if send.send((*id, self.parse(*id))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(send);
            let mut tables = Vec::new();
            let mut damaged = Vec::new();
            let mut collected = Collected::default();
            for (id, parsed) in receive {
                match parsed {
                    Ok(parsed) => collected.absorb(parsed),
                    // Gone between listing and reading: a prune beside us has replaced it.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) if matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Unsupported) => {
                        tracing::warn!(
                            error = error.chain(),
                            "passing over an index file: files whose blobs only it knows cannot be read"
                        );
                        damaged.push((id, error));
                    }
                    Err(error) => return Err(error),
                }
                if self.folder.is_some() && collected.records.len() >= RECORDS_IN_MEMORY_MAX {
                    tables.push(self.sorted(std::mem::take(&mut collected))?);
                }
            }
            if !collected.sources.is_empty() {
                tables.push(self.sorted(collected)?);
            }
            Ok(Built { tables, damaged })
        })
    }

    fn parse(&self, id: IndexId) -> Result<Collected> {
        let file = FileId::new(FileKind::Index, id);
        let json = sealed_file::read(self.backend.as_ref(), self.key, file)?;
        let mut collected = Collected { sources: vec![id], ..Collected::default() };
        index_file::parse(&json, &mut collected)
            .map_err(|why| Error::new(ErrorKind::Damaged, format!("{file} cannot be read")).because(why))?;
        Ok(collected)
    }

    /// Sorts records in memory into a table. A cache folder that is full or read-only costs memory, not the repository.
    fn sorted(&self, mut collected: Collected) -> Result<Arc<Table>> {
        collected.records.sort_unstable();
        collected.records.dedup();
        let Collected { sources, packs, records, .. } = collected;
        let parts = TableParts { repository: self.repository, sources: &sources, packs: &packs };
        if let Some(folder) = self.folder {
            match self.write(folder, parts, records.iter().copied()) {
                Ok(table) => return Ok(table),
                Err(error) => tracing::warn!(error = error.chain(), "this part of the blob map stays in memory"),
            }
        }
        in_memory(parts, &records)
    }

    /// Merges tables of like size until their sizes grow geometrically; what was merged is returned.
    /// Tables in memory are left alone, and so are all when the disk is full.
    pub(super) fn merge(&self, tables: &mut Vec<Arc<Table>>, ratio: usize) -> Vec<Arc<Table>> {
        let Some(folder) = self.folder else { return Vec::new() };
        tables.sort_by_key(|table| table.len());
        let mut smaller_records = 0;
        let mut count = 0;
        for (position, table) in tables.iter().enumerate() {
            if table.len() <= smaller_records * ratio {
                count = position + 1;
            }
            smaller_records += table.len();
        }
        if count < 2 {
            return Vec::new();
        }
        let merged: Vec<Arc<Table>> = tables.drain(..count).collect();
        match self.merge_all(folder, &merged) {
            Ok(table) => {
                tables.push(table);
                merged
            }
            Err(error) => {
                tracing::warn!(error = error.chain(), "the tables of the blob map stay apart");
                tables.extend(merged);
                Vec::new()
            }
        }
    }

    fn merge_all(&self, folder: &Path, tables: &[Arc<Table>]) -> Result<Arc<Table>> {
        let mut all = Collected::default();
        let renumbered: Vec<Vec<u32>> =
            tables.iter().map(|table| table.packs().map(|pack| all.number(pack)).collect()).collect();
        let sources: BTreeSet<IndexId> = tables.iter().flat_map(|table| table.sources().collect::<Vec<_>>()).collect();
        let sources: Vec<IndexId> = sources.into_iter().collect();
        let parts = TableParts { repository: self.repository, sources: &sources, packs: &all.packs };
        let mut heads: Vec<(usize, Option<Record>)> = Vec::new();
        let read = |table: usize, position: usize| -> Option<Record> {
            let table_read = tables.get(table)?;
            if position.is_multiple_of(RECORDS_BEFORE_RELEASE) {
                table_read.release_pages();
            }
            let record = table_read.record(position)?;
            Some(record.renumbered(*renumbered.get(table)?.get(record.pack_number() as usize)?))
        };
        heads.extend((0..tables.len()).map(|table| (0, read(table, 0))));
        let mut last = None;
        let records = std::iter::from_fn(move || {
            loop {
                // Tables are few: looking at every head is as quick as a heap.
                let (_, table) =
                    heads.iter().enumerate().filter_map(|(table, (_, head))| Some(((*head)?, table))).min()?;
                let (position, head) = heads.get_mut(table)?;
                let record = *head;
                *position += 1;
                *head = read(table, *position);
                if record != last {
                    last = record;
                    return record;
                }
            }
        });
        self.write(folder, parts, records)
    }

    fn write(&self, folder: &Path, parts: TableParts<'_>, records: impl Iterator<Item = Record>) -> Result<Arc<Table>> {
        let failed = |error| Error::io(format!("write the blob map in {}", folder.display()), error);
        let mut writer = TableWriter::in_folder(folder, parts).map_err(failed)?;
        for record in records {
            writer.push(&record).map_err(failed)?;
        }
        let path = writer.save().map_err(failed)?;
        Table::open(&path, self.repository)
            .map(Arc::new)
            .ok_or_else(|| Error::new(ErrorKind::Io, format!("{} is not what was just written", path.display())))
    }
}

fn in_memory(parts: TableParts<'_>, records: &[Record]) -> Result<Arc<Table>> {
    let failed = |error| Error::io("write the blob map in memory", error);
    let mut writer = TableWriter::in_memory(parts, records.len()).map_err(failed)?;
    for record in records {
        writer.push(record).map_err(failed)?;
    }
    Table::from_bytes(writer.into_bytes().map_err(failed)?, parts.repository)
        .map(Arc::new)
        .ok_or_else(|| Error::new(ErrorKind::Io, "the blob map in memory is not what was just written"))
}
