//! A file on its way into storage that comes piece by piece: hashed as it comes, seen by nobody before it is whole and its
//! hash is its name, and never in memory as a whole.
//!
//! Folders of this machine take the pieces under another name. Everywhere else they are gathered in a temporary file, which
//! is then mapped and sent: what lies there is encrypted already, as everything in a repository is.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use bygone_common::Id;
use bygone_common::plan::StorageClass;
use bytes::Bytes;
use memmap2::Mmap;
use sha2::{Digest as _, Sha256};

use super::{Content, FileId, FileKind, SharedStorage};
use crate::error::{Error, ErrorKind, Result};

/// Where pieces go that storage keeps out of sight until the last one is there. Dropped, nothing was written.
pub trait Receive: Send {
    /// Takes the next piece.
    ///
    /// # Errors
    /// As [`Storage::write`](super::Storage::write).
    fn write(&mut self, piece: &[u8]) -> Result<()>;

    /// Makes the file be there, whole and for good.
    ///
    /// # Errors
    /// As [`Storage::write`](super::Storage::write). After an error the file may be there, whole.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A file that comes piece by piece. Dropped, it never was.
pub struct Incoming {
    file: FileId,
    hash: Sha256,
    len: u64,
    class: StorageClass,
    to: To,
}

enum To {
    Storage(Box<dyn Receive>),
    Spool { spool: File, storage: SharedStorage },
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("file", &self.file).field("len", &self.len).finish_non_exhaustive()
    }
}

impl Incoming {
    /// Begins a file. What cannot go to the storage piece by piece is gathered in the folder `spool`.
    ///
    /// # Errors
    /// As [`Storage::write`](super::Storage::write); `NoSpace` and the like of the spool.
    pub fn begin(storage: &SharedStorage, file: FileId, spool: &Path) -> Result<Self> {
        let to = match storage.receive(file)? {
            Some(receive) => To::Storage(receive),
            None => {
                // It has no name, so that nothing is left of it when the process ends.
                let spool = tempfile::tempfile_in(spool).map_err(|error| spooling(file, error))?;
                To::Spool { spool, storage: storage.clone() }
            }
        };
        Ok(Self { file, hash: Sha256::new(), len: 0, class: StorageClass::default(), to })
    }

    /// The same, to be kept in a class of storage or in a colder one.
    #[must_use]
    pub fn in_class(self, class: StorageClass) -> Self {
        Self { class, ..self }
    }

    /// Bytes that came so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether none came.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// As for [`begin`](Self::begin).
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.hash.update(piece);
        self.len = self.len.saturating_add(piece.len() as u64);
        match &mut self.to {
            To::Storage(receive) => receive.write(piece),
            To::Spool { spool, storage: _ } => spool.write_all(piece).map_err(|error| spooling(self.file, error)),
        }
    }

    /// Makes the file be there, if its name is the hash of what came. The config is named by nothing.
    ///
    /// # Errors
    /// `InvalidInput` when the name is another; what the storage answers.
    pub fn finish(self) -> Result<()> {
        let hash = Id::new(self.hash.finalize().into());
        if self.file.kind != FileKind::Config && hash != self.file.id {
            let sentence = format!("what was sent as {} has another hash, {hash}", self.file);
            return Err(Error::new(ErrorKind::InvalidInput, sentence));
        }
        match self.to {
            To::Storage(receive) => receive.finish(),
            To::Spool { spool, storage } => {
                let content = match self.len {
                    0 => Content::default(),
                    _ => Content::from(mapped(&spool).map_err(|error| spooling(self.file, error))?),
                };
                storage.write(self.file, &content.in_class(self.class))
            }
        }
    }
}

fn mapped(spool: &File) -> std::io::Result<Bytes> {
    // SAFETY: the file has no name and no other handle, so that nobody shortens or changes it while it is mapped.
    let map = unsafe { Mmap::map(spool) }?;
    Ok(Bytes::from_owner(map))
}

fn spooling(file: FileId, error: std::io::Error) -> Error {
    Error::io(format!("gather {file}"), error)
}
