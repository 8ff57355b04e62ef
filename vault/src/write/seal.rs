//! From plaintext to stored bytes: compressed where that helps, then sealed.

use parking_lot::Mutex;
use ring::rand::{SecureRandom, SystemRandom};
use zstd::bulk::Compressor;

use super::options::Compression;
use crate::blob_map::BlobKind;
use crate::crypto::{MasterKey, NONCE_BYTES, TAG_BYTES};
use crate::error::{Error, ErrorKind, Result};

/// zstd's level for what the format wants compressed whatever the options say.
const LEVEL_OF_TREES: i32 = 1;

/// Seals blobs for any number of threads.
pub(crate) struct Sealer {
    key: MasterKey,
    random: SystemRandom,
    /// Format version 1 knows no compression.
    compresses: bool,
    level: Option<i32>,
    /// Compressors that nobody uses at the moment: each has hundreds of kilobytes of tables.
    data_compressors: Mutex<Vec<Compressor<'static>>>,
    tree_compressors: Mutex<Vec<Compressor<'static>>>,
    /// Buffers that nobody uses at the moment.
    buffers: Mutex<Vec<Vec<u8>>>,
}

/// Buffers that are kept: large memory is dear to get from the system anew.
const BUFFERS_MAX: usize = 8;
/// Bytes of a buffer that is worth keeping, and not more than a blob of a file takes.
const BUFFER_BYTES: std::ops::RangeInclusive<usize> = 256 << 10..=9 << 20;

/// A sealed blob.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Nonce, ciphertext, tag.
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the plaintext when it is compressed, otherwise 0.
    pub(crate) uncompressed: u32,
}

impl Sealer {
    /// For a repository of format `version`.
    pub(crate) fn new(key: MasterKey, version: u32, compression: Compression) -> Self {
        Self {
            key,
            random: SystemRandom::new(),
            compresses: version >= 2,
            level: compression.level(),
            data_compressors: Mutex::default(),
            tree_compressors: Mutex::default(),
            buffers: Mutex::default(),
        }
    }

    /// Compresses and seals a blob. Content that does not get smaller stays as it is.
    pub(crate) fn seal(&self, kind: BlobKind, plain: &[u8]) -> Result<Sealed> {
        let level = match kind {
            _ if !self.compresses => None,
            BlobKind::Data => self.level,
            BlobKind::Tree => Some(self.level.unwrap_or(LEVEL_OF_TREES)),
        };
        if let Some(level) = level
            && let Some(bytes) = self.compressed(kind, level, plain)?
        {
            let uncompressed = u32::try_from(plain.len()).map_err(|_| too_large(plain.len()))?;
            return Ok(Sealed { bytes: self.closed(bytes)?, uncompressed });
        }
        let mut bytes = self.buffer(NONCE_BYTES + plain.len() + TAG_BYTES);
        bytes.clear();
        bytes.resize(NONCE_BYTES, 0);
        bytes.extend_from_slice(plain);
        Ok(Sealed { bytes: self.closed(bytes)?, uncompressed: 0 })
    }

    /// Seals bytes as they are.
    pub(crate) fn seal_raw(&self, plain: &[u8]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(NONCE_BYTES + plain.len() + TAG_BYTES);
        bytes.resize(NONCE_BYTES, 0);
        bytes.extend_from_slice(plain);
        self.closed(bytes)
    }

    /// Room for a nonce, then the compressed plaintext; `None` when it would be no smaller.
    fn compressed(&self, kind: BlobKind, level: i32, plain: &[u8]) -> Result<Option<Vec<u8>>> {
        let idle = match kind {
            BlobKind::Data => &self.data_compressors,
            BlobKind::Tree => &self.tree_compressors,
        };
        let failed = |error| Error::new(ErrorKind::Io, "compress a blob").because(error);
        let waiting = idle.lock().pop();
        let mut compressor = match waiting {
            Some(compressor) => compressor,
            None => Compressor::new(level).map_err(failed)?,
        };
        let bound = NONCE_BYTES + zstd::zstd_safe::compress_bound(plain.len());
        let mut bytes = self.buffer(bound + TAG_BYTES);
        // What is in there is written over.
        bytes.resize(bound, 0);
        let room = bytes.get_mut(NONCE_BYTES..).unwrap_or_default();
        let size = compressor.compress_to_buffer(plain, room).map_err(failed)?;
        idle.lock().push(compressor);
        // A tree is stored compressed in any case: restic's own readers expect it of this format.
        if size >= plain.len() && kind == BlobKind::Data {
            self.keep(bytes);
            return Ok(None);
        }
        bytes.truncate(NONCE_BYTES + size);
        Ok(Some(bytes))
    }

    /// Takes back what is no longer needed of a blob.
    pub(crate) fn recycle(&self, sealed: Sealed) {
        self.keep(sealed.bytes);
    }

    fn keep(&self, buffer: Vec<u8>) {
        let mut buffers = self.buffers.lock();
        if buffers.len() < BUFFERS_MAX && BUFFER_BYTES.contains(&buffer.capacity()) {
            buffers.push(buffer);
        }
    }

    /// A buffer of at least that capacity, with anything in it.
    fn buffer(&self, capacity: usize) -> Vec<u8> {
        let kept = if BUFFER_BYTES.contains(&capacity) { self.buffers.lock().pop() } else { None };
        let mut buffer = kept.unwrap_or_default();
        buffer.reserve_exact(capacity.saturating_sub(buffer.len()));
        buffer
    }

    /// Seals what stands behind the room for the nonce, in place.
    fn closed(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        self.random
            .fill(&mut nonce)
            .map_err(|_| Error::new(ErrorKind::Io, "the system gives no random numbers to seal a blob with"))?;
        self.key.seal_in_place(nonce, &mut bytes);
        Ok(bytes)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

fn too_large(bytes: usize) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("a blob of {bytes} bytes is more than the format can hold"))
}
