//! One request for each of many files, some at once.

use parking_lot::Mutex;

use crate::backend::{CancelToken, FileId};
use crate::error::{Error, ErrorKind, Result};
use crate::parallel::for_each;
use crate::progress::{Progress, Unit};

/// Requests at once.
const REQUESTS_AT_ONCE_MAX: usize = 16;

/// A file that should be there and is not.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Which.
    pub file: FileId,
    /// What the storage says.
    pub error: Error,
}

/// Calls `work` once for each file, from some threads at once. A file that is not there does not keep the others from
/// being worked on; anything else ends it, as it would be the same for all: work that is begun again passes over what was
/// done.
///
/// # Errors
/// The first that is not `NotFound`; `Cancelled`.
pub(super) fn each(
    doing: &'static str,
    files: &[FileId],
    token: &CancelToken,
    progress: &dyn Progress,
    work: impl Fn(FileId) -> Result<()> + Sync,
) -> Result<Vec<Missing>> {
    progress.stage(doing, files.len() as u64, Unit::Items);
    let missing = Mutex::new(Vec::new());
    for_each(REQUESTS_AT_ONCE_MAX, files, |file| {
        token.check(|| doing.to_owned())?;
        match work(*file) {
            Err(error) if error.kind() == ErrorKind::NotFound => missing.lock().push(Missing { file: *file, error }),
            other => other?,
        }
        progress.advance(1);
        Ok(())
    })?;
    let mut missing = missing.into_inner();
    missing.sort_by_key(|missing| missing.file);
    Ok(missing)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use bygone_common::Id;

    use super::*;
    use crate::backend::FileKind;
    use crate::progress::Unwatched;

    fn files(count: u8) -> Vec<FileId> {
        (0..count).map(|number| FileId::new(FileKind::Pack, Id::new([number; 32]))).collect()
    }

    #[test]
    fn what_is_missing_is_told_and_the_rest_done() {
        let (files, seen) = (files(100), Mutex::new(Vec::new()));
        let missing = each("look", &files, &CancelToken::new(), &Unwatched, |file| {
            seen.lock().push(file);
            let is_there = file.id.as_bytes()[0] % 50 != 7;
            if is_there { Ok(()) } else { Err(Error::new(ErrorKind::NotFound, "gone")) }
        });
        let missing: Vec<u8> = missing.unwrap().iter().map(|missing| missing.file.id.as_bytes()[0]).collect();
        assert_eq!(missing, [7, 57]);
        let mut seen = seen.into_inner();
        seen.sort();
        assert_eq!(seen, files);
    }

    #[test]
    fn a_refusal_or_a_cancel_ends_it() {
        let files = files(200);
        let calls = AtomicUsize::new(0);
        let error = each("look", &files, &CancelToken::new(), &Unwatched, |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            Err(Error::new(ErrorKind::Denied, "no"))
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Denied);
        assert!(calls.into_inner() <= REQUESTS_AT_ONCE_MAX);
        let token = CancelToken::new();
        let calls = AtomicUsize::new(0);
        let error = each("look", &files, &token, &Unwatched, |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            token.cancel();
            Ok(())
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(calls.into_inner() <= REQUESTS_AT_ONCE_MAX);
    }
}
