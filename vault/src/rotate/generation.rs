//! One of the two generations of a repository, as if the other were not there.

use std::collections::HashMap;

use bygone_common::Id;
use parking_lot::Mutex;

use crate::backend::{Backend, FileId, FileKind, Listed, SharedBackend};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;

/// Files that are looked into at once.
const READERS: usize = 8;

/// Hides snapshots and index files that are under another key. Packs need no hiding: no index file of the one generation
/// names packs of the other.
#[derive(Debug)]
pub(crate) struct OneGeneration {
    inner: SharedBackend,
    other: MasterKey,
    /// Files that were looked into, and whether they are of the other generation. A file never changes.
    foreign: Mutex<HashMap<FileId, bool>>,
}

impl OneGeneration {
    /// What is not under the key `other`.
    pub(crate) fn new(inner: SharedBackend, other: MasterKey) -> Self {
        Self { inner, other, foreign: Mutex::default() }
    }

    fn is_foreign(&self, file: FileId) -> Result<bool> {
        if let Some(known) = self.foreign.lock().get(&file) {
            return Ok(*known);
        }
        let foreign = match self.inner.read(file) {
            Ok(sealed) => self.other.is_of(&sealed),
            // Gone since it was listed: whoever reads it will see.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        self.foreign.lock().insert(file, foreign);
        Ok(foreign)
    }
}

impl Backend for OneGeneration {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn is_remote(&self) -> bool {
        self.inner.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        let mut listed = self.inner.list(kind)?;
        if !is_of_a_generation(kind) {
            return Ok(listed);
        }
        let ids: Vec<Id> = listed.iter().map(|file| file.id).collect();
        for_each(READERS, &ids, |id| self.is_foreign(FileId::new(kind, *id)).map(drop))?;
        let foreign = self.foreign.lock();
        listed.retain(|file| !foreign.get(&FileId::new(kind, file.id)).copied().unwrap_or(false));
        Ok(listed)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let sealed = self.inner.read(file)?;
        if is_of_a_generation(file.kind) && self.other.is_of(&sealed) {
            return Err(Error::new(ErrorKind::NotFound, format!("{file} is under another master key")));
        }
        Ok(sealed)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.inner.read_at(file, offset, buffer)
    }
}

/// Whether files of a kind show which generation they are of.
pub(super) fn is_of_a_generation(kind: FileKind) -> bool {
    match kind {
        FileKind::Snapshot | FileKind::Index => true,
        FileKind::Config | FileKind::Key | FileKind::Lock | FileKind::Pack => false,
    }
}
