//! How long a plan's snapshots are kept, and how they are proved readable.

use serde::{Deserialize, Serialize};

use crate::job::VerifyDepth;
use crate::retention::{GroupBy, Retention};
use crate::schedule::Schedule;

/// By which rules snapshots are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetentionPolicy {
    /// The rules. Without any, all is kept.
    pub keep: Retention,
    /// Among whom they count: `host,paths` when nothing is said.
    pub group_by: GroupBy,
}

/// When repositories are proved readable, and how deeply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyRule {
    /// When.
    pub schedule: Schedule,
    /// How deeply.
    #[serde(default)]
    pub depth: VerifyDepth,
}
