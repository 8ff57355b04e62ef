//! `cargo xtask tidy`: proves what a compiler does not check.
//!
//! `rooms` is the table of crates, arrows and owners; `arrows` checks a graph against it; `graph` reads the graph from
//! `cargo metadata`; `text` holds the rules for files.

mod arrows;
mod graph;
mod rooms;
mod text;

use crate::{folders, process};
use anyhow::{Context, Result, bail};
use graph::Graph;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints every broken rule, and fails when there is one.
pub(crate) fn run() -> Result<()> {
    let checkout = folders::checkout()?;
    let graph = Graph::read(&checkout)?;
    let mut broken = arrows::broken(&graph);
    let architecture = fs::read_to_string(checkout.join("ARCHITECTURE.md")).unwrap_or_default();
    broken.extend(text::undescribed(&graph, &architecture));
    let files = files(&checkout)?;
    for file in &files {
        let path = checkout.join(file);
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        // What is not text has no rules of text.
        if let Ok(content) = String::from_utf8(bytes) {
            broken.extend(text::broken(file, &content));
            broken.extend(text::dead_links(&checkout, file, &content));
        }
    }
    for line in &broken {
        eprintln!("tidy: {line}");
    }
    match broken.len() {
        0 => println!("tidy: {} crates, {} files, nothing broken", graph.members().count(), files.len()),
        count => bail!("{count} broken rules"),
    }
    Ok(())
}

/// The files that belong to the project: tracked by git, or new and not ignored; relative to the checkout.
pub(crate) fn files(checkout: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(checkout).args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listing = process::text(&mut git).context("listing the project's files")?;
    let names = listing.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    // A file that was removed but is still in git's index is no file of the project any more.
    Ok(names.filter(|name| checkout.join(name).is_file()).collect())
}

fn metadata(checkout: &Path) -> Result<Vec<u8>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(checkout).args(["metadata", "--format-version", "1", "--all-features"]);
    process::output(&mut cargo)
}
