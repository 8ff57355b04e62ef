//! `bygone snapshots`: what there is.

use std::sync::Arc;

use bygone_common::hold::{HoldTag, other_tags};
use bygone_vault::{Result, Snapshot, hold};
use clap::Args;
use jiff::Timestamp;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::SnapshotFields;
use crate::open::open;
use crate::output::{Output, printable, show};
use crate::selection::{Selection, parse_specs};
use crate::units::show_size;
use crate::when::Clock;

/// List snapshots, oldest first
#[derive(Debug, Args)]
pub(crate) struct Snapshots {
    /// Only these
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    /// Only the newest so many of each host and set of paths
    #[arg(long, value_name = "N")]
    latest: Option<usize>,
    #[command(flatten)]
    selection: Selection,
}

impl Snapshots {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let mut snapshots = self.selection.some(&repository, &named, &mut problems)?;
        if let Some(count) = self.latest {
            snapshots = newest_of_each(snapshots, count);
        }
        let json = || snapshots.iter().map(|snapshot| SnapshotFields::new(snapshot)).collect::<Vec<_>>();
        show(global, json, |output| table(&snapshots, output))?;
        Ok(Outcome::after(problems.count()))
    }
}

/// The newest `count` snapshots of each host and set of paths, oldest first.
fn newest_of_each(snapshots: Vec<Arc<Snapshot>>, count: usize) -> Vec<Arc<Snapshot>> {
    let mut seen = std::collections::HashMap::new();
    let mut kept: Vec<_> = snapshots
        .into_iter()
        .rev()
        .filter(|snapshot| {
            let so_far: &mut usize = seen.entry((snapshot.hostname.clone(), snapshot.paths.clone())).or_default();
            *so_far += 1;
            *so_far <= count
        })
        .collect();
    kept.reverse();
    kept
}

/// Tags as they are, holds by their cases.
fn tags(snapshot: &Snapshot, now: Timestamp) -> String {
    let mut shown = other_tags(&snapshot.tags);
    shown.extend(hold::of(snapshot).iter().filter(|hold| hold.holds_at(now)).map(|hold| match hold {
        HoldTag::Read(hold) => format!("held: {}", hold.case()),
        HoldTag::Unreadable(_) => "held".to_owned(),
    }));
    printable(&shown.join(",")).into_owned()
}

fn table(snapshots: &[Arc<Snapshot>], output: &mut Output) -> Result<()> {
    let clock = Clock::local();
    let now = Timestamp::now();
    let mut rows = vec![["ID", "Time", "Host", "Tags", "Size", "Paths"].map(str::to_owned)];
    rows.extend(snapshots.iter().map(|snapshot| {
        [
            snapshot.id.short(),
            clock.show(snapshot.time),
            printable(&snapshot.hostname).into_owned(),
            tags(snapshot, now),
            snapshot.summary.as_ref().map_or(String::new(), |summary| show_size(summary.total_bytes_processed)),
            printable(&snapshot.paths.join(", ")).into_owned(),
        ]
    }));
    output.table(&rows)?;
    if !snapshots.is_empty() || output.is_terminal() {
        output.line(&format!("{} snapshots", snapshots.len()))?;
    }
    Ok(())
}
