//! `bygone find`: names over all snapshots.

use std::ops::ControlFlow;
use std::sync::Arc;

use bygone_vault::find::{Event, Finder, Found, FoundVersion, Pattern, Query};
use bygone_vault::{NodeKind, Repository, Result, Snapshot, SnapshotSpec};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::{NodeFields, Path, SnapshotMark};
use crate::listing::{self, Columns};
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::selection::Selection;
use crate::units::{SizeRange, parse_size_range};
use crate::when::{Clock, parse_moment};

/// Find files by name in all snapshots
///
/// Prints each path once, with the first and last snapshot that has it, how many have it and in how many versions. A
/// pattern without a slash is about names; one with a slash about whole paths, from the root if it begins with a slash.
#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Globs (*, ?, [a-z], {a,b}, **); with --regex, regular expressions. Any of them must fit
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
    /// The patterns are regular expressions, which need to fit a part of the name (or path) only
    #[arg(long)]
    regex: bool,
    /// Upper and lower case are the same
    #[arg(short, long)]
    ignore_case: bool,
    /// Only these types (may be repeated)
    #[arg(short, long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<Type>,
    /// Only files of at least (+10M), at most (-1G) or exactly (5k) this size (may be repeated)
    #[arg(long, value_name = "SIZE", value_parser = parse_size_range, allow_hyphen_values = true)]
    size: Vec<SizeRange>,
    /// Only what changed at or after this time: 2026-11-01, 2026-11-01T10:00, 7d
    #[arg(short = 'N', long, value_name = "TIME", value_parser = parse_moment)]
    newer: Option<Timestamp>,
    /// Only what changed before this time
    #[arg(short = 'O', long, value_name = "TIME", value_parser = parse_moment)]
    older: Option<Timestamp>,
    /// Only in this snapshot (may be repeated)
    #[arg(short, long = "snapshot", value_name = "SNAPSHOT")]
    snapshots: Vec<String>,
    /// Show what each snapshot has, one snapshot after the other
    #[arg(long)]
    by_snapshot: bool,
    /// Show each version with type, permissions, owner, size and time of change
    #[arg(short, long)]
    long: bool,
    /// Stop after so many paths
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Type {
    #[value(alias = "f")]
    File,
    #[value(alias = "d")]
    Dir,
    #[value(alias = "l")]
    Symlink,
    #[value(alias = "b")]
    Blockdev,
    #[value(alias = "c")]
    Chardev,
    #[value(alias = "p")]
    Fifo,
    #[value(alias = "s")]
    Socket,
}

impl Type {
    fn kind(self) -> NodeKind {
        match self {
            Self::File => NodeKind::File,
            Self::Dir => NodeKind::Dir,
            Self::Symlink => NodeKind::Symlink,
            Self::Blockdev => NodeKind::BlockDevice,
            Self::Chardev => NodeKind::CharDevice,
            Self::Fifo => NodeKind::Fifo,
            Self::Socket => NodeKind::Socket,
        }
    }
}

impl Find {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let compile = if self.regex { Pattern::regex } else { Pattern::glob };
        let patterns = self.patterns.iter().map(|text| compile(text, self.ignore_case)).collect::<Result<Vec<_>>>()?;
        let query = Query {
            patterns,
            kinds: self.types.iter().map(|kind| kind.kind()).collect(),
            size_min: self.size.iter().filter_map(|range| range.min).max(),
            size_max: self.size.iter().filter_map(|range| range.max).min(),
            newer: self.newer,
            older: self.older,
        };
        let named = self.snapshots.iter().map(|text| text.parse()).collect::<Result<Vec<SnapshotSpec>>>()?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let snapshots = self.selection.some(&repository, &named, &mut problems)?;
        let finder = explore(global, &repository, &snapshots, query);
        let mut search = Search {
            snapshots: &snapshots,
            output: Output::new()?,
            clock: Clock::local(),
            columns: Columns::default(),
            json: global.json,
            long: self.long,
            limit: self.limit.unwrap_or(u64::MAX),
            paths: 0,
            problems,
            result: Ok(()),
        };
        if self.by_snapshot {
            search.by_snapshot(&finder)?;
        } else {
            finder.run(&mut |event| search.event(event));
        }
        search.result?;
        search.output.finish()?;
        if search.paths >= search.limit {
            console::line(&format!("stopped after {} paths (--limit)", search.limit));
        }
        Ok(Outcome::after(search.problems.count()))
    }
}

fn explore<'a>(global: &Global, repository: &'a Repository, snapshots: &[Arc<Snapshot>], query: Query) -> Finder<'a> {
    let _progress = Progress::waiting(global, "searching");
    let finder = Finder::new(repository, snapshots, query);
    tracing::info!(directories = finder.directories(), snapshots = snapshots.len(), "searched");
    finder
}

struct Search<'a> {
    snapshots: &'a [Arc<Snapshot>],
    output: Output,
    clock: Clock,
    columns: Columns,
    json: bool,
    long: bool,
    limit: u64,
    paths: u64,
    problems: Problems,
    /// What became of writing.
    result: Result<()>,
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

impl Search<'_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Found(found) => {
                if self.paths >= self.limit {
                    return ControlFlow::Break(());
                }
                self.paths += 1;
                self.result = if self.json { self.json(&found) } else { self.lines(&found) };
                if self.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }
            Event::Broken { path, snapshots, error } => {
                self.broken(path, snapshots, error);
                ControlFlow::Continue(())
            }
        }
    }

    fn broken(&mut self, path: &[u8], snapshots: &[u32], error: bygone_vault::Error) {
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

    fn json(&mut self, found: &Found<'_>) -> Result<()> {
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

    fn lines(&mut self, found: &Found<'_>) -> Result<()> {
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
                self.version(version)?;
            }
        }
        Ok(())
    }

    fn version(&mut self, version: &FoundVersion) -> Result<()> {
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
    fn by_snapshot(&mut self, finder: &Finder<'_>) -> Result<()> {
        let mut told_broken = std::collections::HashSet::new();
        let mut begun = false;
        if self.json {
            self.output.text("[")?;
        }
        for (position, snapshot) in (0u32..).zip(self.snapshots) {
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
                        self.broken(path, snapshots, error);
                    }
                    ControlFlow::Continue(())
                }
            });
            if matches.is_empty() {
                continue;
            }
            if self.json {
                if std::mem::replace(&mut begun, true) {
                    self.output.text(",")?;
                }
                let fields = |(path, entry): &(Vec<u8>, bygone_vault::walk::Entry)| {
                    Some(MatchFields { path: Path::new(path), node: NodeFields::new(entry.node()?) })
                };
                let matches: Vec<_> = matches.iter().filter_map(fields).collect();
                let hits = matches.len();
                self.output.json(&SnapshotMatches { matches, hits, snapshot: snapshot.id.to_string() })?;
                continue;
            }
            let time = self.clock.show(snapshot.time);
            self.output.line(&format!(
                "{}snapshot {} of {time}",
                if begun { "\n" } else { "" },
                snapshot.id.short()
            ))?;
            begun = true;
            for (path, entry) in &matches {
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
        }
        if self.json {
            self.output.line("]")?;
        }
        Ok(())
    }
}
