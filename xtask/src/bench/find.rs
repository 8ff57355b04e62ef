//! `bench find`: names in 60 snapshots.

use super::data::{self, Set};
use super::peers::READERS;
use super::sets::NEEDLE;
use super::table::{Table, Unit};
use super::{Stage, measure, rotated};
use anyhow::Result;

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    let set = data::prepare(stage, Set::History)?;
    let patterns = [
        ("a rare name", format!("{NEEDLE}_*.c")),
        ("a name that is not there", "no_such_name".into()),
        ("every source file", "*.c".into()),
    ];
    for peer in rotated(stage, READERS) {
        for (what, pattern) in patterns.iter().filter(|(what, _)| stage.wants(what)) {
            measure::drop_caches()?;
            for when in ["cold", "warm"] {
                let run = measure::timed(&mut peer.find(stage, &set, pattern)?)?;
                table.add(&format!("{what} in 60 snapshots, {when}"), Unit::Seconds, peer, run.seconds);
                table.add(&format!("memory, {what}"), Unit::PeakMebibytes, peer, run.peak_mib);
            }
        }
    }
    Ok(())
}
