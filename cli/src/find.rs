//! `bygone find`: names over all snapshots. Here what can be asked for; [`search`] tells what was found.

mod index;
mod search;

use std::sync::Arc;

use bygone_common::SnapshotPath;
use bygone_vault::find::{Finder, Pattern, Query};
use bygone_vault::{NodeKind, Repository, Result, Snapshot};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::console::{self, Problems};
use crate::drive::DriveOpening;
use crate::exit::Outcome;
use crate::global::Global;
use crate::listing::Columns;
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::selection::{Selection, parse_specs};
use crate::units::{SizeRange, parse_size_range};
use crate::when::{Clock, parse_moment};
use search::Search;

/// Find files by name in all snapshots
///
/// Prints each path once, with the first and last snapshot that has it, how many have it and in how many versions. A
/// pattern without a slash is about names; one with a slash about whole paths, from the root if it begins with a slash.
/// With --server, the server's index says where to look.
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
        let named = parse_specs(&self.snapshots)?;
        let (repository, told) = match DriveOpening::prepare(global)? {
            Some(server) => {
                let server = server.connect()?;
                let told = if self.regex { None } else { index::ask(&server, &self.patterns)? };
                (server.open()?, told)
            }
            None => (open(global)?, None),
        };
        let mut problems = Problems::default();
        let snapshots = self.selection.some(&repository, &named, &mut problems)?;
        let finder = explore(global, &repository, &snapshots, query, told.as_deref());
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
        };
        if self.by_snapshot {
            search.by_snapshot(&finder)?;
        } else {
            search.by_path(&finder)?;
        }
        search.output.finish()?;
        if search.paths >= search.limit {
            console::line(&format!("stopped after {} paths (--limit)", search.limit));
        }
        Ok(Outcome::after(search.problems.count()))
    }
}

fn explore<'a>(
    global: &Global,
    repository: &'a Repository,
    snapshots: &[Arc<Snapshot>],
    query: Query,
    told: Option<&[SnapshotPath]>,
) -> Finder<'a> {
    let _progress = Progress::waiting(global, "searching");
    let finder = match told {
        Some(paths) => Finder::among(repository, snapshots, query, paths),
        None => Finder::new(repository, snapshots, query),
    };
    tracing::info!(directories = finder.directories(), snapshots = snapshots.len(), "searched");
    finder
}
