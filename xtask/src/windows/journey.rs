//! The program's verbs under wine, on a repository that stock restic made on Linux.

use super::wine::Wine;
use crate::compare;
use crate::process;
use crate::setup::Tools;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const PASSWORD: &str = "bygone-windows";
const CONTENT: &str = "The first line.\nThe second line.\n";

struct Journey<'a> {
    wine: &'a Wine,
    program: &'a Path,
    repository: String,
}

impl Journey<'_> {
    fn bygone(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = self.wine.command();
        command
            .arg(self.program)
            .args(arguments)
            .env("RESTIC_REPOSITORY", &self.repository)
            .env("RESTIC_PASSWORD", PASSWORD);
        process::any_output(&mut command)
    }

    /// What a verb printed, with the line ends of Linux.
    fn text(&self, arguments: &[&str]) -> Result<String> {
        let output = self.bygone(arguments)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`bygone.exe {}` failed under wine: {}", arguments.join(" "), said.trim());
        Ok(String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"))
    }
}

/// Runs every verb once, and checks what it printed or wrote.
pub(crate) fn run(tools: &Tools, wine: &Wine, program: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("bygone-windows-").tempdir().context("creating a folder")?;
    let source = folder.path().join("project");
    fs::create_dir_all(source.join("docs"))?;
    fs::write(source.join("docs/report.txt"), CONTENT)?;
    fs::write(source.join("empty.txt"), "")?;
    capture(tools, folder.path())?;
    fs::write(source.join("docs/added.txt"), "new\n")?;
    capture(tools, folder.path())?;

    let journey = Journey { wine, program, repository: windows_path(&folder.path().join("repository")) };
    let snapshots = journey.text(&["snapshots", "--json"])?;
    ensure!(
        snapshots.matches("\"laptop\"").count() >= 2,
        "`bygone.exe snapshots` does not show two snapshots: {snapshots}"
    );
    let listing = journey.text(&["ls", "latest:/project/docs"])?;
    ensure!(listing.contains("report.txt") && listing.contains("added.txt"), "`bygone.exe ls` shows {listing}");
    let content = journey.bygone(&["cat", "latest:/project/docs/report.txt"])?.stdout;
    ensure!(content == CONTENT.as_bytes(), "`bygone.exe cat` gives other bytes");
    let found = journey.text(&["find", "rep*.txt"])?;
    ensure!(found.contains("report.txt"), "`bygone.exe find` finds {found}");
    let difference = journey.text(&["diff", "latest~1", "latest"])?;
    ensure!(difference.contains("added.txt"), "`bygone.exe diff` shows {difference}");
    let target = folder.path().join("restored");
    journey.text(&["restore", "latest:/project", "--target", &windows_path(&target)])?;
    let names = compare::contents(&source, &target)?;
    ensure!(names.is_empty(), "`bygone.exe restore` restored something else: {}", names.join("; "));

    let refused = journey.bygone(&["mount", "X:"])?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success() && said.contains("WinFsp"), "`bygone.exe mount` without WinFsp says: {said}");
    println!("  snapshots, ls, cat, find, diff, restore: right; mount: {}", said.trim());
    Ok(())
}

fn capture(tools: &Tools, folder: &Path) -> Result<()> {
    let restic = || -> Result<Command> {
        let mut command = tools.command(tools.program("restic"))?;
        command.env("RESTIC_REPOSITORY", folder.join("repository")).env("RESTIC_PASSWORD", PASSWORD);
        command.env("RESTIC_CACHE_DIR", folder.join("cache")).current_dir(folder);
        Ok(command)
    };
    if !folder.join("repository").exists() {
        process::output(restic()?.arg("init"))?;
    }
    process::output(restic()?.args(["backup", "--host", "laptop", "project"])).map(drop)
}

/// wine shows the whole of Linux as drive Z.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}
