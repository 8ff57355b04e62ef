//! `bench mount`: reading through the mount.

use super::data::{self, Prepared, Set};
use super::measure::{self, Offsets};
use super::peers::{ALL, Peer, View};
use super::table::{Table, Unit};
use super::{Stage, rotated};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A word that no made-up file holds, so that grep reads every byte.
const ABSENT: &str = "Zzyzx_Zzyzx";

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    if stage.uses(Set::Big) {
        let set = data::prepare(stage, Set::Big)?;
        for peer in rotated(stage, ALL) {
            sequential(stage, table, &set, peer)?;
            random(stage, table, &set, peer)?;
        }
    }
    for kind in [Set::Source, Set::Tiny].into_iter().filter(|kind| stage.uses(*kind)) {
        let set = data::prepare(stage, kind)?;
        for peer in rotated(stage, ALL) {
            grep(stage, table, kind, &set, peer)?;
            if kind == Set::Source {
                copy(stage, table, &set, peer)?;
            }
        }
    }
    table.note("cold: the kernel's caches dropped, then mounted anew; warm and second: once more on the same mount. What programs keep in their own cache folders stays.".into());
    Ok(())
}

fn sequential(stage: &Stage, table: &mut Table, set: &Prepared, peer: Peer) -> Result<()> {
    if stage.wants("sequential") {
        measure::drop_caches()?;
        let view = peer.view(stage, set)?;
        for measure in ["sequential, all cold", "sequential, second read"] {
            table.add(measure, Unit::MebibytesPerSecond, peer, read(&first_file(&view)?)?);
        }
        finish(table, peer, view)?;
    }
    if stage.wants("sequential, packs cached") && peer != Peer::Raw {
        measure::drop_caches()?;
        measure::cache(&set.repository)?;
        let view = peer.view(stage, set)?;
        table.add("sequential, packs cached", Unit::MebibytesPerSecond, peer, read(&first_file(&view)?)?);
        finish(table, peer, view)?;
    }
    Ok(())
}

fn random(stage: &Stage, table: &mut Table, set: &Prepared, peer: Peer) -> Result<()> {
    if !stage.wants("random 4 KiB") {
        return Ok(());
    }
    measure::drop_caches()?;
    let view = peer.view(stage, set)?;
    let file = first_file(&view)?;
    let cold = measure::random_reads(&file, Offsets::New)?;
    table.add("random 4 KiB, cold", Unit::ReadsPerSecond, peer, cold.per_second);
    let warm = measure::random_reads(&file, Offsets::Again(cold.count))?;
    table.add("random 4 KiB, warm", Unit::ReadsPerSecond, peer, warm.per_second);
    finish(table, peer, view)
}

fn grep(stage: &Stage, table: &mut Table, kind: Set, set: &Prepared, peer: Peer) -> Result<()> {
    let name = |when: &str| format!("`grep -r` over {}, {when}", kind.name());
    if !stage.wants(&name("")) {
        return Ok(());
    }
    measure::drop_caches()?;
    let view = peer.view(stage, set)?;
    for when in ["cold", "warm"] {
        // Nothing found is grep's exit code 1, which is what we want.
        let mut grep = Command::new("sh");
        grep.args(["-c", r#"grep -r "$1" "$2"; test $? = 1"#, "sh", ABSENT]).arg(&view.files);
        table.add(&name(when), Unit::Seconds, peer, measure::timed(&mut grep)?.seconds);
    }
    finish(table, peer, view)
}

fn copy(stage: &Stage, table: &mut Table, set: &Prepared, peer: Peer) -> Result<()> {
    if !stage.wants("`cp -a` of source") {
        return Ok(());
    }
    let target = measure::scratch(&stage.root)?;
    measure::drop_caches()?;
    let view = peer.view(stage, set)?;
    let run = measure::timed(Command::new("cp").arg("-a").arg(&view.files).arg(target.path()))?;
    table.add("`cp -a` of source, cold", Unit::Seconds, peer, run.seconds);
    finish(table, peer, view)?;
    target.close().context("removing what was copied")
}

fn finish(table: &mut Table, peer: Peer, view: View) -> Result<()> {
    if let Some(peak) = view.peak_mib()? {
        table.add("memory of the mount", Unit::PeakMebibytes, peer, peak);
    }
    view.close()
}

/// Reads a file from its beginning to its end; MiB a second.
fn read(file: &Path) -> Result<f64> {
    let bytes = fs::metadata(file).with_context(|| format!("looking at {}", file.display()))?.len();
    Ok(bytes as f64 / f64::from(1 << 20) / read_seconds(file)?)
}

/// How long reading a file from its beginning to its end takes.
pub(super) fn read_seconds(file: &Path) -> Result<f64> {
    let mut input = std::ffi::OsString::from("if=");
    input.push(file);
    Ok(measure::timed(Command::new("dd").arg(input).args(["of=/dev/null", "bs=1M"]))?.seconds)
}

fn first_file(view: &View) -> Result<PathBuf> {
    let file = view.files.join("random_0.bin");
    fs::metadata(&file).with_context(|| format!("looking at {}", file.display()))?;
    Ok(file)
}
