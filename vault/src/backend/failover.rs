//! Reading from a mirror while the repository itself does not answer.
//!
//! A call goes to the repository, whose retries come first; when it still does not answer, the mirror is asked, and for some
//! time it is asked first. Whatever the repository does answer, also that a file is not there, counts: a mirror is asked
//! because of silence, never for a second opinion.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Backend, FileId, FileKind, Listed, SharedBackend};
use crate::error::{Error, ErrorKind, Result};

/// For so long the mirror is asked first, before somebody looks for the repository again.
pub const AWAY: Duration = Duration::from_secs(60);

/// Reads from `primary`, and from `mirror` while that does not answer.
#[derive(Debug)]
pub struct Failover {
    primary: SharedBackend,
    mirror: SharedBackend,
    away_for: Duration,
    /// Until when the mirror is asked first.
    away_until: Mutex<Option<Instant>>,
}

/// Whom to ask first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Primary,
    /// Somebody found the primary away a short time ago.
    Mirror,
}

impl Failover {
    /// Both with all their decorators: what this is given, it asks.
    pub fn new(primary: SharedBackend, mirror: SharedBackend) -> Self {
        Self { primary, mirror, away_for: AWAY, away_until: Mutex::new(None) }
    }

    /// The same, begun while the repository is away.
    #[must_use]
    pub fn away(self) -> Self {
        *self.away_until.lock() = Instant::now().checked_add(self.away_for);
        self
    }

    fn first(&self) -> First {
        let mut away_until = self.away_until.lock();
        match *away_until {
            None => First::Primary,
            Some(until) if Instant::now() < until => First::Mirror,
            Some(_) => {
                // This caller looks, and the others go on with the mirror meanwhile.
                *away_until = Instant::now().checked_add(self.away_for);
                First::Primary
            }
        }
    }

    /// Whether the repository's place lost even its config: the mount point of a disk that is not mounted.
    fn is_gone(&self) -> bool {
        let config = self.primary.read(FileId::CONFIG);
        config.is_err_and(|error| is_silence(&error) || error.kind() == ErrorKind::NotFound)
    }

    fn ask<T>(&self, mut call: impl FnMut(&dyn Backend) -> Result<T>) -> Result<T> {
        if self.first() == First::Mirror {
            return call(self.mirror.as_ref()).or_else(|from_mirror| {
                // The mirror may be older, or away too.
                tracing::debug!(error = from_mirror.chain(), "the mirror has no answer");
                call(self.primary.as_ref()).map_err(|_| from_mirror)
            });
        }
        let error = match call(self.primary.as_ref()) {
            Err(error) if is_silence(&error) || (error.kind() == ErrorKind::NotFound && self.is_gone()) => error,
            answered => {
                if self.away_until.lock().take().is_some() {
                    tracing::warn!(repository = self.primary.location(), "the repository answers again");
                }
                return answered;
            }
        };
        let answer = call(self.mirror.as_ref()).map_err(|from_mirror| {
            tracing::debug!(error = from_mirror.chain(), "the mirror has no answer either");
            error.clone()
        })?;
        let was_away = {
            let mut away_until = self.away_until.lock();
            let was_away = away_until.is_some();
            *away_until = Instant::now().checked_add(self.away_for);
            was_away
        };
        if !was_away {
            let (error, mirror) = (error.chain(), self.mirror.location());
            // Whoever reads has to know that the mirror may be older.
            tracing::error!(error, mirror, "the repository does not answer; its mirror is read");
        }
        Ok(answer)
    }
}

/// Whether an error says that nobody is there, or that the place is not: an unmounted disk.
pub fn is_silence(error: &Error) -> bool {
    error.kind().is_transient() || error.kind() == ErrorKind::NotARepository
}

impl Backend for Failover {
    fn location(&self) -> String {
        self.primary.location()
    }

