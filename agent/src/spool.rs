//! When the repository or the server is away: snapshots go into a repository in the agent's own folder, and from there to
//! where they belong.
//!
//! It is an ordinary repository: `restic -r <folder>/spool --password-file <folder>/spool.key` restores from it meanwhile.
//! It cuts files as the repository does that was seen before, so that what is copied is stored there once. When everything
//! is copied it goes away, so that it holds no more than what waits.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bygone_common::job::LogLevel;
use bygone_common::protocol::{BackupWork, SPOOLED_SNAPSHOTS_MAX, SpooledSnapshot};
use bygone_common::{PlanUid, RepositoryUid, Secret, SnapshotId};
use bygone_vault::backend::{BackendOptions, CancelToken, OpenStorage, SharedBackend, SharedStorage, open_storage};
use bygone_vault::capture::Saved;
use bygone_vault::copy::{Copy, CopyOptions, Outcome as Fate};
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey, recovery_password};
use bygone_vault::location::Location;
use bygone_vault::progress::Unwatched;
use bygone_vault::{Engine, Error, ErrorKind, OpenOptions, Repository, Result, Unlock, Unlocked};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::state::Folder;
use crate::{backup, reach};

/// Bytes that the spool may take, unless told otherwise.
pub const SPOOL_BYTES_MAX: u64 = 50 << 30;
/// Its password is random: guessing it need not cost more than this.
const KEY_COST: KeyCost = KeyCost { log_n: 10, r: 8, p: 1 };

/// The spool.
#[derive(Debug)]
pub struct Spool {
    folder: Folder,
    bytes_max: u64,
    /// One works at it at a time.
    busy: Mutex<()>,
}

/// What is kept beside the repository.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// How files are cut where the snapshots go.
    polynomial: Option<String>,
    /// What waits, the oldest first.
    waiting: Vec<Waiting>,
    /// What a capture was begun for that did not come to its end: its snapshot may be there all the same.
    begun: Vec<Begun>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    plan: PlanUid,
    repository: RepositoryUid,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiting {
    plan: PlanUid,
    repository: RepositoryUid,
    at: Timestamp,
    snapshot: SnapshotId,
}

impl Spool {
    /// That of an agent's folder.
    pub fn new(folder: Folder, bytes_max: u64) -> Self {
        Self { folder, bytes_max, busy: Mutex::new(()) }
    }

    /// What waits, the oldest first, as far as a heartbeat tells of it.
    pub fn waiting(&self) -> Vec<SpooledSnapshot> {
        let kept = self.kept().unwrap_or_default();
        let told = kept.waiting.into_iter().take(SPOOLED_SNAPSHOTS_MAX);
        told.map(|one| SpooledSnapshot { plan: one.plan, at: one.at, snapshot: one.snapshot.to_string() }).collect()
    }

    /// Learns how a repository cuts files, for the next time that there is no spool.
    pub(crate) fn cut_as(&self, repository: &Repository) {
        let polynomial = &repository.config().chunker_polynomial;
        let known = self.kept().and_then(|mut kept| {
            if kept.polynomial.as_ref() != Some(polynomial) && !self.place().exists() {
                kept.polynomial = Some(polynomial.clone());
                self.keep(&kept)?;
            }
            Ok(())
        });
        if let Err(error) = known {
            tracing::warn!(error = error.chain(), "the spool will cut files in a way of its own");
        }
    }

    /// Captures into the spool.
    ///
    /// # Errors
    /// `NoSpace`: it is full; as any capture.
    pub fn capture(&self, work: &BackupWork, context: &Context<'_>) -> Result<Saved> {
        let _turn = self.turn();
        let size = size_of(&self.place()).map_err(|error| Error::io("measure the spool", error))?;
        if size >= self.bytes_max {
            let sentence = format!("the spool holds {size} bytes, and may hold {}", self.bytes_max);
            return Err(Error::new(ErrorKind::NoSpace, sentence));
        }
        let engine = reach::engine()?;
        let (repository, opened) = self.open(&engine)?;
        context.token.pulls_too(&opened.cancel);
        let begun = Begun { plan: work.spec.plan, repository: work.spec.repository };
        let mut kept = self.kept()?;
        if !kept.begun.contains(&begun) {
            kept.begun.push(begun.clone());
            self.keep(&kept)?;
        }
        let saved = backup::capture(work, context, &repository, &opened.storage, &opened.cancel)?;
        if let Some(snapshot) = saved.snapshot {
            let Begun { plan, repository } = begun.clone();
            kept.waiting.push(Waiting { plan, repository, at: context.clock.now(), snapshot });
        }
        kept.begun.retain(|one| *one != begun);
        self.keep(&kept)?;
        Ok(saved)
    }

