//! Which snapshots a verb is about.

use std::sync::Arc;

use bygone_common::SnapshotPath;
use bygone_vault::{Error, Repository, Resolved, Result, Snapshot, SnapshotAndPath, SnapshotFilter, SnapshotSpec};
use clap::Args;

use crate::console::Problems;

/// Only some snapshots.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Snapshots")]
pub(crate) struct Selection {
    /// Only snapshots of this host (may be repeated)
    #[arg(short = 'H', long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Only snapshots with all of these tags (may be repeated; an empty one means untagged)
    #[arg(long = "tag", value_name = "TAG[,TAG…]")]
    tags: Vec<String>,
    /// Only snapshots that saved this path (may be repeated: all of them)
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
}

impl Selection {
    /// Of options that a verb gives other names.
    pub(crate) fn of(hosts: Vec<String>, tags: Vec<String>, paths: Vec<String>) -> Self {
        Self { hosts, tags, paths }
    }

    /// As vault takes it.
    pub(crate) fn filter(&self) -> SnapshotFilter {
        let tags = self.tags.iter().map(|tags| tags.split(',').map(|tag| tag.trim().to_owned()).collect());
        SnapshotFilter { hosts: self.hosts.clone(), tags: tags.collect(), paths: self.paths.clone() }
    }

    /// All that match, oldest first. Snapshots that cannot be read are told of.
    pub(crate) fn all(&self, repository: &Repository, problems: &mut Problems) -> Vec<Arc<Snapshot>> {
        tell_damaged(repository, problems);
        let filter = self.filter();
        repository.snapshots().iter().filter(|snapshot| filter.matches(snapshot)).cloned().collect()
    }

    /// Those named; all that match when none is named. Oldest first, each once.
    ///
    /// # Errors
    /// As [`one`](Self::one).
    pub(crate) fn some(
        &self,
        repository: &Repository,
        named: &[SnapshotSpec],
        problems: &mut Problems,
    ) -> Result<Vec<Arc<Snapshot>>> {
        if named.is_empty() {
            return Ok(self.all(repository, problems));
        }
        let mut chosen = named.iter().map(|spec| self.one(repository, spec, problems)).collect::<Result<Vec<_>>>()?;
        chosen.sort_by_key(|snapshot| snapshot.order());
        chosen.dedup_by_key(|snapshot| snapshot.id);
        Ok(chosen)
    }

    /// The one meant. When it is named by its time, snapshots that cannot be read are told of: one of them may be it.
    ///
    /// # Errors
    /// There is none, or a short id fits several.
    pub(crate) fn one(
        &self,
        repository: &Repository,
        spec: &SnapshotSpec,
        problems: &mut Problems,
    ) -> Result<Arc<Snapshot>> {
        match spec {
            SnapshotSpec::Latest { .. } | SnapshotSpec::NotAfter(_) => tell_damaged(repository, problems),
            SnapshotSpec::Id(_) => {}
        }
        spec.select(&repository.snapshots(), &self.filter()).cloned()
    }
}

fn tell_damaged(repository: &Repository, problems: &mut Problems) {
    // Once is enough, however many snapshots a command names.
    if problems.count() > 0 {
        return;
    }
    for (_, error) in repository.damaged_snapshots() {
        problems.tell(&error.chain());
    }
}

/// Snapshots as they are named on the command line.
///
/// # Errors
/// The first that names none.
pub(crate) fn parse_specs(named: &[String]) -> Result<Vec<SnapshotSpec>> {
    named.iter().map(|text| text.parse()).collect()
}

/// For clap: `SNAPSHOT[:PATH]`, as bytes of the system where names are bytes.
pub(crate) fn parse_snapshot_and_path(argument: &std::ffi::OsStr) -> Result<SnapshotAndPath> {
    SnapshotAndPath::parse(argument.as_encoded_bytes())
}

/// What a path of a snapshot leads to.
///
/// # Errors
/// There is no such path.
pub(crate) fn resolve(repository: &Repository, snapshot: &Snapshot, path: &SnapshotPath) -> Result<Resolved> {
    let within = |error: Error| error.context(format!("snapshot {}", snapshot.id.short()));
    repository.resolve(snapshot.tree, path).map_err(within)
}

/// Puts an error under `path of snapshot x`.
pub(crate) fn describe(error: Error, snapshot: &Snapshot, path: &impl std::fmt::Display) -> Error {
    error.context(format!("{path} of snapshot {}", snapshot.id.short()))
}
