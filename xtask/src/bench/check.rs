//! `bench check`: every byte of a repository read and checked.

use super::data::{self, Set};
use super::table::{Table, Unit};
use super::writers::{self, WRITERS};
use super::{Stage, measure, rotated};
use anyhow::Result;

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Source, Set::Big, Set::History].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for peer in rotated(stage, WRITERS) {
            measure::drop_caches()?;
            let run = measure::timed(&mut writers::check(peer, stage, &set.repository)?)?;
            table.add(&format!("check of {}, every byte", kind.name()), Unit::Seconds, peer, run.seconds);
            table.add(&format!("memory, check of {}", kind.name()), Unit::PeakMebibytes, peer, run.peak_mib);
        }
    }
    Ok(())
}
