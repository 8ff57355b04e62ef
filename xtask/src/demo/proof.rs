//! What `--once` proves about the tour: every claim is checked against what was captured.

use super::tour::Tour;
use super::{Stage, project};
use crate::compare;
use crate::mount::Mount;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;

/// How many differences an error names.
const NAMED_MAX: usize = 5;

/// Fails with the first claim that does not hold.
pub(crate) fn prove(stage: &Stage, mount: &Mount, tour: &Tour) -> Result<()> {
    for (day, snapshot) in tour.snapshots.iter().enumerate() {
        equal(&stage.kept(day), &snapshot.join("project")).with_context(|| format!("day {} in the mount", day + 1))?;
    }
    claim("each day in the mount equals what was captured: content, metadata, links, extended attributes");

    let latest = mount.point().join("snapshots/latest");
    let newest = tour.snapshots.last().and_then(|path| path.file_name());
    ensure!(fs::read_link(&latest)?.file_name() == newest, "{} does not lead to the newest snapshot", latest.display());
    claim("`latest` leads to the newest snapshot");

    let refused = fs::write(tour.snapshots.last().map(|path| path.join("new")).unwrap_or_default(), b"x");
    ensure!(refused.is_err(), "a file could be written into the mount");
    claim("the mount cannot be written to");

    let parser = tour.snapshots.first().map(|path| path.join("project").join(project::EDITED)).unwrap_or_default();
    ensure!(fs::read(&parser)? == project::PARSER.as_bytes(), "{} is not the parser of day 1", parser.display());
    for name in [project::DELETED, "docs/quarterly-report.txt"] {
        ensure!(tour.found.contains(&format!("/project/{name}")), "`bygone find` did not find {name}");
    }
    claim("`bygone find` finds the report of day 1 and the one of day 2");

    let versions = tour.history.lines().filter(|line| line.contains("2026-11-0")).count();
    ensure!(versions >= 2, "`bygone history` shows {versions} versions of the parser, not 2");
    claim("`bygone history` shows both versions of the parser");

    for name in [project::EDITED, project::DELETED, project::RENAMED, project::RENAMED_TO] {
        ensure!(tour.difference.contains(&format!("/project/{name}")), "`bygone diff` does not name {name}");
    }
    claim("`bygone diff` names what was changed, deleted and renamed");

    equal(&stage.kept(0).join(project::RESTORED), &tour.restored).context("the restored folder")?;
    claim("the restored folder equals day 1 byte by byte");
    Ok(())
}

fn claim(text: &str) {
    println!("proved: {text}");
}

fn equal(wanted: &Path, found: &Path) -> Result<()> {
    let differences = compare::differences(wanted, found)?;
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "{} differences, among them: {}",
        differences.len(),
        differences[..differences.len().min(NAMED_MAX)].join("; ")
    )
}
