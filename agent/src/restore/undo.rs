//! Putting back what a restore replaced and kept.

use std::path::Path;

use bygone_common::job::{Counts, LogLevel, Outcome, Phase, RestoreUndo, Restored};
use bygone_vault::Result;
use bygone_vault::restore::safety::{self, PutBack};

use super::{done, keep, place, told};
use crate::context::Context;
use crate::safety::links;

/// Puts it back. No repository is needed: everything is on this machine.
pub(super) fn undo(undo: &RestoreUndo, confined: bool, context: &Context<'_>) -> Result<Outcome> {
    let target = place::absolute(Path::new(&undo.target))?;
    // What is moved away now is kept as long as what was replaced.
    keep(&target, safety::undone(&undo.safety_folder), confined, context)?;
    context.meter.phase(Phase::Working);
    let is_cancelled = || context.token.is_cancelled();
    let back = safety::put_back(&target, &undo.safety_folder, links(confined), &is_cancelled)?;
    let PutBack { files, undone, errors, error_count } = back;
    context.log.say(
        LogLevel::Info,
        format!("put back {files} files that were replaced in {}; {error_count} could not be", undo.target),
    );
    let safety_folder = undone.map(|name| target.join(name).display().to_string());
    let problems = told::problems(&errors);
    let restored = Restored { target: undo.target.clone(), safety_folder, problems, ..Restored::default() };
    Ok(done(Counts { files_new: files, ..Counts::default() }, restored, error_count))
}
