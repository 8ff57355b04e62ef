//! What the storage does not let go: packs under Object Lock.

use std::collections::HashMap;

use bygone_common::PackId;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::survey::{Pack, Survey};
use super::usage::{Content, Usage};
use crate::backend::{CancelToken, FileId, ObjectLock};
use crate::error::{ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};

/// Packs that are asked for at once.
const REQUESTS_AT_ONCE_MAX: usize = 16;

/// Asks for every pack that would be deleted or repacked until when it is locked.
///
/// # Errors
/// What the storage answers; `Cancelled`.
pub(super) fn ask(
    object_lock: &ObjectLock,
    survey: &mut Survey,
    usage: &Usage,
    now: Timestamp,
    token: &CancelToken,
    progress: &dyn Progress,
) -> Result<()> {
    let may_go = |(pack, content): &(&Pack, &Content)| {
        pack.stored_bytes.is_some() && (content.used_blobs == 0 || content.unused_blobs > 0)
    };
    let asked: Vec<PackId> = survey.packs.iter().zip(&usage.contents).filter(may_go).map(|(pack, _)| pack.id).collect();
    progress.stage("ask until when packs are locked", asked.len() as u64, Unit::Items);
    let locked: Mutex<HashMap<PackId, Timestamp>> = Mutex::default();
    for_each(REQUESTS_AT_ONCE_MAX, &asked, |pack| {
        token.check(|| "ask until when packs are locked".to_owned())?;
        let protection = match object_lock.protection(FileId::pack(*pack)) {
            // Somebody was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        if let Some(until) = protection.held_until(now) {
            locked.lock().insert(*pack, until);
        }
        progress.advance(1);
        Ok(())
    })?;
    let locked = locked.into_inner();
    for pack in &mut survey.packs {
        pack.locked_until = locked.get(&pack.id).copied();
    }
    Ok(())
}
