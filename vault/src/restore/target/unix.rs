//! Folders of Unix-like systems: handles, and names relative to them.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::way::{self, Missing};
use super::{Found, Links, Metadata, metadata};
use crate::error::Result;
use crate::restore::Ownership;
use crate::tree::{NodeKind, NodeTime};

/// An open directory of the target.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    /// The directory may be entered, but not read: its handle is good for names only.
    names_only: bool,
    /// What is made in it gets an ACL that the snapshot knows nothing of.
    bequeaths_acl: bool,
}

/// Held while a restore writes into a target. The system gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _fd: OwnedFd,
}

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);
/// Owner only: what a directory or special file has until its own mode is set, last of all.
const PRIVATE_FOLDER: Mode = Mode::RWXU;
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

impl Folder {
    /// The target itself; `None` when there is nothing.
    pub(crate) fn open_root(path: &Path, links: Links) -> io::Result<Option<Self>> {
        let fd = match links {
            Links::Trusted => way::open(path, Missing::Leave)?,
            Links::All => match rustix::fs::open(path, FOLDER | OFlags::RDONLY, Mode::empty()) {
                Ok(fd) => Some(fd),
                Err(Errno::NOENT) => None,
                Err(error) => return Err(error.into()),
            },
        };
        Ok(fd.map(|fd| Self { bequeaths_acl: metadata::bequeaths_acl(&fd), fd, names_only: false }))
    }

    /// Makes the target itself, with its parents.
    pub(crate) fn make_root(path: &Path, links: Links) -> io::Result<()> {
        match links {
            Links::Trusted => return way::open(path, Missing::Make).map(drop),
            Links::All => {}
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match rustix::fs::mkdir(path, Mode::RWXU | Mode::RWXG | Mode::RWXO) {
            Err(Errno::EXIST) => Ok(()),
            made => Ok(made?),
        }
    }

    /// Keeps other restores out of this target. `None` when one is at work; a file system without locks has no say.
    pub(crate) fn lock(&self) -> io::Result<Option<Lock>> {
        let fd = self.fd.try_clone()?;
        // A duplicate shares its lock with the original: the lock ends with the last of the two.
        match rustix::fs::flock(&fd, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Ok(None),
            Ok(()) | Err(_) => Ok(Some(Lock { _fd: fd })),
        }
    }

    /// A directory in this one. A symbolic link is an error, wherever it points.
    pub(crate) fn open(&self, name: &[u8]) -> io::Result<Self> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        match rustix::fs::openat(&self.fd, name, flags | OFlags::RDONLY, Mode::empty()) {
            Ok(fd) => Ok(Self { bequeaths_acl: metadata::bequeaths_acl(&fd), fd, names_only: false }),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::ACCESS) => {
                let fd = rustix::fs::openat(&self.fd, name, flags | OFlags::PATH, Mode::empty())?;
                // Whether such a directory hands on an ACL cannot be asked: assume it does.
                Ok(Self { fd, names_only: true, bequeaths_acl: true })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a directory for the owner only; its own mode comes last.
    pub(crate) fn make_folder(&self, name: &[u8]) -> io::Result<()> {
        rustix::fs::mkdirat(&self.fd, name, PRIVATE_FOLDER)?;
        self.disinherit(name)
    }

    /// What lies under a name; `None` when nothing does.
    pub(crate) fn found(&self, name: &[u8]) -> io::Result<Option<Found>> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(found(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Where a symbolic link points.
    pub(crate) fn link_target(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(&self.fd, name, Vec::new())?.into_bytes())
    }

    /// Makes a file that was not there. With an owner to be set later it is private until then.
    pub(crate) fn create_file(&self, name: &[u8], metadata: &Metadata<'_>) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let ours = match metadata.ownership {
            Ownership::AsSaved => metadata.uid == rustix::process::geteuid().as_raw(),
            Ownership::AsMade => true,
        };
        let mode = if ours { Mode::from_raw_mode((metadata.mode & 0o777).into()) } else { PRIVATE_FILE };
        let file = rustix::fs::openat(&self.fd, name, flags, mode | Mode::WUSR)?.into();
        self.disinherit(name)?;
        Ok(file)
    }

    /// Takes from what was just made the ACL that its directory gave it.
    fn disinherit(&self, name: &[u8]) -> io::Result<()> {
        if self.bequeaths_acl { metadata::remove_acls(&self.fd, name) } else { Ok(()) }
    }

    /// Opens a file of ours again to go on writing.
    pub(crate) fn reopen_file(&self, name: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.fd, name, flags, Mode::empty())?.into())
    }

