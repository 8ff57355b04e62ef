//! `bench prune`: after every second of 60 snapshots was forgotten.

use super::data::{self, Set};
use super::table::{Table, Unit};
use super::writers::{self, WRITERS};
use super::{Stage, measure, rotated};
use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    let set = data::prepare(stage, Set::History)?;
    for peer in rotated(stage, WRITERS) {
        let folder = tempfile::Builder::new()
            .prefix("prune-")
            .tempdir_in(&stage.root)
            .context("creating a folder for a repository")?;
        let repository = folder.path().join("repository");
        process::output(Command::new("cp").arg("-a").arg(&set.repository).arg(&repository))?;
        forget_half(stage, &repository)?;
        measure::drop_caches()?;
        let run = measure::timed(&mut writers::prune(peer, stage, &repository)?)?;
        table.add("prune after forgetting half of 60 snapshots", Unit::Seconds, peer, run.seconds);
        table.add("memory, prune", Unit::PeakMebibytes, peer, run.peak_mib);
        folder.close().context("removing a repository")?;
    }
    Ok(())
}

fn forget_half(stage: &Stage, repository: &Path) -> Result<()> {
    let listed = process::output(data::restic(stage, repository)?.args(["snapshots", "--json"]))?;
    let snapshots: Vec<Value> = serde_json::from_slice(&listed).context("reading restic's list of snapshots")?;
    let ids = snapshots.iter().step_by(2).filter_map(|snapshot| snapshot.get("id")?.as_str());
    process::output(data::restic(stage, repository)?.arg("forget").args(ids)).map(drop)
}
