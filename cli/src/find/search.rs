//! What a search found, path by path or snapshot by snapshot.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_vault::find::{Event, Finder, Found, FoundVersion};
use bygone_vault::walk::Entry;
use bygone_vault::{Error, Result, Snapshot};
use serde::Serialize;

use crate::console::Problems;
use crate::json::{NodeFields, Path, SnapshotMark};
use crate::listing::{self, Columns};
use crate::output::Output;
use crate::when::Clock;

pub(super) struct Search<'a> {
    pub(super) snapshots: &'a [Arc<Snapshot>],
    pub(super) output: Output,
    pub(super) clock: Clock,
    pub(super) columns: Columns,
    pub(super) json: bool,
    pub(super) long: bool,
    /// Paths after which it stops.
    pub(super) limit: u64,
    /// Paths found so far.
    pub(super) paths: u64,
    pub(super) problems: Problems,
}

#[derive(Serialize)]
struct PathLine {
    #[serde(flatten)]
    path: Path,
    first: SnapshotMark,
    last: SnapshotMark,
    snapshots: usize,
    versions: Vec<VersionFields>,
}

#[derive(Serialize)]
struct VersionFields {
    #[serde(flatten)]
    node: NodeFields,
    snapshots: Vec<String>,
}

/// As `restic find --json` has it.
#[derive(Serialize)]
struct SnapshotMatches {
    matches: Vec<MatchFields>,
    hits: usize,
    snapshot: String,
}

#[derive(Serialize)]
struct MatchFields {
    #[serde(flatten)]
    path: Path,
    #[serde(flatten)]
    node: NodeFields,
}

/// A path of one snapshot, and what lies there.
type Match = (Vec<u8>, Entry);

