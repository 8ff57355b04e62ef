//! `bench download`: files and folders through the portal, beside nginx, which serves the plain files, and `restic dump`.
//!
//! The columns mean here: `raw` is nginx over the files themselves, `restic` is `restic dump`.

mod http;
mod pages;
mod ranges;
mod served;

use super::data::{self, Set};
use super::peers::Peer;
use super::table::{Table, Unit};
use super::{Stage, measure, mount};
use crate::process;
use anyhow::{Context, Result};
use served::{Nginx, Portal};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Times that a file which is at hand is fetched from each server, in each round.
const WARM_TURNS: usize = 3;
/// Memory that the server may take for all of it, in MiB.
const MEMORY_MIB_MAX: f64 = 512.0;

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    let mut peak = 0.0_f64;
    if stage.uses(Set::Big) {
        let set = data::prepare(stage, Set::Big)?;
        let file = largest(&set.raw)?;
        let mebibytes = fs::metadata(set.raw.join(&file)).context("looking at a file")?.len() as f64 / 1_048_576.0;
        for _ in 0..stage.options.rounds {
            whole(stage, table, &set, &file, mebibytes)?;
            let portal = Portal::start(stage, &set.repository)?;
            let nginx = Nginx::start(stage, &set.raw)?;
            // Both have all of it at hand: the file in the kernel's cache, the packs too, what fits in the portal's.
            measure::cache(&set.raw)?;
            curl(stage, &portal.file(&file), &portal)?;
            warm(stage, table, (&portal, &nginx), &file, mebibytes)?;
            random(table, &portal, &nginx, &file)?;
            peak = peak.max(portal.peak_mib()?);
            nginx.stop()?;
            portal.stop()?;
        }
    }
    if stage.uses(Set::Tiny) {
        let set = data::prepare(stage, Set::Tiny)?;
        for _ in 0..stage.options.rounds {
            forget(stage)?;
            let portal = Portal::start(stage, &set.repository)?;
            let seconds = curl(stage, &portal.folder("part_00"), &portal)?;
            table.add("folder of 10 000 small files as tar", Unit::Seconds, Peer::Bygone, seconds);
            peak = peak.max(portal.peak_mib()?);
            portal.stop()?;
            forget(stage)?;
            let dumped =
                measure::timed(data::restic(stage, &set.repository)?.args(["dump", "latest", "/files/part_00"]))?;
            table.add("folder of 10 000 small files as tar", Unit::Seconds, Peer::Restic, dumped.seconds);
        }
    }
    if stage.uses(Set::Million) {
        let set = data::prepare(stage, Set::Million)?;
        let entries = fs::read_dir(&set.raw).context("listing a folder")?.count() as u64;
        for _ in 0..stage.options.rounds {
            let portal = Portal::start(stage, &set.repository)?;
            let p95 = pages::p95_seconds(&portal.listing(), portal.token(), entries)?;
            table.add("page of 500 entries of a million, 95th percentile", Unit::Seconds, Peer::Bygone, p95);
            peak = peak.max(portal.peak_mib()?);
            portal.stop()?;
        }
    }
    table.add("memory of the server", Unit::PeakMebibytes, Peer::Bygone, peak);
    let verdict = if peak <= MEMORY_MIB_MAX { "within" } else { "above" };
    table.note(format!("{peak:.0} MiB of the server's memory: {verdict} {MEMORY_MIB_MAX:.0} MiB"));
    Ok(())
}

/// One large file from its first to its last byte, with nothing in any cache.
fn whole(stage: &Stage, table: &mut Table, set: &data::Prepared, file: &str, mebibytes: f64) -> Result<()> {
    let mut add = |measure: &str, peer: Peer, seconds: f64| {
        table.add(measure, Unit::MebibytesPerSecond, peer, mebibytes / seconds);
    };
    forget(stage)?;
    let portal = Portal::start(stage, &set.repository)?;
    add("whole file, cold", Peer::Bygone, curl(stage, &portal.file(file), &portal)?);
    portal.stop()?;
    forget(stage)?;
    let view = Peer::Bygone.view(stage, set)?;
    let seconds = mount::read_seconds(&view.files.join(file))?;
    add("whole file through the mount, cold", Peer::Bygone, seconds);
    view.close()?;
    forget(stage)?;
    let path = format!("/files/{file}");
    let dumped = measure::timed(data::restic(stage, &set.repository)?.args(["dump", "latest", &path]))?;
    add("whole file, cold", Peer::Restic, dumped.seconds);
    forget(stage)?;
    let nginx = Nginx::start(stage, &set.raw)?;
    add("whole file, cold", Peer::Raw, plain_curl(stage, &nginx.file(file))?);
    nginx.stop()
}

/// The same file with all of it at hand. In turns, as what a machine is shared with comes and goes by the second.
fn warm(
    stage: &Stage,
    table: &mut Table,
    (portal, nginx): (&Portal, &Nginx),
    file: &str,
    mebibytes: f64,
) -> Result<()> {
    for _ in 0..WARM_TURNS {
        for (peer, seconds) in [
            (Peer::Bygone, curl(stage, &portal.file(file), portal)?),
            (Peer::Raw, plain_curl(stage, &nginx.file(file))?),
        ] {
            table.add("whole file, warm", Unit::MebibytesPerSecond, peer, mebibytes / seconds);
        }
    }
    Ok(())
}

/// 256 KiB at random places over 32 connections.
fn random(table: &mut Table, portal: &Portal, nginx: &Nginx, file: &str) -> Result<()> {
    for (peer, url, token) in
        [(Peer::Bygone, portal.file(file), Some(portal.token())), (Peer::Raw, nginx.file(file), None)]
    {
        let found = ranges::random(&url, token)?;
        table.add("random ranges of 256 KiB, 32 connections", Unit::ReadsPerSecond, peer, found.per_second);
        table.add("the same, 95th percentile", Unit::Seconds, peer, found.p95_seconds);
    }
    Ok(())
}

/// Empties the kernel's caches, but for the asking programs themselves: reading them from disk is not what is measured.
fn forget(stage: &Stage) -> Result<()> {
    measure::drop_caches()?;
    process::output(stage.tools.command("curl")?.arg("--version"))?;
    process::output(stage.tools.command("restic")?.arg("version")).map(drop)
}

fn curl(stage: &Stage, url: &str, portal: &Portal) -> Result<f64> {
    let mut command = fetch(stage, url)?;
    command.args(["--oauth2-bearer", portal.token()]);
    Ok(measure::timed(&mut command)?.seconds)
}

fn plain_curl(stage: &Stage, url: &str) -> Result<f64> {
    Ok(measure::timed(&mut fetch(stage, url)?)?.seconds)
}

fn fetch(stage: &Stage, url: &str) -> Result<Command> {
    let mut command = stage.tools.command("curl")?;
    command.args(["--silent", "--show-error", "--fail", "--output", "/dev/null", url]);
    Ok(command)
}

fn largest(folder: &Path) -> Result<String> {
    let mut largest = (0, String::new());
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry.with_context(|| format!("listing {}", folder.display()))?;
        let size = entry.metadata().context("looking at a file")?.len();
        if size >= largest.0 {
            largest = (size, entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(largest.1)
}
