//! A plan and its problems, as the server is told of them: bounded, whatever the snapshot holds.

use std::path::Path;

use bygone_common::job::restored::{ENTRIES_BYTES_MAX, ENTRIES_TOLD_MAX, PROBLEMS_TOLD_MAX};
use bygone_common::job::{PlannedEntry, RestorePlan, RestoreProblem};
use bygone_vault::restore::{Action, Plan, PlannedAction, RestoreError};

/// A plan.
pub(super) fn plan(plan: &Plan, target: &Path) -> RestorePlan {
    let summary = plan.summary();
    let mut told = RestorePlan {
        create: summary.files_new,
        replace: summary.files_replaced,
        beside: summary.files_beside,
        unchanged: summary.files_unchanged,
        skip: summary.files_skipped,
        conflict: summary.conflicts,
        folders: summary.directories_new,
        errors: summary.errors,
        bytes: summary.bytes,
        bytes_fetched: summary.bytes_fetched,
        bytes_free: free(target),
        ..RestorePlan::default()
    };
    let is_news = |action: Action| match action {
        Action::Unchanged | Action::Merge | Action::Conflict => false,
        Action::Create | Action::Replace | Action::CreateBeside | Action::Renew | Action::Skip => true,
    };
    let mut bytes = 0;
    for planned in plan.conflicts().chain(plan.actions().filter(|planned| is_news(planned.action))) {
        bytes += planned.path.len();
        if told.entries.len() < ENTRIES_TOLD_MAX && bytes <= ENTRIES_BYTES_MAX {
            told.entries.push(entry(&planned));
        } else {
            told.entries_untold += 1;
        }
    }
    told
}

fn entry(planned: &PlannedAction) -> PlannedEntry {
    PlannedEntry {
        path: String::from_utf8_lossy(&planned.path).into_owned(),
        kind: planned.kind.name().to_owned(),
        action: planned.action.name().to_owned(),
        bytes: planned.size,
    }
}

/// What could not be restored.
pub(super) fn problems(errors: &[RestoreError]) -> Vec<RestoreProblem> {
    let told = errors.iter().take(PROBLEMS_TOLD_MAX);
    told.map(|error| RestoreProblem { path: error.path.clone(), why: error.error.chain() }).collect()
}

/// Bytes that are free where a folder is, or will be.
#[cfg(unix)]
fn free(target: &Path) -> Option<u64> {
    let there = target.ancestors().find(|above| above.exists())?;
    let asked = rustix::fs::statvfs(there).ok()?;
    Some(asked.f_bavail.saturating_mul(asked.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}
