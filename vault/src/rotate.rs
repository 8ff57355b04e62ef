//! Changing the master key: everything that snapshots need is written again under a new one, in the same place, and the old
//! key opens nothing any more once that is done.
//!
//! Both generations lie side by side. Packs of the next one are inert until an index file names them; the config decides
//! which generation is the repository: it is sealed under one of the two keys, and writing it anew is the switch.
//!
//! | phase | what is done | who opens it |
//! |---|---|---|
//! | begin | a key file of the new password, which notes the old key under the new one | restic by the old password, we by either |
//! | fill | packs of the next generation, while backups go on (shared lock) | the same |
//! | switch | index files, snapshots, the config, in this order (exclusive lock) | we: by either before the config, by the new password after it |
//! | clean | old key files, snapshots and index files go; then, without a lock, the note | we by the new password; in the end restic too |
//!
//! Nothing but what lies in storage is remembered, so that a rotation may be killed at any moment and taken up by anybody
//! who knows the new password. Old packs are left to the next prune, which finds them named by nobody.
//!
//! Read in this order: `generation` (reading one generation beside another), `fill`, `assembled` (the next generation as it
//! will be, before it is), `switch`, `clean`.

mod assembled;
mod clean;
mod fill;
mod generation;
mod switch;

use bygone_common::{Id, KeyId, Secret};

use crate::backend::{Backend, CancelToken, Content, FileId, FileKind, SharedStorage, Storage};
use crate::check::ReadData;
use crate::crypto::MasterKey;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{self, NewKey, Note};
use crate::progress::Progress;
use crate::repository::{Pending, Repository, Unlocked};
use crate::write::index::IndexPack;
use crate::write::{WriteOptions, Written};
use crate::{random, sealed_file};

pub(crate) use generation::OneGeneration;
pub use switch::Switched;

/// Bytes of a file that is written to see whether it can be removed.
const PROBE_BYTES: usize = 64;

/// Begins a rotation: writes the new password's key file, which notes all that is needed to go on after an interruption.
/// Answers the repository as it is opened from now on.
///
/// # Errors
/// `Conflict` when a rotation is under way; what the storage answers.
pub fn begin(storage: &dyn Storage, unlocked: &Unlocked, new: &NewKey) -> Result<Unlocked> {
    if unlocked.pending.is_some() || !key::noting(storage)?.is_empty() {
        let sentence = format!("the master key of {} is being changed already", storage.location());
        return Err(Error::new(ErrorKind::Conflict, sentence));
    }
    expect_removals(storage)?;
    let next = MasterKey::new(Secret::new(random::bytes()?));
    let config = sealed_file::seal(&next, unlocked.config.version, FileKind::Config, &unlocked.config.to_json()?)?;
    let note = Note::new(&unlocked.key, &next, &config)?;
    let key_id = key::add_noting(storage, &next, new, Some(note))?;
    let pending = Pending { key_id, other: next, switched: false, lacks_config: false };
    Ok(Unlocked { pending: Some(pending), ..unlocked.clone() })
}

/// The rotation that is under way in a repository that was opened by an old password, if `new` is the new one.
///
/// # Errors
/// `WrongPassword` when one is under way, and to another password; what the storage answers.
pub fn find(backend: &dyn Backend, unlocked: &Unlocked, new: &Secret<String>) -> Result<Option<Unlocked>> {
    if unlocked.pending.is_some() {
        return Ok(Some(unlocked.clone()));
    }
    if key::noting(backend)?.is_empty() {
        return Ok(None);
    }
    let unlocked = Unlocked::read(backend, crate::repository::Unlock::Password(new.clone())).map_err(|error| {
        error.context("the master key is being changed, and this is not the password it is being changed to")
    })?;
    Ok(unlocked.pending.is_some().then_some(unlocked))
}

/// Whether the master key of a repository is being changed.
///
/// # Errors
/// What the storage answers.
pub fn is_under_way(backend: &dyn Backend) -> Result<bool> {
    Ok(!key::noting(backend)?.is_empty())
}

