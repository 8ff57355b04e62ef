//! Headers of archive entries.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::tree::{Node, NodeKind, NodeTime};

/// Bytes of a name or link target that fit the old header.
const NAME_BYTES_MAX: usize = 100;
/// The largest size that fits eleven octal digits.
const SIZE_MAX: u64 = 0o77_777_777_777;
/// The largest user or group number that fits seven octal digits.
const OWNER_MAX: u32 = 0o7_777_777;
/// Bytes of most entries' headers: pax's own, its records, and the old one; and of what the library ends an archive with.
const HEADER_BYTES: usize = 5 * 512;
/// Bytes of an owner's name that fit the old header, with the zero behind it.
const OWNER_NAME_BYTES_MAX: usize = 31;

/// A header, with the pax header before it.
#[derive(Debug)]
pub struct Encoded {
    /// A multiple of tar's unit.
    pub bytes: Vec<u8>,
    /// Names of extended attributes that pax cannot hold.
    pub left_out: Vec<Vec<u8>>,
}

/// Encodes a node's header, for an entry with `size` bytes of content; `link` is the name in the archive that this is a
/// hard link to. Equal nodes have equal headers.
///
/// # Errors
/// `InvalidInput` when the archive library refuses a field.
pub fn encode(node: Node<'_>, name: &[u8], size: u64, link: Option<&[u8]>) -> Result<Encoded> {
    let refused = |error: std::io::Error| {
        Error::new(ErrorKind::InvalidInput, "an archive has no place for its metadata").because(error)
    };
    let mut header = ::tar::Header::new_ustar();
    let mut pax = Pax::default();
    let mut name = name.to_vec();
    if node.kind() == NodeKind::Dir {
        name.push(b'/');
    }
    let target = link.unwrap_or_else(|| node.link_target());
    header.set_entry_type(entry_type(node, link));
    header.set_mode(node.mode() & 0o7777);
    header.set_uid(u64::from(node.uid()));
    header.set_gid(u64::from(node.gid()));
    header.set_size(size);
    header.set_mtime(u64::try_from(node.mtime().seconds).unwrap_or(0));
    // A record is there only where the old header does not hold the value.
    pax.put_unless(fits(&name, NAME_BYTES_MAX), "path", || name.clone());
    pax.put_unless(fits(target, NAME_BYTES_MAX), "linkpath", || target.to_vec());
    pax.put_unless(size <= SIZE_MAX, "size", || size.to_string());
    pax.put_unless(node.uid() <= OWNER_MAX, "uid", || node.uid().to_string());
    pax.put_unless(node.gid() <= OWNER_MAX, "gid", || node.gid().to_string());
    pax.put_unless(fits(node.user().as_bytes(), OWNER_NAME_BYTES_MAX), "uname", || node.user());
    pax.put_unless(fits(node.group().as_bytes(), OWNER_NAME_BYTES_MAX), "gname", || node.group());
    let whole_seconds = node.mtime().nanos == 0 && u64::try_from(node.mtime().seconds).is_ok_and(|at| at <= SIZE_MAX);
    pax.put_unless(whole_seconds, "mtime", || time(node.mtime()));
    pax.put_unless(node.atime() == node.mtime(), "atime", || time(node.atime()));
    let mut left_out = Vec::new();
    if link.is_none() {
        for xattr in node.xattrs() {
            match std::str::from_utf8(&xattr.name) {
                Ok(name) => pax.put(xattr_keyword(name), xattr.value.to_vec()),
                Err(_) => left_out.push(xattr.name.to_vec()),
            }
        }
    }
    if let Some(ustar) = header.as_ustar_mut() {
        fill(&mut ustar.name, &name);
        fill(&mut ustar.linkname, target);
        // The last byte of these stays zero.
        fill(ustar.uname.split_last_mut().map_or(&mut [], |(_, field)| field), node.user().as_bytes());
        fill(ustar.gname.split_last_mut().map_or(&mut [], |(_, field)| field), node.group().as_bytes());
    }
    if matches!(node.kind(), NodeKind::BlockDevice | NodeKind::CharDevice) {
        let (major, minor) = device_numbers(node.device());
        header.set_device_major(major).map_err(refused)?;
        header.set_device_minor(minor).map_err(refused)?;
    }
    header.set_cksum();
    let mut bytes = pax.encode().map_err(refused)?;
    bytes.extend_from_slice(header.as_bytes());
    Ok(Encoded { bytes, left_out })
}

