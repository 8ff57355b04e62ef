//! The parser of tree blobs. Tolerant: fields and node types it does not know are passed over. Its input may come in
//! pieces, so that the 400 MB of JSON of a directory with a million entries never lie in memory at once.

use std::collections::HashMap;

use base64::Engine as _;
use bygone_common::snapshot_path::{NAME_BYTES_MAX, name_fault};
use bygone_common::{BlobId, Id};

use super::name::unquote;
use super::{Directory, Entry, Extra, NodeKind, NodeTime, Shared, Xattr};
use crate::json::{Cursor, Scan, Stop};

// Bits of Go's os.FileMode, in which nodes store their mode.
const GO_SETUID: u64 = 1 << 23;
const GO_SETGID: u64 = 1 << 22;
const GO_STICKY: u64 = 1 << 20;
const GO_PERMISSIONS: u64 = 0o777;

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
pub struct DirectoryBuilder {
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
    scratch: Scratch,
}

/// Buffers and fields of the node being read.
#[derive(Debug, Default)]
struct Scratch {
    json: Vec<u8>,
    name: Vec<u8>,
    content: Vec<BlobId>,
    xattrs: Vec<Xattr>,
    shared: Shared,
}

impl DirectoryBuilder {
    /// Parses as many whole nodes as `text` holds and returns how many of its bytes are done with; the caller gives the
    /// rest again with more behind it. With `last`, an incomplete text is an error.
    ///
    /// # Errors
    /// A sentence that says where the text is not a tree.
    pub fn feed(&mut self, text: &[u8], last: bool) -> Result<usize, String> {
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
    pub fn finish(mut self) -> Result<Directory, String> {
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
        let scratch = &mut self.scratch;
        scratch.content.clear();
        scratch.xattrs.clear();
        scratch.name.clear();
        scratch.shared = Shared::default();
        let mut kind = NodeKind::Unknown;
        let (mut mode, mut size, mut inode, mut device) = (0, 0, 0, 0);
        let (mut mtime, mut ctime, mut atime) = (NodeTime::default(), None, None);
        let mut subtree = None;
        let mut link_target: Box<[u8]> = Box::default();
        let mut raw_target = None;

        cursor.expect(b'{')?;
        let mut more = !cursor.accept(b'}')?;
        while more {
            let (key, _) = cursor.raw_string()?;
            cursor.expect(b':')?;
            match key {
                b"name" => {
                    let start = cursor.at();
                    let quoted = cursor.string(&mut scratch.json)?;
                    let mut space = Vec::new();
                    let name = unquote(quoted, &mut space).ok_or(Stop::Malformed(start))?;
                    scratch.name.extend_from_slice(name);
                }
                b"type" => kind = kind_of(cursor.string_or_null(&mut scratch.json)?),
                b"mode" => mode = cursor.number()?,
                b"size" => size = cursor.number()?,
                b"inode" => inode = cursor.number()?,
                b"links" => scratch.shared.links = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
                b"device" => device = cursor.number()?,
                b"uid" => scratch.shared.uid = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
                b"gid" => scratch.shared.gid = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
                b"device_id" => scratch.shared.device_id = cursor.number()?,
                b"user" => scratch.shared.user = text_of(cursor.string_or_null(&mut scratch.json)?),
                b"group" => scratch.shared.group = text_of(cursor.string_or_null(&mut scratch.json)?),
                b"mtime" => mtime = time(cursor, &mut scratch.json)?.unwrap_or_default(),
                b"ctime" => ctime = time(cursor, &mut scratch.json)?,
                b"atime" => atime = time(cursor, &mut scratch.json)?,
                b"linktarget" => link_target = cursor.string_or_null(&mut scratch.json)?.into(),
                b"linktarget_raw" => raw_target = base64_value(cursor, &mut scratch.json)?,
                b"content" => content(cursor, &mut scratch.content)?,
                b"subtree" => {
                    let start = cursor.at();
                    let digits = cursor.string_or_null(&mut scratch.json)?;
                    if !digits.is_empty() {
                        subtree = Some(BlobId(Id::from_hex(digits).ok_or(Stop::Malformed(start))?));
                    }
                }
                b"extended_attributes" => xattrs(cursor, &mut scratch.json, &mut scratch.xattrs)?,
                _ => cursor.skip()?,
            }
            more = !cursor.accept(b'}')?;
            if more {
                cursor.expect(b',')?;
            }
        }

        if scratch.name.len() > NAME_BYTES_MAX || name_fault(&scratch.name).is_some() {
            self.rejected.push(scratch.name.as_slice().into());
            return Ok(());
        }
        let mut extra = Extra {
            link_target: raw_target.unwrap_or(link_target),
            xattrs: scratch.xattrs.drain(..).collect(),
            device,
            atime: atime.filter(|atime| *atime != mtime),
        };
        if kind != NodeKind::Symlink {
            extra.link_target = Box::default();
        }
        let content_start = self.ids.len();
        match (kind, subtree) {
            (NodeKind::Dir, Some(subtree)) => self.ids.push(subtree),
            (NodeKind::Dir, None) => {}
            _ => self.ids.append(&mut scratch.content),
        }
        self.subdirectories += u32::from(kind == NodeKind::Dir);
        self.has_xattrs |= !extra.xattrs.is_empty();
        let ctime = ctime.unwrap_or(mtime);
        let too_large = |_| Stop::Malformed(cursor.at());
        self.entries.push(Entry {
            size,
            inode,
            mtime_seconds: mtime.seconds,
            ctime_seconds: ctime.seconds,
            mtime_nanos: mtime.nanos,
            ctime_nanos: ctime.nanos,
            name_start: u32::try_from(self.names.len()).map_err(too_large)?,
            content_start: u32::try_from(content_start).map_err(too_large)?,
            content_count: u32::try_from(self.ids.len() - content_start).map_err(too_large)?,
            shared: intern(&mut self.shared, &mut self.shared_index, &scratch.shared),
            extra: keep(&mut self.extras, extra),
            mode: permissions(mode),
            name_len: u8::try_from(scratch.name.len()).map_err(too_large)?,
            kind,
        });
        self.names.extend_from_slice(&scratch.name);
        Ok(())
    }
}

fn kind_of(name: &[u8]) -> NodeKind {
    match name {
        b"file" => NodeKind::File,
        b"dir" => NodeKind::Dir,
        b"symlink" => NodeKind::Symlink,
        b"dev" => NodeKind::BlockDevice,
        b"chardev" => NodeKind::CharDevice,
        b"fifo" => NodeKind::Fifo,
        b"socket" => NodeKind::Socket,
        _ => NodeKind::Unknown,
    }
}

/// Permission bits of Unix out of Go's mode.
fn permissions(mode: u64) -> u16 {
    let bits = [(GO_SETUID, 0o4000), (GO_SETGID, 0o2000), (GO_STICKY, 0o1000)];
    let special = bits.iter().filter(|(go, _)| mode & go != 0).fold(0, |sum, (_, unix)| sum | unix);
    special | (mode & GO_PERMISSIONS) as u16
}

/// The position of `value` in the table, where it is put if it is new.
fn intern(table: &mut Vec<Shared>, index: &mut HashMap<Shared, u32>, value: &Shared) -> u32 {
    // Neighbours mostly share everything: look at the last one before hashing.
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
    let Extra { link_target, xattrs, device, atime } = &extra;
    if link_target.is_empty() && xattrs.is_empty() && *device == 0 && atime.is_none() {
        return 0;
    }
    table.push(extra);
    index_of(table.len())
}

/// Entries number fewer than 2^32: each takes a byte of a name whose arena is addressed by 32 bits.
fn index_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn text_of(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into()
}

/// A time; `null` and what cannot be read as one count as none.
fn time(cursor: &mut Cursor<'_>, space: &mut Vec<u8>) -> Scan<Option<NodeTime>> {
    Ok(NodeTime::parse(cursor.string_or_null(space)?))
}

/// Bytes in base64; `null` is none.
fn base64_value(cursor: &mut Cursor<'_>, space: &mut Vec<u8>) -> Scan<Option<Box<[u8]>>> {
    if cursor.peek()? == b'n' {
        cursor.skip()?;
        return Ok(None);
    }
    let start = cursor.at();
    let text = cursor.string(space)?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| Stop::Malformed(start))?;
    Ok(Some(bytes.into()))
}

