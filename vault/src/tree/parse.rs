//! The parser of tree blobs. Tolerant: fields and node types it does not know are passed over. Its input may come in
//! pieces, so that the 400 MB of JSON of a directory with a million entries never lie in memory at once.
//!
//! Here the list of nodes and the tables they go to; [`fields`] reads one node.

mod fields;

use std::collections::HashMap;

use bygone_common::BlobId;
use bygone_common::snapshot_path::{NAME_BYTES_MAX, name_fault};

use super::{Directory, Entry, Extra, NodeKind, Shared};
use crate::json::{Cursor, Scan, Stop};
use fields::Fields;

/// Where the parser is in `{"nodes":[…]}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Start,
    BeforeKey,
    FirstNode,
    AfterNode,
    AfterValue,
    End,
}

/// Collects the nodes of one tree blob, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct DirectoryBuilder {
    place: Place,
    fed_bytes: u64,
    names: Vec<u8>,
    entries: Vec<Entry>,
    ids: Vec<BlobId>,
    shared: Vec<Shared>,
    shared_index: HashMap<Shared, u32>,
    extras: Vec<Extra>,
    rejected: Vec<Box<[u8]>>,
    subdirectories: u32,
    has_xattrs: bool,
    /// The node being read.
    fields: Fields,
}

impl DirectoryBuilder {
    /// Parses as many whole nodes as `text` holds and returns how many of its bytes are done with; the caller gives the
    /// rest again with more behind it. With `last`, an incomplete text is an error.
    ///
    /// # Errors
    /// A sentence that says where the text is not a tree.
    pub(crate) fn feed(&mut self, text: &[u8], last: bool) -> Result<usize, String> {
        let mut done = 0;
        loop {
            match self.step(text, done) {
                Ok(at) if at == done || self.place == Place::End => {
                    self.fed_bytes += at as u64;
                    return Ok(at);
                }
                Ok(at) => done = at,
                Err(Stop::Incomplete) if !last => {
                    self.fed_bytes += done as u64;
                    return Ok(done);
                }
                Err(Stop::Incomplete) => return Err("the tree ends in the middle".to_owned()),
                Err(Stop::Malformed(at)) => {
                    return Err(format!("the tree is malformed at byte {}", self.fed_bytes + at as u64));
                }
            }
        }
    }

    /// The directory, sorted.
    ///
    /// # Errors
    /// The text has not come to its end yet.
    pub(crate) fn finish(mut self) -> Result<Directory, String> {
        if self.place != Place::End {
            return Err("the tree ends in the middle".to_owned());
        }
        let names = self.names.into_boxed_slice();
        let name_of = |entry: &Entry| {
            let start = entry.name_start as usize;
            names.get(start..start + entry.name_len as usize).unwrap_or_default()
        };
        if !self.entries.is_sorted_by(|left, right| name_of(left) < name_of(right)) {
            self.entries.sort_by(|left, right| name_of(left).cmp(name_of(right)));
            self.entries.dedup_by(|right, left| name_of(left) == name_of(right));
        }
        Ok(Directory {
            entries: self.entries.into_boxed_slice(),
            ids: self.ids.into_boxed_slice(),
            shared: self.shared.into_boxed_slice(),
            extras: self.extras.into_boxed_slice(),
            rejected: self.rejected.into_boxed_slice(),
            subdirectories: self.subdirectories,
            has_xattrs: self.has_xattrs,
            names,
        })
    }

