//! What a job is to do. No secret is in it: passwords come with the lease, and live in memory only.

mod restore;

use serde::{Deserialize, Serialize};

use crate::id::SnapshotId;
use crate::plan::{CaptureOptions, Hook, Limits, RetentionPolicy, StorageClass};
use crate::uid::{PlanUid, RepositoryUid, SourceUid};

use super::JobKind;

pub use restore::{ConflictRule, RestoreChoice, RestoreRule, RestoreSpec, RestoreTarget, RestoreUndo};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobSpec {
    /// Takes a snapshot of a source.
    Backup(Box<BackupSpec>),
    /// Brings files back to a machine.
    Restore(RestoreSpec),
    /// Lists a repository's snapshots anew.
    Catalog(CatalogSpec),
    /// Removes snapshots that no rule keeps.
    Forget(Box<ForgetSpec>),
    /// Reclaims what no snapshot uses.
    Prune(PruneSpec),
    /// Proves that snapshots can be read.
    Verify(VerifySpec),
    /// Copies snapshots to another repository.
    Copy(CopySpec),
    /// Copies a repository's files to another place.
    Mirror(MirrorSpec),
    /// Has the storage keep what a snapshot needs for as long as it is held.
    LegalHold(LegalHoldSpec),
}

impl JobSpec {
    /// What kind of job it is.
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::Backup(_) => JobKind::Backup,
            Self::Restore(_) => JobKind::Restore,
            Self::Catalog(_) => JobKind::Catalog,
            Self::Forget(_) => JobKind::Forget,
            Self::Prune(_) => JobKind::Prune,
            Self::Verify(_) => JobKind::Verify,
            Self::Copy(_) => JobKind::Copy,
            Self::Mirror(_) => JobKind::Mirror,
            Self::LegalHold(_) => JobKind::LegalHold,
        }
    }

    /// The repository that it works on: the one written to, where there are two.
    pub fn repository(&self) -> RepositoryUid {
        match self {
            Self::Backup(spec) => spec.repository,
            Self::Restore(spec) => spec.repository,
            Self::Catalog(spec) => spec.repository,
            Self::Forget(spec) => spec.repository,
            Self::Prune(spec) => spec.repository,
            Self::Verify(spec) => spec.repository,
            Self::Copy(spec) => spec.to,
            Self::Mirror(spec) => spec.to,
            Self::LegalHold(spec) => spec.repository,
        }
    }
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BackupSpec {
    /// The plan that it is a run of.
    pub plan: PlanUid,
    /// The version of the plan that counted when the job was made.
    pub plan_version: u32,
    /// What is protected.
    pub source: SourceUid,
    /// Where the snapshot goes, through the server's gateway.
    pub repository: RepositoryUid,
    /// The source's files and folders, on its machine.
    pub paths: Vec<String>,
    /// How they are captured.
    pub capture: CaptureOptions,
    /// The name of the source in the snapshot; the machine's own when there is none.
    pub host: Option<String>,
    /// Labels of the snapshot.
    pub tags: Vec<String>,
    /// Commands around the capture.
    pub hooks: Vec<Hook>,
    /// How much of the machine it may use.
    pub limits: Limits,
    /// Where the storage should keep it.
    pub storage_class: StorageClass,
}

/// A refresh of the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogSpec {
    /// Whose.
    pub repository: RepositoryUid,
}

/// Forgetting by rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgetSpec {
    /// Where.
    pub repository: RepositoryUid,
    /// By which rules.
    pub retention: RetentionPolicy,
    /// Only snapshots that have this tag: those of one plan.
    pub tag: Option<String>,
    /// Only snapshots of these hosts; of all when there is none.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Says what would be forgotten, and forgets nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Hours that a prune waits between marking a pack and removing it, when nobody says otherwise.
pub const PRUNE_GRACE_HOURS: u32 = 23;

/// Pruning, in two phases: what is marked now goes after the grace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PruneSpec {
    /// Where.
    pub repository: RepositoryUid,
    /// Hours between marking and removing.
    #[serde(default = "grace_hours")]
    pub grace_hours: u32,
    /// Percent of a repository that may stay unused.
    #[serde(default = "max_unused_percent")]
    pub max_unused_percent: u8,
    /// Bytes that are moved to new packs at most; no limit when there is none.
    #[serde(default)]
    pub max_repack_bytes: Option<u64>,
    /// Says what would be done, and does nothing.
    #[serde(default)]
    pub dry_run: bool,
}

const fn grace_hours() -> u32 {
    PRUNE_GRACE_HOURS
}

const fn max_unused_percent() -> u8 {
    5
}

impl PruneSpec {
    /// A prune with what is usual.
    pub const fn new(repository: RepositoryUid) -> Self {
        Self {
            repository,
            grace_hours: PRUNE_GRACE_HOURS,
            max_unused_percent: max_unused_percent(),
            max_repack_bytes: None,
            dry_run: false,
        }
    }
}

/// How deeply a verify looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "depth", rename_all = "snake_case", deny_unknown_fields)]
pub enum VerifyDepth {
    /// Index, snapshots and trees; no contents.
    #[default]
    Metadata,
    /// And a share of the packs, chosen anew each time.
    Sampled {
        /// Of all bytes, 1 to 100.
        percent: u8,
    },
    /// And every pack.
    Full,
}

/// A verify.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifySpec {
    /// Where.
    pub repository: RepositoryUid,
    /// How deeply.
    #[serde(default)]
    pub depth: VerifyDepth,
}

/// Copying snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CopySpec {
    /// From here.
    pub from: RepositoryUid,
    /// To there.
    pub to: RepositoryUid,
    /// Only snapshots that have this tag.
    #[serde(default)]
    pub tag: Option<String>,
}

/// Mirroring a repository's files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MirrorSpec {
    /// From here.
    pub from: RepositoryUid,
    /// To there: a place without a repository, or one that is a mirror already.
    pub to: RepositoryUid,
    /// Deletes at the mirror what is gone here, after all else was copied; not when too much is gone.
    #[serde(default)]
    pub delete: bool,
}

/// Bringing the storage's legal hold in line with the holds of a snapshot: what it needs is kept while one holds it, and no
/// longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LegalHoldSpec {
    /// Where: a repository whose files are locked by its storage.
    pub repository: RepositoryUid,
    /// Which snapshot.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub snapshot: SnapshotId,
}
