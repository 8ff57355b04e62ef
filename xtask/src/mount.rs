//! A mount that is gone when the guard is gone, whatever happened in between.

use crate::process;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const READY_SECONDS_MAX: u64 = 120;
const END_SECONDS_MAX: u64 = 30;
const POLL: Duration = Duration::from_millis(2);
const BUSY_POLL: Duration = Duration::from_millis(100);

/// A mounted file system and the process that serves it.
pub(crate) struct Mount {
    point: PathBuf,
    /// Our child, when it stays in the foreground.
    child: Option<Child>,
    /// The processes that serve the mount, when it went to the background.
    servers: Vec<Pid>,
}

impl Mount {
    /// Runs a command that returns once the mount is ready and leaves a process in the background.
    pub(crate) fn in_background(command: &mut Command, point: &Path) -> Result<Self> {
        let mut mount = Self { point: point.to_path_buf(), child: None, servers: Vec::new() };
        process::output(command)?;
        if !is_mounted(point)? {
            bail!("`{}` said it was ready, but nothing is mounted at {}", process::shown(command), point.display());
        }
        mount.servers = servers_of(point)?;
        Ok(mount)
    }

    /// Starts a command that stays in the foreground and waits until its mount is there.
    pub(crate) fn in_foreground(command: &mut Command, point: &Path) -> Result<Self> {
        let log = tempfile::tempfile().context("creating a file for what the mount says")?;
        let output = log.try_clone().context("a second handle of a file")?;
        command.stdin(Stdio::null()).stdout(output).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start `{}`", process::shown(command)))?;
        let mut mount = Self { point: point.to_path_buf(), child: Some(child), servers: Vec::new() };
        let start = Instant::now();
        while !is_mounted(point)? {
            if let Some(status) =
                mount.child.as_mut().map(Child::try_wait).transpose().context("waiting for the mount")?.flatten()
            {
                bail!("`{}` {} before anything was mounted", process::shown(command), process::ended(status));
            }
            if start.elapsed().as_secs() > READY_SECONDS_MAX {
                bail!("`{}` has mounted nothing after {READY_SECONDS_MAX} s", process::shown(command));
            }
            thread::sleep(POLL);
        }
        Ok(mount)
    }

    /// The mount point.
    pub(crate) fn point(&self) -> &Path {
        &self.point
    }

    /// The process that serves the mount.
    pub(crate) fn pid(&self) -> Option<Pid> {
        let child = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
        child.and_then(Pid::from_raw).or_else(|| self.servers.first().copied())
    }

    /// Unmounts, and waits until the process is gone; an error says what would not go.
    pub(crate) fn unmount(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(END_SECONDS_MAX);
        while is_mounted(&self.point)? {
            let done = process::clean_up(Command::new("fusermount3").arg("-u").arg(&self.point))?;
            if !done.status.success() && Instant::now() > deadline {
                // Someone is still in it. Taking it out of the tree is all that is left; its process ends with its last user.
                process::clean_up(Command::new("fusermount3").args(["-u", "-z"]).arg(&self.point))?;
                break;
            }
            thread::sleep(if done.status.success() { POLL } else { BUSY_POLL });
        }
        let mut asked = false;
        while let Some(pid) = self.running()? {
            if Instant::now() > deadline {
                let _ = kill_process(pid, if asked { Signal::KILL } else { Signal::TERM });
                asked = true;
                thread::sleep(Duration::from_secs(1));
            }
            thread::sleep(POLL);
        }
        let name = self.point.display();
        if asked {
            bail!("the process that served {name} did not end by itself after it was unmounted")
        } else {
            Ok(())
        }
    }

    /// A process of the mount that is still there.
    fn running(&mut self) -> Result<Option<Pid>> {
        let pid = self.pid();
        if let Some(child) = &mut self.child {
            return Ok(if child.try_wait().context("waiting for the mount")?.is_some() { None } else { pid });
        }
        let there = |pid: &&Pid| Path::new(&format!("/proc/{}", pid.as_raw_nonzero())).exists();
        Ok(self.servers.iter().find(there).copied())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("unmounting {}: {error:#}", self.point.display());
        }
    }
}

/// Whether something is mounted at that very place.
pub(crate) fn is_mounted(point: &Path) -> Result<bool> {
    let table = fs::read("/proc/self/mounts").context("reading /proc/self/mounts")?;
    let mut points = table.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(1));
    Ok(points.any(|escaped| unescaped(escaped) == point))
}

/// The table writes space, tab, line end and backslash as three octal digits.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        match tail {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] if *first == b'\\' => {
                bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    std::ffi::OsString::from_vec(bytes).into()
}

/// The processes whose command line names the mount point.
fn servers_of(point: &Path) -> Result<Vec<Pid>> {
    let own = rustix::process::getpid();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("listing /proc")? {
        let number = entry.ok().and_then(|entry| entry.file_name().to_str()?.parse().ok());
        let Some(pid) = number.and_then(Pid::from_raw).filter(|pid| *pid != own) else { continue };
        // A process may end while we look; then it is not one of them.
        let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
        if line.split(|byte| *byte == 0).any(|word| word == point.as_os_str().as_encoded_bytes()) {
            found.push(pid);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mount_points_with_spaces_are_understood() {
        assert_eq!(unescaped(br"/a\040b\134c/d"), Path::new(r"/a b\c/d"));
        assert_eq!(unescaped(br"/a\9\04"), Path::new(r"/a\9\04"));
    }

    #[test]
    fn the_root_is_a_mount_and_a_missing_folder_is_none() {
        assert!(is_mounted(Path::new("/")).unwrap());
        assert!(!is_mounted(Path::new("/no/such/place")).unwrap());
    }
}
