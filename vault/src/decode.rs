//! From a blob's stored bytes to its plaintext: check the tag and decrypt in place, unpack into the final buffer.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use bygone_common::PackId;
use zstd::bulk::Decompressor;

use crate::backend::FileId;
use crate::blob_map::{BlobKind, BlobLocation};
use crate::crypto::{MasterKey, SEAL_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::raw_frame::RawFrame;
use crate::repository::Repository;

/// Bytes of packs that [`measure`] holds in memory at once.
const MEASURED_BYTES_AT_ONCE_MAX: u64 = 256 << 20;

/// Decodes one blob. `sealed` is used up; `plain` is as long as the index says that the plaintext is.
///
/// # Errors
/// `Damaged`, with `plain` in any state.
pub(crate) fn decode(
    key: &MasterKey,
    location: &BlobLocation,
    sealed: &mut [u8],
    unpacker: &mut Decompressor<'_>,
    plain: &mut [u8],
) -> Result<()> {
    let damaged = |what: &str| Error::new(ErrorKind::Damaged, what);
    let wrong_tag = || damaged("its authentication tag is wrong");
    let wrong_length = || damaged("its length is not the one in the index");
    if location.uncompressed == 0 {
        if sealed.len() != plain.len() + SEAL_BYTES {
            return Err(wrong_length());
        }
        return key.open_to(sealed, plain).ok_or_else(wrong_tag);
    }
    let mut raw = RawFrame::new(plain);
    let stored = key.open_and_see(sealed, |frame| raw.see(frame)).ok_or_else(wrong_tag)?;
    if raw.is(stored) {
        return Ok(());
    }
    let length = unpacker
        .decompress_to_buffer(stored, plain)
        .map_err(|error| damaged("it cannot be unpacked").because(error))?;
    if length == plain.len() { Ok(()) } else { Err(wrong_length()) }
}

/// What decoding can reach on this machine: the ceiling of every reader.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Plaintext bytes.
    pub bytes: u64,
    /// Time spent decoding, reading not counted.
    pub elapsed: Duration,
    /// Threads that decoded.
    pub threads: usize,
}

/// Decodes up to `bytes_max` of the repository's data from memory on so many threads.
///
/// # Errors
/// What the storage answers, or `Damaged`.
pub fn measure(repository: &Repository, threads: usize, bytes_max: u64) -> Result<Measured> {
    let mut packs: HashMap<PackId, Vec<BlobLocation>> = HashMap::new();
    let mut bytes = 0;
    repository.for_each_blob(|_, location| {
        if location.kind == BlobKind::Data {
            bytes += u64::from(location.plain_bytes());
            packs.entry(location.pack).or_default().push(location);
        }
        if bytes < bytes_max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let mut elapsed = Duration::ZERO;
    let mut batch: Vec<(BlobLocation, Vec<u8>)> = Vec::new();
    let mut held = 0;
    for (pack, locations) in packs {
        for location in locations {
            let mut sealed = vec![0; location.length as usize];
            repository.backend().read_at(FileId::pack(pack), u64::from(location.offset), &mut sealed)?;
            held += sealed.len() as u64;
            batch.push((location, sealed));
        }
        if held >= MEASURED_BYTES_AT_ONCE_MAX {
            elapsed += decode_batch(repository.master_key(), std::mem::take(&mut batch), threads)?;
            held = 0;
        }
    }
    elapsed += decode_batch(repository.master_key(), batch, threads)?;
    Ok(Measured { bytes, elapsed, threads })
}

fn decode_batch(key: &MasterKey, mut batch: Vec<(BlobLocation, Vec<u8>)>, threads: usize) -> Result<Duration> {
    let share = batch.len().div_ceil(threads.max(1)).max(1);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = batch
            .chunks_mut(share)
            .map(|share| {
                scope.spawn(move || -> Result<()> {
                    let failed = |error| Error::io("make a decompressor", error);
                    let mut unpacker = Decompressor::new().map_err(failed)?;
                    let mut plain = Vec::new();
                    for (location, sealed) in share {
                        plain.resize(location.plain_bytes() as usize, 0);
                        decode(key, location, sealed, &mut unpacker, &mut plain)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for worker in workers {
            worker.join().map_err(|_| Error::new(ErrorKind::Io, "a decoding thread panicked"))??;
        }
        Ok(begun.elapsed())
    })
}
