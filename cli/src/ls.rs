//! `bygone ls`: what a snapshot holds.

use std::ffi::OsString;

use bygone_common::TreeId;
use bygone_vault::walk::{Step, Walk};
use bygone_vault::{Node, NodeKind, Repository, Result, Snapshot};
use clap::Args;
use serde::Serialize;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::{NodeFields, Path, SnapshotFields};
use crate::listing::{self, Columns};
use crate::open::open;
use crate::output::Output;
use crate::selection::{Selection, parse_snapshot_and_path, resolve};
use crate::when::Clock;

/// List a folder of a snapshot
///
/// Prints the names of its entries; with --recursive, whole paths of everything below it.
#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// What to list [default: latest]
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    what: Vec<OsString>,
    /// Show type, permissions, links, owner, group, size and time of change
    #[arg(short, long)]
    long: bool,
    /// List everything below
    #[arg(short = 'R', long)]
    recursive: bool,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Serialize)]
struct SnapshotLine<'a> {
    #[serde(flatten)]
    snapshot: SnapshotFields<'a>,
    struct_type: &'static str,
    message_type: &'static str,
}

#[derive(Serialize)]
struct NodeLine {
    #[serde(flatten)]
    path: Path,
    #[serde(flatten)]
    node: NodeFields,
    struct_type: &'static str,
    message_type: &'static str,
}

impl Ls {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let what = if self.what.is_empty() { vec![OsString::from("latest")] } else { self.what };
        let what = what.iter().map(|argument| parse_snapshot_and_path(argument)).collect::<Result<Vec<_>>>()?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let several = what.len() > 1;
        let mut lister = Lister {
            repository: &repository,
            output: Output::new()?,
            columns: Columns::default(),
            clock: Clock::local(),
            long: self.long,
            recursive: self.recursive,
            json: global.json,
            problems: Problems::default(),
        };
        for one in what {
            let snapshot = self.selection.one(&repository, &one.snapshot, &mut problems)?;
            lister.begin(&snapshot, several.then(|| format!("{}:{}", snapshot.id.short(), one.path)))?;
            let resolved = resolve(&repository, &snapshot, &one.path)?;
            let path = if one.path.is_root() { Vec::new() } else { one.path.to_bytes() };
            match (resolved.tree(), resolved.node()) {
                (Some(tree), _) => lister.directory(tree, &path)?,
                (None, Some(node)) => {
                    lister.columns.widen_for(node);
                    lister.entry(node, &path)?;
                }
                (None, None) => {}
            }
        }
        let count = problems.count() + lister.problems.count();
        lister.output.finish()?;
        Ok(Outcome::after(count))
    }
}

struct Lister<'a> {
    repository: &'a Repository,
    output: Output,
    columns: Columns,
    clock: Clock,
    long: bool,
    recursive: bool,
    json: bool,
    problems: Problems,
}

impl Lister<'_> {
    fn begin(&mut self, snapshot: &Snapshot, title: Option<String>) -> Result<()> {
        if self.json {
            let snapshot = SnapshotFields::new(snapshot);
            return self.output.json(&SnapshotLine { snapshot, struct_type: "snapshot", message_type: "snapshot" });
        }
        match title {
            Some(title) => self.output.line(&format!("{title}:")),
            None => Ok(()),
        }
    }

    fn directory(&mut self, tree: TreeId, path: &[u8]) -> Result<()> {
        let mut walk = Walk::new(self.repository, tree, path);
        while let Some(step) = walk.next() {
            match step {
                Step::Enter(directory) => {
                    if self.long && !self.json {
                        self.columns.widen(&directory);
                    }
                    for name in directory.rejected() {
                        let name = String::from_utf8_lossy(name).escape_debug().to_string();
                        let path = String::from_utf8_lossy(walk.path());
                        self.problems
                            .tell(&format!("{path}/: an entry is left out, as no file can be named \"{name}\""));
                    }
                }
                Step::Entry(entry) => {
                    if let Some(node) = entry.node() {
                        self.entry(node, walk.path())?;
                    }
                    if !self.recursive {
                        walk.skip();
                    }
                }
                // The folder that was asked for is the whole answer.
                Step::Broken(error) if walk.path() == path => return Err(error),
                Step::Broken(error) => {
                    let path = String::from_utf8_lossy(walk.path()).into_owned();
                    self.problems.tell(&error.context(path).chain());
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, node: Node<'_>, path: &[u8]) -> Result<()> {
        if self.json {
            let (path, node) = (Path::new(path), NodeFields::new(node));
            return self.output.json(&NodeLine { path, node, struct_type: "node", message_type: "node" });
        }
        if self.long {
            self.output.text(&self.columns.start(node, &self.clock))?;
        }
        self.output.name(if self.recursive { path } else { node.name() })?;
        if !self.long && node.kind() == NodeKind::Dir && self.output.is_terminal() {
            self.output.text("/")?;
        }
        if self.long {
            listing::write_target(node, &mut self.output)?;
        }
        self.output.end_line()
    }
}
