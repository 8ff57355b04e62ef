//! A backup: hooks, the repository, what waits in the spool, the capture, hooks.

mod options;

use bygone_common::job::{Counts, Done, FailureCode, LogLevel, Outcome, Phase};
use bygone_common::plan::{HookMoment, OnHookFailure};
use bygone_common::protocol::BackupWork;
use bygone_vault::backend::{CancelToken, SharedStorage};
use bygone_vault::capture::{Draft, Saved, Whole, machine_name, scan};
use bygone_vault::{Error, ErrorKind, Repository, Result};
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::reach::{self, Reached};
use crate::{hooks, limits};

/// Does a backup. Blocks until its end; best in a thread of its own, whose priority is lowered.
pub fn perform(work: &BackupWork, context: &Context<'_>) -> Outcome {
    limits::lower(&work.spec.limits);
    let mut hooked = Hooked { work, context, complaints: Vec::new(), may_go_on: true };
    context.meter.phase(Phase::Hooks);
    hooked.run(HookMoment::Before, None);
    if !hooked.may_go_on {
        let why = hooked.complaints.join("; ");
        let outcome = if context.token.is_cancelled() {
            Outcome::Cancelled
        } else {
            Outcome::failed(FailureCode::HookFailed, why)
        };
        hooked.after(&outcome);
        return outcome;
    }
    let outcome = match to_repository(work, context) {
        Ok((saved, copied)) => outcome_of(&saved, copied),
        Err(error) => failed(work, context, &error),
    };
    context.meter.phase(Phase::Hooks);
    hooked.after(&outcome);
    hooked.judge(outcome)
}

/// Does a backup while the server is away: with its hooks, into the spool.
///
/// # Errors
/// Why not, as a sentence.
pub fn perform_offline(work: &BackupWork, context: &Context<'_>) -> std::result::Result<Saved, String> {
    limits::lower(&work.spec.limits);
    let mut hooked = Hooked { work, context, complaints: Vec::new(), may_go_on: true };
    hooked.run(HookMoment::Before, None);
    if !hooked.may_go_on {
        let why = hooked.complaints.join("; ");
        hooked.after(&Outcome::failed(FailureCode::HookFailed, why.clone()));
        return Err(why);
    }
    let saved = context.spool.capture(work, context);
    let outcome = match &saved {
        Ok(saved) => outcome_of(saved, 0),
        Err(error) => Outcome::failed(code_of(error.kind()), error.chain()),
    };
    hooked.after(&outcome);
    saved.map_err(|error| error.chain())
}

/// Captures into the repository, after what waits in the spool for it was copied there.
fn to_repository(work: &BackupWork, context: &Context<'_>) -> Result<(Saved, u64)> {
    context.meter.phase(Phase::Preparing);
    reach::within(&work.repository, &work.spec.limits, context, |reached| {
        let Reached { engine, repository, opened } = reached;
        context.spool.cut_as(repository);
        let of = work.repository.repository;
        let copied = context.spool.copy_into(engine, repository, &opened.storage, of, &opened.cancel, context)?;
        let saved = capture(work, context, repository, &opened.storage, &opened.cancel)?;
        Ok((saved, copied))
    })
}

/// Captures into a repository that is open and locked: that of the work, or the spool.
pub(crate) fn capture(
    work: &BackupWork,
    context: &Context<'_>,
    repository: &Repository,
    storage: &SharedStorage,
    token: &CancelToken,
) -> Result<Saved> {
    let spec = &work.spec;
    let sources = options::sources(spec);
    let capture = options::capture(spec, context.folder)?;
    context.meter.phase(Phase::Scanning);
    let begun = context.clock.now();
    let whole = Whole {
        repository,
        storage: storage.clone(),
        sources: &sources,
        options: capture.clone(),
        write: options::write(spec)?,
        draft: Draft {
            time: begun,
            zone: TimeZone::system(),
            parent: None,
            paths: Vec::new(),
            host: spec.host.clone().unwrap_or_else(machine_name),
            tags: options::tags(spec),
            excludes: spec.capture.exclude.clone(),
            begun,
        },
        force: spec.capture.force,
        skip_if_unchanged: spec.capture.skip_if_unchanged,
        watcher: context.meter.as_ref(),
        token,
    };
    let scan_token = CancelToken::new();
    token.pulls_too(&scan_token);
    context.meter.logs_to(context.log, &sources.paths);
    std::thread::scope(|scope| {
        let scanning = std::thread::Builder::new().name("scan".to_owned());
        let scanning =
            scanning.spawn_scoped(scope, || scan::count(&sources, &capture, context.meter.as_ref(), &scan_token));
        if let Err(error) = &scanning {
            tracing::debug!(%error, "there is no thread to count files by");
        }
        context.meter.phase(Phase::Working);
        let saved = whole.run();
        // A scan that is no longer needed must not be waited for.
        scan_token.cancel();
        saved
    })
}

