//! `bench backup`: the first snapshot of a set, and a second one of nothing new.

use super::data::{self, Set};
use super::table::{Table, Unit};
use super::writers::{self, WRITERS};
use super::{Stage, measure, rotated};
use anyhow::{Context, Result};

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Source, Set::Big, Set::Tiny].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        let name = kind.name();
        for peer in rotated(stage, WRITERS) {
            let folder = tempfile::Builder::new()
                .prefix("in-")
                .tempdir_in(&stage.root)
                .context("creating a folder for a repository")?;
            let repository = folder.path().join("repository");
            writers::init(stage, &repository)?;
            measure::drop_caches()?;
            let first = measure::timed(&mut writers::backup(peer, stage, &repository, &set.raw)?)?;
            table.add(&format!("first backup of {name}, cold"), Unit::Seconds, peer, first.seconds);
            table.add(&format!("memory, first backup of {name}"), Unit::PeakMebibytes, peer, first.peak_mib);
            let opening = measure::timed(&mut writers::opening(peer, stage, &repository)?)?;
            let second = measure::timed(&mut writers::backup(peer, stage, &repository, &set.raw)?)?;
            // Key derivation takes the same half second whatever is backed up.
            let seconds = (second.seconds - opening.seconds).max(0.001);
            table.add(&format!("second backup of {name}, less opening"), Unit::Seconds, peer, seconds);
            table.add(&format!("memory, second backup of {name}"), Unit::PeakMebibytes, peer, second.peak_mib);
            folder.close().context("removing a repository")?;
        }
    }
    Ok(())
}
