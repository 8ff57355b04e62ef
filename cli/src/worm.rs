//! `bygone worm`: files that nobody can remove before a time.

use bygone_vault::backend::object_lock::{DAYS_MAX, LockMode, Retention, RetentionPolicy};
use bygone_vault::backend::{FileKind, ObjectLock, OpenStorage};
use bygone_vault::lock::LockKind;
use bygone_vault::worm::{self, KindStatus, LegallyHeld, Missing};
use bygone_vault::{Error, ErrorKind, Result};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use crate::console::Problems;
use crate::exit::Outcome;
use crate::global::Global;
use crate::interrupt;
use crate::open::Opening;
use crate::output::{Output, show};
use crate::progress::Stages;
use crate::selection::{Selection, parse_specs};
use crate::when::{Clock, parse_moment};
use crate::writing::{LockArgs, Writing};

/// Keep files from being removed before a time, by S3 Object Lock
///
/// `bygone init --worm` makes such a repository: every file is locked from when it was written. A later snapshot that uses
/// it again does not prolong that; `worm extend` does. Run it more often than files become free.
#[derive(Debug, Args)]
pub(crate) struct Worm {
    #[command(subcommand)]
    verb: WormVerb,
}

#[derive(Debug, Subcommand)]
enum WormVerb {
    /// Lock for longer what snapshots need: their packs, and nothing else of the bucket's
    Extend(Extend),
    /// Count what is locked, and until when
    Status,
    /// Put what snapshots need under S3 legal hold, or lift that: it has no end of its own
    LegalHold(LegalHold),
}

#[derive(Debug, Args)]
struct Extend {
    /// For so many days from now [default: what the repository was made with]
    #[arg(long, value_name = "NUMBER", conflicts_with = "until")]
    days: Option<u32>,
    /// Until this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<Timestamp>,
    /// In which mode, where a file is not locked yet [default: what the repository was made with]
    #[arg(long, value_name = "compliance|governance")]
    mode: Option<LockMode>,
    /// Only what these need [default: all snapshots]
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    lock: LockArgs,
}

#[derive(Debug, Args)]
struct LegalHold {
    /// Whether to hold or to release
    #[arg(value_enum)]
    switch: Switch,
    /// What is held
    #[arg(value_name = "SNAPSHOT", required = true)]
    named: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    lock: LockArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// Hold
    On,
    /// Release what no other held snapshot needs
    Off,
}

#[derive(Serialize)]
struct ExtendedFields {
    until: String,
    needed: u64,
    prolonged: u64,
    already: u64,
    missing: usize,
}

#[derive(Serialize)]
struct HeldFields {
    on: bool,
    files: u64,
    still_needed: u64,
    missing: usize,
}

#[derive(Serialize)]
struct StatusFields {
    mode: Option<LockMode>,
    days: Option<u32>,
    kinds: Vec<KindFields>,
}

#[derive(Serialize)]
struct KindFields {
    kind: &'static str,
    files: u64,
    compliance: u64,
    governance: u64,
    over: u64,
    unprotected: u64,
    legal_hold: u64,
    first_end: Option<Timestamp>,
    last_end: Option<Timestamp>,
}

impl Worm {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            WormVerb::Extend(extend) => extend.run(global),
            WormVerb::Status => status(global),
            WormVerb::LegalHold(hold) => hold.run(global),
        }
    }
}

impl Extend {
    fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        let writing = Writing::open(global, LockKind::Shared, &self.lock)?;
        let mut problems = Problems::default();
        let mut work = || {
            let object_lock = of_writing(&writing)?;
            let retention = self.retention(writing.repository.config().bygone.worm, Timestamp::now())?;
            let snapshots = self.selection.some(&writing.repository, &named, &mut problems)?;
            let stages = Stages::new(global);
            let extended =
                worm::extend(&writing.repository, object_lock, &snapshots, retention, &writing.token, &stages)?;
            drop(stages);
            Ok((retention, extended))
        };
        let outcome = work();
        let (retention, extended) = writing.finish(outcome)?;
        tell_missing(&extended.missing, &mut problems);
        tell_broken(extended.broken, &mut problems);
        if extended.missing_blobs > 0 {
            problems.tell(&format!("{} blobs that snapshots use are in no index file", extended.missing_blobs));
        }
        let until = retention.until;
        let fields = || ExtendedFields {
            until: until.to_string(),
            needed: extended.needed,
            prolonged: extended.prolonged,
            already: extended.already,
            missing: extended.missing.len(),
        };
        show(global, fields, |output| {
            if global.quiet {
                return Ok(());
            }
            output.line(&format!(
                "{} files are locked until {} now; {} were for so long already",
                extended.prolonged,
                Clock::local().show(until),
                extended.already
            ))
        })?;
        Ok(Outcome::after(problems.count()))
    }

    fn retention(&self, policy: Option<RetentionPolicy>, now: Timestamp) -> Result<Retention> {
        let missing = |what| {
            let context = format!("the repository was not made with --worm: say {what}");
            Error::new(ErrorKind::InvalidInput, context)
        };
        let mode = self.mode.or(policy.map(|policy| policy.mode)).ok_or_else(|| missing("--mode"))?;
        let longest = RetentionPolicy::new(mode, DAYS_MAX)?.until(now);
        let until = match (self.until, self.days, policy) {
            (Some(until), _, _) => until,
            (None, Some(days), _) => RetentionPolicy::new(mode, days)?.until(now),
            (None, None, Some(policy)) => policy.until(now),
            (None, None, None) => return Err(missing("--days or --until")),
        };
        if until <= now || until > longest {
            let context =
                format!("files cannot be locked until {until}: that is over, or more than {DAYS_MAX} days away");
            return Err(Error::new(ErrorKind::InvalidInput, context));
        }
        Ok(Retention { mode, until })
    }
}

