//! Who holds a lock.

use std::env;

use jiff::Timestamp;

use super::file::{LockFile, LockKind, STALE_AFTER, Staleness};

/// A lock of this process, as of now.
pub(super) fn lock_of_this_process(kind: LockKind) -> LockFile {
    let (uid, gid) = user_and_group();
    LockFile {
        time: Timestamp::now(),
        kind,
        hostname: hostname(),
        username: username(uid),
        pid: i64::from(std::process::id()),
        uid,
        gid,
    }
}

/// The names of this machine and of its user, as restic writes them; empty when unknown.
pub(crate) fn names() -> (String, String) {
    (hostname(), username(user_and_group().0))
}

impl LockFile {
    /// Whether its owner is still there, by restic's rule.
    pub fn staleness(&self) -> Staleness {
        staleness(self)
    }
}

/// Whether the owner of a lock is still there, by restic's rule.
pub(super) fn staleness(lock: &LockFile) -> Staleness {
    if lock.age(Timestamp::now()) > STALE_AFTER {
        Staleness::Expired
    } else if lock.hostname == hostname() && is_gone(lock.pid) {
        Staleness::OwnerGone
    } else {
        Staleness::Fresh
    }
}

/// The machine's name, as Go's `os.Hostname` has it.
fn hostname() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

#[cfg(unix)]
fn user_and_group() -> (u32, u32) {
    (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw())
}

#[cfg(not(unix))]
fn user_and_group() -> (u32, u32) {
    (0, 0)
}

/// The user's name; empty when unknown.
#[cfg(unix)]
fn username(uid: u32) -> String {
    let listed = std::fs::read_to_string("/etc/passwd").ok().and_then(|users| name_in(&users, uid));
    listed.or_else(|| env::var("USER").ok()).unwrap_or_default()
}

/// The name of a user in the text of `/etc/passwd`.
#[cfg(unix)]
fn name_in(users: &str, uid: u32) -> Option<String> {
    let mut users = users.lines().map(|line| line.split(':'));
    users.find_map(|mut fields| {
        let name = fields.next()?;
        let number: u32 = fields.nth(1)?.parse().ok()?;
        (number == uid).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn username(_uid: u32) -> String {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("USERDOMAIN"), variable("USERNAME")) {
        (Some(domain), Some(name)) => format!("{domain}\\{name}"),
        (None, Some(name)) => name,
        (_, None) => String::new(),
    }
}

/// Whether there is certainly no such process on this machine. restic sends SIGHUP to find out, and takes a process of
/// another user for gone; here that one lives.
#[cfg(unix)]
fn is_gone(pid: i64) -> bool {
    let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0).and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// Windows is not asked: such a lock is stale when it is old.
#[cfg(not(unix))]
fn is_gone(_pid: i64) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let users = "root:x:0:0:root:/:/bin/sh\nbroken\nalice:x:1000:100::/home/alice:/bin/sh\n";
        assert_eq!(name_in(users, 1000).as_deref(), Some("alice"));
        assert_eq!(name_in(users, 7), None);
    }

    #[test]
    fn this_process_is_here_and_numbers_that_are_none_are_not_taken_for_gone() {
        assert!(!is_gone(i64::from(std::process::id())));
        assert!(!is_gone(0) && !is_gone(-1) && !is_gone(i64::MAX));
    }
}
