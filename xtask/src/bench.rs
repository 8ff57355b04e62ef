//! `cargo xtask bench`: Bygone and its peers in turn on the same data, as medians and ratios.
//!
//! `data` makes the data sets, `peers` knows how each program is called, `measure` times and reads, `table` prints; the
//! other files are the benches.

mod backup;
mod check;
mod control;
mod copy;
mod data;
mod decode;
mod download;
mod find;
mod gateway;
mod index;
mod list;
mod machine;
mod measure;
mod mount;
mod open;
mod peers;
mod prune;
mod restore;
mod search;
mod sets;
mod table;
mod writers;

use crate::setup::{self, Purpose, Tools};
use crate::{folders, process, signals, web};
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use data::Set;
use peers::Peer;
use std::env;
use std::fs;
use std::path::PathBuf;
use table::Table;

/// The benches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Bench {
    /// Only make the data sets
    Data,
    /// Mount to first `ls`, over repositories of 10 k, 1 M and 10 M blobs
    Open,
    /// Sequential and random reads, `grep -r` and `cp -a` through the mount; memory
    Mount,
    /// `find`, `du`, `ls -lR`, and a folder of a million entries
    List,
    /// A name looked for in 60 snapshots
    Find,
    /// Restoring many, big and tiny files
    Restore,
    /// The first snapshot of many, big and tiny files, and a second of nothing new
    Backup,
    /// Reclaiming space after half of 60 snapshots were forgotten
    Prune,
    /// 60 snapshots into an empty repository
    Copy,
    /// Every byte of a repository
    Check,
    /// The ceiling: decoding from memory
    Decode,
    /// Stock restic through the server's gateway, and 32 of them at once
    Gateway,
    /// Files and folders through the portal, beside nginx and `restic dump`
    Download,
    /// Thousands of simulated agents on one server: claims, heart-beats, plans that are due
    Control,
    /// The search index: ingest, questions, parts of names, beside plocate and restic
    Search,
}

/// How a bench is run.
#[derive(Args)]
pub(crate) struct Options {
    /// Fraction of the full data sets, for trying the benches themselves
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How many times each measure is taken with each program; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Make the data sets anew
    #[arg(long)]
    fresh: bool,
    /// Only these data sets
    #[arg(long, value_enum, value_delimiter = ',')]
    sets: Vec<Set>,
    /// Only these programs (default: all that are installed)
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Only measures whose name contains this
    #[arg(long)]
    only: Option<String>,
}

/// What every bench works with.
pub(crate) struct Stage {
    root: PathBuf,
    tools: Tools,
    options: Options,
}

impl Stage {
    fn wants(&self, measure: &str) -> bool {
        self.options.only.as_ref().is_none_or(|part| measure.contains(part.as_str()))
    }

    fn uses(&self, set: Set) -> bool {
        self.options.sets.is_empty() || self.options.sets.contains(&set)
    }

    /// The programs to compare, of those that this bench can compare.
    fn peers(&self, able: &[Peer]) -> Vec<Peer> {
        let wanted = |peer: &&Peer| self.options.peers.is_empty() || self.options.peers.contains(peer);
        able.iter().filter(wanted).filter(|peer| peer.is_installed(&self.tools)).copied().collect()
    }
}

/// Runs one bench and prints its table; the table and all single values are also kept below the bench folder.
pub(crate) fn run(bench: Bench, options: Options) -> Result<()> {
    ensure!(options.scale > 0.0 && options.scale <= 1.0, "--scale is a fraction: above 0, at most 1");
    ensure!(options.rounds > 0, "--rounds is at least 1");
    if !rustix::process::geteuid().is_root() {
        bail!("benches need root: they drop the kernel's caches between measures");
    }
    signals::watch()?;
    let tools = setup::run(Purpose::Bench)?;
    let base = env::var_os("BYGONE_BENCH_DIR").map_or_else(|| PathBuf::from("/var/tmp/bygone-bench"), PathBuf::from);
    let root = base.join(format!("scale-{}", options.scale));
    fs::create_dir_all(&root).with_context(|| format!("creating {}", root.display()))?;
    let stage = Stage { root, tools, options };
    if !matches!(bench, Bench::Data) {
        build(&stage.tools)?;
    }
    let mut table = Table::new(bench, &stage)?;
    match bench {
        Bench::Data => return data::prepare_all(&stage),
        Bench::Control => return control::run(&stage),
        Bench::Search => return search::run(&stage),
        Bench::Open => open::run(&stage, &mut table)?,
        Bench::Mount => mount::run(&stage, &mut table)?,
        Bench::List => list::run(&stage, &mut table)?,
        Bench::Find => find::run(&stage, &mut table)?,
        Bench::Restore => restore::run(&stage, &mut table)?,
        Bench::Backup => backup::run(&stage, &mut table)?,
        Bench::Prune => prune::run(&stage, &mut table)?,
        Bench::Copy => copy::run(&stage, &mut table)?,
        Bench::Check => check::run(&stage, &mut table)?,
        Bench::Decode => decode::run(&stage, &mut table)?,
        Bench::Gateway => gateway::run(&stage, &mut table)?,
        Bench::Download => download::run(&stage, &mut table)?,
    }
    table.finish(&stage)
}

/// All that is measured, whatever the bench, with what `cargo xtask run` builds: one by one, dependencies would be compiled
/// with other features each time.
fn build(tools: &Tools) -> Result<()> {
    web::build(tools)?;
    let what = ["build", "--quiet", "--release", "--workspace", "--bins", "--examples"];
    process::run(tools.cargo()?.args(what).args(web::FEATURES))
}

/// The binary that is measured.
fn bygone() -> Result<PathBuf> {
    Ok(folders::target()?.join("release/bygone"))
}

/// The peers, round after round; each round begins with another, so that none always runs on a machine at rest.
fn rotated(stage: &Stage, able: &[Peer]) -> Vec<Peer> {
    let mut peers = stage.peers(able);
    let mut order = Vec::new();
    for _ in 0..stage.options.rounds {
        order.extend(&peers);
        if !peers.is_empty() {
            peers.rotate_left(1);
        }
    }
    order
}
