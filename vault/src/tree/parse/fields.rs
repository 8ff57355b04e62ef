//! One node of a tree as its JSON object says it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::{BlobId, Id, Sid};

use crate::json::{Cursor, Scan, Stop};
use crate::tree::name::unquote;
use crate::tree::{Extra, NodeKind, NodeTime, Shared, Xattr};

// Bits of Go's os.FileMode, in which nodes store their mode.
const GO_SETUID: u64 = 1 << 23;
const GO_SETGID: u64 = 1 << 22;
const GO_STICKY: u64 = 1 << 20;
const GO_PERMISSIONS: u64 = 0o777;

/// The fields of one node. Its buffers serve node after node.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) name: Vec<u8>,
    pub(super) kind: NodeKind,
    pub(super) size: u64,
    pub(super) inode: u64,
    pub(super) mtime: NodeTime,
    pub(super) ctime: Option<NodeTime>,
    /// The tree of a directory.
    pub(super) subtree: Option<BlobId>,
    pub(super) content: Vec<BlobId>,
    pub(super) shared: Shared,
    atime: Option<NodeTime>,
    /// As Go says it.
    mode: u64,
    device: u64,
    link_target: Box<[u8]>,
    /// The same, where it is not UTF-8.
    raw_target: Option<Box<[u8]>>,
    xattrs: Vec<Xattr>,
    creation_time: Option<u64>,
    file_attributes: Option<u32>,
    /// Room for strings with escapes.
    space: Vec<u8>,
}

impl Fields {
    /// Reads a node in place of the one before.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        self.clear();
        cursor.object(|cursor, key| self.field(cursor, key))
    }

    /// Forgets the node before, and keeps the buffers.
    fn clear(&mut self) {
        let Self { mut name, mut content, mut xattrs, space, .. } = std::mem::take(self);
        name.clear();
        content.clear();
        xattrs.clear();
        *self = Self { name, content, xattrs, space, ..Self::default() };
    }

    #[inline]
    fn field(&mut self, cursor: &mut Cursor<'_>, key: &[u8]) -> Scan<()> {
        let space = &mut self.space;
        match key {
            b"name" => {
                let start = cursor.at();
                let quoted = cursor.string(space)?;
                let mut unquoted = Vec::new();
                let name = unquote(quoted, &mut unquoted).ok_or(Stop::Malformed(start))?;
                self.name.clear();
                self.name.extend_from_slice(name);
            }
            b"type" => self.kind = kind_of(cursor.string_or_null(space)?),
            b"mode" => self.mode = cursor.number()?,
            b"size" => self.size = cursor.number()?,
            b"inode" => self.inode = cursor.number()?,
            b"links" => self.shared.links = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
            b"device" => self.device = cursor.number()?,
            b"uid" => self.shared.uid = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
            b"gid" => self.shared.gid = u32::try_from(cursor.number()?).unwrap_or(u32::MAX),
            b"device_id" => self.shared.device_id = cursor.number()?,
            b"user" => self.shared.user = text_of(cursor.string_or_null(space)?),
            b"group" => self.shared.group = text_of(cursor.string_or_null(space)?),
            b"mtime" => self.mtime = time(cursor, space)?.unwrap_or_default(),
            b"ctime" => self.ctime = time(cursor, space)?,
            b"atime" => self.atime = time(cursor, space)?,
            b"linktarget" => self.link_target = cursor.string_or_null(space)?.into(),
            b"linktarget_raw" => self.raw_target = base64_value(cursor, space)?,
            b"content" => cursor.array(|cursor| {
                self.content.push(BlobId(cursor.id()?));
                Ok(())
            })?,
            b"subtree" => {
                let start = cursor.at();
                let digits = cursor.string_or_null(space)?;
                if !digits.is_empty() {
                    self.subtree = Some(BlobId(Id::from_hex(digits).ok_or(Stop::Malformed(start))?));
                }
            }
            b"extended_attributes" => cursor.array(|cursor| {
                self.xattrs.push(xattr(cursor, space)?);
                Ok(())
            })?,
            b"generic_attributes" => self.windows(cursor)?,
            _ => cursor.skip()?,
        }
        Ok(())
    }

    /// What a Windows machine stored; what others may have is passed over. Source: `data.WindowsAttributes` in restic.
    fn windows(&mut self, cursor: &mut Cursor<'_>) -> Scan<()> {
        if cursor.peek()? != b'{' {
            return cursor.skip();
        }
        cursor.object(|cursor, key| {
            // What is of another form than it should be costs this value, not the tree.
            match (key, cursor.peek()?) {
                (b"windows.creation_time", b'{') => self.creation_time = Some(file_time(cursor)?),
                (b"windows.file_attributes", b'0'..=b'9') => {
                    self.file_attributes = u32::try_from(cursor.number()?).ok();
                }
                (b"windows.security_descriptor", b'"') => {
                    let text = cursor.string(&mut self.space)?;
                    self.shared.descriptor = STANDARD.decode(text).unwrap_or_default().into();
                    self.shared.sid = Sid::of_owner(&self.shared.descriptor);
                }
                (_, _) => cursor.skip()?,
            }
            Ok(())
        })
    }

    /// What few nodes have.
    pub(super) fn take_extra(&mut self) -> Extra {
        let target = self.raw_target.take().unwrap_or_else(|| std::mem::take(&mut self.link_target));
        Extra {
            link_target: if self.kind == NodeKind::Symlink { target } else { Box::default() },
            xattrs: self.xattrs.drain(..).collect(),
            device: self.device,
            atime: self.atime.filter(|atime| *atime != self.mtime),
            creation_time: self.creation_time,
            file_attributes: self.file_attributes,
        }
    }

    /// Permission bits of Unix.
    pub(super) fn permissions(&self) -> u16 {
        let bits = [(GO_SETUID, 0o4000), (GO_SETGID, 0o2000), (GO_STICKY, 0o1000)];
        let special = bits.iter().filter(|(go, _)| self.mode & go != 0).fold(0, |sum, (_, unix)| sum | unix);
        special | (self.mode & GO_PERMISSIONS) as u16
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
    let bytes = STANDARD.decode(text).map_err(|_| Stop::Malformed(start))?;
    Ok(Some(bytes.into()))
}

/// A time of Windows, in units of 100 ns: `{"LowDateTime":…,"HighDateTime":…}`.
fn file_time(cursor: &mut Cursor<'_>) -> Scan<u64> {
    let (mut low, mut high) = (0, 0);
    cursor.object(|cursor, key| {
        match (key, cursor.peek()?) {
            (b"LowDateTime", b'0'..=b'9') => low = cursor.number()?,
            (b"HighDateTime", b'0'..=b'9') => high = cursor.number()?,
            (_, _) => cursor.skip()?,
        }
        Ok(())
    })?;
    Ok(high << 32 | low & u64::from(u32::MAX))
}

/// One extended attribute: `{"name":…,"value":…}`.
fn xattr(cursor: &mut Cursor<'_>, space: &mut Vec<u8>) -> Scan<Xattr> {
    let mut xattr = Xattr { name: Box::default(), value: Box::default() };
    cursor.object(|cursor, key| {
        match key {
            b"name" => xattr.name = cursor.string(space)?.into(),
            b"value" => xattr.value = base64_value(cursor, space)?.unwrap_or_default(),
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    Ok(xattr)
}
