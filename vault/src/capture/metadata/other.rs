//! Systems without handles of folders and numbers of users: what the standard library tells, and on Windows whose it is.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::Path;
#[cfg(windows)]
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(windows)]
use super::windows;
use super::{Completed, IoClass, Lacking, User};
use crate::capture::node::Metadata;
use crate::tree::{NodeKind, NodeTime, WindowsAttributes};
#[cfg(windows)]
use bygone_common::Sid;

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
        names: &Names,
    ) -> io::Result<Completed> {
        complete(&self.path.join(name), metadata, names)
    }

    /// Opens a regular file for reading, and tells what it is now.
    pub(in crate::capture) fn open_file(&self, name: &OsStr) -> io::Result<(File, Metadata)> {
        let file = File::open(self.path.join(name))?;
        let metadata = metadata(&file.metadata()?);
        Ok((file, metadata))
    }
}

/// What the system tells of something by its path, all of it.
pub(in crate::capture) fn stat_path(path: &Path, follows: bool, names: &Names) -> io::Result<Completed> {
    let found = if follows { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    complete(path, metadata(&found), names)
}

fn complete(path: &Path, mut metadata: Metadata, names: &Names) -> io::Result<Completed> {
    if metadata.kind == NodeKind::Symlink {
        metadata.link_target = fs::read_link(path)?.into_os_string().into_encoded_bytes();
    }
    let lacking = own(path, &mut metadata, names);
    Ok((metadata, lacking))
}

/// Notes whose it is: for files and folders, as restic.
#[cfg(windows)]
fn own(path: &Path, metadata: &mut Metadata, names: &Names) -> Vec<Lacking> {
    if !matches!(metadata.kind, NodeKind::File | NodeKind::Dir) {
        return Vec::new();
    }
    match windows::security_descriptor(path) {
        Ok(descriptor) => {
            if let Some(owner) = Sid::of_owner(&descriptor) {
                metadata.user = names.account(&owner);
            }
            metadata.windows.security_descriptor = descriptor.into();
            Vec::new()
        }
        Err(error) => vec![Lacking { what: "its owner".to_owned(), error }],
    }
}

#[cfg(not(windows))]
fn own(_: &Path, _: &mut Metadata, _: &Names) -> Vec<Lacking> {
    Vec::new()
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
        windows: attributes(found),
        ..Metadata::default()
    }
}

#[cfg(windows)]
fn attributes(found: &fs::Metadata) -> WindowsAttributes {
    use std::os::windows::fs::MetadataExt;
    WindowsAttributes {
        creation_time: Some(found.creation_time()),
        file_attributes: Some(found.file_attributes()),
        ..WindowsAttributes::default()
    }
}

#[cfg(not(windows))]
fn attributes(_: &fs::Metadata) -> WindowsAttributes {
    WindowsAttributes::default()
}

fn time(time: SystemTime) -> NodeTime {
    jiff::Timestamp::try_from(time)
        .map_or_else(|_| NodeTime { seconds: i64::from(time > UNIX_EPOCH), nanos: 0 }, NodeTime::from)
}

/// Names of accounts, each asked for once.
#[derive(Debug, Default)]
pub(in crate::capture) struct Names {
    #[cfg(windows)]
    accounts: parking_lot::RwLock<std::collections::HashMap<Sid, Arc<str>>>,
}

#[cfg(windows)]
impl Names {
    fn account(&self, sid: &Sid) -> Arc<str> {
        if let Some(name) = self.accounts.read().get(sid) {
            return name.clone();
        }
        let name: Arc<str> = windows::account_name(sid).unwrap_or_default().into();
        self.accounts.write().entry(sid.clone()).or_insert(name).clone()
    }
}

/// Who this process runs as.
pub(in crate::capture) fn current_user() -> User {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = match (variable("USERDOMAIN"), variable("USERNAME")) {
        (Some(domain), Some(name)) => format!("{domain}\\{name}"),
        (None, Some(name)) => name,
        (_, None) => String::new(),
    };
    #[cfg(windows)]
    if let Ok(sid) = windows::process_owner() {
        let name = windows::account_name(&sid).unwrap_or(name);
        return User { name, uid: 0, gid: 0, sid: Some(sid) };
    }
    User { name, uid: 0, gid: 0, sid: None }
}

/// Lets other programs go first: not here.
pub(in crate::capture) fn lower_priority(nice: Option<i32>, io_class: Option<IoClass>) -> io::Result<()> {
    match (nice, io_class) {
        (None, None) => Ok(()),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}
