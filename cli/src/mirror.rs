//! `bygone mirror`: the same repository at another place.

use bygone_vault::backend::{CancelToken, OpenStorage};
use bygone_vault::lock::{HeldLock, LockKind};
use bygone_vault::mirror::{self, Count, Delete, MirrorOptions, MirrorPlan, Mirrored, Seen, is_mirror};
use bygone_vault::worm::{self, Applied};
use bygone_vault::{Result, Unlocked};
use clap::Args;
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::{Opening, cache_dir};
use crate::output::show;
use crate::progress::Stages;
use crate::units::show_size;
use crate::writing::{LockArgs, take_lock};
use crate::{interrupt, storage};

/// Copy the repository, file by file, to another place
///
/// Nothing is decrypted: the mirror is the same repository and opens with the same passwords, those included that were
/// removed since, until they are deleted at the mirror too. Run it again to bring the mirror up to date. By --failover, what
/// reads a repository reads its mirror while it does not answer.
#[derive(Debug, Args)]
pub(crate) struct Mirror {
    /// Where the mirror lies, or is to be made. Variables that begin with BYGONE_MIRROR_ (BYGONE_MIRROR_AWS_ACCESS_KEY_ID)
    /// are its own
    #[arg(long, value_name = "LOCATION")]
    to: String,
    /// Read also what lies at the mirror already, and replace what is damaged
    #[arg(long)]
    verify: bool,
    /// Delete at the mirror what is gone here, after everything else was copied, unless too much is gone
    #[arg(long)]
    delete: bool,
    /// Delete at the mirror whatever is not here: also most of it, and snapshots that were never seen here
    #[arg(long)]
    delete_any: bool,
    /// Take no lock here, where nothing can be written; nobody may prune meanwhile
    #[arg(long)]
    no_lock: bool,
    #[command(flatten)]
    lock: LockArgs,
}

/// The summary, for programs.
#[derive(Serialize)]
struct MirroredLine {
    message_type: &'static str,
    files_copied: u64,
    bytes_copied: u64,
    files_present: u64,
    bytes_present: u64,
    files_repaired: u64,
    files_extra: u64,
    files_deleted: u64,
    bytes_deleted: u64,
    files_damaged: usize,
}

impl Mirror {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let there = global.of_mirror(&self.to);
        let opening = Opening::prepare(global)?;
        let OpenStorage { storage: from, cancel: token, .. } = opening.storage()?;
        let to = storage::open(&there)?;
        interrupt::pulls(&token);
        token.pulls_too(&to.cancel);
        let unlocked = opening.unlock(from.as_ref())?;
        if let Applied::InVain(policy) = worm::apply(&unlocked.config, to.object_lock.as_ref())? {
            let days = policy.days;
            console::problem(&format!(
                "files should be locked for {days} days, but the mirror cannot: it can be removed"
            ));
        }
        let lock = if self.no_lock {
            None
        } else {
            let storage = opening.storage()?.storage;
            Some(take_lock(storage, &unlocked, LockKind::Shared, &self.lock, &token)?)
        };
        let outcome = self.with_source(global, &unlocked, from.as_ref(), &to, &token);
        release(lock, outcome)
    }

    fn with_source(
        &self,
        global: &Global,
        unlocked: &Unlocked,
        from: &dyn bygone_vault::backend::Storage,
        to: &OpenStorage,
        token: &CancelToken,
    ) -> Result<Outcome> {
        let delete = match (self.delete, self.delete_any) {
            (_, true) => Delete::Any,
            (true, false) => Delete::Gone,
            (false, false) => Delete::Nothing,
        };
        // Nobody can have locked a mirror that is not there yet.
        let lock = if is_mirror(from, to.storage.as_ref())? {
            let kind = if delete == Delete::Nothing { LockKind::Shared } else { LockKind::Exclusive };
            let storage = storage::open(&global.of_mirror(&self.to))?.storage;
            Some(take_lock(storage, unlocked, kind, &self.lock, token)?)
        } else {
            None
        };
        let outcome = self.mirror(global, unlocked, from, to, delete, token);
        release(lock, outcome)
    }

    fn mirror(
        &self,
        global: &Global,
        unlocked: &Unlocked,
        from: &dyn bygone_vault::backend::Storage,
        to: &OpenStorage,
        delete: Delete,
        token: &CancelToken,
    ) -> Result<Outcome> {
        let mut seen = cache_dir(global)?.map(|folder| Seen::load(&folder, unlocked.config.id));
        let known = seen.iter().flat_map(Seen::snapshots).collect();
        let options = MirrorOptions { verify: self.verify, delete, seen: known };
        let plan = MirrorPlan::make(from, to.storage.as_ref(), &options)?;
        if let Some(seen) = &mut seen
            && let Err(error) = seen.add(plan.snapshots())
        {
            console::problem(&error.chain());
        }
        let stages = Stages::new(global);
        let mirrored = mirror::execute(&plan, from, to.storage.as_ref(), token, &stages)?;
        drop(stages);
        let mut problems = Problems::default();
        for (file, error) in &mirrored.damaged {
            problems.tell(&format!("{file} was not copied: {}", error.chain()));
        }
        tell(global, &mirrored)?;
        Ok(Outcome::after(problems.count()))
    }
}

fn release(lock: Option<HeldLock>, outcome: Result<Outcome>) -> Result<Outcome> {
    let Some(lock) = lock else { return outcome };
    bygone_vault::lock::release(lock, outcome)
}

fn tell(global: &Global, mirrored: &Mirrored) -> Result<()> {
    let Mirrored { copied, present, repaired, extra, deleted, damaged } = mirrored;
    let line = || MirroredLine {
        message_type: "summary",
        files_copied: copied.files,
        bytes_copied: copied.bytes,
        files_present: present.files,
        bytes_present: present.bytes,
        files_repaired: repaired.files,
        files_extra: extra.files,
        files_deleted: deleted.files,
        bytes_deleted: deleted.bytes,
        files_damaged: damaged.len(),
    };
    show(global, line, |output| {
        if global.quiet {
            return Ok(());
        }
        let shown = |count: &Count| format!("{} files, {}", count.files, show_size(count.bytes));
        output.line(&format!("copied {}; there already: {}", shown(copied), shown(present)))?;
        if repaired.files > 0 {
            output.line(&format!("damaged at the mirror, and replaced: {}", shown(repaired)))?;
        }
        if deleted.files > 0 {
            output.line(&format!("deleted at the mirror: {}", shown(deleted)))?;
        }
        if extra.files > 0 {
            output.line(&format!("at the mirror alone, and left there: {}; --delete removes them", shown(extra)))?;
        }
        Ok(())
    })
}
