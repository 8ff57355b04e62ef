//! A small process that clears the mount when this one is killed.
//!
//! It is a fork that does nothing but wait for the end of a pipe whose other end dies with us. A fork of a process with
//! threads may only call what is safe in a signal handler, so everything it needs is made ready before.

use std::ffi::CString;
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use bygone_vault::{Error, ErrorKind, Result};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitOptions, waitpid};

use super::system;

/// How often it looks whether the connection is dead after we are; files of a dying process are closed one by one.
const LOOKS_MAX: u32 = 200;
/// Between two looks.
const LOOK_NANOSECONDS: i64 = 50_000_000;

/// The watchdog. Dropping it sends it away.
#[derive(Debug)]
pub(crate) struct Watchdog {
    pipe: Option<OwnedFd>,
    process: Option<Pid>,
}

/// What the watchdog needs to call fusermount3, made before the fork.
struct Helper {
    programs: Vec<CString>,
    arguments: Vec<CString>,
}

impl Watchdog {
    /// Watches over the mount at an absolute path.
    ///
    /// # Errors
    /// The system gives no pipe or no process.
    pub(crate) fn start(mountpoint: &Path) -> Result<Self> {
        let path = CString::new(mountpoint.as_os_str().as_bytes())
            .map_err(|_| Error::new(ErrorKind::InvalidInput, "the mount point holds a zero byte"))?;
        let helper = Helper::new(&path);
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).map_err(|errno| system("make a pipe", errno))?;
        let arguments: Vec<_> =
            helper.arguments.iter().map(|argument| argument.as_ptr()).chain([std::ptr::null()]).collect();
        // SAFETY: the child calls `watch`, which calls only what is safe in a signal handler, and never returns.
        match unsafe { libc::fork() } {
            -1 => Err(Error::io("start the watchdog", std::io::Error::last_os_error())),
            0 => watch(reader.as_raw_fd(), &path, &helper, &arguments),
            child => Ok(Self { pipe: Some(writer), process: Pid::from_raw(child) }),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let Some(pipe) = self.pipe.take() else { return };
        // A byte says that nothing is left to clear.
        let mut pipe = std::fs::File::from(pipe);
        if let Err(error) = pipe.write_all(b".") {
            tracing::debug!(%error, "the watchdog was gone already");
        }
        drop(pipe);
        if let Some(process) = self.process
            && let Err(errno) = waitpid(Some(process), WaitOptions::empty())
        {
            tracing::debug!(%errno, "the watchdog was waited for already");
        }
    }
}

impl Helper {
    fn new(mountpoint: &CString) -> Self {
        let folders = ["/usr/bin", "/bin", "/usr/local/bin", "/sbin", "/usr/sbin"];
        let programs = super::attach::HELPERS
            .iter()
            .flat_map(|helper| folders.iter().map(move |folder| CString::new(format!("{folder}/{helper}"))))
            .filter_map(std::result::Result::ok)
            .collect();
        let words = [c"fusermount3", c"-u", c"-z", c"-q", c"--"].map(CString::from);
        Self { programs, arguments: words.into_iter().chain([mountpoint.clone()]).collect() }
    }
}

/// The watchdog's whole life.
fn watch(pipe: RawFd, mountpoint: &CString, helper: &Helper, arguments: &[*const libc::c_char]) -> ! {
    // SAFETY: system calls only, on memory that this process owns since the fork; nothing allocates, locks or panics.
    unsafe {
        // Away from the terminal's signals, and from those that ask our parent to end: it tells us when it does.
        libc::setsid();
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
            libc::signal(signal, libc::SIG_IGN);
        }
        libc::prctl(libc::PR_SET_NAME, c"bygone-watchdog".as_ptr());
        // An open /dev/fuse would keep a dead mount alive, and whoever waits for our output waiting.
        libc::syscall(libc::SYS_close_range, 0, (pipe - 1).max(0), 0);
        libc::syscall(libc::SYS_close_range, pipe + 1, libc::c_uint::MAX, 0);
        libc::chdir(c"/".as_ptr());
        let mut byte = 0_u8;
        loop {
            match libc::read(pipe, (&raw mut byte).cast(), 1) {
                0 => break,
                -1 if *libc::__errno_location() == libc::EINTR => {}
                _ => libc::_exit(0),
            }
        }
        for _ in 0..LOOKS_MAX {
            let mut about: libc::statfs = std::mem::zeroed();
            let dead =
                libc::statfs(mountpoint.as_ptr(), &raw mut about) == -1 && *libc::__errno_location() == libc::ENOTCONN;
            if dead {
                if libc::umount2(mountpoint.as_ptr(), libc::MNT_DETACH) == -1 {
                    let environment = [std::ptr::null()];
                    for program in &helper.programs {
                        libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr());
                    }
                }
                libc::_exit(0);
            }
            let pause = libc::timespec { tv_sec: 0, tv_nsec: LOOK_NANOSECONDS };
            libc::nanosleep(&raw const pause, std::ptr::null_mut());
        }
        libc::_exit(0)
    }
}
