//! `bygone key`: who may open the repository.

mod rotate;

use std::path::PathBuf;

use bygone_common::KeyId;
use bygone_vault::backend::Backend;
use bygone_vault::key::{self, NewKey};
use bygone_vault::lock::LockKind;
use bygone_vault::{Error, ErrorKind, Result};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::init::CostArgs;
use crate::open::Opening;
use crate::output::{Output, printable, show};
use crate::password;
use crate::when::Clock;
use crate::writing::{LockArgs, Locked};

/// List, add and remove the passwords that open the repository
///
/// Removing a password does not lock out somebody who has used it: that one may know the master key.
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    verb: KeyVerb,
}

#[derive(Debug, Subcommand)]
enum KeyVerb {
    /// List the keys; a star marks the one that opened the repository
    List,
    /// Add a key with a password of its own
    Add {
        #[command(flatten)]
        new: NewArgs,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Remove a key: its password opens the repository no more
    Remove {
        /// The key's id, or how it begins
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Change the password: a new key in place of the one that opened the repository
    Passwd {
        #[command(flatten)]
        new: NewArgs,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Change the master key: write everything again under a new one, which a new password opens
    Rotate(rotate::Rotate),
    /// Add a key whose password is made up and printed once, for the safe
    Recovery {
        #[command(flatten)]
        cost: CostArgs,
        #[command(flatten)]
        lock: LockArgs,
    },
}

/// What a new key is to be.
#[derive(Debug, Args)]
struct NewArgs {
    /// A file whose first line is the new password [default: ask]
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
    /// The new password is empty
    #[arg(long, conflicts_with = "new_password_file")]
    new_insecure_no_password: bool,
    /// The user that the key is for [default: you]
    #[arg(long)]
    user: Option<String>,
    /// The machine that the key is for [default: this one]
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    cost: CostArgs,
}

impl NewArgs {
    fn key(&self) -> Result<NewKey> {
        let password = password::find_new(self.new_password_file.as_deref(), self.new_insecure_no_password)?;
        Ok(NewKey { password, host: self.host.clone(), user: self.user.clone(), cost: self.cost.cost() })
    }
}

/// What `restic key list --json` prints for each.
#[derive(Debug, Serialize)]
struct KeyFields {
    current: bool,
    id: String,
    #[serde(rename = "userName")]
    user: String,
    #[serde(rename = "hostName")]
    host: String,
    created: String,
}

/// What is said of a key that was made.
#[derive(Debug, Serialize)]
struct MadeLine {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl Key {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            KeyVerb::List => list(global),
            KeyVerb::Add { new, lock } => {
                let new = new.key()?;
                let id = with_keys(global, LockKind::Shared, &lock, |locked| add(locked, &new))?;
                tell_made(global, id)
            }
            KeyVerb::Remove { id, lock } => {
                let removed = with_keys(global, LockKind::Exclusive, &lock, |locked| {
                    let id = find(locked.storage.as_ref(), &id)?;
                    key::remove(locked.storage.as_ref(), id, locked.unlocked.key_id)?;
                    Ok(id)
                })?;
                if !global.quiet {
                    console::line(&format!("key {} is removed", removed.short()));
                }
                Ok(Outcome::Done)
            }
            KeyVerb::Passwd { new, lock } => {
                let new = new.key()?;
                let id = with_keys(global, LockKind::Exclusive, &lock, |locked| {
                    let id = add(locked, &new)?;
                    if let Some(old) = locked.unlocked.key_id {
                        key::remove(locked.storage.as_ref(), old, Some(id))?;
                    }
                    Ok(id)
                })?;
                tell_made(global, id)
            }
            KeyVerb::Rotate(rotate) => rotate.run(global),
            KeyVerb::Recovery { cost, lock } => recovery(global, &cost, &lock),
        }
    }
}

/// Does something to the keys. Whoever does shows a password, also where the master key is kept.
fn with_keys<T>(
    global: &Global,
    kind: LockKind,
    lock: &LockArgs,
    what: impl FnOnce(&Locked) -> Result<T>,
) -> Result<T> {
    let locked = Locked::open(&Opening::prepare_by_password(global)?, kind, lock)?;
    let outcome = not_rotating(&locked).and_then(|()| what(&locked));
    locked.finish(outcome)
}

/// Which keys are to stay is not to be said while a rotation is under way: it removes all but its own.
fn not_rotating(locked: &Locked) -> Result<()> {
    if bygone_vault::rotate::is_under_way(locked.storage.as_ref())? {
        let told = "the master key is being changed: end that first, by bygone key rotate";
        return Err(Error::new(ErrorKind::Conflict, told));
    }
    Ok(())
}

fn add(locked: &Locked, new: &NewKey) -> Result<KeyId> {
    key::add(locked.storage.as_ref(), &locked.unlocked.key, new)
}

fn tell_made(global: &Global, id: KeyId) -> Result<Outcome> {
    show(
        global,
        || MadeLine { id: id.to_string(), password: None },
        |output| if global.quiet { Ok(()) } else { output.line(&format!("saved the new key {}", id.short())) },
    )?;
    Ok(Outcome::Done)
}

fn recovery(global: &Global, cost: &CostArgs, lock: &LockArgs) -> Result<Outcome> {
    let password = key::recovery_password()?;
    let new = NewKey { user: Some("recovery".to_owned()), cost: cost.cost(), ..NewKey::new(password.clone()) };
    let id = with_keys(global, LockKind::Shared, lock, |locked| add(locked, &new))?;
    let line = || MadeLine { id: id.to_string(), password: Some(password.expose().clone()) };
    show(global, line, |output| output.line(password.expose()))?;
    if !global.quiet && !global.json {
        console::line(&format!(
            "key {} opens the repository by this password alone; it is shown this once: write it down, and keep it apart \
             from this machine",
            id.short()
        ));
    }
    Ok(Outcome::Done)
}

fn list(global: &Global) -> Result<Outcome> {
    let opening = Opening::prepare(global)?;
    let storage = opening.storage()?.storage;
    let current = opening.unlock(storage.as_ref())?.key_id;
    let mut problems = Problems::default();
    let clock = Clock::local();
    let mut keys = Vec::new();
    for listed in key::list(storage.as_ref())? {
        match listed.info {
            Ok(info) => keys.push(KeyFields {
                current: current == Some(listed.id),
                id: listed.id.to_string(),
                user: info.user,
                host: info.host,
                created: info.created.map_or(String::new(), |created| clock.show(created)),
            }),
            Err(error) => problems.tell(&error.chain()),
        }
    }
    show(global, || &keys, |output| table(&keys, output))?;
    Ok(Outcome::after(problems.count()))
}

fn table(keys: &[KeyFields], output: &mut Output) -> Result<()> {
    let mut rows = vec![[" ID", "User", "Host", "Created"].map(str::to_owned)];
    rows.extend(keys.iter().map(|key| {
        let mark = if key.current { '*' } else { ' ' };
        let short: String = key.id.chars().take(8).collect();
        let shown = |text: &str| printable(text).into_owned();
        [format!("{mark}{short}"), shown(&key.user), shown(&key.host), key.created.clone()]
    }));
    output.table(&rows)
}

/// The key whose id begins so.
fn find(backend: &dyn Backend, begin: &str) -> Result<KeyId> {
    let begin = begin.to_ascii_lowercase();
    let keys = key::list(backend)?;
    let mut fitting = keys.iter().map(|key| key.id).filter(|id| id.to_string().starts_with(&begin));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(Error::new(ErrorKind::NotFound, format!("no key's id begins with {begin:?}"))),
        (Some(_), Some(_)) => Err(Error::new(ErrorKind::Ambiguous, format!("several keys' ids begin with {begin:?}"))),
    }
}
