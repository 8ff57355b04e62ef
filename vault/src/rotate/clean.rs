//! Removing a generation that is not the repository: its snapshots and index files, and of the old one its key files.

use bygone_common::{Id, KeyId};

use super::{remove_key, switch};
use crate::backend::{CancelToken, Content, FileId, FileKind, SharedStorage};
use crate::crypto::MasterKey;
use crate::error::{ErrorKind, Result};
use crate::key;
use crate::parallel::for_each;
use crate::repository::{Pending, Unlocked};
use crate::sealed_file;

/// Files that are read and removed at once.
const REMOVALS: usize = 8;

/// Removes what is under the old key, passwords first.
pub(super) fn clean(
    storage: &SharedStorage,
    unlocked: &Unlocked,
    pending: &Pending,
    token: &CancelToken,
) -> Result<()> {
    if pending.lacks_config {
        let json = unlocked.config.to_json()?;
        let sealed = sealed_file::seal(&unlocked.key, unlocked.config.version, FileKind::Config, &json)?;
        switch::replace_config(storage.as_ref(), &Content::from(sealed))?;
    }
    let (id, _) = key::without_note(storage.as_ref(), pending.key_id)?;
    for listed in storage.list(FileKind::Key)? {
        token.check(|| "remove old keys".to_owned())?;
        let listed = KeyId(listed.id);
        if listed != pending.key_id && listed != id {
            remove_key(storage, listed)?;
        }
    }
    remove_generation(storage, &pending.other, token)
}

/// Puts a key file that notes nothing in place of the one that does.
pub(super) fn drop_note(storage: &SharedStorage, noting: KeyId) -> Result<()> {
    let (id, bytes) = key::without_note(storage.as_ref(), noting)?;
    storage.write(FileId::new(FileKind::Key, id), &Content::from(bytes))?;
    remove_key(storage, noting)
}

/// Removes snapshots and index files that are under a key. Snapshots first: what they need is named for as long as they are
/// there.
pub(super) fn remove_generation(storage: &SharedStorage, key: &MasterKey, token: &CancelToken) -> Result<()> {
    for kind in [FileKind::Snapshot, FileKind::Index] {
        let listed: Vec<Id> = storage.list(kind)?.iter().map(|file| file.id).collect();
        for_each(REMOVALS, &listed, |id| {
            token.check(|| "remove what is under the other key".to_owned())?;
            let file = FileId::new(kind, *id);
            match storage.read(file) {
                Ok(sealed) if key.is_of(&sealed) => storage.remove(file),
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            }
        })?;
    }
    Ok(())
}
