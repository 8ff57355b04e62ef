//! The data sets: made once from a seed, captured once by stock restic, then kept.

use super::{Stage, sets};
use crate::process;
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The passphrase of the benches' repositories; they hold made-up files only.
pub(crate) const PASSWORD: &str = "bygone-bench";

/// Part of the marker of a finished set: raised when what is made changes, so that old sets are made anew.
const VERSION: u32 = 1;

/// A set of files and its repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Set {
    /// 60 000 files like source code
    Source,
    /// 4 files of 1 GiB that no compressor shortens
    Big,
    /// 300 000 files of up to 4 KiB
    Tiny,
    /// 60 snapshots of 20 000 files, one percent of them new each day
    History,
    /// One folder with 1 000 000 entries
    Million,
}

/// A set that is ready.
pub(crate) struct Prepared {
    /// The files themselves: the folder's name in every snapshot is `files`.
    pub(crate) raw: PathBuf,
    pub(crate) repository: PathBuf,
}

impl Set {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Big => "big",
            Self::Tiny => "tiny",
            Self::History => "history",
            Self::Million => "million",
        }
    }
}

/// Makes every set that is asked for.
pub(crate) fn prepare_all(stage: &Stage) -> Result<()> {
    for set in Set::value_variants().iter().filter(|set| stage.uses(**set)) {
        let prepared = prepare(stage, *set)?;
        println!("{}: {} and {}", set.name(), prepared.raw.display(), prepared.repository.display());
    }
    Ok(())
}

/// Makes a set, unless it is there.
pub(crate) fn prepare(stage: &Stage, set: Set) -> Result<Prepared> {
    let folder = stage.root.join(set.name());
    let prepared = Prepared { raw: folder.join("files"), repository: folder.join("repository") };
    let marker = folder.join("complete");
    let wanted = format!("version {VERSION}\n");
    if fs::read_to_string(&marker).is_ok_and(|text| text == wanted) && !stage.options.fresh {
        return Ok(prepared);
    }
    println!("making the data set `{}` in {}", set.name(), folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&prepared.raw).with_context(|| format!("creating {}", prepared.raw.display()))?;
    process::output(restic(stage, &prepared.repository)?.arg("init"))?;
    let scaled = |count: u64| ((count as f64 * stage.options.scale) as u64).max(1);
    let captured = |day: u64| capture(stage, &prepared, day);
    match set {
        Set::Source => sets::source(&prepared.raw, scaled(60_000), scaled(4_000)).and_then(|()| captured(0))?,
        Set::Big => sets::big(&prepared.raw, 4, scaled(1 << 30)).and_then(|()| captured(0))?,
        Set::Tiny => sets::tiny(&prepared.raw, scaled(300_000)).and_then(|()| captured(0))?,
        Set::Million => sets::million(&prepared.raw, scaled(1_000_000)).and_then(|()| captured(0))?,
        Set::History => {
            let mut tree = sets::History::new(&prepared.raw, scaled(20_000));
            for day in 0..60 {
                tree.live(day)?;
                captured(day)?;
            }
        }
    }
    fs::write(&marker, wanted).with_context(|| format!("writing {}", marker.display()))?;
    Ok(prepared)
}

fn capture(stage: &Stage, prepared: &Prepared, day: u64) -> Result<()> {
    let time = format!("2026-{:02}-{:02} 12:00:00", 9 + day / 28, 1 + day % 28);
    let folder = prepared.raw.parent().unwrap_or(Path::new("/"));
    let mut backup = restic(stage, &prepared.repository)?;
    // Made-up files change within one clock tick: only what they hold tells them apart.
    backup.args(["backup", "--quiet", "--time", &time, "--host", "bench", "files"]).current_dir(folder);
    process::output(&mut backup).map(drop)
}

/// restic with its cache below the bench folder.
pub(crate) fn restic(stage: &Stage, repository: &Path) -> Result<Command> {
    let mut command = stage.tools.command(stage.tools.program("restic"))?;
    command.env("RESTIC_REPOSITORY", repository).env("RESTIC_PASSWORD", PASSWORD).env("TZ", "UTC");
    command.env("RESTIC_CACHE_DIR", stage.root.join("cache/restic"));
    Ok(command)
}
