//! `bygone cat`: the bytes of a file.

use std::ffi::OsString;
use std::sync::Arc;

use bygone_common::ByteRange;
use bygone_vault::{Error, ErrorKind, FileReader, NodeKind, Repository, Resolved, Result};
use clap::Args;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::leased::lease;
use crate::open::open;
use crate::output::Output;
use crate::selection::{Selection, describe, parse_snapshot_and_path, resolve};
use crate::units::parse_size;

/// How much is read at once.
const READ_BYTES: usize = 1024 * 1024;

/// Write files to standard output
#[derive(Debug, Args)]
pub(crate) struct Cat {
    /// The files
    #[arg(value_name = "SNAPSHOT:PATH", required = true)]
    what: Vec<OsString>,
    /// Begin at this byte of each file
    #[arg(long, value_name = "BYTES", value_parser = parse_size, default_value = "0")]
    offset: u64,
    /// Write at most so many bytes of each file
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    length: Option<u64>,
    #[command(flatten)]
    selection: Selection,
}

impl Cat {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let what = self.what.iter().map(|argument| parse_snapshot_and_path(argument)).collect::<Result<Vec<_>>>()?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let mut output = Output::new()?;
        for one in what {
            let snapshot = self.selection.one(&repository, &one.snapshot, &mut problems)?;
            let _lease = lease(&repository, "cat", [&*snapshot]);
            let resolved = resolve(&repository, &snapshot, &one.path)?;
            let reader = open_file(&repository, &resolved).map_err(|error| describe(error, &snapshot, &one.path))?;
            let length = self.length.unwrap_or(u64::MAX - self.offset);
            let range = ByteRange::new(self.offset, length).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "offset and length together are more than a file can hold")
            })?;
            copy(&reader, range.clamp_to(reader.size()), &mut output)
                .map_err(|error| describe(error, &snapshot, &one.path))?;
        }
        output.finish()?;
        Ok(Outcome::after(problems.count()))
    }
}

fn open_file(repository: &Repository, resolved: &Resolved) -> Result<Arc<FileReader>> {
    let refused = |what: &str| Error::new(ErrorKind::InvalidInput, format!("it is {what}, not a file"));
    let Some(node) = resolved.node() else { return Err(refused("a folder")) };
    match node.kind() {
        NodeKind::File => repository.file(node).map(Arc::new),
        NodeKind::Dir => Err(refused("a folder")),
        NodeKind::Symlink => {
            let target = String::from_utf8_lossy(node.link_target()).into_owned();
            Err(refused(&format!("a symbolic link to {target}")))
        }
        NodeKind::BlockDevice | NodeKind::CharDevice => Err(refused("a device")),
        NodeKind::Fifo => Err(refused("a named pipe")),
        NodeKind::Socket => Err(refused("a socket")),
        NodeKind::Unknown => Err(refused("of a type that this program does not know")),
    }
}

fn copy(reader: &Arc<FileReader>, range: ByteRange, output: &mut Output) -> Result<()> {
    let mut buffer = vec![0; READ_BYTES.min(usize::try_from(range.len()).unwrap_or(READ_BYTES))];
    let mut at = range.start();
    while at < range.end() {
        let wanted = usize::try_from(range.end() - at).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..wanted).unwrap_or_default();
        let read = reader.read_at(at, part)?;
        if read == 0 {
            return Err(Error::new(ErrorKind::Damaged, format!("it ends at byte {at} of {}", reader.size())));
        }
        output.bytes(part.get(..read).unwrap_or_default())?;
        at += read as u64;
    }
    Ok(())
}
