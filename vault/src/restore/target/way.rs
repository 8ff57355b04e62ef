//! The way to a target for somebody who may not write everywhere on the machine. Who owns a folder on the way can put a link
//! in its place at any time: so it is gone step by step, from handle to handle, and a link is followed only if nobody but
//! the machine's administrator, or the account that restores, can have made it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

/// Links that are followed on one way, as many as Linux follows.
const LINKS_MAX: usize = 40;
/// The administrator's number.
const ROOT_UID: u32 = 0;

/// A folder that names are looked up in.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STEP: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW).union(OFlags::PATH);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STEP: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

/// What is done where a folder is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Nothing: the way ends there.
    Leave,
    /// It is made.
    Make,
}

/// Opens the folder at the end of an absolute path; `None` when the way ends before.
pub(super) fn open(path: &Path, missing: Missing) -> io::Result<Option<OwnedFd>> {
    let mut folder = root()?;
    let mut ahead = names(path.as_os_str());
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        match rustix::fs::openat(&folder, name.as_os_str(), STEP, Mode::empty()) {
            Ok(next) => folder = next,
            Err(Errno::NOENT) if missing == Missing::Make => {
                match rustix::fs::mkdirat(&folder, name.as_os_str(), Mode::RWXU | Mode::RWXG | Mode::RWXO) {
                    // Somebody else made it meanwhile: it is looked at like any other.
                    Ok(()) | Err(Errno::EXIST) => ahead.push(name),
                    Err(error) => return Err(error.into()),
                }
            }
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => {
                links += 1;
                let to = link(&folder, &name)?;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP.into());
                }
                if Path::new(&to).is_absolute() {
                    folder = root()?;
                }
                ahead.extend(names(&to));
            }
            Err(error) => return Err(error.into()),
        }
    }
    // The steps were opened for names alone.
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
    Ok(Some(rustix::fs::openat(&folder, ".", flags, Mode::empty())?))
}

fn root() -> io::Result<OwnedFd> {
    Ok(rustix::fs::open("/", STEP, Mode::empty())?)
}

/// The names of a path, the first one last. `..` is the real folder above, as no link was passed unseen.
fn names(path: &OsStr) -> Vec<OsString> {
    let name = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    Path::new(path).components().rev().filter_map(name).collect()
}

/// Where a link leads that may be followed.
fn link(folder: &OwnedFd, name: &OsStr) -> io::Result<OsString> {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        return Err(Errno::NOTDIR.into());
    }
    if stat.st_uid != ROOT_UID && stat.st_uid != rustix::process::geteuid().as_raw() {
        let sentence = format!("{} is somebody's link, which is not followed", Path::new(name).display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence));
    }
    Ok(OsString::from_vec(rustix::fs::readlinkat(folder, name, Vec::new())?.into_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    #[test]
    fn the_way_is_gone_and_made_from_folder_to_folder() {
        let root = tempfile::tempdir().unwrap();
        let end = root.path().join("a/./b/../c");
        assert!(open(&end, Missing::Leave).unwrap().is_none());
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        assert!(open(&end, Missing::Make).unwrap().is_some());
        assert!(root.path().join("a/c").is_dir());
        assert!(open(&end, Missing::Leave).unwrap().is_some());
        fs::write(root.path().join("file"), "").unwrap();
        assert!(open(&root.path().join("file/x"), Missing::Make).is_err());
    }

    #[test]
    fn a_link_is_followed_if_the_administrator_made_it_and_no_other() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("real/below")).unwrap();
        let (absolute, relative, wrong) =
            (root.path().join("absolute"), root.path().join("relative"), root.path().join("x"));
        symlink(root.path().join("real"), &absolute).unwrap();
        symlink("./real/../real", &relative).unwrap();
        for link in [&absolute, &relative] {
            assert!(open(&link.join("below"), Missing::Leave).unwrap().is_some(), "{}", link.display());
        }
        symlink("x", &wrong).unwrap();
        assert!(open(&wrong, Missing::Leave).is_err(), "it leads to itself");
        if rustix::process::geteuid().is_root() {
            lchown(&relative, Some(1_000), Some(1_000)).unwrap();
            for missing in [Missing::Leave, Missing::Make] {
                let error = open(&relative.join("below"), missing).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
                assert!(open(&relative, missing).is_err(), "nor as the end of the way");
            }
        }
    }
}
