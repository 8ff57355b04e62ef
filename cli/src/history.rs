//! `bygone history`: the versions of one path.

use std::ffi::OsString;
use std::sync::Arc;

use bygone_common::SnapshotPath;
use bygone_vault::history::{History as Versions, Version, history};
use bygone_vault::{Error, ErrorKind, Result, Snapshot};
use clap::Args;
use serde::Serialize;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::{NodeFields, Path, SnapshotMark};
use crate::listing::{self, Columns};
use crate::open::open;
use crate::output::{Output, show};
use crate::selection::Selection;
use crate::when::Clock;

/// Show the versions of a file or folder over all snapshots
///
/// One line for each version, oldest first: the first and last snapshot that has it, how many have, and a letter for its
/// content: versions with the same letter differ in metadata only.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The path in the snapshots
    #[arg(value_name = "PATH")]
    path: OsString,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Serialize)]
struct HistoryFields {
    #[serde(flatten)]
    path: Path,
    versions: Vec<VersionFields>,
    /// Snapshots without the path.
    absent: Vec<String>,
}

#[derive(Serialize)]
struct VersionFields {
    first: SnapshotMark,
    last: SnapshotMark,
    content: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    #[serde(flatten)]
    node: Option<NodeFields>,
    snapshots: Vec<String>,
}

impl History {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let path = SnapshotPath::parse(self.path.as_encoded_bytes())
            .map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()))?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let snapshots = self.selection.all(&repository, &mut problems);
        let versions = history(&repository, &snapshots, &path);
        for (owners, error) in &versions.broken {
            let first = owners.first().and_then(|position| snapshots.get(*position as usize));
            let first = first.map_or(String::new(), |snapshot| snapshot.id.short());
            problems.tell(&error.clone().context(format!("{path} of snapshot {first}")).chain());
        }
        if versions.versions.is_empty() && versions.broken.is_empty() {
            return Err(Error::new(ErrorKind::NotFound, format!("no snapshot has {path}")));
        }
        let json = || fields(&versions, &snapshots, &path);
        show(global, json, |output| lines(&versions, &snapshots, output))?;
        Ok(Outcome::after(problems.count()))
    }
}

fn ids(snapshots: &[Arc<Snapshot>], positions: &[u32]) -> Vec<String> {
    positions.iter().filter_map(|position| Some(snapshots.get(*position as usize)?.id.to_string())).collect()
}

fn ends<'a>(snapshots: &'a [Arc<Snapshot>], version: &Version) -> Option<(&'a Snapshot, &'a Snapshot)> {
    let snapshot = |position: &u32| snapshots.get(*position as usize).map(Arc::as_ref);
    Some((snapshot(version.snapshots.first()?)?, snapshot(version.snapshots.last()?)?))
}

fn fields(history: &Versions, snapshots: &[Arc<Snapshot>], path: &SnapshotPath) -> HistoryFields {
    let versions = history.versions.iter().filter_map(|version| {
        let (first, last) = ends(snapshots, version)?;
        Some(VersionFields {
            first: SnapshotMark::new(first),
            last: SnapshotMark::new(last),
            content: version.content,
            tree: version.tree.map(|tree| tree.to_string()),
            node: version.node().map(NodeFields::new),
            snapshots: ids(snapshots, &version.snapshots),
        })
    });
    HistoryFields {
        path: Path::new(&path.to_bytes()),
        versions: versions.collect(),
        absent: ids(snapshots, &history.absent),
    }
}

fn lines(history: &Versions, snapshots: &[Arc<Snapshot>], output: &mut Output) -> Result<()> {
    let clock = Clock::local();
    let mut columns = Columns::default();
    history.versions.iter().filter_map(Version::node).for_each(|node| columns.widen_for(node));
    for version in &history.versions {
        let Some((first, last)) = ends(snapshots, version) else { continue };
        let count = version.snapshots.len();
        output.text(&format!(
            "{} {} .. {} {}  {count:>4} {:9}  {:3}  ",
            first.id.short(),
            clock.show(first.time),
            last.id.short(),
            clock.show(last.time),
            if count == 1 { "snapshot" } else { "snapshots" },
            letter(version.content),
        ))?;
        match (version.node(), version.tree) {
            (Some(node), _) => {
                output.text(columns.start(node, &clock).trim_end())?;
                listing::write_target(node, output)?;
            }
            (None, Some(tree)) => output.text(&format!("tree {}", tree.short()))?,
            (None, None) => {}
        }
        output.end_line()?;
    }
    if !history.absent.is_empty() {
        output.line(&format!("{} of {} snapshots do not have it", history.absent.len(), snapshots.len()))?;
    }
    Ok(())
}

/// A, B, … Z, AA, AB, …
fn letter(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (number % 26) as u8));
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
