//! Lock files in storage: sealed JSON, named by the SHA-256 of what is stored.

use bygone_common::Id;
use sha2::{Digest, Sha256};

use super::{LockFile, Locks, Note, in_context};
use crate::backend::{Content, FileId, FileKind};
use crate::error::Result;
use crate::sealed_file;

impl Locks {
    /// A lock file's content.
    ///
    /// # Errors
    /// `NotFound` when it is gone, `Damaged`, and what the storage answers.
    pub(super) fn read(&self, id: Id) -> Result<LockFile> {
        let sealed = self.storage.read(stored(id)).map_err(in_context("read", id))?;
        self.open_sealed(id, sealed)
    }

    /// What a lock file says whose stored form is at hand.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn open_sealed(&self, id: Id, sealed: Vec<u8>) -> Result<LockFile> {
        let key = match &self.other {
            Some(other) if other.is_of(&sealed) => other,
            Some(_) | None => &self.key,
        };
        LockFile::parse(id, &sealed_file::open(key, stored(id), sealed)?)
    }

    /// The stored form of a lock, and its name.
    pub(super) fn seal(&self, lock: &LockFile) -> Result<(Id, Vec<u8>)> {
        let sealed = sealed_file::seal(&self.key, self.version, FileKind::Lock, &lock.to_json()?)?;
        Ok((Id::new(Sha256::digest(&sealed).into()), sealed))
    }

    /// Stores a lock and answers its name. What a write that failed may have left behind is removed again.
    pub(super) fn write(&self, lock: &LockFile) -> Result<Id> {
        let (id, sealed) = self.seal(lock)?;
        self.notes.tell(Note::Writing(id));
        if let Err(error) = self.storage.write(stored(id), &Content::from(sealed)) {
            self.remove_or_log(id);
            return Err(error.context("write a lock into the repository"));
        }
        Ok(id)
    }

    /// Removes a lock. One that is gone already is as good.
    pub(super) fn remove(&self, id: Id) -> Result<()> {
        self.storage.remove(stored(id)).map_err(in_context("remove", id))?;
        self.notes.tell(Note::Removed(id));
        Ok(())
    }

    /// Removes a lock; what goes wrong is only logged. Others will take it for stale after half an hour.
    pub(super) fn remove_or_log(&self, id: Id) {
        if let Err(error) = self.remove(id) {
            tracing::warn!(error = error.chain(), "a lock stays in the repository");
        }
    }
}

fn stored(id: Id) -> FileId {
    FileId::new(FileKind::Lock, id)
}
