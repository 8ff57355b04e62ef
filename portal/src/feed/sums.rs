//! Checksums for a zip: found while files pass by, and where they do not, by reading.

use bygone_vault::Result;
use bytes::Bytes;

use super::Content;
use super::lanes::Lanes;
use super::reads::{self, Landed, Unsummed};

/// The file that passes by.
#[derive(Debug, Default)]
pub(super) struct Sums {
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    entry: u64,
    next: u64,
    hasher: crc32fast::Hasher,
}

/// The checksum of an archive's entry, where it is known.
pub(super) fn known(content: &Content, entry: u64) -> Option<u32> {
    match content {
        Content::File(_) => None,
        Content::Archive(archive) => archive.checksums().get(entry),
    }
}

fn put(content: &Content, entry: u64, checksum: u32) {
    if let Content::Archive(archive) = content {
        archive.checksums().put(entry, checksum);
    }
}

impl Sums {
    /// Notes the first bytes of what was read, which are about to be sent. A file that is seen from its first to its last
    /// byte has a checksum then.
    pub(super) fn note(&mut self, landed: &Landed, len: usize, content: &Content) {
        let Some(entry) = landed.entry else { return };
        if landed.offset == 0 {
            let is_wanted = known(content, entry).is_none();
            self.running = is_wanted.then(|| Running { entry, next: 0, hasher: crc32fast::Hasher::new() });
        }
        let Some(running) = self.running.as_mut().filter(|run| run.entry == entry && run.next == landed.offset) else {
            return;
        };
        let mut left = len;
        for slice in landed.pieces.slices() {
            let slice = slice.get(..left).unwrap_or(slice);
            running.hasher.update(slice);
            left -= slice.len();
        }
        running.next += len as u64;
        if running.next == landed.reader.size()
            && let Some(done) = self.running.take()
        {
            put(content, entry, done.hasher.finalize());
        }
    }

    /// The bytes with the checksum in its place. Reads the file when it has not passed by.
    pub(super) async fn resolve(&self, unsummed: Unsummed, content: &Content, lanes: &Lanes) -> Result<Bytes> {
        let Unsummed { mut bytes, at, cut, of, read } = unsummed;
        let checksum = match (known(content, of.entry), read) {
            (Some(checksum), _) => checksum,
            (None, read) => {
                let mut hasher = crc32fast::Hasher::new();
                if let Some(read) = read {
                    read.land().await?.pieces.slices().for_each(|slice| hasher.update(slice));
                } else {
                    let mut next = 0;
                    while let Some(span) = of.reader.span_at(next) {
                        next = span.end;
                        reads::read(lanes, &of.reader, span).await?.slices().for_each(|slice| hasher.update(slice));
                    }
                }
                let checksum = hasher.finalize();
                put(content, of.entry, checksum);
                checksum
            }
        };
        if let Some(field) = bytes.get_mut(at..at + 4) {
            field.copy_from_slice(&checksum.to_le_bytes());
        }
        Ok(Bytes::from(bytes).slice(cut))
    }
}
