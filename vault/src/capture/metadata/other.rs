//! Systems without handles of folders and numbers of users: what the standard library tells.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Completed, IoClass, User};
use crate::capture::node::Metadata;
use crate::tree::{NodeKind, NodeTime};

const WRITABLE: u32 = 0o666;
const READ_ONLY: u32 = 0o444;
const FOLDER: u32 = 0o777;

/// A folder.
#[derive(Debug)]
pub(in crate::capture) struct Folder {
    path: Box<Path>,
}

impl Folder {
    /// Opens a folder. When it must not be a symbolic link, `follows` is false.
    pub(in crate::capture) fn open(path: &Path, follows: bool) -> io::Result<Self> {
        let found = if follows { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
        if found.is_dir() { Ok(Self { path: path.into() }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// Opens the folder above a source, which may be a symbolic link.
    pub(in crate::capture) fn above(path: &Path) -> io::Result<Self> {
        Self::open(path, true)
    }

    /// The names in it, in the order of their bytes.
    pub(in crate::capture) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names =
            fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<OsString>>>()?;
        names.sort_unstable_by(|left, right| left.as_encoded_bytes().cmp(right.as_encoded_bytes()));
        Ok(names)
    }

    /// What the system tells of an entry.
    pub(in crate::capture) fn stat(&self, name: &OsStr) -> io::Result<Metadata> {
        Ok(metadata(&fs::symlink_metadata(self.path.join(name))?))
    }

    /// What is still lacking of the metadata of an entry.
    pub(in crate::capture) fn complete(
        &self,
        name: &OsStr,
        metadata: Metadata,
        _names: &Names,
    ) -> io::Result<Completed> {
        complete(&self.path.join(name), metadata)
    }

    /// Opens a regular file for reading, and tells what it is now.
    pub(in crate::capture) fn open_file(&self, name: &OsStr) -> io::Result<(File, Metadata)> {
        let file = File::open(self.path.join(name))?;
        let metadata = metadata(&file.metadata()?);
        Ok((file, metadata))
    }
}

/// What the system tells of something by its path, all of it.
pub(in crate::capture) fn stat_path(path: &Path, follows: bool, _names: &Names) -> io::Result<Completed> {
    let found = if follows { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    complete(path, metadata(&found))
}

fn complete(path: &Path, mut metadata: Metadata) -> io::Result<Completed> {
    if metadata.kind == NodeKind::Symlink {
        metadata.link_target = fs::read_link(path)?.into_os_string().into_encoded_bytes();
    }
    Ok((metadata, Vec::new()))
}

fn metadata(found: &fs::Metadata) -> Metadata {
    let kind = match found.file_type() {
        kind if kind.is_symlink() => NodeKind::Symlink,
        kind if kind.is_dir() => NodeKind::Dir,
        kind if kind.is_file() => NodeKind::File,
        _ => NodeKind::Unknown,
    };
    let writable = if found.permissions().readonly() { READ_ONLY } else { WRITABLE };
    let mtime = found.modified().map_or(NodeTime::default(), time);
    Metadata {
        kind,
        mode: if kind == NodeKind::Dir { FOLDER } else { writable },
        mtime,
        atime: found.accessed().map_or(mtime, time),
        // restic stores the last write time there on Windows.
        ctime: mtime,
        size: if kind == NodeKind::File { found.len() } else { 0 },
        ..Metadata::default()
    }
}

fn time(time: SystemTime) -> NodeTime {
    jiff::Timestamp::try_from(time)
        .map_or_else(|_| NodeTime { seconds: i64::from(time > UNIX_EPOCH), nanos: 0 }, NodeTime::from)
}

/// Names of users and groups: there are none here.
#[derive(Debug, Default)]
pub(in crate::capture) struct Names {}

/// Who this process runs as.
pub(in crate::capture) fn current_user() -> User {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = match (variable("USERDOMAIN"), variable("USERNAME")) {
        (Some(domain), Some(name)) => format!("{domain}\\{name}"),
        (None, Some(name)) => name,
        (_, None) => String::new(),
    };
    User { name, uid: 0, gid: 0 }
}

/// Lets other programs go first: not here.
pub(in crate::capture) fn lower_priority(nice: Option<i32>, io_class: Option<IoClass>) -> io::Result<()> {
    match (nice, io_class) {
        (None, None) => Ok(()),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
