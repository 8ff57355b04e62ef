//! `bench open`: from the command to the first `ls` of a snapshot, over repositories of any size.

use super::index;
use super::peers::{Peer, READERS};
use super::table::{Table, Unit};
use super::{Stage, measure, rotated};
use crate::process;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::time::Instant;

const BLOBS: [u64; 3] = [10_000, 1_000_000, 10_000_000];

pub(crate) fn run(stage: &Stage, table: &mut Table) -> Result<()> {
    for blobs in BLOBS.map(|blobs| ((blobs as f64 * stage.options.scale) as u64).max(100)) {
        let name = format!("{blobs} blobs");
        if !stage.wants(&name) {
            continue;
        }
        let repository = index::repository(stage, blobs)?;
        for _ in 0..stage.options.rounds {
            table.add(
                &format!("{name}, key derivation alone"),
                Unit::Seconds,
                Peer::Bygone,
                index::scrypt_seconds(&repository)?,
            );
        }
        for peer in rotated(stage, READERS) {
            if peer == Peer::Bygone {
                forget(stage)?;
                first_ls(stage, table, &format!("{name}, first time"), peer, &repository)?;
            }
            first_ls(stage, table, &format!("{name}, caches filled"), peer, &repository)?;
        }
        if stage.peers(READERS).contains(&Peer::Bygone) {
            unlocked(stage, table, &name, &repository)?;
        }
    }
    table.note("The kernel's caches are dropped before each measure. Key derivation is scrypt with the cost that restic chose for this machine, by the same library that Bygone uses.".into());
    Ok(())
}

/// Removes what Bygone keeps between commands.
fn forget(stage: &Stage) -> Result<()> {
    let cache = stage.root.join("cache/bygone");
    if cache.exists() {
        fs::remove_dir_all(&cache).with_context(|| format!("removing {}", cache.display()))?;
    }
    Ok(())
}

fn first_ls(stage: &Stage, table: &mut Table, name: &str, peer: Peer, repository: &Path) -> Result<()> {
    measure::drop_caches()?;
    let point = stage.root.join("mnt").join(peer.name());
    fs::create_dir_all(&point).with_context(|| format!("creating {}", point.display()))?;
    let start = Instant::now();
    let mount = peer.mount(stage, repository, &point)?;
    let names = measure::names(&peer.newest(&point).join("files"), 1)?;
    table.add(&format!("first `ls`, {name}"), Unit::Seconds, peer, start.elapsed().as_secs_f64());
    ensure!(names.count == 1, "{} shows {} names in the snapshot, not 1", peer.name(), names.count);
    if let Some(pid) = mount.pid() {
        table.add(&format!("memory, {name}"), Unit::PeakMebibytes, peer, measure::peak_mib(pid)?);
    }
    mount.unmount()
}

/// With the master key in the kernel's keyring, no key is derived.
fn unlocked(stage: &Stage, table: &mut Table, name: &str, repository: &Path) -> Result<()> {
    process::output(Peer::Bygone.command(stage, repository)?.arg("unlock"))?;
    for _ in 0..stage.options.rounds {
        first_ls(stage, table, &format!("{name}, unlocked"), Peer::Bygone, repository)?;
    }
    process::output(Peer::Bygone.command(stage, repository)?.arg("lock")).map(drop)
}
