//! A plan: what to capture, when, how long to keep it.
//!
//! Read in this order: here [`PlanSpec`], [`capture`] (what is left out, and how the rest is read), [`hook`], [`limits`],
//! [`retain`], [`trigger`] (what sets it going beside its schedule), `check` (what a plan cannot be).

pub mod capture;
pub mod check;
pub mod hook;
pub mod limits;
pub mod retain;
pub mod trigger;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::schedule::Schedule;
use crate::uid::{RepositoryUid, SourceUid};

pub use capture::{CaptureOptions, Compression};
pub use check::Fault;
pub use hook::{Hook, HookMoment, OnHookFailure};
pub use limits::{BandwidthRule, IoClass, Limits};
pub use retain::{RetentionPolicy, VerifyRule};
pub use trigger::{AfterPlan, Dependency, When};

/// What to capture, when, how long to keep it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// What is protected: one job for each.
    pub sources: Vec<SourceUid>,
    /// How it is captured.
    #[serde(default)]
    pub capture: CaptureOptions,
    /// Where snapshots go: the first is written by agents; the others as `repository_mode` says.
    pub repositories: Vec<RepositoryUid>,
    /// How more than one repository is filled.
    #[serde(default)]
    pub repository_mode: RepositoryMode,
    /// Where the storage should keep what is written. The colder one of it and the repository's own counts.
    #[serde(default)]
    pub storage_class: StorageClass,
    /// Labels of its snapshots, beside `plan:<uid>`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it runs by itself; never when there is none.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Names of events of the API that set it going.
    #[serde(default)]
    pub events: Vec<String>,
    /// Plans whose end sets it going.
    #[serde(default)]
    pub after: Vec<AfterPlan>,
    /// Plans that must not be running, or must have succeeded, when a job of this one begins.
    #[serde(default)]
    pub depends_on: Vec<Dependency>,
    /// How long snapshots are kept; for ever when there is none.
    #[serde(default)]
    pub retention: Option<RetentionPolicy>,
    /// When its repositories are proved readable.
    #[serde(default)]
    pub verify: Option<VerifyRule>,
    /// When its repositories are pruned; never by this plan when there is none.
    #[serde(default)]
    pub prune: Option<Schedule>,
    /// Commands around the capture.
    #[serde(default)]
    pub hooks: Vec<Hook>,
    /// How much of the machine it may use.
    #[serde(default)]
    pub limits: Limits,
    /// Who sees its sources in the portal, if their own visibility shows them to more.
    #[serde(default)]
    pub visibility: Visibility,
    /// How often a run is tried at most.
    #[serde(default = "attempts_default")]
    pub attempts_max: u8,
}

const fn attempts_default() -> u8 {
    3
}

/// How more than one repository is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RepositoryMode {
    /// The source is captured into one after the other: no repository's data pass through another.
    #[default]
    Sequential,
    /// The source is captured into the first, and the server copies to the others.
    Copy,
}

/// Where storage should keep what is written, each colder than the one before. Only S3 has classes: packs are put into
/// `STANDARD`, `STANDARD_IA` or `GLACIER_IR`, from all of which they are read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageClass {
    /// At hand.
    #[default]
    Hot,
    /// At hand, cheaper to keep and dearer to read.
    Warm,
    /// At hand, cheapest to keep and dearest to read.
    Cold,
}

impl StorageClass {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Hot, Self::Warm, Self::Cold];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StorageClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or_else(|| format!("{text:?} is no storage class"))
    }
}

/// Who sees what a plan captures in the portal. Of several plans of one source and the source itself, the narrowest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Who owns the source.
    Owner,
    /// And whoever has a grant.
    #[default]
    Shared,
    /// Nobody but those whose role shows them everything.
    Hidden,
}
