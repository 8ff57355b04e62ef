//! `bench list`: walking trees, and a folder of a million entries.

use super::data::{self, Prepared, Set};
use super::measure;
use super::peers::{ALL, Peer};
use super::table::{Table, Unit};
use super::{Stage, rotated};
use anyhow::{Result, ensure};
use std::ffi::OsStr;
use std::process::Command;

/// The names that a person sees first.
const FIRST_NAMES: usize = 1000;

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for kind in [Set::Source, Set::Tiny].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for peer in rotated(stage, ALL) {
            for words in [&["find", "-printf"][..], &["du"], &["ls", "-lR"]] {
                walk(stage, table, kind, &set, peer, words)?;
            }
        }
    }
    if stage.uses(Set::Million) {
        let set = data::prepare(stage, Set::Million)?;
        for peer in rotated(stage, ALL) {
            million(stage, table, &set, peer)?;
        }
    }
    table.note("cold: the kernel's caches dropped, then mounted anew; warm: once more on the same mount. What programs keep in their own cache folders stays.".into());
    Ok(())
}

fn walk(stage: &Stage, table: &mut Table, kind: Set, set: &Prepared, peer: Peer, words: &[&str]) -> Result<()> {
    let name = |when: &str| format!("`{}` over {}, {when}", words.join(" "), kind.name());
    if !stage.wants(&name("")) {
        return Ok(());
    }
    measure::drop_caches()?;
    let view = peer.view(stage, set)?;
    for when in ["cold", "warm"] {
        let run = measure::timed(&mut walker(words, view.files.as_os_str()))?;
        table.add(&name(when), Unit::Seconds, peer, run.seconds);
    }
    if let Some(peak) = view.peak_mib()? {
        table.add(&format!("memory of the mount over {}", kind.name()), Unit::PeakMebibytes, peer, peak);
    }
    view.close()
}

fn walker(words: &[&str], folder: &OsStr) -> Command {
    match words {
        ["find", ..] => {
            let mut find = Command::new("find");
            find.arg(folder).args(["-printf", r"%p %s %T@ %m %U %G %y %l\n"]);
            find
        }
        _ => {
            let mut command = Command::new(words.first().copied().unwrap_or_default());
            command.args(words.iter().skip(1)).arg(folder);
            command
        }
    }
}

fn million(stage: &Stage, table: &mut Table, set: &Prepared, peer: Peer) -> Result<()> {
    if !stage.wants("folder of a million") {
        return Ok(());
    }
    measure::drop_caches()?;
    let view = peer.view(stage, set)?;
    let listing = measure::names(&view.files, FIRST_NAMES)?;
    let wanted = (1_000_000.0 * stage.options.scale) as usize;
    ensure!(listing.count == wanted, "{} lists {} names of {wanted}", view.files.display(), listing.count);
    if listing.count >= FIRST_NAMES {
        table.add("folder of a million, first 1000 names", Unit::Seconds, peer, listing.first_seconds);
    }
    table.add("folder of a million, all names", Unit::Seconds, peer, listing.all_seconds);
    let again = measure::names(&view.files, FIRST_NAMES)?;
    table.add("folder of a million, all names again", Unit::Seconds, peer, again.all_seconds);
    if let Some(peak) = view.peak_mib()? {
        table.add("memory of the mount over a million", Unit::PeakMebibytes, peer, peak);
    }
    view.close()
}