    /// Opens a regular file to read it back; never waits for a pipe's writer.
    pub(crate) fn read_file(&self, name: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        // Reading back must not change the times that were just set; only the owner may ask for that.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Ok(fd) = rustix::fs::openat(&self.fd, name, flags | OFlags::NOATIME, Mode::empty()) {
            return Ok(fd.into());
        }
        Ok(rustix::fs::openat(&self.fd, name, flags, Mode::empty())?.into())
    }

    /// Gives something made under a temporary name its real one, where nothing may be in the way.
    pub(crate) fn publish(&self, temporary: &[u8], name: &[u8]) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(&self.fd, temporary, &self.fd, name, rustix::fs::RenameFlags::NOREPLACE) {
            // Not every file system can; then looking first has to do.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            renamed => return Ok(renamed?),
        }
        if self.found(name)?.is_some() {
            return Err(Errno::EXIST.into());
        }
        Ok(rustix::fs::renameat(&self.fd, temporary, &self.fd, name)?)
    }

    /// Gives something made under a temporary name its real one and lets go of what had it.
    pub(crate) fn replace(&self, temporary: &[u8], name: &[u8]) -> io::Result<()> {
        rustix::fs::renameat(&self.fd, temporary, &self.fd, name)?;
        // Renaming one hard link of a file to another of the same file does nothing at all, by POSIX.
        match rustix::fs::unlinkat(&self.fd, temporary, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Moves something to another folder of the target, where nothing has its name.
    pub(crate) fn move_to(&self, name: &[u8], to: &Self, to_name: &[u8]) -> io::Result<()> {
        if to.found(to_name)?.is_some() {
            return Err(Errno::EXIST.into());
        }
        Ok(rustix::fs::renameat(&self.fd, name, &to.fd, to_name)?)
    }

    /// Removes anything but a directory.
    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Removes a directory that is empty.
    pub(crate) fn remove_folder(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR)?)
    }

    /// All names in it, in no order.
    pub(crate) fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    pub(crate) fn make_symlink(&self, name: &[u8], target: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, &self.fd, name)?)
    }

    /// A second name for a file.
    pub(crate) fn make_hard_link(&self, name: &[u8], to: &Self, to_name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::linkat(&to.fd, to_name, &self.fd, name, AtFlags::empty())?)
    }

    /// A pipe, socket or device.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn make_special(&self, name: &[u8], kind: NodeKind, device: u64) -> io::Result<()> {
        let (kind, device) = match kind {
            NodeKind::Fifo => (FileType::Fifo, 0),
            NodeKind::Socket => (FileType::Socket, 0),
            NodeKind::BlockDevice => (FileType::BlockDevice, device),
            NodeKind::CharDevice => (FileType::CharacterDevice, device),
            NodeKind::File | NodeKind::Dir | NodeKind::Symlink | NodeKind::Unknown => {
                return Err(io::Error::from(io::ErrorKind::InvalidInput));
            }
        };
        rustix::fs::mknodat(&self.fd, name, kind, PRIVATE_FILE, device)?;
        self.disinherit(name)
    }

    /// A pipe, socket or device: other systems number devices in their own ways.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn make_special(&self, _name: &[u8], _kind: NodeKind, _device: u64) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// Sets the metadata of an open file, the mtime last.
    pub(crate) fn set_file_metadata(file: &File, metadata: &Metadata<'_>) -> Result<()> {
        metadata::set_open(file, metadata)
    }

    /// Sets the metadata of anything but a directory, by name; never of what a link points to.
    pub(crate) fn set_metadata(&self, name: &[u8], kind: NodeKind, metadata: &Metadata<'_>) -> Result<()> {
        metadata::set_named(&self.fd, name, kind, metadata)
    }

    /// Sets the metadata of this directory itself.
    pub(crate) fn set_own_metadata(&self, metadata: &Metadata<'_>) -> Result<()> {
        if self.names_only {
            return metadata::set_pinned(&self.fd, metadata);
        }
        metadata::set_open(&self.fd, metadata)
    }

    /// Lets the owner read a file of ours for a moment; answers the mode to put back.
    pub(crate) fn set_mode(&self, name: &[u8], kind: NodeKind, mode: u16) -> io::Result<()> {
        metadata::set_named_mode(&self.fd, name, kind, mode)
    }
}

#[allow(clippy::unnecessary_cast, clippy::cast_possible_wrap)] // The fields' types differ between systems.
fn found(stat: &rustix::fs::Stat) -> Found {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => NodeKind::File,
        FileType::Directory => NodeKind::Dir,
        FileType::Symlink => NodeKind::Symlink,
        FileType::Fifo => NodeKind::Fifo,
        FileType::Socket => NodeKind::Socket,
        FileType::CharacterDevice => NodeKind::CharDevice,
        FileType::BlockDevice => NodeKind::BlockDevice,
        FileType::Unknown => NodeKind::Unknown,
    };
    Found {
        kind,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mtime: NodeTime { seconds: stat.st_mtime as i64, nanos: stat.st_mtime_nsec as u32 },
        mode: (stat.st_mode & 0o7777) as u16,
        uid: stat.st_uid,
        gid: stat.st_gid,
        device: stat.st_rdev as u64,
    }
}
