//! The records of a zip: stored files, zip64 where a number does not fit, names in UTF-8. Source: APPNOTE.TXT 6.3.10 of
//! PKWARE; Info-ZIP's `UT` extra field.
//!
//! Every length follows from name, size and place; only checksums have to be known to write a record.

/// A checksum's place in a local header.
pub(super) const LOCAL_CRC_AT: usize = 14;
/// A checksum's place in a record behind a file.
pub(super) const DESCRIPTOR_CRC_AT: usize = 4;
/// A checksum's place in a record of the list at the end.
pub(super) const CENTRAL_CRC_AT: usize = 16;

/// What does not fit 32 bits.
const LARGE: u64 = 0xffff_ffff;
/// What does not fit 16 bits.
const MANY: u64 = 0xffff;
/// Version 4.5: zip64.
const VERSION: u16 = 45;
/// Made on Unix, by version 4.5: the upper half of the attributes is `st_mode`.
const MADE_BY: u16 = (3 << 8) | VERSION;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
/// The checksum is behind the file.
const DESCRIBED: u16 = 1 << 3;

/// What a file's records say.
#[derive(Debug, Clone)]
pub(super) struct Record<'a> {
    /// The whole path; a folder's ends with a slash.
    pub(super) name: &'a str,
    /// Bytes of the content.
    pub(super) size: u64,
    /// `st_mode`: type and permissions.
    pub(super) mode: u32,
    /// Seconds since 1970.
    pub(super) modified: i64,
    /// Whether the checksum comes behind the content: it is not known before.
    pub(super) is_described: bool,
}

impl Record<'_> {
    /// The header before the content, with a checksum of zero.
    pub(super) fn local(&self) -> Vec<u8> {
        let mut extra = self.extra_time();
        let is_large = self.size >= LARGE;
        if is_large {
            put_extra(&mut extra, 0x0001, &[self.size, self.size]);
        }
        let mut bytes = Vec::with_capacity(30 + self.name.len() + extra.len());
        put32(&mut bytes, 0x0403_4b50);
        put16(&mut bytes, VERSION);
        self.put_common(&mut bytes, is_large, extra.len());
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(&extra);
        bytes
    }

    /// The record behind the content, with a checksum of zero; nothing where the header says it all.
    pub(super) fn descriptor(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.is_described {
            put32(&mut bytes, 0x0807_4b50);
            put32(&mut bytes, 0);
            for _ in 0..2 {
                match self.size {
                    LARGE.. => bytes.extend_from_slice(&self.size.to_le_bytes()),
                    size => put32(&mut bytes, low32(size)),
                }
            }
        }
        bytes
    }

    /// The record in the list at the end, with a checksum of zero, for a file whose header is at `offset`.
    pub(super) fn central(&self, offset: u64) -> Vec<u8> {
        let mut extra = self.extra_time();
        let mut large = Vec::new();
        if self.size >= LARGE {
            large.extend([self.size, self.size]);
        }
        if offset >= LARGE {
            large.push(offset);
        }
        if !large.is_empty() {
            put_extra(&mut extra, 0x0001, &large);
        }
        let mut bytes = Vec::with_capacity(46 + self.name.len() + extra.len());
        put32(&mut bytes, 0x0201_4b50);
        put16(&mut bytes, MADE_BY);
        put16(&mut bytes, VERSION);
        self.put_common(&mut bytes, self.size >= LARGE, extra.len());
        // No comment, first disk, no internal attributes.
        bytes.extend_from_slice(&[0; 6]);
        let is_folder = u32::from(self.name.ends_with('/'));
        put32(&mut bytes, (self.mode << 16) | (is_folder << 4));
        put32(&mut bytes, low32(offset.min(LARGE)));
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(&extra);
        bytes
    }

    /// The fields that both headers share, from the flags to the lengths.
    fn put_common(&self, bytes: &mut Vec<u8>, is_large: bool, extra_len: usize) {
        put16(bytes, if self.is_described { UTF8 | DESCRIBED } else { UTF8 });
        // Stored.
        put16(bytes, 0);
        let (time, date) = dos_time(self.modified);
        put16(bytes, time);
        put16(bytes, date);
        put32(bytes, 0);
        let size = if is_large { LARGE } else { self.size };
        put32(bytes, low32(size));
        put32(bytes, low32(size));
        put16(bytes, low16(self.name.len() as u64));
        put16(bytes, low16(extra_len as u64));
    }

    /// The time in UTC, where 32 bits hold it: the old field has neither zone nor odd seconds.
    fn extra_time(&self) -> Vec<u8> {
        let mut extra = Vec::new();
        if let Ok(seconds) = i32::try_from(self.modified) {
            put16(&mut extra, 0x5455);
            put16(&mut extra, 5);
            extra.push(1);
            extra.extend_from_slice(&seconds.to_le_bytes());
        }
        extra
    }
}

