//! Files of a repository that are sealed as a whole: config, snapshots, index files, locks.

use bygone_common::Id;
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

use crate::backend::{Backend, Content, FileId, FileKind, Storage};
use crate::crypto::{MasterKey, NONCE_BYTES};
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

/// Seals JSON: compressed first where the format `version` knows compression and the kind is one that is.
///
/// # Errors
/// No random numbers to seal with.
pub(crate) fn seal(key: &MasterKey, version: u32, kind: FileKind, json: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = vec![0; NONCE_BYTES];
    if version >= 2 && kind != FileKind::Config {
        let packed = zstd::bulk::compress(json, 0).map_err(|error| {
            Error::new(ErrorKind::Io, format!("compress a file of {}", kind.folder())).because(error)
        })?;
        bytes.push(COMPRESSED);
        bytes.extend_from_slice(&packed);
    } else {
        bytes.extend_from_slice(json);
    }
    let mut nonce = [0; NONCE_BYTES];
    SystemRandom::new()
        .fill(&mut nonce)
        .map_err(|_| Error::new(ErrorKind::Io, "the system gives no random numbers to seal a file with"))?;
    key.seal_in_place(nonce, &mut bytes);
    Ok(bytes)
}

/// Seals JSON and writes it under its name, which is the answer.
///
/// # Errors
/// What the storage answers. The file may be there then.
pub(crate) fn write(storage: &dyn Storage, key: &MasterKey, version: u32, kind: FileKind, json: &[u8]) -> Result<Id> {
    let sealed = seal(key, version, kind, json)?;
    let id = Id::new(Sha256::digest(&sealed).into());
    storage.write(FileId::new(kind, id), &Content::from(sealed))?;
    Ok(id)
}
