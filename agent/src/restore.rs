//! A restore: where it goes, the plan against the machine as it is, and its execution by the engine of the vault.
//!
//! Nothing is overwritten unless the conflict rule says so by name, and a plan that is asked for alone writes nothing.

mod place;
mod progress;
mod told;
mod undo;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use bygone_common::job::{ConflictRule, Counts, Done, LogLevel, Outcome, Phase, Restored};
use bygone_common::protocol::RestoreWork;
use bygone_vault::restore::{OnConflict, Options, Plan, Report, Source, plan};
use bygone_vault::{Error, ErrorKind, Result};
use jiff::tz::TimeZone;

use crate::backup::code_of;
use crate::context::Context;
use crate::reach::{self, Reached};
use crate::safety::links;
use crate::{Error as AgentError, limits};
use place::Place;
use progress::Watching;

/// Conflicts that the log names.
const CONFLICTS_NAMED_MAX: usize = 100;

/// Does a restore. Blocks until its end; best in a thread of its own, whose priority is lowered.
pub fn perform(work: &RestoreWork, context: &Context<'_>) -> Outcome {
    limits::lower(&work.spec.limits);
    context.meter.phase(Phase::Preparing);
    let ended = match &work.spec.undo {
        Some(wanted) => undo::undo(wanted, work.spec.confined, context),
        None => reach::within(&work.repository, &work.spec.limits, context, |reached| restore(work, context, reached)),
    };
    match ended {
        Ok(outcome) => outcome,
        Err(error) if error.kind() == ErrorKind::Cancelled && context.token.is_cancelled() => Outcome::Cancelled,
        Err(error) => Outcome::failed(code_of(error.kind()), error.chain()),
    }
}

fn restore(work: &RestoreWork, context: &Context<'_>, reached: &Reached) -> Result<Outcome> {
    let spec = &work.spec;
    let repository = &reached.repository;
    let snapshots = repository.snapshots();
    let missing = || Error::new(ErrorKind::NotFound, format!("snapshot {} is not in the repository", spec.snapshot));
    let snapshot = snapshots.iter().find(|snapshot| snapshot.id == spec.snapshot).ok_or_else(missing)?;
    let now = context.clock.now().to_zoned(TimeZone::system()).datetime();
    let place = Place::of(spec, now, context.restores_into)?;
    for path in &place.paths {
        // What is asked for by name has to be there.
        repository.resolve(snapshot.tree, path)?;
    }
    let mut options = Options::new(&place.target, now);
    options.on_conflict = rule(spec.on_conflict);
    options.exceptions = place.exceptions;
    options.filter = place.filter;
    options.view = place.view;
    options.links = links(spec.confined);
    options.verify = spec.verify;
    let safety_folder = options.safety_folder();
    let cancelled = AtomicBool::new(false);
    context.meter.phase(Phase::Scanning);
    let folder = place.source.clone();
    let source = Source { tree: snapshot.tree, path: place.source };
    let planned = plan(repository, &source, options, &cancelled)
        .map_err(|error| error.context(format!("restore snapshot {}", snapshot.id.short())))?;
    let plan = told::plan(&planned, &place.target);
    let (target, folder) = (place.target.display().to_string(), folder.to_string());
    let mut restored = Restored { target, folder, plan, ..Restored::default() };
    say_plan(&planned, &restored, context);
    if spec.dry_run {
        restored.problems = told::problems(&planned.errors());
        return Ok(done(Counts::default(), restored, planned.summary().errors));
    }
    let lacking = restored.plan.bytes_free.filter(|free| *free < restored.plan.bytes);
    if let Some(free) = lacking {
        let needed = restored.plan.bytes;
        let sentence = format!("{needed} bytes are to be written, and {free} are free in {}", restored.target);
        return Err(Error::new(ErrorKind::NoSpace, sentence));
    }
    if let Some(name) = safety_folder {
        keep(&place.target, name, spec.confined, context)?;
    }
    context.meter.phase(Phase::Working);
    let watching = Watching { context, cancelled: &cancelled };
    let report = planned.execute(&watching, &cancelled)?;
    Ok(ended(report, restored, &place.target, context))
}

/// Notes a folder in which what is replaced is kept, before anything is in it.
fn keep(target: &Path, name: String, confined: bool, context: &Context<'_>) -> Result<()> {
    let kept = context.safety.keep(target, name, confined, context.clock);
    kept.map_err(|error: AgentError| Error::new(ErrorKind::Io, "note what is replaced").because(error))
}

fn say_plan(planned: &Plan, restored: &Restored, context: &Context<'_>) {
    let plan = &restored.plan;
    context.log.say(
        LogLevel::Info,
        format!(
            "into {}: {} files to make, {} to replace, {} to put beside others, {} are there already, {} to leave, {} in \
             the way; {} bytes",
            restored.target,
            plan.create,
            plan.replace,
            plan.beside,
            plan.unchanged,
            plan.skip,
            plan.conflict,
            plan.bytes
        ),
    );
    // Names of files are for whoever looks for a fault.
    for conflict in planned.conflicts().take(CONFLICTS_NAMED_MAX) {
        context.log.say(LogLevel::Debug, format!("in the way: {}", String::from_utf8_lossy(&conflict.path)));
    }
}

/// What the server is told of a restore that was begun.
fn ended(report: Report, mut restored: Restored, target: &std::path::Path, context: &Context<'_>) -> Outcome {
    restored.verified = report.verified;
    restored.skipped = report.skipped;
    restored.safety_folder = report.set_aside.as_ref().map(|name| target.join(name).display().to_string());
    restored.problems = told::problems(&report.errors);
    for problem in &restored.problems {
        context.log.say(LogLevel::Debug, format!("{}: {}", problem.path, problem.why));
    }
    let Report { files, directories, bytes, unchanged, skipped, .. } = report;
    context.log.say(
        LogLevel::Info,
        format!(
            "restored {files} files and {directories} folders, {bytes} bytes; {unchanged} were there already, {skipped} \
             were left as they are, {} could not be restored",
            report.error_count
        ),
    );
    if let Some(stopped) = &report.stopped {
        if context.token.is_cancelled() {
            return Outcome::Cancelled;
        }
        // What is there is whole: the same again goes on from there.
        let text = format!("it ended early, after {files} files: {}", stopped.chain());
        return Outcome::failed(code_of(stopped.kind()), text);
    }
    let counts = Counts {
        files_new: files,
        files_unmodified: unchanged,
        dirs: directories,
        bytes_processed: bytes,
        bytes_written: bytes,
        ..Counts::default()
    };
    done(counts, restored, report.error_count)
}

fn done(counts: Counts, restored: Restored, problems: u64) -> Outcome {
    let done = Done { counts: Counts { problems, ..counts }, restore: Some(Box::new(restored)), ..Done::default() };
    if problems == 0 { Outcome::Succeeded(done) } else { Outcome::Partial(done) }
}

const fn rule(rule: ConflictRule) -> OnConflict {
    match rule {
        ConflictRule::Fail => OnConflict::Fail,
        ConflictRule::Skip => OnConflict::Skip,
        ConflictRule::Overwrite => OnConflict::Overwrite,
        ConflictRule::Newer => OnConflict::Newer,
        ConflictRule::KeepBoth => OnConflict::KeepBoth,
        ConflictRule::SetAside => OnConflict::SetAside,
    }
}
