//! fusermount3, the set-user-id helper that mounts for users. It sends the opened device through a socket.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use bygone_vault::{Error, ErrorKind, Result};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use crate::options::MountOptions;
use crate::unix::system;

/// Newest first; both speak the same protocol.
pub(crate) const HELPERS: [&str; 2] = ["fusermount3", "fusermount"];
/// Where the helper finds the number of its end of the socket.
const SOCKET_VARIABLE: &str = "_FUSE_COMMFD";

pub(super) fn mount(mountpoint: &Path, options: &MountOptions) -> Result<OwnedFd> {
    let words = words(options)?;
    let (ours, theirs) = UnixStream::pair().map_err(|error| Error::io("make a socket for fusermount3", error))?;
    // Inherited by the helper, which is what it is for.
    fcntl_setfd(&theirs, FdFlags::empty()).map_err(|errno| system("hand a socket to fusermount3", errno))?;
    for helper in HELPERS {
        let mut command = Command::new(helper);
        command.arg("-o").arg(&words).arg("--").arg(mountpoint);
        command.env(SOCKET_VARIABLE, theirs.as_raw_fd().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io(format!("run {helper}"), error)),
        };
        drop(theirs);
        let device = receive(&ours);
        let output = child.wait_with_output().map_err(|error| Error::io(format!("wait for {helper}"), error))?;
        let device = device.map_err(|errno| system(format!("hear from {helper}"), errno))?;
        return match device {
            Some(device) if output.status.success() => Ok(device),
            Some(_) | None => Err(refused(helper, &String::from_utf8_lossy(&output.stderr))),
        };
    }
    let text = "fusermount3 is not installed: users other than root need it to mount (package fuse3)";
    Err(Error::new(ErrorKind::Unsupported, text))
}

fn words(options: &MountOptions) -> Result<String> {
    for (what, word) in [("subtype", &options.subtype), ("device name", &options.fs_name)] {
        if word.contains(['\\', ',']) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("the mount's {what} {word:?} holds a comma or backslash"),
            ));
        }
    }
    let mut words =
        format!("ro,nosuid,nodev,noatime,default_permissions,fsname={},subtype={}", options.fs_name, options.subtype);
    if options.allow_other {
        words.push_str(",allow_other");
    }
    Ok(words)
}

/// The device, or `None` when the helper hangs up.
fn receive(socket: &UnixStream) -> rustix::io::Result<Option<OwnedFd>> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut messages = RecvAncillaryBuffer::new(&mut space);
    loop {
        match recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut messages, RecvFlags::CMSG_CLOEXEC) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    let device = messages.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    Ok(device)
}

/// What the helper complained about, in one line.
fn refused(helper: &str, complaint: &str) -> Error {
    let line = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
    let reason = line.trim().trim_start_matches(helper).trim_start_matches(':').trim();
    let kind = if reason.contains("not found") { ErrorKind::Unsupported } else { ErrorKind::Denied };
    Error::new(kind, format!("{helper} refuses to mount: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helpers_complaint_becomes_one_line() {
        let error = refused("fusermount3", "fusermount3: user has no write access to mountpoint /x\n");
        assert_eq!(error.to_string(), "fusermount3 refuses to mount: user has no write access to mountpoint /x");
        assert_eq!(error.kind(), ErrorKind::Denied);
    }

    #[test]
    fn a_name_that_would_become_an_option_is_refused() {
        let mut options = MountOptions::new("/x", crate::View::all());
        options.fs_name = "a,suid".into();
        assert!(words(&options).is_err());
    }
}
