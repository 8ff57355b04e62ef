//! Folders on Windows: paths in their verbatim form, every step checked against links before it is taken.

use std::fs::{File, FileTimes, OpenOptions};
use std::io;
use std::os::windows::fs::{FileTimesExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Found, Links, Metadata, Steps, TIMES_FAILED};
use crate::error::Result;
use crate::tree::{NodeKind, NodeTime};

// Source: Windows SDK, winnt.h and winbase.h.
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
const OWNER_MAY_WRITE: u16 = 0o200;

/// A directory of the target.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// Windows has no lock on directories that ends with its process.
#[derive(Debug)]
pub(crate) struct Lock;

/// Refuses a way with a link on it, unless links are followed. Whose a link is, Windows does not say by a number: none is
/// trusted.
fn look_at_links(path: &Path, links: Links) -> io::Result<()> {
    match links {
        Links::All => return Ok(()),
        Links::Trusted => {}
    }
    for above in path.ancestors() {
        match std::fs::symlink_metadata(above) {
            Ok(found) if found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 => {
                let sentence = format!("{} is a link, which is not followed", above.display());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Folder {
    /// The target itself; `None` when there is nothing.
    pub(crate) fn open_root(path: &Path, links: Links) -> io::Result<Option<Self>> {
        look_at_links(path, links)?;
        // The canonical path is a verbatim one: no length limit, no meaning in odd names.
        match std::fs::canonicalize(path) {
            Ok(path) if path.is_dir() => Ok(Some(Self { path })),
            Ok(_) => Err(io::Error::from(io::ErrorKind::NotADirectory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the target itself, with its parents.
    pub(crate) fn make_root(path: &Path, links: Links) -> io::Result<()> {
        look_at_links(path, links)?;
        std::fs::create_dir_all(path)
    }

    pub(crate) fn lock(&self) -> io::Result<Option<Lock>> {
        Ok(Some(Lock))
    }

    /// A directory in this one. A link or another reparse point is an error, wherever it points.
    pub(crate) fn open(&self, name: &[u8]) -> io::Result<Self> {
        let path = self.at(name)?;
        let metadata = std::fs::symlink_metadata(&path)?;
        if !metadata.is_dir() || metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        Ok(Self { path })
    }

    pub(crate) fn make_folder(&self, name: &[u8]) -> io::Result<()> {
        std::fs::create_dir(self.at(name)?)
    }

    /// What lies under a name; `None` when nothing does.
    pub(crate) fn found(&self, name: &[u8]) -> io::Result<Option<Found>> {
        match std::fs::symlink_metadata(self.at(name)?) {
            Ok(metadata) => Ok(Some(found(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where a symbolic link points.
    pub(crate) fn link_target(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(std::fs::read_link(self.at(name)?)?.to_string_lossy().into_owned().into_bytes())
    }

    pub(crate) fn create_file(&self, name: &[u8], _metadata: &Metadata<'_>) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.at(name)?)
    }

    pub(crate) fn reopen_file(&self, name: &[u8]) -> io::Result<File> {
        OpenOptions::new().write(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(self.at(name)?)
    }

    pub(crate) fn read_file(&self, name: &[u8]) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(self.at(name)?)
    }

    /// Gives something made under a temporary name its real one, where nothing may be in the way.
    pub(crate) fn publish(&self, temporary: &[u8], name: &[u8]) -> io::Result<()> {
        if self.found(name)?.is_some() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        std::fs::rename(self.at(temporary)?, self.at(name)?)
    }

    /// Gives something made under a temporary name its real one and lets go of what had it.
    pub(crate) fn replace(&self, temporary: &[u8], name: &[u8]) -> io::Result<()> {
        let (temporary, name) = (self.at(temporary)?, self.at(name)?);
        match std::fs::rename(&temporary, &name) {
            // A read-only file refuses to be replaced.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                set_read_only(&name, false)?;
                std::fs::rename(&temporary, &name)
            }
            renamed => renamed,
        }
    }

    /// Moves something to another folder of the target, where nothing has its name.
    pub(crate) fn move_to(&self, name: &[u8], to: &Self, to_name: &[u8]) -> io::Result<()> {
        if to.found(to_name)?.is_some() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        std::fs::rename(self.at(name)?, to.at(to_name)?)
    }

    /// Removes anything but a directory.
    pub(crate) fn remove(&self, name: &[u8]) -> io::Result<()> {
        std::fs::remove_file(self.at(name)?)
    }

    /// Removes a directory that is empty.
    pub(crate) fn remove_folder(&self, name: &[u8]) -> io::Result<()> {
        std::fs::remove_dir(self.at(name)?)
    }

    /// All names in it, in no order.
    pub(crate) fn names(&self) -> io::Result<Vec<Vec<u8>>> {
        let name = |entry: io::Result<std::fs::DirEntry>| Ok(entry?.file_name().into_encoded_bytes());
        std::fs::read_dir(&self.path)?.map(name).collect()
    }

    pub(crate) fn make_symlink(&self, name: &[u8], target: &[u8]) -> io::Result<()> {
        std::os::windows::fs::symlink_file(text(target)?, self.at(name)?)
    }

    /// A second name for a file.
    pub(crate) fn make_hard_link(&self, name: &[u8], to: &Self, to_name: &[u8]) -> io::Result<()> {
        std::fs::hard_link(to.at(to_name)?, self.at(name)?)
    }

    pub(crate) fn make_special(&self, _name: &[u8], _kind: NodeKind, _device: u64) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// Sets the metadata of an open file: times, and whether it may be written.
    pub(crate) fn set_file_metadata(file: &File, metadata: &Metadata<'_>) -> Result<()> {
        let mut steps = Steps::default();
        // The times first: afterwards a read-only file may refuse them.
        steps.step(|| TIMES_FAILED, file.set_times(times(metadata)));
        if metadata.mode & OWNER_MAY_WRITE == 0 {
            let read_only = file.metadata().and_then(|found| {
                let mut permissions = found.permissions();
                permissions.set_readonly(true);
                file.set_permissions(permissions)
            });
            steps.step(|| "make it read-only", read_only);
        }
        steps.end()
    }

    /// Sets the metadata of anything but a directory, by name; never of what a link points to.
    pub(crate) fn set_metadata(&self, name: &[u8], _kind: NodeKind, metadata: &Metadata<'_>) -> Result<()> {
        let mut steps = Steps::default();
        steps.step(|| TIMES_FAILED, self.at(name).and_then(|path| set_times(&path, metadata)));
        steps.end()
    }

    /// Sets the metadata of this directory itself.
    pub(crate) fn set_own_metadata(&self, metadata: &Metadata<'_>) -> Result<()> {
        let mut steps = Steps::default();
        steps.step(|| TIMES_FAILED, set_times(&self.path, metadata));
        steps.end()
    }

    pub(crate) fn set_mode(&self, name: &[u8], _kind: NodeKind, mode: u16) -> io::Result<()> {
        set_read_only(&self.at(name)?, mode & OWNER_MAY_WRITE == 0)
    }

    fn at(&self, name: &[u8]) -> io::Result<PathBuf> {
        Ok(self.path.join(text(name)?))
    }
}

fn text(name: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(name).map_err(|_| io::Error::from(io::ErrorKind::InvalidFilename))
}

fn set_read_only(path: &Path, read_only: bool) -> io::Result<()> {
    let mut permissions = std::fs::symlink_metadata(path)?.permissions();
    permissions.set_readonly(read_only);
    std::fs::set_permissions(path, permissions)
}

fn set_times(path: &Path, metadata: &Metadata<'_>) -> io::Result<()> {
    OpenOptions::new()
        .access_mode(FILE_WRITE_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)?
        .set_times(times(metadata))
}

fn times(metadata: &Metadata<'_>) -> FileTimes {
    let mtime = system_time(metadata.mtime);
    FileTimes::new().set_accessed(system_time(metadata.atime)).set_modified(mtime).set_created(mtime)
}

/// Times before 1601 or after 30827 cannot be said on Windows: they become 1970.
fn system_time(time: NodeTime) -> SystemTime {
    let whole = Duration::from_secs(time.seconds.unsigned_abs());
    let base = if time.seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
    base.and_then(|base| base.checked_add(Duration::from_nanos(time.nanos.into()))).unwrap_or(UNIX_EPOCH)
}

fn found(metadata: &std::fs::Metadata) -> Found {
    let kind = if metadata.file_type().is_symlink() {
        NodeKind::Symlink
    } else if metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        NodeKind::Unknown
    } else if metadata.is_dir() {
        NodeKind::Dir
    } else {
        NodeKind::File
    };
    let mtime = metadata.modified().map_or_else(
        |_| NodeTime::default(),
        |time| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => {
                NodeTime { seconds: i64::try_from(after.as_secs()).unwrap_or(i64::MAX), nanos: after.subsec_nanos() }
            }
            Err(before) => {
                let before = before.duration();
                let borrowed = i64::from(before.subsec_nanos() > 0);
                let seconds = -i64::try_from(before.as_secs()).unwrap_or(i64::MAX) - borrowed;
                NodeTime { seconds, nanos: (1_000_000_000 - before.subsec_nanos()) % 1_000_000_000 }
            }
        },
    );
    let mode = if metadata.permissions().readonly() { 0o444 } else { 0o666 };
    Found { kind, size: metadata.len(), mtime, mode, uid: 0, gid: 0, device: 0 }
}
