//! What a commit consists of besides tantivy's segments: sources, snapshots, owners, extensions, and which files count.
//!
//! The state is one JSON file, written under a new name and synced before tantivy's commit, whose payload names it. So
//! a commit is tantivy's rename of `meta.json`: whatever was written for a commit that did not happen counts for
//! nothing, and is removed at the next one.

use std::collections::HashMap;
use std::path::Path;

use bygone_common::access::OwnedBy;
use bygone_common::uid::{RepositoryUid, SourceUid};
use bygone_common::{Sid, SnapshotId, TreeId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dirs::DirsRef;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{self, FileRef, stable_hash};
use crate::limits::{EXTENSIONS_MAX, OWNERS_MAX, SOURCES_MAX};
use crate::names::ChunkRef;

/// The format of all files of the index. Another one is dropped and built anew.
pub(crate) const FORMAT: u32 = 1;
/// In a column of boundaries: there is no such boundary, the run is open.
pub(crate) const OPEN: u32 = 0;

/// A source that the index has heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    pub(crate) uid: SourceUid,
    pub(crate) name: String,
    pub(crate) host: String,
    /// The directory that is its root.
    pub(crate) root: u32,
    /// The trees of its newest snapshot, by directory.
    pub(crate) marks: Option<FileRef>,
}

/// One copy of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotCopy {
    /// The repository it lies in.
    pub repository: RepositoryUid,
    /// Its id there.
    pub snapshot: SnapshotId,
}

/// A snapshot, in as many repositories as have it. Its ordinal is its position plus one; it is the boundary at which
/// runs begin and end, also when the snapshot itself is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SnapshotRecord {
    pub(crate) source: u16,
    pub(crate) time: Timestamp,
    pub(crate) tree: TreeId,
    /// None when it is gone.
    pub(crate) copies: Vec<SnapshotCopy>,
    /// When it is gone: the boundary that took its place, or [`OPEN`] when none came after it.
    pub(crate) moved: u32,
}

/// Whom a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct OwnerRecord {
    pub(crate) uid: u32,
    pub(crate) name: String,
    /// On Windows, where numbers say nothing.
    pub(crate) sid: Option<String>,
}

/// The state of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) format: u32,
    /// Grows with every commit.
    pub(crate) number: u64,
    /// Why the index is being built anew, while it is.
    pub(crate) rebuilding: Option<String>,
    pub(crate) sources: Vec<SourceRecord>,
    pub(crate) snapshots: Vec<SnapshotRecord>,
    pub(crate) owners: Vec<OwnerRecord>,
    /// The first is no extension.
    pub(crate) extensions: Vec<String>,
    pub(crate) names: Vec<ChunkRef>,
    pub(crate) dirs: DirsRef,
}

impl State {
    pub(crate) fn new(rebuilding: Option<String>) -> Self {
        Self {
            format: FORMAT,
            number: 0,
            rebuilding,
            sources: Vec::new(),
            snapshots: Vec::new(),
            owners: vec![OwnerRecord { uid: u32::MAX, name: String::new(), sid: None }],
            extensions: vec![String::new()],
            names: Vec::new(),
            dirs: DirsRef::default(),
        }
    }

    /// Writes the state; what is answered goes into tantivy's payload.
    pub(crate) fn write(&self, folder: &Path) -> Result<String> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::new(ErrorKind::Io, "writing the state of the index").because(error))?;
        let file = files::write(folder, &format!("state-{}", self.number), &[&json])?;
        files::sync_folder(folder)?;
        serde_json::to_string(&file)
            .map_err(|error| Error::new(ErrorKind::Io, "naming the state of the index").because(error))
    }

    /// Reads the state that a payload names.
    ///
    /// # Errors
    /// `Damaged`: also when it is of another format.
    pub(crate) fn open(folder: &Path, payload: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let fault = || Error::damaged("the state of the index is not what was written");
        let file: FileRef = serde_json::from_str(payload).map_err(|error| fault().because(error))?;
        let bytes = files::map(folder, &file, true)?;
        let Format { format } = serde_json::from_slice(&bytes).map_err(|error| fault().because(error))?;
        if format != FORMAT {
            return Err(Error::damaged(format!("the index is of format {format}, this program's is {FORMAT}")));
        }
        serde_json::from_slice(&bytes).map_err(|error| fault().because(error))
    }

    /// Whether a file of the folder belongs to this state.
    pub(crate) fn names_file(&self, name: &str) -> bool {
        crate::dirs::is_file(name)
            || name == format!("state-{}", self.number)
            || self.names.iter().any(|chunk| chunk.file.name == name)
            || self.sources.iter().filter_map(|source| source.marks.as_ref()).any(|marks| marks.name == name)
    }

    pub(crate) fn source(&self, uid: SourceUid) -> Option<u16> {
        u16::try_from(self.sources.iter().position(|source| source.uid == uid)?).ok()
    }

    /// A hash of a source that no rebuild changes.
    pub(crate) fn source_hash(&self, source: u16) -> u64 {
        let uid = self.sources.get(source as usize).map(|source| *source.uid.uuid().as_bytes());
        stable_hash(0, &uid.unwrap_or_default())
    }

    pub(crate) fn add_source(&mut self, uid: SourceUid, root: u32) -> Result<u16> {
        if self.sources.len() >= SOURCES_MAX {
            return Err(Error::new(ErrorKind::TooLarge, format!("an index holds at most {SOURCES_MAX} sources")));
        }
        self.sources.push(SourceRecord { uid, name: String::new(), host: String::new(), root, marks: None });
        u16::try_from(self.sources.len() - 1).map_err(|_| Error::new(ErrorKind::TooLarge, "too many sources"))
    }
}

/// Numbers of texts, given as they come.
#[derive(Debug)]
pub(crate) struct Interned {
    owners: HashMap<OwnerRecord, u32>,
    extensions: HashMap<String, u32>,
}

impl Interned {
    pub(crate) fn new(state: &State) -> Self {
        Self {
            owners: state.owners.iter().cloned().zip(0..).collect(),
            extensions: state.extensions.iter().cloned().zip(0..).collect(),
        }
    }

    pub(crate) fn owner(&mut self, state: &mut State, owner: OwnedBy<'_>) -> u32 {
        let OwnedBy { uid, name, sid } = owner;
        let owner = OwnerRecord { uid, name: name.to_owned(), sid: sid.map(Sid::to_string) };
        if let Some(number) = self.owners.get(&owner) {
            return *number;
        }
        if state.owners.len() >= OWNERS_MAX {
            return 0;
        }
        let number = u32::try_from(state.owners.len()).unwrap_or_default();
        state.owners.push(owner.clone());
        self.owners.insert(owner, number);
        number
    }

    pub(crate) fn extension(&mut self, state: &mut State, extension: &str) -> u32 {
        if let Some(number) = self.extensions.get(extension) {
            return *number;
        }
        if state.extensions.len() >= EXTENSIONS_MAX {
            return 0;
        }
        let number = u32::try_from(state.extensions.len()).unwrap_or_default();
        state.extensions.push(extension.to_owned());
        self.extensions.insert(extension.to_owned(), number);
        number
    }
}
