//! `bygone locks`: who has locked the repository, and what `restic unlock` does.

use bygone_vault::Result;
use bygone_vault::lock::{Found, LockFile, LockKind, Locks as RepositoryLocks, Staleness};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::Opening;
use crate::output::{printable, show};
use crate::when::Clock;

/// List and remove the locks by which programs keep out of each other's way
///
/// bygone unlock is something else: it keeps a key at hand.
#[derive(Debug, Args)]
pub(crate) struct Locks {
    #[command(subcommand)]
    verb: LocksVerb,
}

#[derive(Debug, Subcommand)]
enum LocksVerb {
    /// List locks
    List,
    /// Remove locks whose process is gone, or which were not refreshed for half an hour, as restic unlock does
    Remove {
        /// All locks, also of programs that are at work: only when it is certain that there are none
        #[arg(long)]
        all: bool,
    },
}

/// A lock.
#[derive(Serialize)]
struct LockFields<'a> {
    id: String,
    time: String,
    exclusive: bool,
    hostname: &'a str,
    username: &'a str,
    pid: i64,
    stale: bool,
}

impl Locks {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let opening = Opening::prepare(global)?;
        let storage = opening.storage()?.storage;
        let unlocked = opening.unlock(storage.as_ref())?;
        let locks = RepositoryLocks::of(storage, &unlocked);
        match self.verb {
            LocksVerb::List => list(global, &locks.list()?),
            LocksVerb::Remove { all } => {
                let removed = if all { locks.remove_all()? } else { locks.remove_stale()? };
                if !global.quiet {
                    console::line(&format!("{} locks are removed", removed.len()));
                }
                Ok(Outcome::Done)
            }
        }
    }
}

fn list(global: &Global, found: &[Found]) -> Result<Outcome> {
    let mut problems = Problems::default();
    let mut locks: Vec<(&Found, &LockFile)> = Vec::new();
    for found in found {
        match &found.lock {
            Ok(lock) => locks.push((found, lock)),
            Err(error) => problems.tell(&error.chain()),
        }
    }
    let json = || locks.iter().map(|(found, lock)| fields(found, lock)).collect::<Vec<_>>();
    show(global, json, |output| {
        let clock = Clock::local();
        let mut rows = vec![["ID", "Kind", "Time", "Host", "User", "PID", "State"].map(str::to_owned)];
        rows.extend(locks.iter().map(|(found, lock)| {
            let shown = |text: &str| printable(text).into_owned();
            let kind = match lock.kind {
                LockKind::Shared => "shared",
                LockKind::Exclusive => "exclusive",
            };
            let state = match lock.staleness() {
                Staleness::Fresh => "held",
                Staleness::OwnerGone => "stale: its process is gone",
                Staleness::Expired => "stale: not refreshed",
            };
            let (id, time) = (found.id.short(), clock.show(lock.time));
            let (host, user) = (shown(&lock.hostname), shown(&lock.username));
            [id, kind.to_owned(), time, host, user, lock.pid.to_string(), state.to_owned()]
        }));
        if rows.len() > 1 || output.is_terminal() { output.table(&rows) } else { Ok(()) }
    })?;
    Ok(Outcome::after(problems.count()))
}

fn fields<'a>(found: &Found, lock: &'a LockFile) -> LockFields<'a> {
    LockFields {
        id: found.id.to_string(),
        time: lock.time.to_string(),
        exclusive: lock.kind == LockKind::Exclusive,
        hostname: &lock.hostname,
        username: &lock.username,
        pid: lock.pid,
        stale: lock.staleness() != Staleness::Fresh,
    }
}
