//! fork, setsid and a pipe. The first byte through the pipe says how it went.

use std::fs::OpenOptions;
use std::io::{PipeReader, PipeWriter, Read, Write};

use bygone_vault::{Error, ErrorKind, Result};
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, setsid, waitpid};

use super::{Launched, Readiness, Side};

const READY: u8 = 0;
const FAILED: u8 = 1;

/// The end of the pipe that the background process reports through.
#[derive(Debug)]
pub(super) struct Pipe(PipeWriter);

pub(super) fn detach() -> Result<Side> {
    refuse_threads()?;
    let (reader, writer) = std::io::pipe().map_err(|error| Error::io("make a pipe", error))?;
    // SAFETY: there is one thread, so the child has every lock and every thread that the parent had.
    match unsafe { libc::fork() } {
        -1 => Err(Error::io("start the background process", std::io::Error::last_os_error())),
        0 => {
            drop(reader);
            setsid().map_err(|errno| failed_to("leave the terminal", errno))?;
            Ok(Side::Background(Readiness(Pipe(writer))))
        }
        child => {
            drop(writer);
            Ok(Side::Foreground(hear(reader, child)?))
        }
    }
}

/// Waits for the report.
fn hear(mut reader: PipeReader, child: i32) -> Result<Launched> {
    let mut report = Vec::new();
    reader.read_to_end(&mut report).map_err(|error| Error::io("wait for the background process", error))?;
    match report.split_first() {
        Some((&READY, _)) => Ok(Launched::Ready),
        Some((_, rest)) => {
            let (exit_code, message) = rest.split_first().map_or((1, rest), |(code, message)| (*code, message));
            Ok(Launched::Failed { exit_code, message: String::from_utf8_lossy(message).into_owned() })
        }
        None => {
            let status =
                Pid::from_raw(child).and_then(|child| waitpid(Some(child), WaitOptions::empty()).ok().flatten());
            let how = match status.map(|(_, status)| status) {
                Some(status) if status.signaled() => {
                    format!("was killed by signal {}", status.terminating_signal().unwrap_or(0))
                }
                Some(status) => format!("ended with {}", status.exit_status().unwrap_or(1)),
                None => "ended".to_owned(),
            };
            let message = format!("the background process {how} before it was ready");
            Ok(Launched::Failed { exit_code: 1, message })
        }
    }
}

impl Pipe {
    pub(super) fn ready(mut self) -> Result<()> {
        let null = OpenOptions::new().read(true).write(true).open("/dev/null");
        let null = null.map_err(|error| Error::io("open /dev/null", error))?;
        rustix::stdio::dup2_stdin(&null)
            .and_then(|()| rustix::stdio::dup2_stdout(&null))
            .and_then(|()| rustix::stdio::dup2_stderr(&null))
            .map_err(|errno| failed_to("let go of the terminal", errno))?;
        // A working directory in a mount would keep it busy.
        std::env::set_current_dir("/").map_err(|error| Error::io("leave the working directory", error))?;
        self.0.write_all(&[READY]).map_err(|error| Error::io("report that the mount is ready", error))
    }

    pub(super) fn failed(mut self, exit_code: u8, message: &str) {
        let mut report = vec![FAILED, exit_code];
        report.extend_from_slice(message.as_bytes());
        if let Err(error) = self.0.write_all(&report) {
            tracing::warn!(%error, message, "nobody waits for the background process");
        }
    }
}

/// A fork takes one thread along and leaves the locks of the others locked for ever.
fn refuse_threads() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let threads = std::fs::read_dir("/proc/self/task").map(Iterator::count).unwrap_or(1);
    if threads == 1 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("cannot go to the background with {threads} threads running")))
}

fn failed_to(what: &str, errno: Errno) -> Error {
    Error::io(what, std::io::Error::from(errno))
}
