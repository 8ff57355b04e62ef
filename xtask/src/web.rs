//! `cargo xtask web`: the application for browsers, from its sources in `web/` to `web/dist`, which the feature `web` builds into
//! the binary; and its own checks and journeys.

use crate::setup::Tools;
use crate::{folders, process};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{fs, io};

/// What of cargo's arguments builds the application in.
pub(crate) const FEATURES: [&str; 2] = ["--features", "bygone/web"];

/// Makes `web/dist`, unless it is newer than everything that it is made of.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let web = folder()?;
    install(tools, &web)?;
    let built = web.join("dist/index.html");
    if is_newer(&built, &web).with_context(|| format!("looking through {}", web.display()))? {
        return Ok(());
    }
    println!("building the application for browsers");
    npm(tools, &web, &["run", "--silent", "build"])
}

/// Types, style, the client's agreement with the API, unit tests, and sizes.
pub(crate) fn check(tools: &Tools) -> Result<()> {
    let web = folder()?;
    build(tools)?;
    for script in ["check", "test", "size"] {
        npm(tools, &web, &["run", "--silent", script])?;
    }
    Ok(())
}

/// Journeys of a real browser through the real binary, which has the application in it.
pub(crate) fn journeys(tools: &Tools) -> Result<()> {
    let mut command = tools.command("npm")?;
    command.current_dir(folder()?).args(["run", "--silent", "e2e"]);
    command.env("BYGONE_BIN", folders::target()?.join("debug/bygone"));
    process::run(&mut command)
}

fn folder() -> Result<PathBuf> {
    Ok(folders::checkout()?.join("web"))
}

/// What the lock file names, without running a script of any of it.
fn install(tools: &Tools, web: &Path) -> Result<()> {
    let lock = fs::read(web.join("package-lock.json")).with_context(|| format!("reading {}", web.display()))?;
    let stamp = web.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    npm(tools, web, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    fs::write(&stamp, lock).with_context(|| format!("writing {}", stamp.display()))
}

fn npm(tools: &Tools, web: &Path, arguments: &[&str]) -> Result<()> {
    let mut command: Command = tools.command("npm")?;
    process::run(command.current_dir(web).args(arguments))
}

/// Whether a file is there and newer than all sources.
fn is_newer(built: &Path, web: &Path) -> io::Result<bool> {
    let Ok(built) = built.metadata().and_then(|data| data.modified()) else { return Ok(false) };
    Ok(newest(web)? < built)
}

fn newest(folder: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["node_modules", "dist", "embed", "e2e"].iter().any(|other| name == *other) {
            continue;
        }
        let changed = match entry.file_type()?.is_dir() {
            true => self::newest(&entry.path())?,
            false => entry.metadata()?.modified()?,
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}