    /// Copies what waits for a repository, which is open and locked; answers how many snapshots.
    pub(crate) fn copy_into(
        &self,
        engine: &Engine,
        destination: &Repository,
        storage: &SharedStorage,
        repository: RepositoryUid,
        token: &CancelToken,
        context: &Context<'_>,
    ) -> Result<u64> {
        let _turn = self.turn();
        let mut kept = self.kept()?;
        let is_concerned = kept.waiting.iter().any(|one| one.repository == repository)
            || kept.begun.iter().any(|one| one.repository == repository);
        if !is_concerned {
            return Ok(0);
        }
        let (source, opened) = self.open(engine)?;
        token.pulls_too(&opened.cancel);
        adopt(&mut kept, &source);
        let mine: Vec<SnapshotId> =
            kept.waiting.iter().filter(|one| one.repository == repository).map(|one| one.snapshot).collect();
        let count = mine.len();
        context.log.say(LogLevel::Info, format!("{count} snapshots wait in the spool: they are copied first"));
        let snapshots: Vec<_> =
            source.snapshots().iter().filter(|snapshot| mine.contains(&snapshot.id)).cloned().collect();
        let copy = Copy {
            source: &source,
            destination,
            storage: storage.clone(),
            options: CopyOptions::default(),
            token,
            progress: &Unwatched,
        };
        let mut copied = Vec::new();
        copy.run(&snapshots, &mut |snapshot, fate| {
            match fate {
                Fate::Copied(_) | Fate::Present(_) => copied.push(snapshot.id),
                Fate::Unreadable(_) => {
                    let id = snapshot.id.short();
                    context.log.say(LogLevel::Error, format!("snapshot {id} of the spool is damaged, and stays there"));
                }
            }
            Ok(())
        })?;
        destination.refresh()?;
        let is_there =
            |id: &SnapshotId| destination.snapshots().iter().any(|one| one.id == *id || one.original == Some(*id));
        if let Some(lost) = copied.iter().find(|id| !is_there(id)) {
            let sentence = format!("snapshot {} of the spool was copied, but cannot be read back", lost.short());
            return Err(Error::new(ErrorKind::Damaged, sentence));
        }
        // What the spool does not hold any more cannot be waited for.
        let held: Vec<SnapshotId> = source.snapshots().iter().map(|snapshot| snapshot.id).collect();
        kept.waiting.retain(|one| held.contains(&one.snapshot) && !copied.contains(&one.snapshot));
        self.keep(&kept)?;
        drop((source, opened));
        if kept.waiting.is_empty() {
            self.clear();
        }
        Ok(copied.len() as u64)
    }

    fn place(&self) -> PathBuf {
        self.folder.join("spool")
    }

    /// The spool, made if it is not there.
    fn open(&self, engine: &Engine) -> Result<(Repository, OpenStorage)> {
        let password = self.password()?;
        let opened = open_storage(&Location::Local(self.place()), &BackendOptions::default())?;
        if !self.place().join("config").exists() {
            // What was left of one that was being made or removed holds no snapshot.
            remove(&self.place()).map_err(|error| Error::io("make the spool", error))?;
            let polynomial = self.kept()?.polynomial.map(|text| text.parse()).transpose()?;
            let key = NewKey { cost: KEY_COST, ..NewKey::new(password.clone()) };
            init(opened.storage.as_ref(), &InitOptions { polynomial, ..InitOptions::new(key) })?;
        }
        let backend: SharedBackend = opened.storage.clone();
        let unlocked = Unlocked::read(backend.as_ref(), Unlock::Password(password))?;
        let repository = Repository::open_unlocked(engine, backend, unlocked, OpenOptions::default())?;
        Ok((repository, opened))
    }

    fn password(&self) -> Result<Secret<String>> {
        let path = self.folder.join("spool.key");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Secret::new(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let password = recovery_password()?;
                let written = self.folder.write_bytes("spool.key", format!("{}\n", password.expose()).as_bytes());
                written.map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
                Ok(password)
            }
            Err(error) => Err(Error::io(format!("read {}", path.display()), error)),
        }
    }

    /// Everything is where it belongs. The config goes first, so that a half of it is no repository.
    fn clear(&self) {
        let gone = fs::remove_file(self.place().join("config")).and_then(|()| remove(&self.place()));
        if let Err(error) = gone {
            tracing::warn!(%error, "the spool is empty, but stays");
        }
    }

    fn kept(&self) -> Result<Kept> {
        let kept = self.folder.read("spool.json").map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
        Ok(kept.unwrap_or_default())
    }

    fn keep(&self, kept: &Kept) -> Result<()> {
        self.folder.write("spool.json", kept).map_err(|error| Error::new(ErrorKind::Io, error.to_string()))
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Snapshots of captures that were cut off between their end and its note wait too.
fn adopt(kept: &mut Kept, spool: &Repository) {
    for Begun { plan, repository } in std::mem::take(&mut kept.begun) {
        let tag = format!("plan:{plan}");
        for snapshot in spool.snapshots().iter().filter(|snapshot| snapshot.tags.contains(&tag)) {
            if !kept.waiting.iter().any(|one| one.snapshot == snapshot.id) {
                kept.waiting.push(Waiting { plan, repository, at: snapshot.time, snapshot: snapshot.id });
            }
        }
    }
}

fn remove(path: &std::path::Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Bytes of all files in a folder; 0 when it is not there.
fn size_of(path: &std::path::Path) -> io::Result<u64> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other?,
    };
    let mut size = 0;
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() { size_of(&entry.path())? } else { metadata.len() };
    }
    Ok(size)
}
