//! Processes that end with the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A component takes at most so long to start, stop or notice something, on a machine that is busy with other tests.
pub const WAIT_MAX: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// Waits for a condition.
///
/// # Panics
/// When it does not come true within [`WAIT_MAX`].
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < WAIT_MAX, "waited {WAIT_MAX:?} for {what}");
        std::thread::sleep(POLL);
    }
}

/// A process that is killed, with its children, when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it says goes to `log`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("start {name}: {error}"));
        Self { child, name, log: log.to_owned() }
    }

    /// Waits until the process is ready.
    ///
    /// # Panics
    /// With what it said, when it ends instead.
    pub fn wait_until_ready(&mut self, mut ready: impl FnMut() -> bool) {
        let (child, name, log) = (&mut self.child, &self.name, &self.log);
        wait_until(&format!("{name} to be ready"), || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("{name} ended with {status}: {}", fs::read_to_string(log).unwrap_or_default());
            }
            ready()
        });
    }

    /// Kills the process and all that it started, at once.
    pub fn kill(&mut self) {
        for pid in family(self.child.id()) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // One that has ended meanwhile is as good.
                kill_process(pid, Signal::KILL).ok();
            }
        }
        self.child.wait().ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process and its descendants, the youngest last. They may be in sessions of their own (sshd's are).
fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name in brackets may hold anything; the parent is the second word after it.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, other)| *other == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    family
}
