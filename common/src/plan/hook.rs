//! Commands around a capture.

use serde::{Deserialize, Serialize};

/// Seconds that a hook may take when nobody says otherwise.
pub const HOOK_SECONDS: u32 = 600;

/// A command that runs on the source's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// When it runs.
    pub when: HookMoment,
    /// The program and its arguments: no shell is between.
    pub command: Vec<String>,
    /// Seconds after which it is ended.
    #[serde(default = "hook_seconds")]
    pub timeout_seconds: u32,
    /// Exit codes that are no failure; 0 when there is none.
    #[serde(default)]
    pub allowed_exit_codes: Vec<i32>,
    /// What becomes of the job when it fails.
    #[serde(default)]
    pub on_failure: OnHookFailure,
}

const fn hook_seconds() -> u32 {
    HOOK_SECONDS
}

impl Hook {
    /// Whether an exit code is no failure.
    pub fn allows(&self, code: i32) -> bool {
        if self.allowed_exit_codes.is_empty() { code == 0 } else { self.allowed_exit_codes.contains(&code) }
    }
}

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HookMoment {
    /// Before anything is read.
    Before,
    /// After all was read, whatever came of it.
    After,
    /// After a snapshot was taken.
    Success,
    /// After a failure.
    Failure,
}

/// What becomes of a job whose hook fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnHookFailure {
    /// It fails; a hook before the capture keeps it from being taken.
    #[default]
    Fail,
    /// It goes on, and ends as partial.
    GoOn,
}
