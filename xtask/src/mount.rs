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
    /// The process that serves the mount.
    child: Child,
}

impl Mount {
    /// Starts a command that stays in the foreground and waits until its mount is there.
    pub(crate) fn in_foreground(command: &mut Command, point: &Path) -> Result<Self> {
        let log = tempfile::tempfile().context("creating a file for what the mount says")?;
        let output = log.try_clone().context("a second handle of a file")?;
        command.stdin(Stdio::null()).stdout(output).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start `{}`", process::shown(command)))?;
        let mut mount = Self { point: point.to_path_buf(), child };
        let start = Instant::now();
        while !is_mounted(point)? {
            if let Some(status) = mount.child.try_wait().context("waiting for the mount")? {
                bail!("`{}` {} before anything was mounted", process::shown(command), process::ended(status));
            }
            if start.elapsed().as_secs() > READY_SECONDS_MAX {
                bail!("`{}` has mounted nothing after {READY_SECONDS_MAX} s", process::shown(command));
            }
            thread::sleep(POLL);
        }
        Ok(mount)
    }

    /// The process that serves the mount.
    pub(crate) fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
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

    /// The process of the mount, while it is there.
    fn running(&mut self) -> Result<Option<Pid>> {
        let ended = self.child.try_wait().context("waiting for the mount")?;
        Ok(if ended.is_some() { None } else { self.pid() })
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
