//! Prolonging what keeps files from being removed. Its requests are S3's own: each fails in turn on the way to a real
//! server.

use std::collections::BTreeMap;
use std::fs;

use bygone_tests::http_relay::{HttpFault, HttpRelay};
use bygone_tests::noise::noise;
use bygone_tests::s3::S3Server;
use bygone_vault::backend::object_lock::{LockMode, Retention};
use bygone_vault::backend::{CancelToken, FileId, FileKind, OpenStorage, SharedBackend};
use bygone_vault::check::{CheckOptions, Finding, ReadData, check};
use bygone_vault::mirror::Delete;
use bygone_vault::progress::Unwatched;
use bygone_vault::worm::{self, Extended};
use bygone_vault::{Engine, EngineOptions, Error, ErrorKind, MasterKey, OpenOptions, Repository, Result, Unlock};
use jiff::{SignedDuration, Timestamp};

use crate::cheap::Cheap;
use crate::worm::{mirror, on_s3};

/// No run makes so many requests.
const REQUESTS_MAX: u64 = 1000;
/// Kinds of files that are locked.
const LOCKED: [FileKind; 5] = [FileKind::Config, FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack];

/// A repository in a bucket with Object Lock, of which nothing is locked yet.
struct Place {
    cheap: Cheap,
    server: S3Server,
    relay: HttpRelay,
    engine: Engine,
}

/// Until when each file is locked.
type Locked = BTreeMap<FileId, Option<Timestamp>>;

impl Place {
    /// Two snapshots, and what is left of one that was forgotten.
    fn new() -> Self {
        let cheap = Cheap::new("2");
        let source = cheap.beside("source");
        fs::create_dir_all(source.join("folder")).unwrap();
        for day in 0..3 {
            fs::write(source.join("of the day"), noise(day, 100_000)).unwrap();
            fs::write(source.join("folder/small"), noise(day + 50, 1000)).unwrap();
            cheap.restic.run(&["backup", source.to_str().unwrap()]);
        }
        cheap.restic.run(&["forget", "--keep-last", "2"]);
        let server = S3Server::start();
        server.make_locked_bucket("bucket");
        let relay = HttpRelay::to(server.port());
        let place = Self { cheap, server, relay, engine: Engine::start(EngineOptions::default()).unwrap() };
        mirror(&place.cheap.storage(), &place.directly().storage, Delete::Nothing).unwrap();
        place
    }

    fn directly(&self) -> OpenStorage {
        on_s3(&self.server.location("bucket/repo"))
    }

    fn by_relay(&self) -> OpenStorage {
        on_s3(&format!("s3:http://127.0.0.1:{}/bucket/repo", self.relay.port()))
    }

    fn open(&self, by: &OpenStorage) -> Result<Repository> {
        let backend: SharedBackend = by.storage.clone();
        let unlock = Unlock::MasterKey(Box::new(MasterKey::clone(&self.cheap.key)));
        Repository::open(&self.engine, backend, unlock, OpenOptions::default())
    }

    /// All that `bygone worm extend` does, with what it tells of and goes on from as an error.
    fn extend(&self, by: &OpenStorage, until: Timestamp) -> Result<Extended> {
        let repository = self.open(by)?;
        let damaged = repository.damaged_snapshots().into_iter().map(|(_, error)| error);
        if let Some(error) = damaged.chain(repository.damaged_index_files().into_iter().map(|(_, error)| error)).next()
        {
            return Err(error);
        }
        let retention = Retention { mode: LockMode::Compliance, until };
        let lock = by.object_lock.as_ref().unwrap();
        let (snapshots, token) = (repository.snapshots(), CancelToken::new());
        let extended = worm::extend(&repository, lock, &snapshots, retention, &token, &Unwatched)?;
        let broken = extended.broken.iter().map(|(_, error)| error);
        match broken.chain(extended.missing.iter().map(|missing| &missing.error)).next() {
            Some(error) => Err(Error::clone(error)),
            None if extended.missing_blobs > 0 => panic!("{extended:?}"),
            None => Ok(extended),
        }
    }