    /// One step of the grammar; the place moves on only when the step was whole.
    fn step(&mut self, text: &[u8], at: usize) -> Scan<usize> {
        let mut cursor = Cursor::new(text, at);
        match self.place {
            Place::Start => {
                cursor.expect(b'{')?;
                self.place = if cursor.accept(b'}')? { Place::End } else { Place::BeforeKey };
            }
            Place::BeforeKey => {
                let (key, _) = cursor.raw_string()?;
                cursor.expect(b':')?;
                if key == b"nodes" && cursor.peek()? == b'[' {
                    cursor.expect(b'[')?;
                    self.place = Place::FirstNode;
                } else {
                    cursor.skip()?;
                    self.place = Place::AfterValue;
                }
            }
            Place::FirstNode => {
                if cursor.accept(b']')? {
                    self.place = Place::AfterValue;
                } else {
                    self.node(&mut cursor)?;
                    self.place = Place::AfterNode;
                }
            }
            Place::AfterNode => {
                if cursor.accept(b']')? {
                    self.place = Place::AfterValue;
                } else {
                    cursor.expect(b',')?;
                    self.node(&mut cursor)?;
                }
            }
            Place::AfterValue => {
                if cursor.accept(b'}')? {
                    self.place = Place::End;
                } else {
                    cursor.expect(b',')?;
                    cursor.peek()?;
                    self.place = Place::BeforeKey;
                }
            }
            Place::End => {}
        }
        Ok(cursor.at())
    }

    /// One node. Nothing of it is kept unless all of it was there.
    fn node(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        self.fields.read(cursor)?;
        let fields = &mut self.fields;
        if fields.name.len() > NAME_BYTES_MAX || name_fault(&fields.name).is_some() {
            self.rejected.push(fields.name.as_slice().into());
            return Ok(());
        }
        let extra = fields.take_extra();
        let content_start = self.ids.len();
        if fields.kind == NodeKind::Dir {
            self.ids.extend(fields.subtree);
        } else {
            self.ids.append(&mut fields.content);
        }
        self.subdirectories += u32::from(fields.kind == NodeKind::Dir);
        self.has_xattrs |= !extra.xattrs.is_empty();
        let (mtime, ctime) = (fields.mtime, fields.ctime.unwrap_or(fields.mtime));
        let too_large = |_| Stop::Malformed(cursor.at());
        self.entries.push(Entry {
            size: fields.size,
            inode: fields.inode,
            mtime_seconds: mtime.seconds,
            ctime_seconds: ctime.seconds,
            mtime_nanos: mtime.nanos,
            ctime_nanos: ctime.nanos,
            name_start: u32::try_from(self.names.len()).map_err(too_large)?,
            content_start: u32::try_from(content_start).map_err(too_large)?,
            content_count: u32::try_from(self.ids.len() - content_start).map_err(too_large)?,
            shared: intern(&mut self.shared, &mut self.shared_index, &fields.shared),
            extra: keep(&mut self.extras, extra),
            mode: fields.permissions(),
            name_len: u8::try_from(fields.name.len()).map_err(too_large)?,
            kind: fields.kind,
        });
        self.names.extend_from_slice(&fields.name);
        Ok(())
    }
}

/// The position of `value` in the table, where it is put if it is new.
fn intern(table: &mut Vec<Shared>, index: &mut HashMap<Shared, u32>, value: &Shared) -> u32 {
    // Neighbors mostly share everything: look at the last one before hashing.
    if table.last() == Some(value) {
        return index_of(table.len() - 1);
    }
    if let Some(position) = index.get(value) {
        return *position;
    }
    let position = index_of(table.len());
    table.push(value.clone());
    index.insert(value.clone(), position);
    position
}

/// The position plus one of what is worth keeping; 0 for nothing.
fn keep(table: &mut Vec<Extra>, extra: Extra) -> u32 {
    let Extra { link_target, xattrs, device, atime, creation_time, file_attributes } = &extra;
    let is_usual = link_target.is_empty() && xattrs.is_empty() && *device == 0 && atime.is_none();
    if is_usual && creation_time.is_none() && file_attributes.is_none() {
        return 0;
    }
    table.push(extra);
    index_of(table.len())
}

/// Entries number fewer than 2^32: each takes a byte of a name whose arena is addressed by 32 bits.
fn index_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
