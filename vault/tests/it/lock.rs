//! Locks beside stock restic, in both directions.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use bygone_tests::process::wait_until;
use bygone_vault::backend::CancelToken;
use bygone_vault::lock::{HeldLock, LockKind, LockOptions, Locks, StaleLocks};
use bygone_vault::{ErrorKind, Result};
use serde_json::{Value, json};

use crate::cheap::Cheap;

/// restic's exit code for a repository that is locked.
const EXIT_LOCKED: i32 = 11;

struct Place {
    cheap: Cheap,
    locks: Locks,
}

impl Place {
    fn new(version: &str) -> Self {
        let cheap = Cheap::new(version);
        let locks = Locks::new(cheap.storage(), cheap.key.clone(), version.parse().unwrap());
        fs::create_dir(cheap.beside("source")).unwrap();
        fs::write(cheap.beside("source/file"), "content").unwrap();
        Self { cheap, locks }
    }

    fn take(&self, kind: LockKind) -> Result<HeldLock> {
        self.locks.acquire(&LockOptions::new(kind), &CancelToken::new())
    }

    fn restic(&self, arguments: &[&str]) -> Output {
        self.cheap.restic.command(arguments).output().unwrap()
    }

    fn back_up(&self) -> Output {
        self.restic(&["backup", self.cheap.beside("source").to_str().unwrap()])
    }

    /// restic that waits for its standard input, and holds a lock.
    fn waiting_restic(&self, arguments: &[&str]) -> Child {
        let mut command = self.cheap.restic.command(arguments);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pid = i64::from(child.id());
        wait_until("restic's lock", || {
            self.locks.list().unwrap().iter().any(|found| found.lock.as_ref().is_ok_and(|lock| lock.pid == pid))
        });
        child
    }

    fn lock_count(&self) -> usize {
        fs::read_dir(self.cheap.path().join("locks")).unwrap().count()
    }
}

#[track_caller]
fn assert_locked(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(EXIT_LOCKED), "{said}");
    assert!(said.contains(&format!("PID {} on ", std::process::id())), "{said}");
}

#[track_caller]
fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn our_exclusive_lock_makes_restic_refuse() {
    for version in ["1", "2"] {
        let place = Place::new(version);
        let held = place.take(LockKind::Exclusive).unwrap();
        assert_locked(&place.back_up());
        assert_locked(&place.restic(&["prune"]));
        held.release().unwrap();
        assert_eq!(place.lock_count(), 0);
        assert_done(&place.back_up());
        assert_done(&place.restic(&["prune"]));
    }
}

#[test]
fn our_shared_lock_lets_restic_add_and_makes_it_refuse_to_remove() {
    let place = Place::new("2");
    let held = place.take(LockKind::Shared).unwrap();
    assert_done(&place.back_up());
    assert_locked(&place.restic(&["prune"]));
    assert_locked(&place.restic(&["forget", "latest"]));
    drop(held);
    assert_done(&place.restic(&["forget", "latest"]));
    assert_eq!(place.lock_count(), 0);
}

#[test]
fn restic_reads_our_locks() {
    for version in ["1", "2"] {
        let place = Place::new(version);
        let held = place.take(LockKind::Exclusive).unwrap();
        let id = held.id().unwrap().to_string();
        // Commands that only look at locks take none.
        assert_eq!(place.cheap.restic.run(&["list", "locks", "--no-lock"]).trim(), id);
        let lock: Value = serde_json::from_str(&place.cheap.restic.run(&["cat", "lock", &id, "--no-lock"])).unwrap();
        let whoami = |argument: &str| {
            let output = Command::new("id").arg(argument).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(lock["exclusive"], json!(true));
        assert_eq!(lock["pid"], json!(std::process::id()));
        assert_eq!(lock["hostname"], json!(hostname.trim()));
        let output = Command::new("id").arg("-un").output().unwrap();
        assert_eq!(lock["username"], json!(String::from_utf8(output.stdout).unwrap().trim()));
        assert_eq!(lock["uid"].as_u64().unwrap_or_default().to_string(), whoami("-u"));
        assert_eq!(lock["gid"].as_u64().unwrap_or_default().to_string(), whoami("-g"));
    }
}

#[test]
fn restics_shared_lock_lets_us_share_and_makes_us_refuse_to_be_alone() {
    let place = Place::new("2");
    let mut restic = place.waiting_restic(&["backup", "--stdin"]);
    place.take(LockKind::Shared).unwrap().release().unwrap();
    let error = place.take(LockKind::Exclusive).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    let expected = format!("the repository is locked by PID {} on ", restic.id());
    assert!(error.to_string().starts_with(&expected), "{error}");
    let mut input = restic.stdin.take().unwrap();
    input.write_all(b"content").unwrap();
    drop(input);
    assert!(restic.wait().unwrap().success());
    place.take(LockKind::Exclusive).unwrap().release().unwrap();
}

#[test]
fn restics_exclusive_lock_makes_us_wait() {
    let place = Place::new("2");
    // Waits for the new password with the lock in its hands.
    let mut restic = place.waiting_restic(&["key", "passwd"]);
    let error = place.take(LockKind::Shared).unwrap_err();
    let expected = format!("the repository is locked exclusively by PID {} on ", restic.id());
    assert!(error.to_string().starts_with(&expected), "{error}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let options = LockOptions { retry_for: Duration::from_secs(120), ..LockOptions::new(LockKind::Exclusive) };
            place.locks.acquire(&options, &CancelToken::new())
        });
        drop(restic.stdin.take());
        // Without a password it gives up, and releases its lock.
        assert!(!restic.wait().unwrap().success());
        waiting.join().unwrap().unwrap().release().unwrap();
    });
    assert_eq!(place.lock_count(), 0);
}

#[test]
fn a_lock_whose_restic_was_killed_is_stale_and_goes_when_told_to() {
    let place = Place::new("2");
    let killed = |place: &Place| {
        let mut restic = place.waiting_restic(&["backup", "--stdin"]);
        restic.kill().unwrap();
        restic.wait().unwrap();
    };
    killed(&place);
    let error = place.take(LockKind::Exclusive).unwrap_err();
    assert!(error.to_string().ends_with("; it is stale: that process is gone"), "{error}");
    assert_eq!(place.locks.remove_stale().unwrap().len(), 1);
    assert_eq!(place.lock_count(), 0);
    killed(&place);
    let options = LockOptions { stale: StaleLocks::Remove, ..LockOptions::new(LockKind::Exclusive) };
    place.locks.acquire(&options, &CancelToken::new()).unwrap().release().unwrap();
    assert_eq!(place.lock_count(), 0);
}

#[test]
fn unlock_by_restic_takes_stale_locks_and_leaves_ours_and_us_alive() {
    let place = Place::new("2");
    let held = place.take(LockKind::Shared).unwrap();
    let stale = json!({ "time": "2026-01-01T10:00:00Z", "exclusive": false, "hostname": "elsewhere", "username": "user",
                        "pid": 7 });
    place.cheap.forge("locks", 1, &stale);
    assert_eq!(place.lock_count(), 2);
    // It asks by SIGHUP whether this process lives.
    assert_done(&place.restic(&["unlock"]));
    let left: Vec<_> = place.locks.list().unwrap().into_iter().map(|found| found.id).collect();
    assert_eq!(left, held.id().into_iter().collect::<Vec<_>>());
    assert_done(&place.restic(&["unlock", "--remove-all"]));
    assert_eq!(place.lock_count(), 0);
    held.release().unwrap();
}
