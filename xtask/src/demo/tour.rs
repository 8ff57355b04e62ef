//! The commands of the tour, each with what it really printed.

use super::{Stage, project};
use crate::mount::Mount;
use crate::process;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How much of one command's output the tour shows.
const SHOWN_LINES_MAX: usize = 12;

/// What the tour's commands printed, for the proof.
pub(crate) struct Tour {
    pub(crate) found: String,
    pub(crate) history: String,
    pub(crate) difference: String,
    /// The folder that the tour restored to.
    pub(crate) restored: PathBuf,
    /// Each day's snapshot in the mount, the first day first.
    pub(crate) snapshots: Vec<PathBuf>,
}

/// Runs the tour.
pub(crate) fn show(stage: &Stage, mount: &Mount) -> Result<Tour> {
    let snapshots = snapshots(mount.point())?;
    let [first, ..] = &snapshots[..] else { bail!("no snapshots in {}", mount.point().display()) };
    let project = |name: &str| format!("project/{name}");
    println!("\nmounted at {}:\n", mount.point().display());
    let outside = |program: &str| -> Result<Command> { stage.command(Path::new(program)) };
    step(outside("ls")?.arg(mount.point().join("snapshots")))?;
    println!("the parser worked on day 1:");
    step(outside("cat")?.arg(first.join(project(project::EDITED))))?;
    step(stage.bygone()?.arg("snapshots"))?;
    println!("where was that report, which is gone since day 2?");
    let found = step(stage.bygone()?.args(["find", project::SEARCHED]))?;
    println!("what became of the parser?");
    let history = step(stage.bygone()?.args(["history", &format!("/{}", project(project::EDITED))]))?;
    println!("what happened between day 1 and day 3?");
    let difference = step(stage.bygone()?.args(["diff", "latest~2", "latest"]))?;
    println!("get the documents of day 1 back, next to those of today:");
    let restored = stage.path("restored");
    let source = format!("latest~2:/{}", project(project::RESTORED));
    step(stage.bygone()?.args(["restore", &source, "--target"]).arg(&restored))?;
    Ok(Tour { found, history, difference, restored, snapshots })
}

/// Says what to try while the mount is there.
pub(crate) fn invite(stage: &Stage, mount: &Mount) {
    let (point, folder) = (mount.point().display(), stage.folder.path().display());
    println!("now you, in another terminal:\n");
    println!("  export RESTIC_REPOSITORY={folder}/repository RESTIC_PASSWORD={}", super::PASSWORD);
    println!("  ls {point}/snapshots/latest/project");
    println!("  diff -r {point}/snapshots/2026-11-0[13]*/project/src");
    println!("  {} find '*.png'", stage.bygone.display());
    println!("  {} ls -l latest:/project", stage.bygone.display());
    println!("\nCtrl-C unmounts and removes everything.");
}

/// Shows a command and what it printed, and returns that.
fn step(command: &mut Command) -> Result<String> {
    println!("$ {}", short(command));
    let output = process::any_output(command)?;
    if !output.status.success() {
        return Err(process::failure(command, &output));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().chain(said.lines()).collect();
    for line in lines.iter().take(SHOWN_LINES_MAX) {
        println!("{line}");
    }
    match lines.len().saturating_sub(SHOWN_LINES_MAX) {
        0 => println!(),
        more => println!("… {more} more lines\n"),
    }
    Ok(text)
}

/// The command with the program's name instead of its file.
fn short(command: &Command) -> String {
    let whole = process::shown(command);
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    match whole.split_once(' ') {
        Some((_, arguments)) => format!("{name} {arguments}"),
        None => name.into_owned(),
    }
}

/// The snapshots in the mount, oldest first: their names are their times.
fn snapshots(point: &Path) -> Result<Vec<PathBuf>> {
    let folder = point.join("snapshots");
    let entries = fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.with_context(|| format!("listing {}", folder.display()))?;
    paths.retain(|path| path.file_name().is_some_and(|name| name != "latest"));
    paths.sort();
    if paths.len() == super::DAYS.len() {
        Ok(paths)
    } else {
        bail!("{} shows {} snapshots, not {}", folder.display(), paths.len(), super::DAYS.len())
    }
}
