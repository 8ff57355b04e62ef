//! `bygone diff`: what changed between two snapshots.

use std::ffi::OsString;
use std::ops::ControlFlow;

use bygone_common::{SnapshotId, TreeId};
use bygone_vault::diff::{Event, Metadata, Summary, Tally, diff};
use bygone_vault::{Error, ErrorKind, Repository, Result, SnapshotAndPath};
use clap::Args;
use serde::Serialize;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::Path;
use crate::open::open;
use crate::output::Output;
use crate::selection::{Selection, describe, parse_snapshot_and_path, resolve};
use crate::units::show_size;

/// Show what changed between two snapshots, or folders in them
///
/// Signs: + added, - removed, M content changed, U metadata changed (with --metadata), T type changed. Equal folders are
/// not read.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier one
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    before: OsString,
    /// The later one
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    after: OsString,
    /// Show changed metadata too
    #[arg(long)]
    metadata: bool,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Serialize)]
struct ChangeLine {
    message_type: &'static str,
    #[serde(flatten)]
    path: Path,
    modifier: char,
}

/// As `restic diff --json` has it.
#[derive(Serialize)]
struct StatisticsLine {
    message_type: &'static str,
    source_snapshot: String,
    target_snapshot: String,
    changed_files: u64,
    added: TallyFields,
    removed: TallyFields,
}

#[derive(Serialize)]
struct TallyFields {
    files: u64,
    dirs: u64,
    others: u64,
    data_blobs: u64,
    tree_blobs: u64,
    bytes: u64,
}

impl From<&Tally> for TallyFields {
    fn from(tally: &Tally) -> Self {
        Self {
            files: tally.files,
            dirs: tally.directories,
            others: tally.others,
            data_blobs: tally.data_blobs,
            tree_blobs: tally.tree_blobs,
            bytes: tally.bytes,
        }
    }
}

impl Diff {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let (before, after) = (parse_snapshot_and_path(&self.before)?, parse_snapshot_and_path(&self.after)?);
        let repository = open(global)?;
        let mut problems = Problems::default();
        let (before_id, before) = self.folder(&repository, &before, &mut problems)?;
        let (after_id, after) = self.folder(&repository, &after, &mut problems)?;
        let metadata = if self.metadata { Metadata::Compared } else { Metadata::Ignored };
        let mut output = Output::new()?;
        let mut result = Ok(());
        let summary = diff(&repository, before, after, metadata, &mut |event| {
            match event {
                Event::Change { path, modifier } if global.json => {
                    let line = ChangeLine { message_type: "change", path: Path::new(path), modifier: modifier.sign() };
                    result = output.json(&line);
                }
                Event::Change { path, modifier } => {
                    let start = format!("{:<5}", modifier.sign());
                    result = output.text(&start).and_then(|()| output.name(path)).and_then(|()| output.end_line());
                }
                Event::Broken { path, error } => {
                    problems.tell(&error.context(format!("{}/", String::from_utf8_lossy(path))).chain());
                }
            }
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        result?;
        if global.json {
            output.json(&StatisticsLine {
                message_type: "statistics",
                source_snapshot: before_id.to_string(),
                target_snapshot: after_id.to_string(),
                changed_files: summary.changed_files,
                added: (&summary.added).into(),
                removed: (&summary.removed).into(),
            })?;
        } else if !global.quiet {
            write_summary(&summary, &mut output)?;
        }
        output.finish()?;
        Ok(Outcome::after(problems.count()))
    }

    /// The folder meant.
    fn folder(
        &self,
        repository: &Repository,
        what: &SnapshotAndPath,
        problems: &mut Problems,
    ) -> Result<(SnapshotId, TreeId)> {
        let snapshot = self.selection.one(repository, &what.snapshot, problems)?;
        let resolved = resolve(repository, &snapshot, &what.path)?;
        let tree = resolved.tree().ok_or_else(|| {
            describe(Error::new(ErrorKind::InvalidInput, "it is not a folder"), &snapshot, &what.path)
        })?;
        Ok((snapshot.id, tree))
    }
}

/// restic's lines.
fn write_summary(summary: &Summary, output: &mut Output) -> Result<()> {
    let (added, removed) = (&summary.added, &summary.removed);
    output.end_line()?;
    output.line(&format!(
        "Files:       {:5} new, {:5} removed, {:5} changed",
        added.files, removed.files, summary.changed_files
    ))?;
    output.line(&format!("Dirs:        {:5} new, {:5} removed", added.directories, removed.directories))?;
    output.line(&format!("Others:      {:5} new, {:5} removed", added.others, removed.others))?;
    output.line(&format!("Data Blobs:  {:5} new, {:5} removed", added.data_blobs, removed.data_blobs))?;
    output.line(&format!("Tree Blobs:  {:5} new, {:5} removed", added.tree_blobs, removed.tree_blobs))?;
    output.line(&format!("  Added:   {:<5}", show_size(added.bytes)))?;
    output.line(&format!("  Removed: {:<5}", show_size(removed.bytes)))
}