    fn is_remote(&self) -> bool {
        self.primary.is_remote() || self.mirror.is_remote()
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        self.ask(|backend| backend.list(kind))
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        self.ask(|backend| backend.read(file))
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.ask(|backend| backend.read_at(file, offset, buffer))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Answers with its name, or not at all.
    #[derive(Debug)]
    struct Place {
        name: &'static str,
        silent: Mutex<Option<ErrorKind>>,
        has_packs: Mutex<bool>,
        calls: AtomicU32,
    }

    impl Place {
        fn new(name: &'static str) -> Arc<Self> {
            Arc::new(Self { name, silent: Mutex::new(None), has_packs: Mutex::new(true), calls: AtomicU32::new(0) })
        }
    }

    impl Backend for Place {
        fn location(&self) -> String {
            self.name.to_owned()
        }

        fn is_remote(&self) -> bool {
            false
        }

        fn list(&self, _: FileKind) -> Result<Vec<Listed>> {
            self.read(FileId::CONFIG).map(|_| Vec::new())
        }

        fn read(&self, file: FileId) -> Result<Vec<u8>> {
            self.calls.fetch_add(1, Ordering::Relaxed);
            if file.kind == FileKind::Pack && !*self.has_packs.lock() {
                return Err(Error::new(ErrorKind::NotFound, "no such pack"));
            }
            match *self.silent.lock() {
                Some(kind) => Err(Error::new(kind, format!("{} has nothing to say", self.name))),
                None => Ok(self.name.into()),
            }
        }

        fn read_at(&self, file: FileId, _: u64, _: &mut [u8]) -> Result<()> {
            self.read(file).map(drop)
        }
    }

    fn pair(away_for: Duration) -> (Arc<Place>, Arc<Place>, Failover) {
        let (primary, mirror) = (Place::new("primary"), Place::new("mirror"));
        let failover = Failover { away_for, ..Failover::new(primary.clone(), mirror.clone()) };
        (primary, mirror, failover)
    }

    fn answer(failover: &Failover) -> Result<String, String> {
        let read = failover.read(FileId::CONFIG);
        read.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.chain())
    }

    #[test]
    fn a_silent_repository_is_left_alone_for_some_time_and_then_looked_for() {
        let (primary, _, failover) = pair(Duration::from_secs(3600));
        assert_eq!(answer(&failover), Ok("primary".into()));
        *primary.silent.lock() = Some(ErrorKind::Unavailable);
        assert_eq!(answer(&failover), Ok("mirror".into()));
        let calls = primary.calls.load(Ordering::Relaxed);
        assert_eq!(answer(&failover), Ok("mirror".into()));
        assert_eq!(primary.calls.load(Ordering::Relaxed), calls, "it was not asked again");
        *primary.silent.lock() = None;
        assert_eq!(answer(&failover), Ok("mirror".into()));
        *failover.away_until.lock() = Some(Instant::now());
        assert_eq!(answer(&failover), Ok("primary".into()));
        assert_eq!(answer(&failover), Ok("primary".into()));
    }

    #[test]
    fn an_answer_counts_also_one_that_nobody_likes() {
        let (primary, mirror, failover) = pair(AWAY);
        for kind in [ErrorKind::Denied, ErrorKind::Damaged, ErrorKind::Cancelled] {
            *primary.silent.lock() = Some(kind);
            assert_eq!(answer(&failover), Err("primary has nothing to say".into()));
        }
        *primary.silent.lock() = None;
        *primary.has_packs.lock() = false;
        let pack = FileId::new(FileKind::Pack, bygone_common::Id::new([1; 32]));
        assert_eq!(failover.read(pack).map_err(|error| error.kind()), Err(ErrorKind::NotFound));
        assert_eq!(mirror.calls.load(Ordering::Relaxed), 0);
        for kind in [ErrorKind::TimedOut, ErrorKind::NotARepository] {
            *primary.silent.lock() = Some(kind);
            assert_eq!(answer(&failover), Ok("mirror".into()));
        }
    }

    #[test]
    fn a_place_that_lost_its_config_is_a_disk_that_is_not_mounted() {
        let (primary, _, failover) = pair(AWAY);
        *primary.silent.lock() = Some(ErrorKind::NotFound);
        assert_eq!(answer(&failover), Ok("mirror".into()));
    }

    #[test]
    fn when_both_are_silent_the_repository_is_what_is_told_of() {
        let (primary, mirror, failover) = pair(AWAY);
        *primary.silent.lock() = Some(ErrorKind::Unavailable);
        *mirror.silent.lock() = Some(ErrorKind::Unavailable);
        assert_eq!(answer(&failover), Err("primary has nothing to say".into()));
    }

    #[test]
    fn what_an_older_mirror_does_not_have_the_repository_is_asked_for() {
        let (_, mirror, failover) = pair(AWAY);
        let failover = failover.away();
        *mirror.silent.lock() = Some(ErrorKind::NotFound);
        assert_eq!(answer(&failover), Ok("primary".into()));
    }
}
