//! The switch: what names the packs of the next generation is written, then the config, which makes it the repository.

use super::assembled::Assembled;
use super::{Rotation, clean};
use crate::backend::{Content, FileId, Storage};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::Unit;
use crate::repository::{Pending, Unlocked};

/// Files that are written at once.
const WRITERS: usize = 8;

/// What was switched.
#[derive(Debug, Clone)]
pub struct Switched {
    /// Snapshots of the repository, all under the new key.
    pub snapshots: u64,
    /// Index files.
    pub index_files: u64,
    /// The repository as it is opened from now on: to be cleaned.
    pub unlocked: Unlocked,
}

pub(super) fn switch(rotation: &Rotation<'_>, assembled: &Assembled) -> Result<Switched> {
    let Rotation { repository, storage, pending, token, progress } = rotation;
    // What a switch that was cut off has written says the same in other bytes.
    clean::remove_generation(storage, &pending.other, token)?;
    progress.stage("switch", (assembled.index.len() + assembled.snapshots.len()) as u64, Unit::Items);
    let write = |files| {
        for_each(WRITERS, files, |(file, content)| {
            token.check(|| "switch to the new master key".to_owned())?;
            storage.write(*file, content)?;
            progress.advance(1);
            Ok(())
        })
    };
    if let Err(error) = write(&assembled.index).and_then(|()| write(&assembled.snapshots)) {
        // By the old password restic goes on only when it is gone again; we do in any case.
        if let Err(left) = clean::remove_generation(storage, &pending.other, token) {
            tracing::warn!(error = left.chain(), "what was written for the switch stays until it is gone on with");
        }
        return Err(error);
    }
    replace_config(storage.as_ref(), &assembled.config)?;
    let pending = Pending { other: repository.master_key().clone(), switched: true, ..(*pending).clone() };
    let unlocked = Unlocked {
        key: rotation.pending.other.clone(),
        key_id: Some(pending.key_id),
        config: repository.config().clone(),
        pending: Some(pending),
    };
    Ok(Switched { snapshots: assembled.snapshots.len() as u64, index_files: assembled.index.len() as u64, unlocked })
}

/// Writes the config anew. Invariant: at every moment the config is the old one, or the new one, or, on storage that refuses
/// to replace a file, missing: then the new password's key file tells what it is to be.
pub(super) fn replace_config(storage: &dyn Storage, config: &Content) -> Result<()> {
    if let Err(error) = storage.write(FileId::CONFIG, config) {
        match error.kind() {
            ErrorKind::Denied | ErrorKind::Conflict => {
                storage.remove(FileId::CONFIG)?;
                storage.write(FileId::CONFIG, config)?;
            }
            _ => return Err(error),
        }
    }
    if storage.read(FileId::CONFIG)? == config.to_vec() {
        return Ok(());
    }
    let sentence = "the config that was read back is not the one that was written";
    Err(Error::new(ErrorKind::Damaged, sentence))
}
