//! `bygone tar`: a folder as an archive.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use bygone_vault::tar::{Event, Tell, write_directory, write_node};
use bygone_vault::{Error, ErrorKind, Repository, Resolved, Result};
use clap::Args;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::leased::lease;
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::selection::{Selection, parse_snapshot_and_path, resolve};

/// Bytes collected before they are written to a file.
const BUFFER_BYTES: usize = 1024 * 1024;

/// Write a folder or file as a tar archive
///
/// Names in the archive begin with the name of the folder; those of a whole snapshot with the names in its root. Sockets
/// are left out. A file that cannot be read is left out and told of, and the exit code is 3.
#[derive(Debug, Args)]
pub(crate) struct Tar {
    /// What to write
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    what: OsString,
    /// Write to this file, not to standard output
    #[arg(short = 'f', long = "output", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
}

impl Tar {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let what = parse_snapshot_and_path(&self.what)?;
        let mut output = match &self.file {
            Some(_) => None,
            None => Some(Output::new()?),
        };
        if output.as_ref().is_some_and(Output::is_terminal) {
            let told = "an archive on a terminal helps nobody: give -f FILE, or redirect standard output";
            return Err(Error::new(ErrorKind::InvalidInput, told));
        }
        let repository = open(global)?;
        let mut problems = Problems::default();
        let snapshot = self.selection.one(&repository, &what.snapshot, &mut problems)?;
        let _lease = lease(&repository, "tar", [&*snapshot]);
        let resolved = resolve(&repository, &snapshot, &what.path)?;
        let progress = Progress::bytes(global, "writing");
        let mut tell = |event: Event<'_>| match event {
            Event::Written { name, bytes } => {
                progress.advance(bytes);
                progress.at(name);
            }
            Event::Unreadable { name, error } => {
                problems.tell(&error.context(String::from_utf8_lossy(name)).chain());
            }
            Event::LeftOut { name, why } => {
                if !global.quiet {
                    console::line(&format!("left out {}: {why}", String::from_utf8_lossy(name)));
                }
            }
        };
        match (&self.file, &mut output) {
            (Some(path), _) => {
                let fault = |error| Error::io(format!("write {}", path.display()), error);
                let file = File::create(path).map_err(fault)?;
                let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
                write(&repository, &resolved, &mut writer, &mut tell)?;
                writer.flush().map_err(fault)?;
            }
            (None, Some(output)) => write(&repository, &resolved, output.writer(), &mut tell)?,
            (None, None) => {}
        }
        if let Some(output) = output {
            output.finish()?;
        }
        drop(progress);
        Ok(Outcome::after(problems.count()))
    }
}

fn write(repository: &Repository, resolved: &Resolved, out: &mut dyn Write, tell: &mut Tell<'_>) -> Result<()> {
    match (resolved.node(), resolved.tree()) {
        (Some(node), _) => write_node(repository, node, out, tell),
        (None, Some(tree)) => write_directory(repository, tree, b"", out, tell),
        (None, None) => Ok(()),
    }
}
