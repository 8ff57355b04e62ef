//! Our storage as rustic_core sees it.

use std::sync::Arc;

use bygone_common::Id;
use bytes::Bytes;
use rustic_core::{BytesList, FileType, ReadBackend, RepositoryBackends, RusticResult, WriteBackend};

use super::failure::raise;
use crate::backend::{Content, FileId, FileKind, SharedStorage};
use crate::error::{Error, ErrorKind, Result};

/// The backends of a rustic_core repository over `storage`.
pub fn backends(storage: SharedStorage) -> RepositoryBackends {
    RepositoryBackends::new(Arc::new(Adapter { storage }), None)
}

/// Passes calls on. Invariant: a listing that is not complete is an error here too, or rustic_core's prune would plan to
/// remove what it did not see.
#[derive(Debug)]
struct Adapter {
    storage: SharedStorage,
}

impl ReadBackend for Adapter {
    fn location(&self) -> String {
        self.storage.location()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(rustic_core::Id, u32)>> {
        let line = |line: crate::backend::Listed| {
            let size = u32::try_from(line.size).map_err(|_| {
                let context = format!("list {kind}: {} has {} bytes, more than the format allows", line.id, line.size);
                Error::new(ErrorKind::Damaged, context)
            })?;
            Ok((rustic_core::Id::new(*line.id.as_bytes()), size))
        };
        let lines = self.storage.list(kind_of(kind)).and_then(|lines| lines.into_iter().map(line).collect());
        lines.map_err(raise)
    }

    fn read_full(&self, kind: FileType, id: &rustic_core::Id) -> RusticResult<Bytes> {
        file_of(kind, id).and_then(|file| self.storage.read(file)).map(Bytes::from).map_err(raise)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &rustic_core::Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        let read = |file| {
            let mut buffer = vec![0; length as usize];
            self.storage.read_at(file, u64::from(offset), &mut buffer)?;
            Ok(Bytes::from(buffer))
        };
        file_of(kind, id).and_then(read).map_err(raise)
    }

    fn warmup_path(&self, kind: FileType, id: &rustic_core::Id) -> String {
        format!("{}/{}", kind.dirname(), id.to_hex().as_str())
    }
}

impl WriteBackend for Adapter {
    fn create(&self) -> RusticResult<()> {
        self.storage.create().map_err(raise)
    }

    fn write_bytes(
        &self,
        kind: FileType,
        id: &rustic_core::Id,
        _cacheable: bool,
        content: BytesList,
    ) -> RusticResult<()> {
        let content: Content = content.into_vec().into_iter().collect();
        file_of(kind, id).and_then(|file| self.storage.write(file, &content)).map_err(raise)
    }

    fn remove(&self, kind: FileType, id: &rustic_core::Id, _cacheable: bool) -> RusticResult<()> {
        file_of(kind, id).and_then(|file| self.storage.remove(file)).map_err(raise)
    }
}

fn kind_of(kind: FileType) -> FileKind {
    match kind {
        FileType::Config => FileKind::Config,
        FileType::Index => FileKind::Index,
        FileType::Key => FileKind::Key,
        FileType::Snapshot => FileKind::Snapshot,
        FileType::Pack => FileKind::Pack,
    }
}

fn file_of(kind: FileType, id: &rustic_core::Id) -> Result<FileId> {
    match kind_of(kind) {
        FileKind::Config => Ok(FileId::CONFIG),
        kind => {
            // rustic_core shows an id's digits alone.
            let hex = id.to_hex();
            let id = Id::from_hex(hex.as_str().as_bytes());
            let odd = || Error::new(ErrorKind::InvalidInput, format!("{:?} is no id", hex.as_str()));
            Ok(FileId { kind, id: id.ok_or_else(odd)? })
        }
    }
}
