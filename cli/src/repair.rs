//! `bygone repair`: make the best of a repository that has lost something.

use bygone_common::PackId;
use bygone_vault::Result;
use bygone_vault::lock::LockKind;
use bygone_vault::repair::{self, Reread};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::output::show;
use crate::progress::Stages;
use crate::selection::{Selection, parse_specs};
use crate::writing::{LockArgs, Writing};

/// Make the best of a repository that has lost something
///
/// Where a mirror has what is lost, `check --heal-from` brings it back whole. Otherwise: `repair index`, then `repair packs`
/// with the packs that `check --read-data` names, then `repair snapshots`.
#[derive(Debug, Args)]
pub(crate) struct Repair {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make the index say again what packs hold
    Index {
        /// Ask every pack, and make the index anew
        #[arg(long)]
        read_all_packs: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Save what is whole in damaged packs, and remove them
    Packs {
        /// The packs, by their full ids
        #[arg(value_name = "PACK", required = true)]
        packs: Vec<PackId>,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Write snapshots that need what is gone anew without it, tagged `repaired`, and remove the old ones
    Snapshots {
        /// Only these
        #[arg(value_name = "SNAPSHOT")]
        named: Vec<String>,
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        lock: LockArgs,
    },
}

#[derive(Serialize)]
struct IndexFields {
    message_type: &'static str,
    packs_named: u64,
    packs_dropped: u64,
    index_files_removed: u64,
    unreadable_packs: Vec<String>,
}

#[derive(Serialize)]
struct PacksFields {
    message_type: &'static str,
    blobs_saved: u64,
    blobs_lost: Vec<String>,
    packs_removed: u64,
}

#[derive(Serialize)]
struct SnapshotFields {
    id: String,
    new: Option<String>,
}

impl Repair {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.what {
            What::Index { read_all_packs, lock } => {
                let reread = if read_all_packs { Reread::All } else { Reread::Unknown };
                locked(global, &lock, |writing| index(global, writing, reread))
            }
            What::Packs { packs, lock } => locked(global, &lock, |writing| salvage(global, writing, &packs)),
            What::Snapshots { named, selection, lock } => {
                locked(global, &lock, |writing| snapshots(global, writing, &named, &selection))
            }
        }
    }
}

fn locked(global: &Global, lock: &LockArgs, act: impl FnOnce(&Writing) -> Result<Outcome>) -> Result<Outcome> {
    let writing = Writing::open(global, LockKind::Exclusive, lock)?;
    let outcome = act(&writing);
    writing.finish(outcome)
}

fn index(global: &Global, writing: &Writing, reread: Reread) -> Result<Outcome> {
    let Writing { repository, storage, token, .. } = writing;
    let repaired = repair::index(repository, storage, reread, token, &Stages::new(global))?;
    for (_, error) in &repaired.unreadable {
        console::problem(&error.chain());
    }
    let fields = IndexFields {
        message_type: "summary",
        packs_named: repaired.packs_named,
        packs_dropped: repaired.packs_dropped,
        index_files_removed: repaired.index_files_removed,
        unreadable_packs: repaired.unreadable.iter().map(|(pack, _)| pack.to_string()).collect(),
    };
    show(
        global,
        || &fields,
        |output| {
            output.line(&format!(
                "{} packs are named again, {} that are missing no more",
                fields.packs_named, fields.packs_dropped
            ))?;
            output.line(&format!("{} index files were replaced", fields.index_files_removed))
        },
    )?;
    Ok(Outcome::after(repaired.unreadable.len() as u64))
}

fn salvage(global: &Global, writing: &Writing, packs: &[PackId]) -> Result<Outcome> {
    let Writing { repository, storage, token, .. } = writing;
    let repaired = repair::packs(repository, storage, packs, token, &Stages::new(global))?;
    let fields = PacksFields {
        message_type: "summary",
        blobs_saved: repaired.saved,
        blobs_lost: repaired.lost.iter().map(ToString::to_string).collect(),
        packs_removed: repaired.packs_removed,
    };
    show(
        global,
        || &fields,
        |output| {
            output.line(&format!("{} blobs were saved, {} are lost", fields.blobs_saved, fields.blobs_lost.len()))?;
            output.line(&format!("{} packs were removed", fields.packs_removed))
        },
    )?;
    Ok(Outcome::after(repaired.lost.len() as u64))
}

fn snapshots(global: &Global, writing: &Writing, named: &[String], selection: &Selection) -> Result<Outcome> {
    let Writing { repository, storage, token, .. } = writing;
    let mut problems = Problems::default();
    let chosen = selection.some(repository, &parse_specs(named)?, &mut problems)?;
    let repaired = repair::snapshots(repository, storage, &chosen, token, &Stages::new(global))?;
    let fields: Vec<SnapshotFields> = repaired
        .iter()
        .map(|repaired| SnapshotFields {
            id: repaired.snapshot.id.to_string(),
            new: repaired.new.map(|id| id.to_string()),
        })
        .collect();
    show(
        global,
        || &fields,
        |output| {
            for repaired in &repaired {
                let old = repaired.snapshot.id.short();
                match repaired.new {
                    Some(new) => output.line(&format!("snapshot {old} was repaired: {}", new.short()))?,
                    None => output.line(&format!("snapshot {old} is lost, and was removed"))?,
                }
            }
            output.line(&format!("{} of {} snapshots were repaired", repaired.len(), chosen.len()))
        },
    )?;
    Ok(Outcome::after(problems.count()))
}
