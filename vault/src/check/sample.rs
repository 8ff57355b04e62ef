//! Files picked by chance, read to their end through the reader that mounts and restores use, and hashed.

use bygone_common::TreeId;
use sha2::{Digest, Sha256};

use super::{CheckOptions, Finding, Report};
use crate::backend::CancelToken;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::tree::NodeKind;
use crate::walk::Entry;

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;
/// Folders in a row that one descent may end in without finding a file.
const TRIES_MAX: usize = 64;

pub(super) fn sample(
    repository: &Repository,
    options: &CheckOptions,
    token: &CancelToken,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let snapshots = repository.snapshots();
    if options.sample_files == 0 || snapshots.is_empty() {
        return Ok(());
    }
    progress.stage("read files", options.sample_files as u64, Unit::Items);
    let mut chance = fastrand::Rng::with_seed(options.seed);
    for _ in 0..options.sample_files {
        token.check(|| "read files".to_owned())?;
        let Some(snapshot) = chance.choice(snapshots.iter()) else { break };
        let picked = (0..TRIES_MAX).find_map(|_| pick(repository, snapshot, &mut chance).transpose());
        match picked {
            None => {}
            Some(Ok((path, entry))) => match read(repository, &entry, token) {
                Ok(bytes) => {
                    report.files_sampled += 1;
                    report.bytes_sampled += bytes;
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(why) => report.findings.push(Finding::File { snapshot: snapshot.id, path, why }),
            },
            // The walk through the trees has told of it.
            Some(Err(error)) => tracing::debug!(error = error.chain(), "a folder was not sampled"),
        }
        progress.advance(1);
    }
    Ok(())
}

/// Descends by chance until it meets a file, or an end.
fn pick(repository: &Repository, snapshot: &Snapshot, chance: &mut fastrand::Rng) -> Result<Option<(String, Entry)>> {
    let mut path = String::new();
    let mut tree: TreeId = snapshot.tree;
    loop {
        let directory = repository.directory(tree)?;
        if directory.is_empty() {
            return Ok(None);
        }
        let index = chance.usize(..directory.len());
        let Some(node) = directory.get(index) else { return Ok(None) };
        path.push('/');
        path.push_str(&String::from_utf8_lossy(node.name()));
        tree = match (node.kind(), node.subtree()) {
            (NodeKind::File, _) => return Ok(Some((path, Entry::new(directory.clone(), index)))),
            (NodeKind::Dir, Some(subtree)) => subtree,
            _ => return Ok(None),
        };
    }
}

/// Reads a file, and compares each piece with the id of its blob; answers its bytes.
fn read(repository: &Repository, entry: &Entry, token: &CancelToken) -> Result<u64> {
    let Some(node) = entry.node() else { return Ok(0) };
    let reader = std::sync::Arc::new(repository.file(node)?);
    let mut offset = 0;
    let mut buffer = vec![0; READ_BYTES];
    for blob in node.content() {
        let mut left = repository.locate(*blob).map_or(0, |location| location.plain_bytes() as usize);
        let mut hash = Sha256::new();
        while left > 0 {
            token.check(|| "read files".to_owned())?;
            let part = buffer.get_mut(..left.min(READ_BYTES)).unwrap_or_default();
            let count = reader.read_at(offset, part)?;
            if count == 0 {
                return Err(Error::new(ErrorKind::Damaged, "it ends too early"));
            }
            hash.update(part.get(..count).unwrap_or_default());
            offset += count as u64;
            left -= count;
        }
        if <[u8; 32]>::from(hash.finalize()) != *blob.as_bytes() {
            return Err(Error::new(ErrorKind::Damaged, format!("its bytes are not those of blob {blob}")));
        }
    }
    if offset == node.size() {
        Ok(offset)
    } else {
        Err(Error::new(ErrorKind::Damaged, format!("{offset} bytes were read of {}", node.size())))
    }
}
