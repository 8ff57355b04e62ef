//! `bygone hold`: what nobody forgets.

use std::sync::Arc;

use bygone_common::SnapshotId;
use bygone_common::hold::{Hold as Held, HoldTag};
use bygone_vault::hold::{self, Change};
use bygone_vault::lock::LockKind;
use bygone_vault::progress::Unwatched;
use bygone_vault::{Error, ErrorKind, Result, Snapshot, worm};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::HoldFields;
use crate::open::open;
use crate::output::{Output, printable, show};
use crate::selection::{Selection, parse_specs};
use crate::when::{Clock, parse_until};
use crate::writing::{LockArgs, Writing};

/// Keep snapshots from being forgotten, whatever the rules say
///
/// A hold has a case, by which it is released, a reason, and who put it there. It lies in the snapshot's tags, where every
/// program shows it. A snapshot that is held or released gets a new id.
#[derive(Debug, Args)]
pub(crate) struct Hold {
    #[command(subcommand)]
    verb: HoldVerb,
}

#[derive(Debug, Subcommand)]
enum HoldVerb {
    /// Hold snapshots
    Add {
        /// The snapshots
        #[arg(value_name = "SNAPSHOT", required = true)]
        named: Vec<String>,
        /// What it is for
        #[arg(long)]
        case: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Who says so [default: you]
        #[arg(long)]
        who: Option<String>,
        /// When it ends by itself: 2027-01-01, or 90d from now [default: when somebody releases it]
        #[arg(long, value_name = "TIME", value_parser = parse_until)]
        until: Option<Timestamp>,
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// List holds
    List {
        #[command(flatten)]
        selection: Selection,
    },
    /// End the holds of a case
    Release {
        /// Only of these snapshots
        #[arg(value_name = "SNAPSHOT")]
        named: Vec<String>,
        /// The case; of a hold that cannot be read, its whole tag
        #[arg(long)]
        case: String,
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        lock: LockArgs,
    },
}

/// A hold and its snapshot.
#[derive(Serialize)]
struct HeldLine<'a> {
    snapshot: String,
    #[serde(flatten)]
    hold: HoldFields<'a>,
}

impl Hold {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            HoldVerb::Add { named, case, reason, who, until, selection, lock } => {
                let who = who.unwrap_or_else(bygone_vault::lock::whoami);
                let held = Held::new(&case, &who, &reason, until)
                    .map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()))?;
                if !held.holds_at(Timestamp::now()) {
                    return Err(Error::new(ErrorKind::InvalidInput, "a hold that ends in the past holds nothing"));
                }
                change(global, &named, &selection, &lock, "held", |writing, snapshot| add(writing, snapshot, &held))
            }
            HoldVerb::List { selection } => list(global, &selection),
            HoldVerb::Release { named, case, selection, lock } => {
                change(global, &named, &selection, &lock, "released", |writing, snapshot| {
                    release(writing, snapshot, &case)
                })
            }
        }
    }
}

/// Holds a snapshot; where files are locked, so that nobody can remove what it needs.
fn add(writing: &Writing, snapshot: &Snapshot, held: &Held) -> Result<Option<SnapshotId>> {
    let new = apply(writing, snapshot, &Change::Add(held.clone()))?;
    follow(writing, new.unwrap_or(snapshot.id))?;
    Ok(new)
}

/// Ends a case's hold of a snapshot, and the legal hold of what it needs unless another case or snapshot is held by it.
fn release(writing: &Writing, snapshot: &Snapshot, case: &str) -> Result<Option<SnapshotId>> {
    let new = apply(writing, snapshot, &Change::Release(case.to_owned()))?;
    if let Some(new) = new {
        follow(writing, new)?;
    }
    Ok(new)
}

fn apply(writing: &Writing, snapshot: &Snapshot, change: &Change) -> Result<Option<SnapshotId>> {
    let Writing { repository, storage, object_lock, .. } = writing;
    hold::change(repository, storage.as_ref(), object_lock.as_ref(), snapshot.id, change)
}

