//! What forgetting does, for people and for programs.

use bygone_vault::Result;
use bygone_vault::forget::{Plan, Planned, PlannedGroup};
use serde::Serialize;

use crate::global::Global;
use crate::json::SnapshotFields;
use crate::output::{Output, printable, show};
use crate::when::Clock;

/// A group, as `restic forget --json` shows it.
#[derive(Serialize)]
struct GroupFields<'a> {
    tags: Option<&'a [String]>,
    host: &'a str,
    paths: Option<&'a [String]>,
    keep: Vec<SnapshotFields<'a>>,
    remove: Vec<SnapshotFields<'a>>,
    reasons: Vec<ReasonFields<'a>>,
}

#[derive(Serialize)]
struct ReasonFields<'a> {
    snapshot: SnapshotFields<'a>,
    matches: Vec<String>,
}

pub(super) fn show_plan(global: &Global, plan: &Plan, dry_run: bool) -> Result<()> {
    let json = || plan.groups.iter().map(fields).collect::<Vec<_>>();
    show(global, json, |output| if global.quiet { Ok(()) } else { table(plan, dry_run, output) })
}

fn fields(group: &PlannedGroup) -> GroupFields<'_> {
    let shown = |stays: bool| {
        let chosen = group.snapshots.iter().filter(move |planned| planned.stays() == stays);
        chosen.map(|planned| SnapshotFields::new(&planned.snapshot)).collect()
    };
    let reasons = group.snapshots.iter().filter(|planned| planned.stays()).map(|planned| ReasonFields {
        snapshot: SnapshotFields::new(&planned.snapshot),
        matches: planned.kept.iter().map(ToString::to_string).collect(),
    });
    GroupFields {
        tags: group.key.tags.as_deref(),
        host: group.key.host.as_deref().unwrap_or_default(),
        paths: group.key.paths.as_deref(),
        keep: shown(true),
        remove: shown(false),
        reasons: reasons.collect(),
    }
}

fn table(plan: &Plan, dry_run: bool, output: &mut Output) -> Result<()> {
    let clock = Clock::local();
    for group in &plan.groups {
        let key = group.key.to_string();
        if !key.is_empty() {
            output.line(&printable(&key))?;
        }
        let rows: Vec<_> = group.snapshots.iter().map(|planned| row(planned, &clock)).collect();
        output.table(&rows)?;
        output.line("")?;
    }
    let (going, staying) = (plan.going().len(), plan.staying());
    let verb = if dry_run { "would be forgotten" } else { "to forget" };
    output.line(&format!("{staying} snapshots stay, {going} {verb}"))
}

fn row(planned: &Planned, clock: &Clock) -> [String; 5] {
    let snapshot = &planned.snapshot;
    let fate = if planned.stays() { "keep" } else { "forget" };
    let reasons: Vec<_> = planned.kept.iter().map(ToString::to_string).collect();
    let shown = |text: &str| printable(text).into_owned();
    let host = shown(&snapshot.hostname);
    [fate.to_owned(), snapshot.id.short(), clock.show(snapshot.time), host, shown(&reasons.join(", "))]
}
