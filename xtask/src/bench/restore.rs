//! `bench restore`: a whole snapshot to disk. The raw folder is copied with `cp -a`, as what the disk can do.

use super::data::{self, Set};
use super::peers::ALL;
use super::table::{Table, Unit};
use super::{Stage, measure, rotated};
use anyhow::{Context, Result};

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Source, Set::Big, Set::Tiny].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for peer in rotated(stage, ALL) {
            let target = tempfile::Builder::new()
                .prefix("out-")
                .tempdir_in(&stage.root)
                .context("creating a folder to restore to")?;
            measure::drop_caches()?;
            let run = measure::timed(&mut peer.restore(stage, &set, &target.path().join("target"))?)?;
            table.add(&format!("restore of {}, cold", kind.name()), Unit::Seconds, peer, run.seconds);
            table.add(&format!("memory, restore of {}", kind.name()), Unit::PeakMebibytes, peer, run.peak_mib);
            target.close().context("removing what was restored")?;
        }
    }
    Ok(())
}
