//! Bringing good copies of damaged or missing files from a mirror.

use bygone_common::Id;

use super::{Finding, Report};
use crate::backend::{Backend, CancelToken, Content, FileId, FileKind, Storage};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Unit};

/// What became of a file that was damaged or missing.
#[derive(Debug, Clone)]
pub struct Healed {
    /// Which.
    pub file: FileId,
    /// Nothing, or why it could not be replaced.
    pub outcome: Result<()>,
}

/// Replaces every file that `report` says is damaged or missing by the mirror's copy, if that one is good: its SHA-256 is its
/// name. The repository should be locked exclusively, and checked again afterwards.
///
/// # Errors
/// `Cancelled`. What else goes wrong with a file is told of that file.
pub fn heal(
    report: &Report,
    storage: &dyn Storage,
    mirror: &dyn Backend,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<Vec<Healed>> {
    let mut files: Vec<FileId> = report.findings.iter().filter_map(file_of).collect();
    files.sort_unstable();
    files.dedup();
    progress.stage("bring good copies", files.len() as u64, Unit::Items);
    let mut healed = Vec::with_capacity(files.len());
    for file in files {
        token.check(|| "bring good copies".to_owned())?;
        healed.push(Healed { file, outcome: replace(file, storage, mirror) });
        progress.advance(1);
    }
    Ok(healed)
}

/// The file that is to be replaced.
fn file_of(finding: &Finding) -> Option<FileId> {
    match finding {
        Finding::Key { id, .. } => Some(FileId::new(FileKind::Key, id.0)),
        Finding::IndexFile { id, .. } => Some(FileId::new(FileKind::Index, id.0)),
        Finding::Snapshot { id, .. } => Some(FileId::new(FileKind::Snapshot, id.0)),
        Finding::PackMissing { pack, .. }
        | Finding::PackSize { pack, .. }
        | Finding::PackDamaged { pack, .. }
        | Finding::PackUnread { pack, .. } => Some(FileId::pack(*pack)),
        Finding::PackUnindexed { .. }
        | Finding::Folder { .. }
        | Finding::File { .. }
        | Finding::Name { .. }
        | Finding::SecondOpinion { .. } => None,
    }
}

fn replace(file: FileId, storage: &dyn Storage, mirror: &dyn Backend) -> Result<()> {
    let bytes = mirror.read(file).map_err(|error| error.context(format!("read {file} of {}", mirror.location())))?;
    let content = Content::from(bytes);
    if Id::new(content.sha256()) != file.id {
        let sentence = format!("{file} of {} is damaged too: its SHA-256 is not its name", mirror.location());
        return Err(Error::new(ErrorKind::Damaged, sentence));
    }
    // Some servers refuse to write over a file, whatever it holds.
    storage.write(file, &content).or_else(|refused| {
        storage.remove(file).map_err(|_| refused)?;
        storage.write(file, &content)
    })
}