impl LegalHold {
    fn run(self, global: &Global) -> Result<Outcome> {
        let named = parse_specs(&self.named)?;
        // Alone: what this releases, somebody else may be about to hold.
        let writing = Writing::open(global, LockKind::Exclusive, &self.lock)?;
        let mut problems = Problems::default();
        let mut work = || {
            let object_lock = of_writing(&writing)?;
            let snapshots = self.selection.some(&writing.repository, &named, &mut problems)?;
            let stages = Stages::new(global);
            let hold = match self.switch {
                Switch::On => worm::hold_legally,
                Switch::Off => worm::release_legally,
            };
            hold(&writing.repository, object_lock, &snapshots, &writing.token, &stages)
        };
        let outcome = work();
        let LegallyHeld { files, still_needed, missing, broken } = writing.finish(outcome)?;
        tell_missing(&missing, &mut problems);
        tell_broken(broken, &mut problems);
        let on = self.switch == Switch::On;
        let fields = || HeldFields { on, files, still_needed, missing: missing.len() };
        show(global, fields, |output| match (global.quiet, self.switch) {
            (true, _) => Ok(()),
            (false, Switch::On) => output.line(&format!("{files} files are under legal hold")),
            (false, Switch::Off) => output.line(&format!(
                "{files} files are released; {still_needed} stay held, because other snapshots under hold need them"
            )),
        })?;
        Ok(Outcome::after(problems.count()))
    }
}

fn status(global: &Global) -> Result<Outcome> {
    let opening = Opening::prepare(global)?;
    let OpenStorage { storage, cancel, object_lock, meter: _ } = opening.storage()?;
    interrupt::pulls(&cancel);
    let unlocked = opening.unlock(storage.as_ref())?;
    let object_lock = object_lock.ok_or_else(|| no_object_lock(&storage.location()))?;
    let repository = opening.open_unlocked(storage, unlocked)?;
    let stages = Stages::new(global);
    let kinds = worm::status(&repository, &object_lock, Timestamp::now(), &cancel, &stages)?;
    drop(stages);
    let policy = repository.config().bygone.worm;
    let fields = || StatusFields {
        mode: policy.map(|policy| policy.mode),
        days: policy.map(|policy| policy.days.get()),
        kinds: kinds.iter().map(kind_fields).collect(),
    };
    show(global, fields, |output| table(policy, &kinds, output))?;
    Ok(Outcome::Done)
}

fn kind_fields(status: &KindStatus) -> KindFields {
    KindFields {
        kind: status.kind.folder(),
        files: status.files,
        compliance: status.compliance,
        governance: status.governance,
        over: status.over,
        unprotected: status.unprotected,
        legal_hold: status.held,
        first_end: status.first_end,
        last_end: status.last_end,
    }
}

fn table(policy: Option<RetentionPolicy>, kinds: &[KindStatus], output: &mut Output) -> Result<()> {
    output.line(&match policy {
        Some(RetentionPolicy { mode, days }) => {
            format!("every new file is locked for {days} days after it was written ({mode})")
        }
        None => "new files are not locked: the repository was not made with --worm".to_owned(),
    })?;
    output.line("          files  locked  over  never  held  from                 to")?;
    let clock = Clock::local();
    let shown = |end: Option<Timestamp>| end.map_or_else(|| "-".to_owned(), |end| clock.show(end));
    for status in kinds {
        output.line(&format!(
            "{:<9} {:>5}  {:>6}  {:>4}  {:>5}  {:>4}  {:<19}  {}",
            status.kind.folder(),
            status.files,
            status.compliance + status.governance,
            status.over,
            status.unprotected,
            status.held,
            shown(status.first_end),
            shown(status.last_end),
        ))?;
    }
    let is_open = |status: &&KindStatus| status.kind != FileKind::Lock && status.over + status.unprotected > 0;
    if policy.is_some() && kinds.iter().any(|status| is_open(&status)) {
        output.line("some files can be removed now; `bygone worm extend` locks those that snapshots need")?;
    }
    Ok(())
}

fn of_writing(writing: &Writing) -> Result<&ObjectLock> {
    writing.object_lock.as_ref().ok_or_else(|| no_object_lock(&writing.repository.location()))
}

fn no_object_lock(location: &str) -> Error {
    let context = format!("{location} cannot lock files: S3 buckets with Object Lock can");
    Error::new(ErrorKind::Unsupported, context)
}

fn tell_missing(missing: &[Missing], problems: &mut Problems) {
    for missing in missing {
        problems.tell(&missing.error.chain());
    }
}

fn tell_broken(broken: Vec<(bygone_common::TreeId, Error)>, problems: &mut Problems) {
    for (tree, error) in broken {
        problems.tell(&error.context(format!("tree {}", tree.short())).chain());
    }
}