/// A rotation that has not been switched: from what the repository is to what it will be.
pub struct Rotation<'a> {
    /// The repository, as it is.
    pub repository: &'a Repository,
    /// Where it lies.
    pub storage: SharedStorage,
    /// The rotation.
    pub pending: &'a Pending,
    /// Ends it when it is pulled.
    pub token: &'a CancelToken,
    /// Is told how far it has come.
    pub progress: &'a dyn Progress,
}

/// Packs of the next generation.
#[derive(Debug, Default)]
pub struct Filled {
    packs: Vec<IndexPack>,
    /// What was written for it just now.
    pub written: Written,
}

impl Filled {
    /// Packs that there are.
    pub fn packs(&self) -> usize {
        self.packs.len()
    }
}

impl Rotation<'_> {
    /// Writes what snapshots need and the next generation lacks. `before` is what an earlier call answered: what of it is
    /// there still need not be looked for.
    ///
    /// # Errors
    /// `Damaged` when a snapshot needs what cannot be read; what the storage answers; `Cancelled`. What was written stays.
    pub fn fill(&self, before: Filled, options: &WriteOptions) -> Result<Filled> {
        fill::fill(self, before.packs, options)
    }

    /// Makes the next generation the repository. It must have been opened, and filled once more, under an exclusive lock that
    /// is still held. All of it is checked before, packs as far as `read` says.
    ///
    /// # Errors
    /// `Damaged` when the check finds anything; what the storage answers; `Cancelled`. The repository is as before then, or
    /// switched: opening it tells.
    pub fn switch(&self, filled: &Filled, read: ReadData) -> Result<Switched> {
        let assembled = assembled::assemble(self, &filled.packs)?;
        assembled.check(self, read)?;
        switch::switch(self, &assembled)
    }

    /// Gives the rotation up: the new password opens nothing any more, and packs of the next generation are left to a
    /// prune. Under an exclusive lock.
    ///
    /// # Errors
    /// `Conflict` after the switch; what the storage answers.
    pub fn abort(&self) -> Result<()> {
        if self.pending.switched {
            let sentence = "the repository is under its new key already: there is no way back";
            return Err(Error::new(ErrorKind::Conflict, sentence));
        }
        clean::remove_generation(&self.storage, &self.pending.other, self.token)?;
        remove_key(&self.storage, self.pending.key_id)
    }
}

/// Removes what is under the old key, save packs, after the switch. Under an exclusive lock.
///
/// # Errors
/// `Conflict` before the switch; what the storage answers. It may be called again.
pub fn clean(storage: &SharedStorage, unlocked: &Unlocked, token: &CancelToken) -> Result<()> {
    match &unlocked.pending {
        None => Ok(()),
        Some(pending) if pending.switched => clean::clean(storage, unlocked, pending, token),
        Some(_) => Err(Error::new(ErrorKind::Conflict, "the repository is under its old key still")),
    }
}

/// Ends a rotation that has been cleaned: nothing tells of it any more. After the lock was released, which is under the old
/// key, so that nobody finds a lock that he cannot read.
///
/// # Errors
/// What the storage answers. It may be called again.
pub fn conclude(storage: &SharedStorage, unlocked: &Unlocked) -> Result<()> {
    match &unlocked.pending {
        Some(pending) if pending.switched => clean::drop_note(storage, pending.key_id),
        None | Some(_) => Ok(()),
    }
}

/// Writes a file that means nothing and removes it: a rotation that could not remove the old generation must not begin.
fn expect_removals(storage: &dyn Storage) -> Result<()> {
    let content = Content::from(random::bytes::<PROBE_BYTES>()?.to_vec());
    let probe = FileId::new(FileKind::Pack, Id::new(content.sha256()));
    storage.write(probe, &content)?;
    storage.remove(probe).map_err(|error| {
        let told = format!("nothing can be removed from {}, so its master key cannot be changed", storage.location());
        error.context(told)
    })
}

fn remove_key(storage: &SharedStorage, id: KeyId) -> Result<()> {
    key::remove(storage.as_ref(), id, None)
}
