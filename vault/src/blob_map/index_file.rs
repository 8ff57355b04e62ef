//! The parser of index files: which blobs lie where in which packs.

use bygone_common::{BlobId, Id, PackId};

use super::record::{BlobKind, BlobLocation};
use crate::json::{Cursor, Scan, Stop};

/// What the parser tells of one pack at a time, in the order of the file.
pub(super) trait Sink {
    /// A blob of a pack. `marked`: rustic's prune has marked the pack for deletion, so another copy is to be preferred.
    fn blob(&mut self, id: BlobId, location: BlobLocation, marked: bool);
}

/// Parses an index file's JSON.
///
/// # Errors
/// A sentence that says where the text is not an index.
pub(super) fn parse(text: &[u8], sink: &mut impl Sink) -> Result<(), String> {
    let mut cursor = Cursor::new(text, 0);
    index(&mut cursor, sink).map_err(|stop| match stop {
        Stop::Incomplete => "the index ends in the middle".to_owned(),
        Stop::Malformed(at) => format!("the index is malformed at byte {at}"),
    })
}

fn index(cursor: &mut Cursor<'_>, sink: &mut impl Sink) -> Scan<()> {
    object(cursor, |cursor, key| match key {
        b"packs" => array(cursor, |cursor| pack(cursor, sink, false)),
        b"packs_to_delete" => array(cursor, |cursor| pack(cursor, sink, true)),
        _ => cursor.skip(),
    })
}

/// A pack. Its id is written before its blobs by everyone; were it not, the blobs would wait for it.
fn pack(cursor: &mut Cursor<'_>, sink: &mut impl Sink, marked: bool) -> Scan<()> {
    let start = cursor.at();
    let mut pack = None;
    let mut waiting: Vec<(BlobId, BlobLocation)> = Vec::new();
    object(cursor, |cursor, key| match key {
        b"id" => {
            pack = Some(PackId(id(cursor)?));
            Ok(())
        }
        b"blobs" => array(cursor, |cursor| {
            let (id, location) = blob(cursor, pack.unwrap_or_default())?;
            match pack {
                Some(_) => sink.blob(id, location, marked),
                None => waiting.push((id, location)),
            }
            Ok(())
        }),
        _ => cursor.skip(),
    })?;
    let pack = pack.ok_or(Stop::Malformed(start))?;
    for (id, location) in waiting {
        sink.blob(id, BlobLocation { pack, ..location }, marked);
    }
    Ok(())
}

fn blob(cursor: &mut Cursor<'_>, pack: PackId) -> Scan<(BlobId, BlobLocation)> {
    let start = cursor.at();
    let mut blob = None;
    let mut kind = None;
    let (mut offset, mut length, mut uncompressed) = (None, None, 0);
    object(cursor, |cursor, key| {
        match key {
            b"id" => blob = Some(BlobId(id(cursor)?)),
            b"type" => {
                kind = match cursor.raw_string()?.0 {
                    b"data" => Some(BlobKind::Data),
                    b"tree" => Some(BlobKind::Tree),
                    _ => None,
                };
            }
            b"offset" => offset = Some(small(cursor)?),
            b"length" => length = Some(small(cursor)?),
            b"uncompressed_length" => uncompressed = small(cursor)?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    match (blob, kind, offset, length) {
        (Some(blob), Some(kind), Some(offset), Some(length)) => {
            Ok((blob, BlobLocation { pack, kind, offset, length, uncompressed }))
        }
        _ => Err(Stop::Malformed(start)),
    }
}

fn id(cursor: &mut Cursor<'_>) -> Scan<Id> {
    let start = cursor.at();
    Id::from_hex(cursor.raw_string()?.0).ok_or(Stop::Malformed(start))
}

fn small(cursor: &mut Cursor<'_>) -> Scan<u32> {
    let start = cursor.at();
    u32::try_from(cursor.number()?).map_err(|_| Stop::Malformed(start))
}

fn object<'a>(cursor: &mut Cursor<'a>, mut field: impl FnMut(&mut Cursor<'a>, &[u8]) -> Scan<()>) -> Scan<()> {
    cursor.expect(b'{')?;
    let mut more = !cursor.accept(b'}')?;
    while more {
        let (key, _) = cursor.raw_string()?;
        cursor.expect(b':')?;
        field(cursor, key)?;
        more = !cursor.accept(b'}')?;
        if more {
            cursor.expect(b',')?;
        }
    }
    Ok(())
}

/// A list, or `null`.
fn array<'a>(cursor: &mut Cursor<'a>, mut item: impl FnMut(&mut Cursor<'a>) -> Scan<()>) -> Scan<()> {
    if cursor.peek()? == b'n' {
        return cursor.skip();
    }
    cursor.expect(b'[')?;
    let mut more = !cursor.accept(b']')?;
    while more {
        item(cursor)?;
        more = !cursor.accept(b']')?;
        if more {
            cursor.expect(b',')?;
        }
    }
    Ok(())
}