/// A list of blob ids, or `null`.
fn content(cursor: &mut Cursor<'_>, ids: &mut Vec<BlobId>) -> Scan<()> {
    if cursor.peek()? == b'n' {
        return cursor.skip();
    }
    cursor.expect(b'[')?;
    if cursor.accept(b']')? {
        return Ok(());
    }
    loop {
        let start = cursor.at();
        let (digits, _) = cursor.raw_string()?;
        ids.push(BlobId(Id::from_hex(digits).ok_or(Stop::Malformed(start))?));
        if cursor.accept(b']')? {
            return Ok(());
        }
        cursor.expect(b',')?;
    }
}

/// A list of `{"name":…,"value":…}`, or `null`.
fn xattrs(cursor: &mut Cursor<'_>, space: &mut Vec<u8>, list: &mut Vec<Xattr>) -> Scan<()> {
    if cursor.peek()? == b'n' {
        return cursor.skip();
    }
    cursor.expect(b'[')?;
    if cursor.accept(b']')? {
        return Ok(());
    }
    loop {
        let mut xattr = Xattr { name: Box::default(), value: Box::default() };
        cursor.expect(b'{')?;
        let mut more = !cursor.accept(b'}')?;
        while more {
            let (key, _) = cursor.raw_string()?;
            cursor.expect(b':')?;
            match key {
                b"name" => xattr.name = cursor.string(space)?.into(),
                b"value" => xattr.value = base64_value(cursor, space)?.unwrap_or_default(),
                _ => cursor.skip()?,
            }
            more = !cursor.accept(b'}')?;
            if more {
                cursor.expect(b',')?;
            }
        }
        list.push(xattr);
        if cursor.accept(b']')? {
            return Ok(());
        }
        cursor.expect(b',')?;
    }
}
