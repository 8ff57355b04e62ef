//! What sets a plan going beside its schedule, and what keeps it waiting.

use serde::{Deserialize, Serialize};

use crate::job::JobState;
use crate::uid::PlanUid;

/// Another plan whose end sets this one going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AfterPlan {
    /// Which.
    pub plan: PlanUid,
    /// After which end.
    #[serde(default)]
    pub when: When,
}

/// After which end of another plan's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Every job of the run took its snapshot, with or without problems.
    #[default]
    Succeeded,
    /// Any job of it failed.
    Failed,
    /// Any end.
    Ended,
}

impl When {
    /// Whether a run whose jobs ended so is meant.
    pub fn fits(self, states: &[JobState]) -> bool {
        let is_good = |state: &JobState| matches!(state, JobState::Succeeded | JobState::Partial);
        match self {
            Self::Succeeded => states.iter().all(is_good),
            Self::Failed => states.contains(&JobState::Failed),
            Self::Ended => true,
        }
    }
}

/// A plan that another one waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// Which.
    pub plan: PlanUid,
    /// A run fails when the last job of that plan before it did. Otherwise it only waits for its end.
    #[serde(default)]
    pub must_succeed: bool,
}
