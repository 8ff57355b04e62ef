//! `bygone key rotate`: another master key.

use std::path::PathBuf;
use std::sync::Arc;

use bygone_common::Secret;
use bygone_vault::backend::{OpenStorage, SharedStorage};
use bygone_vault::check::ReadData;
use bygone_vault::key::NewKey;
use bygone_vault::lock::LockKind;
use bygone_vault::rotate::{self, Filled, Rotation, Switched};
use bygone_vault::{Error, ErrorKind, Pending, Result, Unlock, Unlocked, WriteOptions, keyring};
use clap::Args;
use serde::Serialize;

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::init::CostArgs;
use crate::open::Opening;
use crate::output::show;
use crate::password;
use crate::progress::Stages;
use crate::units::show_size;
use crate::writing::{LockArgs, Writing};

/// Bytes of new packs that are read back before the switch, as a share of all.
const READ_SHARE: f64 = 0.05;

/// Whoever knows the old master key can read nothing of the repository any more once the old packs are gone, which prunes
/// see to. The new password is the only one then: others are added by bygone key add.
///
/// Backups may go on but for the end, which takes the repository for itself. Until then the repository needs room for
/// everything twice. When it was interrupted, the same command goes on.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// A file whose first line is the new password [default: ask]
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
    /// Go on with a change that was interrupted; do not begin one
    #[arg(long)]
    resume: bool,
    /// Say whether the master key is being changed
    #[arg(long, conflicts_with_all = ["resume", "abort"])]
    status: bool,
    /// Give up a change that was interrupted: the old password stays
    #[arg(long, conflicts_with = "resume")]
    abort: bool,
    /// Read back all that was written before the switch, not a part picked by chance
    #[arg(long)]
    read_data: bool,
    #[command(flatten)]
    cost: CostArgs,
    #[command(flatten)]
    lock: LockArgs,
}

/// How far a change of the master key has come.
#[derive(Serialize)]
struct StatusFields {
    state: &'static str,
}

#[derive(Serialize)]
struct Summary {
    message_type: &'static str,
    snapshots: u64,
    packs: usize,
    stored_bytes: u64,
}