impl Search<'_> {
    /// Each path once, with all snapshots that have it.
    pub(super) fn by_path(&mut self, finder: &Finder<'_>) -> Result<()> {
        let mut written = Ok(());
        finder.run(&mut |event| match event {
            Event::Found(_) if self.paths >= self.limit => ControlFlow::Break(()),
            Event::Found(found) => {
                self.paths += 1;
                written = if self.json { self.path_fields(&found) } else { self.path_lines(&found) };
                if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }
            Event::Broken { path, snapshots, error } => {
                self.tell_broken(path, snapshots, error);
                ControlFlow::Continue(())
            }
        });
        written
    }

    fn tell_broken(&mut self, path: &[u8], snapshots: &[u32], error: Error) {
        let path = String::from_utf8_lossy(path);
        let first = snapshots.first().and_then(|first| self.snapshots.get(*first as usize));
        let first = first.map_or(String::new(), |snapshot| snapshot.id.short());
        let others = match snapshots.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        self.problems.tell(&error.context(format!("{path}/ of snapshot {first}{others}")).chain());
    }

    /// The first and the last snapshot that has any of the versions, and how many have.
    fn span(&self, versions: &[FoundVersion]) -> Option<(&Snapshot, &Snapshot, usize)> {
        let all = || versions.iter().flat_map(|version| &version.snapshots);
        let snapshot = |position: &u32| self.snapshots.get(*position as usize).map(Arc::as_ref);
        Some((snapshot(all().min()?)?, snapshot(all().max()?)?, all().count()))
    }

    fn path_fields(&mut self, found: &Found<'_>) -> Result<()> {
        let Some((first, last, snapshots)) = self.span(found.versions) else { return Ok(()) };
        let versions = found.versions.iter().filter_map(|version| {
            let id = |position: &u32| Some(self.snapshots.get(*position as usize)?.id.to_string());
            let snapshots = version.snapshots.iter().filter_map(id).collect();
            Some(VersionFields { node: NodeFields::new(version.entry.node()?), snapshots })
        });
        let line = PathLine {
            path: Path::new(found.path),
            first: SnapshotMark::new(first),
            last: SnapshotMark::new(last),
            snapshots,
            versions: versions.collect(),
        };
        self.output.json(&line)
    }

    fn path_lines(&mut self, found: &Found<'_>) -> Result<()> {
        let Some((first, last, snapshots)) = self.span(found.versions) else { return Ok(()) };
        let start = format!(
            "{} {} .. {} {}  {snapshots:>4} {:9}  {:>4} {:8}  ",
            first.id.short(),
            self.clock.show(first.time),
            last.id.short(),
            self.clock.show(last.time),
            if snapshots == 1 { "snapshot" } else { "snapshots" },
            found.versions.len(),
            if found.versions.len() == 1 { "version" } else { "versions" },
        );
        self.output.text(&start)?;
        self.output.name(found.path)?;
        self.output.end_line()?;
        if self.long {
            for version in found.versions {
                self.version_line(version)?;
            }
        }
        Ok(())
    }

    fn version_line(&mut self, version: &FoundVersion) -> Result<()> {
        let Some(node) = version.entry.node() else { return Ok(()) };
        self.columns.widen_for(node);
        let Some((first, last, snapshots)) = self.span(std::slice::from_ref(version)) else { return Ok(()) };
        let start = self.columns.start(node, &self.clock);
        let line = format!("    {start} {} .. {} ({snapshots})", first.id.short(), last.id.short());
        self.output.text(&line)?;
        listing::write_target(node, &mut self.output)?;
        self.output.end_line()
    }

    /// restic's way: each snapshot with all that it has.
    pub(super) fn by_snapshot(&mut self, finder: &Finder<'_>) -> Result<()> {
        let mut told_broken = HashSet::new();
        let mut is_first = true;
        if self.json {
            self.output.text("[")?;
        }
        for (position, snapshot) in (0u32..).zip(self.snapshots) {
            let matches = self.matches(finder, position, &mut told_broken);
            if matches.is_empty() {
                continue;
            }
            let is_first = std::mem::replace(&mut is_first, false);
            if self.json {
                self.output.text(if is_first { "" } else { "," })?;
                self.snapshot_fields(snapshot, &matches)?;
            } else {
                self.output.text(if is_first { "" } else { "\n" })?;
                self.snapshot_lines(snapshot, &matches)?;
            }
        }
        if self.json {
            self.output.line("]")?;
        }
        Ok(())
    }

    /// What one snapshot has, up to the limit.
    fn matches(&mut self, finder: &Finder<'_>, position: u32, told_broken: &mut HashSet<Vec<u8>>) -> Vec<Match> {
        let mut matches = Vec::new();
        finder.run_in(position, &mut |event| match event {
            Event::Found(_) if self.paths >= self.limit => ControlFlow::Break(()),
            Event::Found(found) => {
                self.paths += 1;
                matches.extend(found.versions.first().map(|version| (found.path.to_vec(), version.entry.clone())));
                ControlFlow::Continue(())
            }
            Event::Broken { path, snapshots, error } => {
                // What all snapshots share is broken in each of them.
                if told_broken.insert(path.to_vec()) {
                    self.tell_broken(path, snapshots, error);
                }
                ControlFlow::Continue(())
            }
        });
        matches
    }

    fn snapshot_fields(&mut self, snapshot: &Snapshot, matches: &[Match]) -> Result<()> {
        let fields =
            |(path, entry): &Match| Some(MatchFields { path: Path::new(path), node: NodeFields::new(entry.node()?) });
        let matches: Vec<_> = matches.iter().filter_map(fields).collect();
        let hits = matches.len();
        self.output.json(&SnapshotMatches { matches, hits, snapshot: snapshot.id.to_string() })
    }

    fn snapshot_lines(&mut self, snapshot: &Snapshot, matches: &[Match]) -> Result<()> {
        let time = self.clock.show(snapshot.time);
        self.output.line(&format!("snapshot {} of {time}", snapshot.id.short()))?;
        for (path, entry) in matches {
            let Some(node) = entry.node() else { continue };
            if self.long {
                self.columns.widen_for(node);
                self.output.text(&self.columns.start(node, &self.clock))?;
            }
            self.output.name(path)?;
            if self.long {
                listing::write_target(node, &mut self.output)?;
            }
            self.output.end_line()?;
        }
        Ok(())
    }
}
