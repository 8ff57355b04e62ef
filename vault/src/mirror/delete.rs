//! Deleting at the mirror what is gone at the source: only when asked to, and after everything else.

use parking_lot::Mutex;

use super::survey::MirrorPlan;
use super::{Count, Mirrored};
use crate::backend::{CancelToken, FileId, Storage};
use crate::error::Result;
use crate::parallel;
use crate::progress::{Progress, Unit};

/// Files that are deleted at once.
const DELETIONS: usize = 8;

/// What becomes of files at the mirror that the source does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delete {
    /// They stay.
    #[default]
    Nothing,
    /// They are deleted, unless something speaks for the source being what is wrong.
    Gone,
    /// They are deleted, whatever they are.
    Any,
}

/// Deletes what names other files before what it names, so that the mirror is valid at every moment.
pub(super) fn all(
    plan: &MirrorPlan,
    to: &dyn Storage,
    token: &CancelToken,
    progress: &dyn Progress,
    mirrored: &mut Mirrored,
) -> Result<()> {
    if !plan.deletes() {
        return Ok(());
    }
    progress.stage("deleting", plan.extra().files, Unit::Items);
    let deleted: Mutex<Count> = Mutex::default();
    for files in plan.kinds.iter().rev() {
        parallel::for_each(DELETIONS, &files.extra, |listed| {
            let file = FileId::new(files.kind, listed.id);
            let doing = || format!("delete {file} at the mirror");
            token.check(doing)?;
            to.remove(file).map_err(|error| error.context(doing()))?;
            deleted.lock().add(listed.size);
            progress.advance(1);
            Ok(())
        })?;
    }
    mirrored.deleted = deleted.into_inner();
    mirrored.extra = Count::default();
    Ok(())
}