/// Brings the storage in line with the holds that a snapshot has now, where files are locked.
fn follow(writing: &Writing, id: SnapshotId) -> Result<()> {
    let Some(object_lock) = writing.object_lock.as_ref().filter(|object_lock| worm::in_force(object_lock)) else {
        return Ok(());
    };
    let repository = &writing.repository;
    repository.refresh()?;
    let snapshot = repository.snapshots().iter().find(|snapshot| snapshot.id == id).cloned();
    let gone = || Error::new(ErrorKind::NotFound, format!("snapshot {} is gone again", id.short()));
    let snapshot = snapshot.ok_or_else(gone)?;
    worm::follow_holds(repository, object_lock, &snapshot, Timestamp::now(), &writing.token, &Unwatched)?;
    Ok(())
}

/// Does something to each snapshot, and tells its new id.
fn change(
    global: &Global,
    named: &[String],
    selection: &Selection,
    lock: &LockArgs,
    what: &str,
    one: impl Fn(&Writing, &Snapshot) -> Result<Option<SnapshotId>>,
) -> Result<Outcome> {
    let named = parse_specs(named)?;
    let writing = Writing::open(global, LockKind::Exclusive, lock)?;
    let mut problems = Problems::default();
    let outcome = selection.some(&writing.repository, &named, &mut problems).and_then(|snapshots| {
        let mut changed = Vec::new();
        for snapshot in snapshots {
            writing.token.check(|| "change holds".to_owned())?;
            changed.extend(one(&writing, &snapshot)?.map(|new| (snapshot.id, new)));
        }
        Ok(changed)
    });
    let changed = writing.finish(outcome)?;
    if !global.quiet {
        for (old, new) in &changed {
            console::line(&format!("snapshot {} is {what}, and is {} now", old.short(), new.short()));
        }
        if changed.is_empty() {
            console::line(&format!("no snapshot had to be {what}"));
        }
    }
    Ok(Outcome::after(problems.count()))
}

fn list(global: &Global, selection: &Selection) -> Result<Outcome> {
    let repository = open(global)?;
    let mut problems = Problems::default();
    let now = Timestamp::now();
    let held: Vec<(Arc<Snapshot>, Vec<HoldTag>)> = selection
        .all(&repository, &mut problems)
        .into_iter()
        .map(|snapshot| (snapshot.clone(), hold::of(&snapshot)))
        .collect();
    let json = || {
        let lines = held.iter().flat_map(|(snapshot, holds)| {
            holds.iter().map(|hold| HeldLine { snapshot: snapshot.id.to_string(), hold: HoldFields::new(hold, now) })
        });
        lines.collect::<Vec<_>>()
    };
    show(global, json, |output| table(&held, now, output))?;
    Ok(Outcome::after(problems.count()))
}

fn table(held: &[(Arc<Snapshot>, Vec<HoldTag>)], now: Timestamp, output: &mut Output) -> Result<()> {
    let clock = Clock::local();
    let mut rows = vec![["Snapshot", "Time", "Host", "Case", "Who", "Until", "Reason"].map(str::to_owned)];
    for (snapshot, holds) in held {
        for hold in holds {
            let shown = |text: &str| printable(text).into_owned();
            let [case, who, until, reason] = match hold {
                HoldTag::Read(held) => {
                    let until = held.until().map_or(String::new(), |until| clock.show(until));
                    let ended = if hold.holds_at(now) { "" } else { " (ended)" };
                    [shown(held.case()), shown(held.who()), format!("{until}{ended}"), shown(held.reason())]
                }
                HoldTag::Unreadable(tag) => [shown(tag), String::new(), String::new(), "cannot be read".to_owned()],
            };
            let (id, time) = (snapshot.id.short(), clock.show(snapshot.time));
            rows.push([id, time, shown(&snapshot.hostname), case, who, until, reason]);
        }
    }
    if rows.len() > 1 || output.is_terminal() { output.table(&rows) } else { Ok(()) }
}
