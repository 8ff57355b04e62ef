//! Every operation that writes, with each of its storage calls failing in turn: the repository stays valid, what was there
//! before can be read as before, and doing it again succeeds.

mod operations;
mod worm;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use bygone_tests::noise::noise;
use bygone_tests::restic::Restic;
use bygone_vault::backend::faulty::{Fault, Faulty, Operation};
use bygone_vault::backend::{CancelToken, FileKind, SharedBackend, SharedStorage};
use bygone_vault::check::{CheckOptions, Finding, ReadData, check};
use bygone_vault::progress::Unwatched;
use bygone_vault::walk::{Step, Walk};
use bygone_vault::{
    Engine, EngineOptions, ErrorKind, MasterKey, NodeKind, OpenOptions, Repository, Result, Snapshot, Unlock,
};
use sha2::{Digest, Sha256};

use crate::cheap::{Cheap, storage_at};

/// An error that nobody tries to get over by trying again.
const KIND: ErrorKind = ErrorKind::NoSpace;
/// Stock restic judges after every so many faults: it takes longer than all the rest.
const RESTIC_EVERY: u64 = 7;
/// No operation on so small a repository makes so many calls.
const CALLS_MAX: u64 = 1000;

/// A repository that operations begin with.
pub(crate) struct Place {
    cheap: Cheap,
    engine: Engine,
}

/// One attempt, on a copy of the repository.
pub(crate) struct Attempt {
    pub(crate) repository: Repository,
    pub(crate) storage: SharedStorage,
    /// The folder that was backed up.
    pub(crate) source: PathBuf,
}

impl Place {
    /// Stock restic takes a snapshot on each of three days: one file stays, one is new each day.
    pub(crate) fn new() -> Self {
        let cheap = Cheap::new("2");
        let source = cheap.beside("source");
        fs::create_dir(&source).unwrap();
        fs::write(source.join("for ever"), noise(100, 200_000)).unwrap();
        for day in 0..3 {
            let _ = fs::remove_file(source.join("of the day"));
            fs::write(source.join("of the day"), noise(day, 300_000)).unwrap();
            fs::create_dir_all(source.join(format!("folder {day}"))).unwrap();
            fs::write(source.join(format!("folder {day}/small")), noise(day + 50, 1000)).unwrap();
            let time = format!("2026-11-{:02} 10:00:00", day + 1);
            cheap.restic.run(&["backup", "--host", "host", "--time", &time, source.to_str().unwrap()]);
        }
        Self { cheap, engine: Engine::start(EngineOptions::default()).unwrap() }
    }

    /// Changes what operations begin with.
    pub(crate) fn prepare(&self, change: impl FnOnce(&Attempt) -> Result<()>) {
        let storage = self.cheap.storage();
        change(&self.attempt(&storage).unwrap()).unwrap();
    }

    fn attempt(&self, storage: &SharedStorage) -> Result<Attempt> {
        let backend: SharedBackend = storage.clone();
        let unlock = Unlock::MasterKey(Box::new(MasterKey::clone(&self.cheap.key)));
        let repository = Repository::open(&self.engine, backend, unlock, OpenOptions::default())?;
        Ok(Attempt { repository, storage: storage.clone(), source: self.cheap.beside("source") })
    }

    fn copy(&self) -> PathBuf {
        self.copy_to("copy")
    }

    /// A copy of the repository in a folder of that name beside it.
    pub(crate) fn copy_to(&self, name: &str) -> PathBuf {
        let copy = self.cheap.beside(name);
        let _ = fs::remove_dir_all(&copy);
        assert!(Command::new("cp").arg("-a").args([&self.cheap.path(), &copy]).status().unwrap().success());
        copy
    }