fn entry_type(node: Node<'_>, link: Option<&[u8]>) -> tar::EntryType {
    match node.kind() {
        _ if link.is_some() => tar::EntryType::Link,
        NodeKind::File | NodeKind::Socket | NodeKind::Unknown => tar::EntryType::Regular,
        NodeKind::Dir => tar::EntryType::Directory,
        NodeKind::Symlink => tar::EntryType::Symlink,
        NodeKind::BlockDevice => tar::EntryType::Block,
        NodeKind::CharDevice => tar::EntryType::Char,
        NodeKind::Fifo => tar::EntryType::Fifo,
    }
}

/// Whether the old header holds it, in a way that every program reads alike. Bytes that are not UTF-8 stay there as long
/// as there is room: pax knows only UTF-8, although programs read anything.
fn fits(value: &[u8], max: usize) -> bool {
    value.len() <= max && (value.is_ascii() || std::str::from_utf8(value).is_err())
}

fn fill(field: &mut [u8], value: &[u8]) {
    for (place, byte) in field.iter_mut().zip(value) {
        *place = *byte;
    }
}

/// Seconds with a fraction; nodes count nanoseconds upwards also before 1970.
fn time(time: NodeTime) -> String {
    match (time.seconds, time.nanos) {
        (seconds, 0) => seconds.to_string(),
        (seconds, nanos) if seconds < 0 => {
            let whole = seconds.unsigned_abs() - 1;
            format!("-{whole}.{:09}", 1_000_000_000 - nanos.min(999_999_999))
        }
        (seconds, nanos) => format!("{seconds}.{nanos:09}"),
    }
}

/// GNU tar escapes what would end the keyword.
fn xattr_keyword(name: &str) -> String {
    format!("SCHILY.xattr.{}", name.replace('%', "%25").replace('=', "%3D"))
}

/// As `makedev(3)` packs them on Linux.
fn device_numbers(device: u64) -> (u32, u32) {
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xffff_f000);
    let minor = (device & 0xff) | ((device >> 12) & 0xffff_ff00);
    (major as u32, minor as u32)
}

/// The records of a pax header.
#[derive(Default)]
struct Pax {
    records: Vec<(Cow<'static, str>, Vec<u8>)>,
}

impl Pax {
    fn put_unless<V: Into<Vec<u8>>>(&mut self, fits: bool, keyword: &'static str, value: impl FnOnce() -> V) {
        if !fits {
            self.put(keyword, value().into());
        }
    }

    fn put(&mut self, keyword: impl Into<Cow<'static, str>>, value: Vec<u8>) {
        self.records.push((keyword.into(), value));
    }

    fn encode(self) -> std::io::Result<Vec<u8>> {
        let mut builder = tar::Builder::new(Vec::with_capacity(HEADER_BYTES));
        let records = self.records.iter().map(|(keyword, value)| (keyword.as_ref(), value.as_slice()));
        builder.append_pax_extensions(records)?;
        // Its end is that of an archive.
        let len = builder.get_ref().len();
        let mut bytes = builder.into_inner()?;
        bytes.truncate(len);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_time(seconds: i64, nanos: u32, expected: &str) {
        assert_eq!(time(NodeTime { seconds, nanos }), expected);
    }

    #[test]
    fn times_before_1970_count_backwards() {
        check_time(7, 0, "7");
        check_time(7, 5, "7.000000005");
        check_time(-1, 500_000_000, "-0.500000000");
        check_time(-2, 250_000_000, "-1.750000000");
        check_time(-2, 0, "-2");
    }

    #[test]
    fn device_numbers_are_unpacked_as_linux_packs_them() {
        assert_eq!(device_numbers(0x0803), (8, 3));
        assert_eq!(device_numbers(0x0001_2000_6783_459a), (0x1_2345, 0x6_789a));
    }
}
