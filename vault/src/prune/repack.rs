//! Moving what is needed out of packs that are going.

use std::collections::HashMap;
use std::ops::ControlFlow;

use bygone_common::{BlobId, PackId};

use super::decide::Fate;
use super::{PrunePlan, Repack};
use crate::backend::{CancelToken, FileId};
use crate::blob_map::{BlobKind, BlobLocation};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};
use crate::repository::Repository;
use crate::write::Writer;

/// Packs that are read at once.
const READERS: usize = 2;
/// The same over a network.
const REMOTE_READERS: usize = 8;
/// Bytes that are read together at the most.
const READ_BYTES_MAX: u64 = 8 << 20;
/// Bytes between two needed blobs that are read through.
const GAP_BYTES_MAX: u64 = 256 << 10;

type Wanted = (BlobId, BlobLocation);

/// Writes the needed blobs of all packs that are repacked. They are durable and named when this returns.
pub(super) fn repack(
    plan: &PrunePlan,
    repository: &Repository,
    writer: &Writer,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<()> {
    let packs = wanted(plan, repository);
    let bytes = packs.iter().flatten().map(|(_, location)| u64::from(location.length)).sum();
    progress.stage("move what is needed", bytes, Unit::Bytes);
    let readers = if repository.backend().is_remote() { REMOTE_READERS } else { READERS };
    let mover = Mover { repository, writer, token, progress, recompress: plan.options.repack == Repack::Uncompressed };
    for_each(readers, &packs, |blobs| mover.move_blobs(blobs))?;
    writer.flush()
}

/// The needed blobs of each pack that is repacked, in the order of their offsets.
fn wanted(plan: &PrunePlan, repository: &Repository) -> Vec<Vec<Wanted>> {
    let mut packs: HashMap<PackId, Vec<Wanted>> = HashMap::new();
    repository.for_each_blob(|id, location| {
        if let Some(number) = plan.survey.number(location.pack)
            && plan.decisions.fates.get(number as usize) == Some(&Fate::Repack)
            && plan.decisions.owners.get(&(location.kind, id)) == Some(&number)
        {
            packs.entry(location.pack).or_default().push((id, location));
        }
        ControlFlow::Continue(())
    });
    let mut packs: Vec<Vec<Wanted>> = packs.into_values().collect();
    for blobs in &mut packs {
        blobs.sort_unstable_by_key(|(_, location)| location.offset);
        // Named by several index files, it was met several times.
        blobs.dedup_by_key(|(id, location)| (*id, location.kind));
    }
    packs
}

struct Mover<'a> {
    repository: &'a Repository,
    writer: &'a Writer,
    token: &'a CancelToken,
    progress: &'a dyn Progress,
    /// Whether blobs that are not compressed are written anew rather than moved.
    recompress: bool,
}

impl Mover<'_> {
    fn move_blobs(&self, blobs: &[Wanted]) -> Result<()> {
        let mut start = 0;
        let groups = blobs.chunk_by(|(_, left), (_, right)| {
            start = if start == 0 { u64::from(left.offset) + 1 } else { start };
            let near = u64::from(right.offset) <= left.end() + GAP_BYTES_MAX
                && right.end().saturating_sub(start - 1) <= READ_BYTES_MAX;
            if !near {
                start = 0;
            }
            near
        });
        let mut bytes = Vec::new();
        for group in groups {
            self.token.check(|| "prune".to_owned())?;
            let (Some((_, first)), Some((_, last))) = (group.first(), group.last()) else { continue };
            let from = u64::from(first.offset);
            bytes.resize(usize::try_from(last.end() - from).unwrap_or(usize::MAX), 0);
            self.repository.backend().read_at(FileId::pack(first.pack), from, &mut bytes)?;
            for (id, location) in group {
                let at = (u64::from(location.offset) - from) as usize;
                let sealed = bytes.get(at..at + location.length as usize).unwrap_or_default();
                self.move_blob(*id, location, sealed)?;
                self.progress.advance(u64::from(location.length));
            }
        }
        Ok(())
    }

    /// What is sealed under the repository's key stays so: its tag says that it is what somebody wrote.
    fn move_blob(&self, id: BlobId, location: &BlobLocation, sealed: &[u8]) -> Result<()> {
        if self.recompress && location.uncompressed == 0 {
            let mut copy = sealed.to_vec();
            let plain = self.repository.master_key().open(&mut copy).ok_or_else(|| damaged(id, location))?;
            return self.writer.add_hashed(location.kind, id, plain).map(drop);
        }
        if !self.repository.master_key().is_of(sealed) {
            return Err(damaged(id, location));
        }
        self.writer.add_sealed(location.kind, id, sealed, location.uncompressed)
    }
}

fn damaged(id: BlobId, location: &BlobLocation) -> Error {
    let what = match location.kind {
        BlobKind::Data => "blob",
        BlobKind::Tree => "tree",
    };
    let sentence = format!("{what} {id} in pack {} is damaged: its authentication tag is wrong", location.pack);
    Error::new(ErrorKind::Damaged, sentence).context("nothing is pruned: check the repository")
}
