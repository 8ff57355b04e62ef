//! Storage that takes everything and keeps nothing: for dry runs.

use std::sync::Arc;

use super::{Backend, Content, FileId, FileKind, Listed, SharedBackend, SharedStorage, Storage};
use crate::error::Result;

/// Reads come from `backend`; what is written or removed changes nothing.
pub fn discard(backend: SharedBackend) -> SharedStorage {
    Arc::new(Discard(backend))
}

#[derive(Debug)]
struct Discard(SharedBackend);

impl Backend for Discard {
    fn location(&self) -> String {
        self.0.location()
    }

    fn is_remote(&self) -> bool {
        self.0.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.0.list(kind)
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.0.read(file)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.0.read_at(file, offset, buffer)
    }
}

impl Storage for Discard {
    fn create(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, _: FileId, _: &Content) -> Result<()> {
        Ok(())
    }

    fn remove(&self, _: FileId) -> Result<()> {
        Ok(())
    }
}
