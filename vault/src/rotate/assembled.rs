//! The next generation as it will be, byte for byte, while the old one is the repository still: so that it can be opened and
//! checked before anything depends on it.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_common::{Id, SnapshotId};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Rotation;
use super::generation::is_of_a_generation;
use crate::backend::{Backend, Content, FileId, FileKind, Listed, SharedBackend};
use crate::check::{self, CheckOptions, Finding, ReadData};
use crate::copy::stored;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{OpenOptions, Repository, Unlocked};
use crate::write::INDEX_BLOBS_MAX;
use crate::write::index::{IndexFile, IndexPack};
use crate::{random, sealed_file};

/// The files that make the packs of the next generation a repository.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) index: Vec<(FileId, Content)>,
    pub(super) snapshots: Vec<(FileId, Content)>,
    pub(super) config: Content,
}

pub(super) fn assemble(rotation: &Rotation<'_>, packs: &[IndexPack]) -> Result<Assembled> {
    let mut assembled = Assembled::default();
    let mut file = IndexFile::default();
    let mut blobs = 0;
    for pack in packs {
        blobs += pack.blobs.len();
        file.packs.push(pack.clone());
        if blobs >= INDEX_BLOBS_MAX {
            assembled.index.push(index_file(rotation, &std::mem::take(&mut file))?);
            blobs = 0;
        }
    }
    if blobs > 0 {
        assembled.index.push(index_file(rotation, &file)?);
    }
    let mut names: HashMap<SnapshotId, Id> = HashMap::new();
    // Oldest first: a parent has its new name when its children are written.
    for snapshot in rotation.repository.snapshots().iter() {
        let mut json = stored::read(rotation.repository, snapshot.id)?;
        stored::remember_original(&mut json, snapshot.id);
        match snapshot.parent.and_then(|parent| names.get(&parent)) {
            Some(parent) => drop(json.insert("parent".to_owned(), Value::String(parent.to_string()))),
            None => drop(json.remove("parent")),
        }
        let json = serde_json::to_vec(&json).map_err(|error| written("a snapshot", error))?;
        let sealed = sealed(rotation, FileKind::Snapshot, &json)?;
        names.insert(snapshot.id, sealed.0.id);
        assembled.snapshots.push(sealed);
    }
    let config = rotation.repository.config().to_json()?;
    assembled.config = sealed(rotation, FileKind::Config, &config)?.1;
    Ok(assembled)
}

fn index_file(rotation: &Rotation<'_>, file: &IndexFile) -> Result<(FileId, Content)> {
    let json = serde_json::to_vec(file).map_err(|error| written("an index file", error))?;
    sealed(rotation, FileKind::Index, &json)
}

fn sealed(rotation: &Rotation<'_>, kind: FileKind, json: &[u8]) -> Result<(FileId, Content)> {
    let bytes = sealed_file::seal(&rotation.pending.other, rotation.repository.version(), kind, json)?;
    Ok((FileId::new(kind, Id::new(Sha256::digest(&bytes).into())), Content::from(bytes)))
}

fn written(what: &str, error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Io, format!("write {what}")).because(error)
}

impl Assembled {
    /// Opens the next generation as a repository and checks it: every tree, every blob's place, and of packs as many bytes
    /// as `read` says.
    pub(super) fn check(&self, rotation: &Rotation<'_>, read: ReadData) -> Result<()> {
        let Rotation { repository, pending, token, progress, .. } = rotation;
        let files = self.index.iter().chain(&self.snapshots).cloned().collect();
        let backend: SharedBackend = Arc::new(Overlay { files, packs: Arc::clone(repository.backend()) });
        let unlocked = Unlocked {
            key: pending.other.clone(),
            key_id: Some(pending.key_id),
            config: repository.config().clone(),
            pending: None,
        };
        let next = Repository::open_unlocked(repository.engine(), backend, unlocked, OpenOptions::default())?;
        let expected = repository.snapshots().len();
        if next.snapshots().len() != expected {
            let sentence = format!("{} of {expected} snapshots can be read under the new key", next.snapshots().len());
            return Err(Error::new(ErrorKind::Damaged, sentence));
        }
        let options = CheckOptions { read, sample_files: 0, seed: u64::from_le_bytes(random::bytes()?) };
        let report = check::check(&next, &options, token, *progress)?;
        // As they were before: names that a restore leaves out, key files of nobody.
        let wrong = report.errors().find(|finding| !matches!(finding, Finding::Name { .. } | Finding::Key { .. }));
        match wrong {
            None => Ok(()),
            Some(finding) => {
                let sentence = format!("what was written under the new key is not whole: {finding}");
                Err(Error::new(ErrorKind::Damaged, sentence))
            }
        }
    }
}

/// Snapshots and index files that lie in memory, over the packs of a repository.
#[derive(Debug)]
struct Overlay {
    files: HashMap<FileId, Content>,
    packs: SharedBackend,
}

impl Backend for Overlay {
    fn location(&self) -> String {
        self.packs.location()
    }

    fn is_remote(&self) -> bool {
        self.packs.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        if !is_of_a_generation(kind) {
            return self.packs.list(kind);
        }
        let of_kind = self.files.iter().filter(|(file, _)| file.kind == kind);
        Ok(of_kind.map(|(file, content)| Listed { id: file.id, size: content.len() }).collect())
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        if !is_of_a_generation(file.kind) {
            return self.packs.read(file);
        }
        let content = self.files.get(&file).map(Content::to_vec);
        content.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("there is no {file}")))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.packs.read_at(file, offset, buffer)
    }
}
