//! The load of `cargo xtask bench search`: a made-up machine's snapshots into an index, then questions. Prints JSON.
//!
//! ```text
//! search_load made FOLDER FILES DAYS SOURCES [NAMES]   ingests made-up snapshots, asks 200 questions, keeps the paths of
//!                                                      the first snapshot in NAMES
//! search_load ask FOLDER FILES DAYS [QUESTION…]        asks them of the index that `made` left in FOLDER, or these
//! search_load real FOLDER REPOSITORY NAME…             ingests all snapshots of a local repository (its password in
//!                                                      RESTIC_PASSWORD), then looks for names
//! ```
#![allow(missing_docs)]

mod ask;
mod real;
mod world;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bygone_common::SnapshotId;
use bygone_common::uid::{RepositoryUid, SourceUid};
use bygone_common::{Id, TreeId};
use bygone_indexer::{Index, Limits, SnapshotRef, Trees};
use bygone_vault::{Engine, EngineOptions};
use jiff::Timestamp;
use serde_json::{Value, json};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    // As in a server, whose engine has the allocator give large buffers back to the system.
    let _engine = Engine::start(EngineOptions::default())?;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let told = match args.as_slice() {
        ["made", folder, files, days, sources, rest @ ..] => {
            made(Path::new(folder), files.parse()?, days.parse()?, sources.parse()?, rest.first().map(Path::new))?
        }
        ["ask", folder, files, days] => {
            ask::all(Path::new(folder), &world::World::new(0, files.parse()?, days.parse()?))?
        }
        ["ask", folder, _, _, questions @ ..] => ask::each(Path::new(folder), questions)?,
        ["real", folder, repository, names @ ..] => real::run(Path::new(folder), repository, names)?,
        _ => {
            return Err(
                "usage: search_load made FOLDER FILES DAYS SOURCES [NAMES] | ask FOLDER FILES DAYS [QUESTION…] | real FOLDER REPOSITORY NAME…"
                    .into()
            );
        }
    };
    println!("{told}");
    Ok(())
}

/// Seconds since the first snapshot that a day's snapshot was taken.
const DAY_SECONDS: i64 = 86_400;
/// The time of the first snapshot: 2026-06-01.
const FIRST_SECONDS: i64 = 1_780_300_800;

pub(crate) fn snapshot(source: u8, day: u16, tree: TreeId) -> Result<SnapshotRef> {
    let time = Timestamp::from_second(FIRST_SECONDS + i64::from(day) * DAY_SECONDS)?;
    let mut id = [source; 32];
    id[..2].copy_from_slice(&day.to_le_bytes());
    Ok(SnapshotRef {
        source: SourceUid::new(time_of_uids()?, [source; 10]),
        source_name: format!("Machine {source}"),
        host: format!("host-{source}"),
        repository: RepositoryUid::new(time_of_uids()?, [0; 10]),
        snapshot: SnapshotId(Id::new(id)),
        time,
        tree,
    })
}

fn time_of_uids() -> Result<Timestamp> {
    Ok(Timestamp::from_second(FIRST_SECONDS)?)
}

/// Ingests one snapshot; how long it took, in seconds.
pub(crate) fn ingest(index: &Index, trees: &dyn Trees, snapshot: &SnapshotRef) -> Result<f64> {
    let start = Instant::now();
    let done = index.ingest(trees, snapshot)?;
    if done.was_known || done.broken_count > 0 {
        return Err(format!("{} was known or has broken directories", snapshot.snapshot).into());
    }
    Ok(start.elapsed().as_secs_f64())
}

fn made(folder: &Path, files: u32, days: u16, sources: u8, names: Option<&Path>) -> Result<Value> {
    let memory = watch_memory();
    let index = Index::open(folder, Limits::default())?;
    let (mut first, mut next) = (Vec::new(), Vec::new());
    for source in 0..sources {
        let world = world::World::new(u64::from(source), files, days);
        if let Some(names) = names.filter(|_| source == 0) {
            world.write_paths(names)?;
        }
        for day in 0..=days {
            let seconds = ingest(&index, &world, &snapshot(source, day, world.root(day))?)?;
            eprintln!("source {source}, day {day}: {seconds:.2} s");
            if day == 0 { first.push(seconds) } else { next.push(seconds) }
        }
    }
    let status = index.status();
    drop(index);
    let asked = ask::all(folder, &world::World::new(0, files, days))?;
    Ok(json!({
        "versions": status.versions, "names": status.names, "directories": status.directories,
        "bytes": status.bytes, "bytes_per_version": status.bytes as f64 / status.versions as f64,
        "first_s": ask::quantiles(&mut first), "next_s": ask::quantiles(&mut next), "open_s": asked["open_s"],
        "questions_ms": asked["questions_ms"], "substrings": asked["substrings"], "peak_mib": memory.load(Ordering::Relaxed) as f64 / 1024.0,
    }))
}

/// Milliseconds between two looks at memory.
const LOOK_MILLIS: u64 = 20;

/// Watches, from now on, how much memory of its own this process holds at most, in KiB. Mapped files do not count: the
/// system takes their pages back when it needs them.
fn watch_memory() -> Arc<AtomicU64> {
    let most = Arc::new(AtomicU64::new(0));
    let watched = Arc::downgrade(&most);
    std::thread::spawn(move || {
        while let Some(most) = watched.upgrade() {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            most.fetch_max(kib.unwrap_or(0), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(LOOK_MILLIS));
        }
    });
    most
}
