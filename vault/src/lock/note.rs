//! Telling somebody which lock files are ours.
//!
//! A process that ends suddenly leaves its lock behind, and others wait until it counts as stale. Who keeps a note of it
//! elsewhere can remove it as soon as it is there again, since a lock file's name says whose it is: nobody else writes the
//! same.

use std::fmt;
use std::sync::Arc;

use bygone_common::Id;

/// What becomes of a lock file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It is about to be written: from now on it may be there.
    Writing(Id),
    /// It is there no more.
    Removed(Id),
}

/// Who is told. Nobody, unless said otherwise.
#[derive(Clone, Default)]
pub struct Notes(Option<Arc<dyn Fn(Note) + Send + Sync>>);

impl Notes {
    /// Calls `keep` with every note, before a lock is written and after it is removed. It is called from several threads.
    pub fn new(keep: impl Fn(Note) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(keep)))
    }

    pub(super) fn tell(&self, note: Note) {
        if let Some(keep) = &self.0 {
            keep(note);
        }
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Notes(kept)" } else { "Notes(none)" })
    }
}