    /// Lets `run` meet a fault at its first call, at its second, and so on until it makes no further call. Snapshots of
    /// which `stays` says so must be as they were, whatever happens. Answers how many faults were met.
    pub(crate) fn fail_every_call(
        &self,
        stays: impl Fn(&Snapshot) -> bool,
        run: impl Fn(&Attempt) -> Result<()>,
    ) -> u64 {
        let before = self.attempt(&self.cheap.storage()).unwrap().repository;
        let kept: BTreeSet<String> =
            before.snapshots().iter().filter(|snapshot| stays(snapshot)).map(|it| seen(&before, it)).collect();
        assert!(!kept.is_empty());
        let mut met = 0;
        for number in 0..CALLS_MAX {
            for fault in [Fault::Fail(KIND), Fault::LoseAnswer(KIND), Fault::WriteHalf(KIND)] {
                let copy = self.copy();
                let clean = storage_at(&copy);
                let Some((operation, outcome)) = self.run_with(&clean, number, fault, &run) else {
                    assert!(met > 3, "{met}");
                    return met;
                };
                let what = format!("call {number}, {operation:?}, {fault:?}");
                met += 1;
                match outcome {
                    Err(error) => assert_eq!(error.kind(), KIND, "{what}: {}", error.chain()),
                    Ok(()) => assert!(!operation.changes(), "{what}: failed in silence"),
                }
                self.judge(&clean, &kept, &what);
                if met % RESTIC_EVERY == 0 {
                    stock_restic_checks(&copy, &what);
                }
                let again = self.attempt(&clean).and_then(|attempt| run(&attempt));
                again.unwrap_or_else(|error| panic!("{what}: not again: {}", error.chain()));
                self.judge(&clean, &kept, &format!("{what}, and again"));
                if met % RESTIC_EVERY == 0 {
                    stock_restic_checks(&copy, &what);
                }
            }
        }
        panic!("there is no end of calls");
    }

    /// The call that met the fault, and how it ended; `None` when there was no such call, and all went well.
    fn run_with(
        &self,
        clean: &SharedStorage,
        number: u64,
        fault: Fault,
        run: &impl Fn(&Attempt) -> Result<()>,
    ) -> Option<(Operation, Result<()>)> {
        let met = Arc::new(Mutex::new(None));
        let meets = Arc::clone(&met);
        let faulty: SharedStorage = Arc::new(Faulty::new(clean.clone(), move |call| {
            if call.number != number {
                return None;
            }
            *meets.lock().unwrap() = Some(call.operation);
            match (fault, call.operation) {
                // What lies elsewhere is written whole or not at all, by all storage that keeps its promises. A pack that
                // nobody names may be anything: rclone leaves such.
                (Fault::WriteHalf(kind), Operation::Write { file, .. }) if file.kind != FileKind::Pack => {
                    Some(Fault::Fail(kind))
                }
                _ => Some(fault),
            }
        }));
        let outcome = self.attempt(&faulty).and_then(|attempt| run(&attempt));
        let operation = *met.lock().unwrap();
        match operation {
            Some(operation) => Some((operation, outcome)),
            None => {
                outcome.unwrap();
                None
            }
        }
    }

    /// The repository is valid, and all of `kept` is there.
    fn judge(&self, clean: &SharedStorage, kept: &BTreeSet<String>, what: &str) {
        let repository = self.attempt(clean).unwrap().repository;
        let options = CheckOptions { read: ReadData::All, sample_files: 0, seed: 0 };
        let report = check(&repository, &options, &CancelToken::new(), &Unwatched).unwrap();
        let errors: Vec<&Finding> = report.errors().collect();
        assert!(errors.is_empty(), "{what}: {errors:?}");
        let there: BTreeSet<String> = repository.snapshots().iter().map(|it| seen(&repository, it)).collect();
        let lost: Vec<&String> = kept.difference(&there).collect();
        assert!(lost.is_empty(), "{what}: {lost:?} of {kept:?} among {there:?}");
    }
}

fn stock_restic_checks(path: &Path, what: &str) {
    let restic = Restic::new(path.to_str().unwrap()).arguments(&["--no-cache", "--quiet", "--no-lock"]);
    let output = restic.command(&["check", "--read-data"]).output().unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

/// All that a restore of a snapshot would bring back, as its time and a hash. Its id changes with its tags, this does not.
fn seen(repository: &Repository, snapshot: &Snapshot) -> String {
    let mut hash = Sha256::new();
    let mut walk = Walk::new(repository, snapshot.tree, b"");
    while let Some(step) = walk.next() {
        match step {
            Step::Enter(_) => {}
            Step::Broken(error) => panic!("{}: {}", snapshot.id, error.chain()),
            Step::Entry(entry) => {
                let node = entry.node().unwrap();
                hash.update(walk.path());
                hash.update(format!("{:?} {:o} {:?} {}", node.kind(), node.mode(), node.mtime(), node.size()));
                if node.kind() == NodeKind::File {
                    let reader = Arc::new(repository.file(node).unwrap());
                    let mut content = vec![0; usize::try_from(reader.size()).unwrap()];
                    assert_eq!(reader.read_at(0, &mut content).unwrap(), content.len());
                    hash.update(&content);
                }
            }
        }
    }
    let hash: [u8; 32] = hash.finalize().into();
    format!("{} {:02x?}", snapshot.time, &hash[..8])
}
