//! The parser of index files: which blobs lie where in which packs.

use bygone_common::{BlobId, PackId};

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
    cursor.object(|cursor, key| match key {
        b"packs" => cursor.array(|cursor| pack(cursor, sink, false)),
        b"packs_to_delete" => cursor.array(|cursor| pack(cursor, sink, true)),
        _ => cursor.skip(),
    })
}

/// A pack. Its id is written before its blobs by everyone; were it not, the blobs would wait for it.
fn pack(cursor: &mut Cursor<'_>, sink: &mut impl Sink, marked: bool) -> Scan<()> {
    let start = cursor.at();
    let mut pack = None;
    let mut waiting: Vec<(BlobId, BlobLocation)> = Vec::new();
    cursor.object(|cursor, key| match key {
        b"id" => {
            pack = Some(PackId(cursor.id()?));
            Ok(())
        }
        b"blobs" => cursor.array(|cursor| {
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
    cursor.object(|cursor, key| {
        match key {
            b"id" => blob = Some(BlobId(cursor.id()?)),
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

fn small(cursor: &mut Cursor<'_>) -> Scan<u32> {
    let start = cursor.at();
    u32::try_from(cursor.number()?).map_err(|_| Stop::Malformed(start))
}
