//! `cargo xtask run`: a small but real tour. Three days of a project are captured by stock restic, and Bygone shows them.
//!
//! With `--once` the tour also proves what it shows, and ends; otherwise it waits for Ctrl-C with the mount in place.

mod project;
mod proof;
mod tour;

use crate::mount::Mount;
use crate::process;
use crate::setup::{self, Purpose, Tools};
use crate::{folders, signals};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The passphrase of the demo's repository; it protects made-up files only.
const PASSWORD: &str = "bygone-demo";

/// The days of the tour, as restic's `--time` takes them.
const DAYS: [&str; 3] = ["2026-11-01 10:00:00", "2026-11-02 10:00:00", "2026-11-03 10:00:00"];

/// The folder of the tour, with everything in it; removed on drop.
struct Stage {
    folder: tempfile::TempDir,
    tools: Tools,
    bygone: PathBuf,
}

impl Stage {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self) -> PathBuf {
        self.path("project")
    }

    /// What the project was on a day, from 0.
    fn kept(&self, day: usize) -> PathBuf {
        self.path("kept").join(format!("day{}", day + 1))
    }

    /// A command whose settings are all of the tour's own: repository, password, time zone, cache.
    fn command(&self, program: &Path) -> Result<Command> {
        let mut command = self.tools.command(program)?;
        command.env("RESTIC_REPOSITORY", self.path("repository")).env("RESTIC_PASSWORD", PASSWORD).env("TZ", "UTC");
        command
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env_remove("RESTIC_PASSWORD_FILE")
            .env_remove("RESTIC_PASSWORD_COMMAND");
        command.current_dir(self.folder.path());
        Ok(command)
    }

    fn restic(&self) -> Result<Command> {
        self.command(&self.tools.program("restic"))
    }

    fn bygone(&self) -> Result<Command> {
        self.command(&self.bygone)
    }
}

/// Shows the tour.
pub(crate) fn run(once: bool) -> Result<()> {
    signals::watch()?;
    let tools = setup::run(Purpose::Demo)?;
    println!("building bygone (release)");
    process::run(tools.cargo()?.args(["build", "--quiet", "--release", "--package", "bygone"]))?;
    let bygone = folders::target()?.join("release/bygone");
    let folder = tempfile::Builder::new().prefix("bygone-demo-").tempdir().context("creating a folder for the demo")?;
    let stage = Stage { folder, tools, bygone };
    capture(&stage)?;
    let point = stage.path("mnt");
    fs::create_dir(&point).with_context(|| format!("creating {}", point.display()))?;
    let mount = Mount::in_background(
        stage.bygone()?.args(["mount", "--background", "-r"]).arg(stage.path("repository")).arg(&point),
        &point,
    )?;
    let tour = tour::show(&stage, &mount)?;
    if once {
        proof::prove(&stage, &mount, &tour)?;
    } else {
        tour::invite(&stage, &mount);
        signals::wait();
        println!("\nunmounting");
    }
    mount.unmount()?;
    let path = stage.folder.path().to_path_buf();
    stage.folder.close().with_context(|| format!("removing {}", path.display()))?;
    println!("unmounted, and {} removed", path.display());
    Ok(())
}

/// Makes the project and captures it on each of its days.
fn capture(stage: &Stage) -> Result<()> {
    println!("capturing three days of a project with stock restic:");
    process::output(stage.restic()?.arg("init"))?;
    for (day, time) in DAYS.iter().enumerate() {
        signals::check()?;
        project::live(&stage.project(), day)?;
        let mut backup = stage.restic()?;
        backup.args(["backup", "--time", time, "--host", "laptop", "--tag", "work", "project"]);
        println!("  $ {}", process::shown(&backup).replace(&stage.tools.root().join("bin/").display().to_string(), ""));
        process::output(&mut backup)?;
        fs::create_dir_all(stage.path("kept"))?;
        process::output(Command::new("cp").arg("-a").arg(stage.project()).arg(stage.kept(day)))?;
    }
    Ok(())
}
