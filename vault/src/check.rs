//! Proving a repository readable: every file that names others, every pack, and if asked for every byte.
//!
//! Read in this order: [`finding`] (what can be wrong), `packs` (packs against the index), `read` (the bytes of packs),
//! `trees` (what snapshots need against what is there), `sample` (whole files through the reader), [`heal`] (bringing good
//! copies from a mirror).
//!
//! Nothing is changed but by [`heal`].

pub mod finding;
pub mod heal;
mod packs;
mod read;
mod sample;
mod second_opinion;
mod trees;

use std::collections::HashSet;

use bygone_common::{BlobId, SnapshotId};

use crate::backend::CancelToken;
use crate::error::Result;
use crate::key;
use crate::progress::Progress;
use crate::repository::Repository;
use packs::IndexedPacks;

pub use finding::Finding;
pub use second_opinion::second_opinion;

/// Which packs are read as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReadData {
    /// None: only what names them is checked.
    None,
    /// All.
    All,
    /// The `part`-th of `parts` equal parts, counted from 1: after all parts everything was read once. The parts are restic's.
    Part {
        /// Which.
        part: u32,
        /// Of how many.
        parts: u32,
    },
    /// A share of the bytes, from 0 to 1, picked by chance.
    Share(f64),
    /// So many bytes, picked by chance.
    Bytes(u64),
}

/// What is checked.
#[derive(Debug, Clone, Copy)]
pub struct CheckOptions {
    /// Which packs are read.
    pub read: ReadData,
    /// Files that are picked by chance and read to their end, as a restore would.
    pub sample_files: usize,
    /// What chance begins with.
    pub seed: u64,
}

/// What a check saw.
#[derive(Debug, Default)]
pub struct Report {
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
    /// Snapshots.
    pub snapshots: u64,
    /// Distinct trees.
    pub trees: u64,
    /// Packs in storage.
    pub packs: u64,
    /// Packs that were read.
    pub packs_read: u64,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// Files that were sampled, and their bytes.
    pub files_sampled: u64,
    /// Bytes of these.
    pub bytes_sampled: u64,
}

impl Report {
    /// Findings that are errors: something cannot be read, or will not be.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_error())
    }
}

/// Checks a repository.
///
/// # Errors
/// What the storage answers to a listing, and `Cancelled`. Everything else is a finding.
pub fn check(
    repository: &Repository,
    options: &CheckOptions,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Report> {
    let mut report = Report::default();
    keys(repository, &mut report.findings)?;
    report
        .findings
        .extend(repository.damaged_index_files().into_iter().map(|(id, why)| Finding::IndexFile { id, why }));
    let packs = IndexedPacks::collect(repository)?;
    packs.compare(repository, &mut report);
    let chosen = packs.choose(options.read, options.seed);
    let damaged = read::read(repository, &chosen, token, progress, &mut report)?;
    trees::walk(repository, damaged, token, progress, &mut report)?;
    sample::sample(repository, options, token, progress, &mut report)?;
    token.check(|| "check the repository".to_owned())?;
    Ok(report)
}

/// Blobs whose bytes are wrong.
type Damaged = HashSet<BlobId>;

/// Key files and snapshot files that cannot be read.
fn keys(repository: &Repository, findings: &mut Vec<Finding>) -> Result<()> {
    for key in key::list(repository.backend().as_ref())? {
        if let Err(why) = key.info {
            findings.push(Finding::Key { id: key.id, why });
        }
    }
    let damaged: Vec<(SnapshotId, _)> = repository.damaged_snapshots();
    findings.extend(damaged.into_iter().map(|(id, why)| Finding::Snapshot { id, why }));
    Ok(())
}
