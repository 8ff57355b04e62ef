//! `bench copy`: 60 snapshots into an empty repository.

use super::data::{self, Set};
use super::table::{Table, Unit};
use super::writers::{self, WRITERS};
use super::{Stage, measure, rotated};
use anyhow::{Context, Result};

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    let set = data::prepare(stage, Set::History)?;
    for peer in rotated(stage, WRITERS) {
        let folder = tempfile::Builder::new()
            .prefix("copy-")
            .tempdir_in(&stage.root)
            .context("creating a folder for a repository")?;
        let target = folder.path().join("repository");
        let mut init = data::restic(stage, &target)?;
        init.args(["init", "--copy-chunker-params", "--from-repo"]).arg(&set.repository);
        crate::process::output(init.env("RESTIC_FROM_PASSWORD", data::PASSWORD))?;
        measure::drop_caches()?;
        let run = measure::timed(&mut writers::copy(peer, stage, &set.repository, &target)?)?;
        table.add("copy of 60 snapshots", Unit::Seconds, peer, run.seconds);
        table.add("memory, copy", Unit::PeakMebibytes, peer, run.peak_mib);
        folder.close().context("removing a repository")?;
    }
    Ok(())
}
