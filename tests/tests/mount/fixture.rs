//! A repository, its source, and mounts that end with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bygone_common::{Secret, SnapshotPath};
use bygone_fs::{MountOptions, Mounted, Umount, View};
use bygone_tests::restic::PASSWORD;
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, SnapshotFilter, SnapshotSpec, Unlock};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::restic::{Release, Restic};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// A user and group without rights.
const NOBODY: u32 = 65_534;

/// A folder with a repository in it.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) restic: Restic,
}

/// A mount point below the fixture's folder. Unmounted on drop, also when the test panics.
pub(crate) struct Mount {
    mounted: Option<Mounted>,
    path: PathBuf,
}

/// A process that serves a mount of its own. Ended and unmounted on drop.
pub(crate) struct Server {
    child: Child,
    mountpoint: PathBuf,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Release::Newest, 2)
    }

    pub(crate) fn with(release: Release, version: u32) -> Self {
        let folder = tempfile::Builder::new().prefix("bygone-mount-").tempdir().unwrap();
        let restic = Restic::init(release, folder.path(), version);
        Self { folder, restic }
    }

    /// A folder beside a repository that is there, and to which nobody may write.
    pub(crate) fn over(repository: PathBuf) -> Self {
        let folder = tempfile::Builder::new().prefix("bygone-mount-").tempdir().unwrap();
        let restic = Restic::over(repository, folder.path());
        Self { folder, restic }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that is saved.
    pub(crate) fn source(&self) -> PathBuf {
        self.path("source")
    }

    /// Saves the source under its absolute path; the snapshot's id.
    pub(crate) fn backup(&self) -> String {
        self.restic.backup(&self.source(), [] as [&str; 0])
    }

    /// Where the source is in a directory that shows a snapshot.
    pub(crate) fn source_in(&self, snapshot: &Path) -> PathBuf {
        snapshot.join(self.source().strip_prefix("/").unwrap())
    }

    pub(crate) fn repository(&self) -> Repository {
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let location = self.restic.repository().to_str().unwrap().parse().unwrap();
        let backend = backend::open(&location, &BackendOptions::default()).unwrap().backend;
        let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
        Repository::open(&engine, backend, unlock, OpenOptions::default()).unwrap()
    }

    /// Mounts at `name`, which is made.
    pub(crate) fn mount(&self, name: &str, view: View, change: impl FnOnce(&mut MountOptions)) -> Mount {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        let mut options = MountOptions::new(&path, view);
        // Ctrl-C ends the test, not its mount.
        options.signals = false;
        change(&mut options);
        let mounted = bygone_fs::mount(&self.repository(), options).unwrap_or_else(|error| panic!("{}", error.chain()));
        Mount { mounted: Some(mounted), path }
    }

    /// Mounts the source as it is in the newest snapshot.
    pub(crate) fn mount_latest(&self) -> Mount {
        self.mount("mnt", self.latest(), |_| {})
    }

    /// Mounts it somewhere, and at once not any more.
    pub(crate) fn try_mount(&self, place: &Path) -> bygone_vault::Result<()> {
        bygone_fs::mount(&self.repository(), MountOptions::new(place, self.latest())).map(drop)
    }

    /// The source in the newest snapshot.
    pub(crate) fn latest(&self) -> View {
        View::Snapshot {
            snapshot: SnapshotSpec::Latest { back: 0 },
            filter: SnapshotFilter::default(),
            path: SnapshotPath::parse(self.source().as_os_str().as_encoded_bytes()).unwrap(),
        }
    }

    /// Waits until something is true.
    pub(crate) fn until(&self, what: &str, mut is_true: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_true() {
            assert!(Instant::now() < deadline, "gave up waiting until {what}");
            std::thread::sleep(LOOK);
        }
    }

    /// Lets a user without rights read the repository, and mount at `served`.
    pub(crate) fn open_to_all(&self) {
        let served = self.path("served");
        std::fs::create_dir_all(&served).unwrap();
        std::os::unix::fs::chown(&served, Some(NOBODY), Some(NOBODY)).unwrap();
        let status = Command::new("chmod").args(["-R", "a+rX"]).arg(self.path("")).status().unwrap();
        assert!(status.success());
        // As every distribution ships it; a bare machine may not.
        std::fs::set_permissions("/dev/fuse", std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    }

    /// A process that mounts the repository at `served`.
    pub(crate) fn serve_command(&self, arguments: &[&str], background: bool) -> Command {
        // Cargo puts examples beside the folder of the tests.
        let tests = std::env::current_exe().unwrap();
        let serve = tests.parent().unwrap().parent().unwrap().join("examples/serve");
        assert!(serve.exists(), "{} is missing: it is built when all tests of the package are", serve.display());
        let mut command = Command::new(serve);
        if background {
            command.arg("--background");
        }
        command.arg(self.restic.repository()).arg(self.path("served")).args(arguments);
        command.env("RESTIC_PASSWORD", PASSWORD).env_remove("RUST_LOG");
        command
    }
}

impl Mount {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// How many messages of that kind the kernel sent.
    pub(crate) fn messages(&self, name: &str) -> u64 {
        let messages = self.mounted.as_ref().unwrap().messages();
        messages.into_iter().find(|(message, _)| *message == name).unwrap().1
    }

    /// How many messages the kernel sent in all, without what we gave unasked.
    pub(crate) fn messages_in_all(&self) -> u64 {
        let messages = self.mounted.as_ref().unwrap().messages();
        messages.into_iter().filter(|(name, _)| *name != "store").map(|(_, count)| count).sum()
    }

    /// Waits until nothing more is given to the kernel for a moment.
    pub(crate) fn wait_for_stores(&self) {
        let mut before = u64::MAX;
        loop {
            let now = self.messages("store");
            if now == before {
                return;
            }
            before = now;
            std::thread::sleep(3 * LOOK);
        }
    }

    pub(crate) fn into_mounted(mut self) -> Mounted {
        self.mounted.take().unwrap()
    }
}

impl Server {
    /// Starts it and waits until the mount is ready.
    pub(crate) fn start(fixture: &Fixture, arguments: &[&str]) -> Self {
        let mountpoint = fixture.path("served");
        std::fs::create_dir_all(&mountpoint).unwrap();
        Self::ready(fixture.serve_command(arguments, false), mountpoint)
    }

    /// The same as a user without rights.
    pub(crate) fn start_as_nobody(fixture: &Fixture, arguments: &[&str]) -> Self {
        let serve = fixture.serve_command(arguments, false);
        // Where a user without rights may run it.
        let copy = fixture.path("serve");
        std::fs::copy(serve.get_program(), &copy).unwrap();
        let mut command = as_nobody(copy.to_str().unwrap());
        command.args(serve.get_args()).env("RESTIC_PASSWORD", PASSWORD).env_remove("RUST_LOG");
        Self::ready(command, fixture.path("served"))
    }

    fn ready(mut command: Command, mountpoint: PathBuf) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut byte = [0];
        // Byte by byte, so that the rest stays for `wait`.
        while !line.ends_with('\n') && child.stdout.as_mut().unwrap().read(&mut byte).unwrap() == 1 {
            line.push(char::from(byte[0]));
        }
        assert_eq!(line, "ready\n");
        Self { child, mountpoint }
    }

    pub(crate) fn mountpoint(&self) -> &Path {
        &self.mountpoint
    }

    /// The most memory that it had at once, in bytes.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes << 10
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills the process and its watchdog before that can do anything.
    pub(crate) fn kill_with_watchdog(mut self) {
        let parent = self.child.id().to_string();
        for process in std::fs::read_dir("/proc").unwrap() {
            let Ok(stat) = std::fs::read_to_string(process.unwrap().path().join("stat")) else { continue };
            let Some((before, after)) = stat.rsplit_once(')') else { continue };
            if after.split_whitespace().nth(1) == Some(&parent) {
                let watchdog = before.split_whitespace().next().unwrap().parse().unwrap();
                kill_process(Pid::from_raw(watchdog).unwrap(), Signal::KILL).unwrap();
            }
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.mountpoint = PathBuf::new();
    }

    /// Waits for its end; how it ended and what it printed.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let mut output = String::new();
        for line in BufReader::new(self.child.stdout.take().unwrap()).lines() {
            output.push_str(&line.unwrap());
        }
        (self.child.wait().unwrap(), output)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if is_mounted(&self.mountpoint) {
            let _ = bygone_fs::umount(&self.mountpoint, Umount::Detach);
        }
    }
}

/// A command run by a user without rights.
pub(crate) fn as_nobody(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups", "--", program]);
    command
}

/// Whether anything is mounted there, told by the kernel's table.
pub(crate) fn is_mounted(path: &Path) -> bool {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    table.lines().any(|line| line.split(' ').nth(4) == path.to_str())
}
