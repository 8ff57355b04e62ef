//! One request for each of many files, some at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::backend::{CancelToken, FileId};
use crate::error::{Error, ErrorKind, Result};

/// Requests at once.
const REQUESTS_AT_ONCE_MAX: usize = 16;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that were asked for.
    pub done: u64,
    /// Files in all.
    pub total: u64,
}

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
    files: &[FileId],
    token: &CancelToken,
    progress: &(dyn Fn(Progress) + Sync),
    work: impl Fn(FileId) -> Result<()> + Sync,
) -> Result<Vec<Missing>> {
    let total = files.len() as u64;
    let (next, done, failed) = (AtomicUsize::new(0), Mutex::new(0_u64), AtomicBool::new(false));
    let found: Mutex<(Vec<Missing>, Option<Error>)> = Mutex::default();
    let work_some = || {
        while !failed.load(Ordering::Relaxed)
            && let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let answer = token.check(|| format!("work on {file}")).and_then(|()| work(*file));
            match answer {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    found.lock().0.push(Missing { file: *file, error });
                }
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    found.lock().1.get_or_insert(error);
                }
            }
            // Told one after the other, so that nobody sees it go backwards.
            let mut done = done.lock();
            *done += 1;
            progress(Progress { done: *done, total });
        }
    };
    let threads = REQUESTS_AT_ONCE_MAX.min(files.len());
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work_some))));
    let (mut missing, error) = found.into_inner();
    missing.sort_by_key(|missing| missing.file);
    error.map_or(Ok(missing), Err)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bygone_common::Id;

    use super::*;
    use crate::backend::FileKind;

    fn files(count: u8) -> Vec<FileId> {
        (0..count).map(|number| FileId::new(FileKind::Pack, Id::new([number; 32]))).collect()
    }

    #[test]
    fn what_is_missing_is_told_and_the_rest_done() {
        let (files, seen) = (files(100), Mutex::new(Vec::new()));
        let last = Mutex::new(0);
        let told = |progress: Progress| {
            assert_eq!((progress.done, progress.total), (*last.lock() + 1, 100));
            *last.lock() = progress.done;
        };
        let missing = each(&files, &CancelToken::new(), &told, |file| {
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
        let error = each(&files, &CancelToken::new(), &|_| {}, |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            Err(Error::new(ErrorKind::Denied, "no"))
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Denied);
        assert!(calls.into_inner() <= REQUESTS_AT_ONCE_MAX);
        let token = CancelToken::new();
        let calls = AtomicUsize::new(0);
        let error = each(&files, &token, &|_| {}, |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            token.cancel();
            Ok(())
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(calls.into_inner() <= REQUESTS_AT_ONCE_MAX);
    }
}
