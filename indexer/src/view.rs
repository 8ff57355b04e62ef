//! Everything of one commit, opened: what a search sees, unchanged by whatever is written meanwhile.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use bygone_common::uid::SourceUid;
use tantivy::{DocId, Searcher, SegmentReader};

use crate::dir_owners::DirOwners;
use crate::dirs::Dirs;
use crate::error::Result;
use crate::names::Names;
use crate::runs::Runs;
use crate::state::State;
use crate::versions::{Fields, Segment, Version};

/// Where a document lies: segment and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address {
    pub(crate) segment: usize,
    pub(crate) doc: DocId,
}

/// One commit.
pub(crate) struct View {
    pub(crate) segments: Vec<Segment>,
    pub(crate) names: Names,
    pub(crate) dirs: Arc<Dirs>,
    pub(crate) state: State,
    pub(crate) runs: Runs,
    dir_owners: OnceLock<DirOwners>,
}

impl View {
    pub(crate) fn new(
        searcher: &Searcher,
        fields: &Fields,
        names: Names,
        dirs: Arc<Dirs>,
        state: State,
        before: Option<&Self>,
    ) -> Result<Self> {
        let known = |reader: &SegmentReader| {
            before?.segments.iter().find(|segment| segment.reader.segment_id() == reader.segment_id())
        };
        let segments = searcher.segment_readers().iter().map(|reader| Segment::open(reader, fields, known(reader)));
        Ok(Self {
            segments: segments.collect::<Result<_>>()?,
            names,
            dirs,
            runs: Runs::new(&state),
            state,
            dir_owners: OnceLock::new(),
        })
    }

    pub(crate) fn open(
        folder: &Path,
        searcher: &Searcher,
        fields: &Fields,
        state: State,
        verify: bool,
    ) -> Result<Self> {
        let names = Names::open(folder, &state.names, verify)?;
        let dirs = Dirs::open(folder, state.dirs, &names, |source| state.source_hash(source))?;
        Self::new(searcher, fields, names, Arc::new(dirs), state, None)
    }

    /// Living documents.
    pub(crate) fn count(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum()
    }

    /// Living documents in a directory.
    pub(crate) fn in_dir(&self, dir: u32) -> Result<Vec<(Address, Version)>> {
        let mut found = Vec::new();
        let mut docs = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            docs.clear();
            segment.docs_of_dir(dir, &mut docs)?;
            let living = docs.iter().filter(|doc| !segment.reader.is_deleted(**doc));
            found.extend(living.map(|doc| (Address { segment: at, doc: *doc }, segment.version(*doc))));
        }
        Ok(found)
    }

    /// The bytes of a path, beginning with a slash.
    pub(crate) fn path(&self, dir: u32, name: u32) -> Vec<u8> {
        let mut path = Vec::new();
        for part in self.dirs.path(dir).into_iter().chain([name]) {
            path.push(b'/');
            path.extend_from_slice(self.names.shown(part));
        }
        path
    }

    /// Whose every directory was.
    pub(crate) fn dir_owners(&self) -> &DirOwners {
        self.dir_owners.get_or_init(|| DirOwners::new(&self.segments, &self.dirs))
    }

    pub(crate) fn source_uid(&self, source: u16) -> Option<SourceUid> {
        self.state.sources.get(source as usize).map(|source| source.uid)
    }
}