/// What a server is told of a snapshot that was saved.
pub(crate) fn outcome_of(saved: &Saved, copied: u64) -> Outcome {
    let summary = &saved.summary;
    let counts = Counts {
        files_new: summary.files_new,
        files_changed: summary.files_changed,
        files_unmodified: summary.files_unmodified,
        dirs: summary.dirs_new + summary.dirs_changed + summary.dirs_unmodified,
        bytes_processed: summary.total_bytes_processed,
        bytes_added: summary.data_added,
        bytes_written: summary.data_added_packed,
        problems: saved.problems,
        snapshots: copied,
        ..Counts::default()
    };
    let done = Done { snapshot: saved.snapshot, counts, restore: None };
    if saved.problems == 0 { Outcome::Succeeded(done) } else { Outcome::Partial(done) }
}

/// What a server is told of a failure; what could not be brought to the repository goes into the spool.
fn failed(work: &BackupWork, context: &Context<'_>, error: &Error) -> Outcome {
    if error.kind() == ErrorKind::Cancelled && context.token.is_cancelled() {
        return Outcome::Cancelled;
    }
    let code = code_of(error.kind());
    let mut text = error.chain();
    if code.blames_storage() && !context.token.is_cancelled() {
        context.log.say(LogLevel::Warn, format!("the repository does not answer, so the spool is used: {text}"));
        match context.spool.capture(work, context) {
            Ok(saved) => {
                let id =
                    saved.snapshot.map_or_else(|| "nothing, as nothing has changed".to_owned(), |id| id.to_string());
                text = format!("{text}; in the agent's spool until it answers again: {id}");
            }
            Err(spooling) => text = format!("{text}; the spool cannot be used either: {}", spooling.chain()),
        }
    }
    Outcome::failed(code, text)
}

/// The word for a kind of error.
pub(crate) const fn code_of(kind: ErrorKind) -> FailureCode {
    match kind {
        ErrorKind::Unavailable | ErrorKind::TimedOut => FailureCode::StorageUnavailable,
        ErrorKind::Locked => FailureCode::RepositoryLocked,
        ErrorKind::WrongPassword => FailureCode::WrongPassword,
        ErrorKind::Damaged => FailureCode::Damaged,
        ErrorKind::NoSpace => FailureCode::NoSpace,
        ErrorKind::Denied | ErrorKind::Retained => FailureCode::Denied,
        ErrorKind::NotFound => FailureCode::SourceMissing,
        ErrorKind::Conflict => FailureCode::Conflict,
        ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::Ambiguous | ErrorKind::NotARepository => {
            FailureCode::Invalid
        }
        ErrorKind::Cancelled | ErrorKind::Io => FailureCode::Internal,
    }
}

/// Hooks of a job, and what is wrong with them.
struct Hooked<'a> {
    work: &'a BackupWork,
    context: &'a Context<'a>,
    complaints: Vec<String>,
    /// Whether no hook failed that must not.
    may_go_on: bool,
}

impl Hooked<'_> {
    /// Those of a moment, in order, up to the first that must not fail and does.
    fn run(&mut self, moment: HookMoment, outcome: Option<&Outcome>) {
        let spec = &self.work.spec;
        let mut variables = vec![("BYGONE_PLAN", spec.plan.to_string()), ("BYGONE_SOURCE", spec.source.to_string())];
        if let Some(job) = self.context.job {
            variables.push(("BYGONE_JOB", job.to_string()));
        }
        if let Some(outcome) = outcome {
            variables.push(("BYGONE_OUTCOME", outcome.state().to_string()));
            if let Some(snapshot) = outcome.done().and_then(|done| done.snapshot) {
                variables.push(("BYGONE_SNAPSHOT", snapshot.to_string()));
            }
        }
        // What comes after a job that was cancelled is for putting things back: it runs all the same.
        let never = CancelToken::new();
        let token = if moment == HookMoment::Before { self.context.token } else { &never };
        for hook in spec.hooks.iter().filter(|hook| hook.when == moment) {
            let ran = hooks::run(hook, &variables, token);
            for line in ran.output.lines().filter(|line| !line.trim().is_empty()) {
                self.context.log.say(LogLevel::Info, format!("hook: {line}"));
            }
            let Some(complaint) = ran.complaint(hook) else { continue };
            self.context.log.say(LogLevel::Error, complaint.clone());
            self.complaints.push(complaint);
            if hook.on_failure == OnHookFailure::Fail {
                self.may_go_on = false;
                return;
            }
        }
    }

    fn after(&mut self, outcome: &Outcome) {
        let moment = if outcome.done().is_some() { HookMoment::Success } else { HookMoment::Failure };
        self.run(moment, Some(outcome));
        self.run(HookMoment::After, Some(outcome));
    }

    /// What the job ends with, when its hooks have had their say: a snapshot that was taken stays.
    fn judge(self, outcome: Outcome) -> Outcome {
        if self.complaints.is_empty() {
            return outcome;
        }
        match outcome {
            Outcome::Succeeded(mut done) | Outcome::Partial(mut done) => {
                done.counts.problems += self.complaints.len() as u64;
                Outcome::Partial(done)
            }
            other @ (Outcome::Failed(_) | Outcome::Cancelled) => other,
        }
    }
}