    fn locked(&self) -> Locked {
        let by = self.directly();
        let lock = by.object_lock.as_ref().unwrap();
        let mut locked = Locked::new();
        for kind in LOCKED {
            for listed in by.storage.list(kind).unwrap() {
                let file = FileId::new(kind, listed.id);
                locked.insert(file, lock.protection(file).unwrap().retention.map(|retention| retention.until));
            }
        }
        locked
    }

    /// Every snapshot can be read.
    fn judge(&self, what: &str) {
        let repository = self.open(&self.directly()).unwrap();
        let options = CheckOptions { read: ReadData::All, sample_files: 0, seed: 0 };
        let report = check(&repository, &options, &CancelToken::new(), &Unwatched).unwrap();
        let errors: Vec<&Finding> = report.errors().collect();
        assert!(errors.is_empty() && report.snapshots == 2, "{what}: {errors:?}");
    }
}

#[test]
fn prolonging_retention() {
    let place = Place::new();
    let mut until = Timestamp::from_second(Timestamp::now().as_second()).unwrap() + SignedDuration::from_hours(24);
    let needed = place.extend(&place.directly(), until).unwrap().needed;
    let first = place.locked();
    // Of the forgotten snapshot: two packs, and the index file that names nothing else.
    assert_eq!(first.len() as u64, needed + 3);
    let live = |locked: &Locked| locked.values().flatten().copied().collect::<Vec<_>>();
    assert_eq!(live(&first), vec![until; usize::try_from(needed).unwrap()]);
    let (mut changes, mut refused) = (0, 0);
    for number in 0..REQUESTS_MAX {
        for fault in [HttpFault::Unsent, HttpFault::AnswerLost, HttpFault::Forbidden] {
            let before = until;
            until += SignedDuration::from_hours(1);
            place.relay.fail(number, fault);
            let outcome = place.extend(&place.by_relay(), until);
            let Some(request) = place.relay.met() else {
                outcome.unwrap();
                // Each file is looked at and locked, and there is more to it than that. Several at once: which request is the
                // n-th differs from run to run.
                assert!(changes >= 2 * needed && number > 2 * needed, "{changes} {number}");
                assert_eq!(refused, changes);
                return;
            };
            let what = format!("request {number}, {fault:?}, {request}");
            let kind = if fault == HttpFault::Forbidden { ErrorKind::Denied } else { ErrorKind::Unavailable };
            let is_change = request.starts_with("PUT ");
            changes += u64::from(is_change);
            match &outcome {
                Err(error) => {
                    assert_eq!(error.kind(), kind, "{what}: {}", error.chain());
                    refused += u64::from(is_change);
                }
                Ok(extended) => assert_eq!(extended.prolonged, needed, "{what}: failed in silence"),
            }
            place.judge(&what);
            let after = place.locked();
            let each = first.iter().map(|(file, at_first)| (file, at_first, after[file]));
            for (file, at_first, now) in each {
                let may_be = if at_first.is_none() { vec![None] } else { vec![Some(before), Some(until)] };
                assert!(may_be.contains(&now), "{what}: {file} is locked until {now:?} of {may_be:?}");
            }
            if outcome.is_err() {
                let again = place.extend(&place.directly(), until);
                let again = again.unwrap_or_else(|error| panic!("{what}: not again: {}", error.chain()));
                assert_eq!(again.prolonged + again.already, needed, "{what}: {again:?}");
            }
            let then = place.locked();
            assert_eq!(then.len(), first.len(), "{what}");
            for (file, until_then) in then {
                assert_eq!(until_then, first[&file].map(|_| until), "{what}: {file}, and again");
            }
        }
    }
    panic!("there is no end of requests");
}
