//! Files of a repository that are sealed as a whole: config, snapshots, index files.

use crate::backend::{Backend, FileId};
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};

/// First byte of a file that is compressed (format version 2). Uncompressed files are JSON and begin with `{` or `[`.
const COMPRESSED: u8 = 2;
/// Bytes that a compressed file may unpack to: restic's largest index files are tens of megabytes.
const PLAIN_BYTES_MAX: usize = 1 << 30;

/// Reads, opens and unpacks a file.
///
/// # Errors
/// `Damaged` when its tag, its compression or its first byte is wrong; what the storage answers.
pub(crate) fn read(backend: &dyn Backend, key: &MasterKey, file: FileId) -> Result<Vec<u8>> {
    open(key, file, backend.read(file)?)
}

/// Opens and unpacks a file's stored bytes.
pub(crate) fn open(key: &MasterKey, file: FileId, mut sealed: Vec<u8>) -> Result<Vec<u8>> {
    let damaged = |what: &str| Error::new(ErrorKind::Damaged, format!("{file} {what}"));
    let plain = key.open(&mut sealed).ok_or_else(|| damaged("is damaged: its authentication tag is wrong"))?;
    match plain.split_first() {
        Some((b'{' | b'[', _)) => Ok(plain.to_vec()),
        Some((&COMPRESSED, packed)) => {
            let mut unpacked = Vec::new();
            let decoder = zstd::stream::read::Decoder::with_buffer(packed)
                .map_err(|error| damaged("cannot be unpacked").because(error))?;
            let mut limited = std::io::Read::take(decoder, PLAIN_BYTES_MAX as u64);
            std::io::Read::read_to_end(&mut limited, &mut unpacked)
                .map_err(|error| damaged("cannot be unpacked").because(error))?;
            Ok(unpacked)
        }
        _ => Err(Error::new(ErrorKind::Unsupported, format!("{file} is of a form that a newer program wrote"))),
    }
}