/// Bytes of [`end`] for a list like this.
pub(super) fn end_len(entries: u64, start: u64, len: u64) -> u64 {
    if is_zip64(entries, start, len) { 56 + 20 + 22 } else { 22 }
}

/// What ends an archive of so many entries, whose list begins at `start` and has `len` bytes.
pub(super) fn end(entries: u64, start: u64, len: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if is_zip64(entries, start, len) {
        put32(&mut bytes, 0x0606_4b50);
        bytes.extend_from_slice(&44_u64.to_le_bytes());
        put16(&mut bytes, MADE_BY);
        put16(&mut bytes, VERSION);
        bytes.extend_from_slice(&[0; 8]);
        for number in [entries, entries, len, start] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        put32(&mut bytes, 0x0706_4b50);
        put32(&mut bytes, 0);
        bytes.extend_from_slice(&(start + len).to_le_bytes());
        put32(&mut bytes, 1);
    }
    put32(&mut bytes, 0x0605_4b50);
    bytes.extend_from_slice(&[0; 4]);
    put16(&mut bytes, low16(entries.min(MANY)));
    put16(&mut bytes, low16(entries.min(MANY)));
    put32(&mut bytes, low32(len.min(LARGE)));
    put32(&mut bytes, low32(start.min(LARGE)));
    put16(&mut bytes, 0);
    bytes
}

const fn is_zip64(entries: u64, start: u64, len: u64) -> bool {
    entries >= MANY || start >= LARGE || len >= LARGE
}

/// MS-DOS's time and date, in UTC: from 1980 to 2107.
fn dos_time(seconds: i64) -> (u16, u16) {
    const FIRST: i64 = 315_532_800;
    const LAST: i64 = 4_354_819_198;
    let time = jiff::Timestamp::from_second(seconds.clamp(FIRST, LAST)).unwrap_or_default();
    let at = time.to_zoned(jiff::tz::TimeZone::UTC);
    let number = |value: i8| u16::try_from(value).unwrap_or_default();
    let clock = (number(at.hour()) << 11) | (number(at.minute()) << 5) | (number(at.second()) / 2);
    let years = u16::try_from(i32::from(at.year()) - 1980).unwrap_or_default();
    (clock, (years << 9) | (number(at.month()) << 5) | number(at.day()))
}

fn put_extra(bytes: &mut Vec<u8>, id: u16, numbers: &[u64]) {
    put16(bytes, id);
    put16(bytes, low16(numbers.len() as u64 * 8));
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
}

fn put16(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// A number that its caller keeps below 2³².
fn low32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A number that its caller keeps below 2¹⁶.
fn low16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_as_msdos_kept_them() {
        // 2026-11-20 10:20:31 UTC.
        assert_eq!(dos_time(1_795_170_031), ((10 << 11) | (20 << 5) | 15, (46 << 9) | (11 << 5) | 20));
        assert_eq!(dos_time(0), dos_time(315_532_800));
        assert_eq!(dos_time(i64::MAX), dos_time(4_354_819_198));
    }

    #[test]
    fn lengths_do_not_depend_on_checksums_and_grow_only_where_numbers_do_not_fit() {
        let record = |size, is_described| Record { name: "a", size, mode: 0o100_644, modified: 7, is_described };
        assert_eq!(record(0, false).local().len(), 30 + 1 + 9);
        assert_eq!(record(LARGE - 1, false).local().len(), 40);
        assert_eq!(record(LARGE, false).local().len(), 60);
        assert_eq!(record(LARGE, false).descriptor().len(), 0);
        assert_eq!(record(LARGE - 1, true).descriptor().len(), 16);
        assert_eq!(record(LARGE, true).descriptor().len(), 24);
        assert_eq!(record(LARGE - 1, true).central(LARGE - 1).len(), 46 + 1 + 9);
        assert_eq!(record(LARGE, true).central(LARGE).len(), 56 + 28);
        assert_eq!(record(7, true).central(LARGE).len(), 56 + 12);
        for (entries, start, len) in [(1, 2, 3), (MANY, 2, 3), (1, LARGE, 3), (MANY - 1, LARGE - 1, LARGE - 1)] {
            assert_eq!(end(entries, start, len).len() as u64, end_len(entries, start, len));
        }
    }
}