impl Rotate {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let opening = Opening::prepare_by_password(global)?;
        let storage = opening.storage()?.storage;
        if self.status {
            return status(global, &opening, &storage);
        }
        let unlocked = self.unlock(&opening, &storage)?;
        let Some(pending) = unlocked.pending.clone() else {
            return Err(Error::new(ErrorKind::InvalidInput, "the master key is not being changed"));
        };
        if self.abort {
            return self.abort(global, &opening, &unlocked, &pending);
        }
        if pending.switched {
            let writing = self.open(&opening, unlocked.clone(), LockKind::Exclusive)?;
            let outcome = rotate::clean(&writing.storage, &unlocked, &writing.token);
            writing.finish(outcome)?;
            rotate::conclude(&storage, &unlocked)?;
            tell(global, "the change of the master key is complete");
        } else {
            self.rotate(global, &opening, &storage, &unlocked, &pending)?;
        }
        if let Err(error) = keyring::forget(&opening.shown()) {
            tracing::debug!(error = %error.chain(), "nothing to forget");
        }
        Ok(Outcome::Done)
    }

    /// The repository with both its keys: of a rotation that is under way, or of a new one.
    fn unlock(&self, opening: &Opening, storage: &SharedStorage) -> Result<Unlocked> {
        let unlocked = match opening.unlock(storage.as_ref()) {
            // The old password opens nothing after the switch; between two configs there seems to be no repository.
            Err(error)
                if matches!(error.kind(), ErrorKind::WrongPassword | ErrorKind::NotARepository)
                    && self.new_password_file.is_some() =>
            {
                Unlocked::read(storage.as_ref(), Unlock::Password(self.new_password()?)).map_err(|_| error)?
            }
            unlocked => unlocked?,
        };
        let goes_on = self.resume || self.abort;
        if unlocked.pending.is_some() || (goes_on && !rotate::is_under_way(storage.as_ref())?) {
            return Ok(unlocked);
        }
        let password = self.new_password()?;
        match rotate::find(storage.as_ref(), &unlocked, &password)? {
            Some(unlocked) => Ok(unlocked),
            None if goes_on => Ok(unlocked),
            None => {
                let new = NewKey { cost: self.cost.cost(), ..NewKey::new(password) };
                rotate::begin(storage.as_ref(), &unlocked, &new)
            }
        }
    }

    fn new_password(&self) -> Result<Secret<String>> {
        password::find_new(self.new_password_file.as_deref(), false)
    }

    fn open(&self, opening: &Opening, unlocked: Unlocked, kind: LockKind) -> Result<Writing> {
        let opened: OpenStorage = opening.storage()?;
        Writing::open_unlocked(opening, opened, unlocked, kind, &self.lock)
    }

    fn rotate(
        &self,
        global: &Global,
        opening: &Opening,
        storage: &SharedStorage,
        unlocked: &Unlocked,
        pending: &Pending,
    ) -> Result<()> {
        let stages = Stages::new(global);
        let beside = self.open(opening, unlocked.clone(), LockKind::Shared)?;
        let outcome = rotation(&beside, pending, &stages).fill(Filled::default(), &WriteOptions::default());
        let filled = beside.finish(outcome)?;
        let stored_bytes = filled.written.stored_bytes;
        let alone = self.open(opening, unlocked.clone(), LockKind::Exclusive)?;
        let outcome = self.switch(&alone, pending, filled, &stages);
        let (switched, packs) = alone.finish(outcome)?;
        rotate::conclude(storage, &switched.unlocked)?;
        drop(stages);
        let line = || Summary { message_type: "summary", snapshots: switched.snapshots, packs, stored_bytes };
        show(global, line, |output| {
            if global.quiet {
                return Ok(());
            }
            let written = show_size(stored_bytes);
            output.line(&format!(
                "{} snapshots are under a new master key; {written} were written",
                switched.snapshots
            ))?;
            output.line("only the new password opens the repository; prunes delete what is under the old key")
        })
    }

    /// Catches up with what came since, then switches and cleans.
    fn switch(
        &self,
        writing: &Writing,
        pending: &Pending,
        filled: Filled,
        stages: &Stages<'_>,
    ) -> Result<(Switched, usize)> {
        let rotation = rotation(writing, pending, stages);
        let filled = rotation.fill(filled, &WriteOptions::default())?;
        let read = if self.read_data { ReadData::All } else { ReadData::Share(READ_SHARE) };
        let switched = rotation.switch(&filled, read)?;
        rotate::clean(&writing.storage, &switched.unlocked, &writing.token)?;
        Ok((switched, filled.packs()))
    }

    fn abort(&self, global: &Global, opening: &Opening, unlocked: &Unlocked, pending: &Pending) -> Result<Outcome> {
        let stages = Stages::new(global);
        let writing = self.open(opening, unlocked.clone(), LockKind::Exclusive)?;
        let outcome = rotation(&writing, pending, &stages).abort();
        writing.finish(outcome)?;
        tell(global, "the master key stays; prunes delete what was written for another");
        Ok(Outcome::Done)
    }
}

fn rotation<'a>(writing: &'a Writing, pending: &'a Pending, stages: &'a Stages<'_>) -> Rotation<'a> {
    Rotation {
        repository: &writing.repository,
        storage: Arc::clone(&writing.storage),
        pending,
        token: &writing.token,
        progress: stages,
    }
}

fn tell(global: &Global, text: &str) {
    if !global.quiet {
        console::line(text);
    }
}

fn status(global: &Global, opening: &Opening, storage: &SharedStorage) -> Result<Outcome> {
    let pending = opening.unlock(storage.as_ref())?.pending;
    let is_under_way = rotate::is_under_way(storage.as_ref())?;
    let (state, text) = match pending {
        Some(Pending { switched: true, .. }) => {
            ("switched", "the repository is under its new key; the old one is not cleaned up")
        }
        Some(_) => ("filling", "the master key is being changed; the repository is under its old key still"),
        None if is_under_way => {
            ("filling", "the master key is being changed; the repository is under its old key still")
        }
        None => ("none", "the master key is not being changed"),
    };
    show(global, || StatusFields { state }, |output| output.line(text))?;
    Ok(Outcome::Done)
}
