//! Safety folders: what restores replaced, put back or removed later.
//!
//! Putting back loses nothing either: what is where something goes back to is moved to a folder of its own first. Done
//! twice it does what was not done the first time, as what is back is in the safety folder no more.

use std::io;
use std::path::Path;

use super::report::Errors;
use super::target::{Folder, Links};
use super::{RestoreError, aside};
use crate::error::{Error, ErrorKind, Result};
use crate::tree::NodeKind;

/// What the names of folders begin with that hold what was where something was put back.
const UNDONE: &str = "undone";

/// How putting back went.
#[derive(Debug, Clone, Default)]
pub struct PutBack {
    /// Files and links that are back.
    pub files: u64,
    /// The folder in the target that holds what was in their places, if anything was.
    pub undone: Option<String>,
    /// What could not be put back: the first of it.
    pub errors: Vec<RestoreError>,
    /// How much could not be.
    pub error_count: u64,
}

/// Whether a name is that of a folder of ours: of what was replaced, or of what was there when that was put back.
pub fn is_safety_folder(name: &str) -> bool {
    let begins = [aside::REPLACED, UNDONE].iter().any(|begin| name.starts_with(&format!("{begin} (restored ")));
    begins && name.ends_with(')') && !name.contains(['/', '\\', '\0'])
}

/// The name of the folder to which is moved what is where something goes back to.
pub fn undone(safety_folder: &str) -> String {
    safety_folder.replacen(aside::REPLACED, UNDONE, 1)
}

/// Puts what a safety folder holds back to where it was in the target. Asks between two files whether to give up.
///
/// # Errors
/// `InvalidInput`: no safety folder's name; `NotFound`: the target is gone; `Denied`: a restore writes there; `Cancelled`.
pub fn put_back(target: &Path, name: &str, links: Links, is_cancelled: &dyn Fn() -> bool) -> Result<PutBack> {
    let Some(root) = open(target, name, links)? else {
        return Err(Error::new(ErrorKind::NotFound, format!("the target {} is gone", target.display())));
    };
    let locked = root.lock().map_err(|error| Error::io(format!("lock the target {}", target.display()), error))?;
    let Some(_lock) = locked else {
        return Err(Error::new(ErrorKind::Denied, format!("a restore is writing into {}", target.display())));
    };
    let kept = match root.open(name.as_bytes()) {
        Ok(kept) => kept,
        // All of it is back.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(PutBack::default()),
        Err(error) => return Err(Error::io(format!("open {name} in {}", target.display()), error)),
    };
    let mut back = Back {
        root: &root,
        undone: undone(name),
        names: Vec::new(),
        files: 0,
        moved: false,
        errors: Errors::default(),
        is_cancelled,
    };
    back.folder(&root, &kept)?;
    drop(kept);
    back.remove_empty(&root, name.as_bytes());
    Ok(PutBack {
        files: back.files,
        undone: back.moved.then_some(back.undone),
        error_count: back.errors.count(),
        errors: back.errors.into_kept(),
    })
}

/// Removes a safety folder with all that is in it. `false`: it is not there.
///
/// # Errors
/// `InvalidInput`: no safety folder's name; what the system answers: then a part of it may be left.
pub fn remove(target: &Path, name: &str, links: Links) -> Result<bool> {
    let Some(root) = open(target, name, links)? else { return Ok(false) };
    let fault = |error| Error::io(format!("remove {name} in {}", target.display()), error);
    match root.open(name.as_bytes()) {
        Ok(kept) => empty(&kept).map_err(fault)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(fault(error)),
    }
    root.remove_folder(name.as_bytes()).map_err(fault)?;
    Ok(true)
}

fn open(target: &Path, name: &str, links: Links) -> Result<Option<Folder>> {
    if !is_safety_folder(name) {
        return Err(Error::new(ErrorKind::InvalidInput, format!("{name:?} is no folder of what a restore replaced")));
    }
    let fault = |error| Error::io(format!("open the target {}", target.display()), error);
    Folder::open_root(target, links).map_err(fault)
}

fn empty(folder: &Folder) -> io::Result<()> {
    for name in folder.names()? {
        match folder.found(&name)?.map(|found| found.kind) {
            Some(NodeKind::Dir) => {
                empty(&folder.open(&name)?)?;
                folder.remove_folder(&name)?;
            }
            Some(_) => folder.remove(&name)?,
            None => {}
        }
    }
    Ok(())
}

struct Back<'a> {
    root: &'a Folder,
    /// The folder for what is where something goes back to.
    undone: String,
    /// Names from the target down to where we are.
    names: Vec<Vec<u8>>,
    files: u64,
    moved: bool,
    errors: Errors,
    is_cancelled: &'a dyn Fn() -> bool,
}

impl Back<'_> {
    /// Puts back what is kept for a folder of the target. Folders are never set aside: those in the safety folder are on the
    /// way to what was.
    fn folder(&mut self, here: &Folder, kept: &Folder) -> Result<()> {
        let names = match kept.names() {
            Ok(names) => names,
            Err(error) => {
                self.failed("list what is kept", error);
                return Ok(());
            }
        };
        for name in names {
            if (self.is_cancelled)() {
                return Err(Error::new(ErrorKind::Cancelled, "putting back was cancelled: run it again to go on"));
            }
            self.names.push(name.clone());
            match kept.found(&name) {
                Ok(Some(found)) if found.kind == NodeKind::Dir => self.below(here, kept, &name)?,
                Ok(Some(_)) => match self.one(here, kept, &name) {
                    Ok(()) => self.files += 1,
                    Err(error) => self.failed("put it back", error),
                },
                Ok(None) => {}
                Err(error) => self.failed("look at it", error),
            }
            self.names.pop();
        }
        Ok(())
    }

    fn below(&mut self, here: &Folder, kept: &Folder, name: &[u8]) -> Result<()> {
        let opened = match here.open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                here.make_folder(name).and_then(|()| here.open(name))
            }
            opened => opened,
        };
        match opened.and_then(|here| Ok((here, kept.open(name)?))) {
            Ok((here, below)) => self.folder(&here, &below)?,
            Err(error) => self.failed("open its folder", error),
        }
        self.remove_empty(kept, name);
        Ok(())
    }

    fn one(&mut self, here: &Folder, kept: &Folder, name: &[u8]) -> io::Result<()> {
        if here.found(name)?.is_some() {
            here.move_to(name, &self.undone_folder()?, name)?;
            self.moved = true;
        }
        kept.move_to(name, here, name)
    }

    /// The folder for what is moved away here, with those above it.
    fn undone_folder(&self) -> io::Result<Folder> {
        let above = self.names.split_last().map_or(&[][..], |(_, above)| above);
        let mut folder: Option<Folder> = None;
        for name in std::iter::once(self.undone.as_bytes()).chain(above.iter().map(Vec::as_slice)) {
            let parent = folder.as_ref().unwrap_or(self.root);
            let next = match parent.make_folder(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => parent.open(name)?,
            };
            folder = Some(next);
        }
        folder.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// What still holds something stays: that is told already.
    fn remove_empty(&mut self, parent: &Folder, name: &[u8]) {
        match parent.remove_folder(name) {
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => self.failed("remove it", error),
            Ok(()) | Err(_) => {}
        }
    }

    fn failed(&self, what: &str, error: io::Error) {
        let path = || self.names.iter().flat_map(|name| [b"/", name.as_slice()].concat()).collect();
        self.errors.add(path, Error::io(what.to_owned(), error));
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    const NAME: &str = "replaced (restored 2026-11-21T10-00-00)";
    const LATER: &str = "undone (restored 2026-11-21T10-00-00)";

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    fn read(root: &Path, path: &str) -> String {
        fs::read_to_string(root.join(path)).unwrap()
    }

    fn back(root: &Path) -> Result<PutBack> {
        put_back(root, NAME, Links::All, &|| false)
    }

    #[test]
    fn what_was_replaced_is_back_and_what_was_there_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, &[("a", "restored"), ("b/c", "restored"), ("b/other", "mine")]);
        write(&root.join(NAME), &[("a", "old a"), ("b/c", "old c"), ("b/gone/d", "old d")]);
        let done = back(root).unwrap();
        assert_eq!((done.files, done.error_count, done.undone.as_deref()), (3, 0, Some(LATER)), "{:?}", done.errors);
        assert_eq!(
            (read(root, "a"), read(root, "b/c"), read(root, "b/gone/d")),
            ("old a".into(), "old c".into(), "old d".into())
        );
        assert_eq!(read(root, "b/other"), "mine");
        let later = root.join(LATER);
        assert_eq!((read(&later, "a"), read(&later, "b/c")), ("restored".into(), "restored".into()));
        assert!(!root.join(NAME).exists());
        let again = back(root).unwrap();
        assert_eq!((again.files, again.undone, read(root, "a")), (0, None, "old a".into()), "once is enough");
    }

    #[test]
    fn what_was_broken_off_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        // Of `a` the restored one was moved away, and then the machine went down.
        write(root, &[("b", "restored")]);
        write(&root.join(NAME), &[("a", "old a"), ("b", "old b")]);
        write(&root.join(LATER), &[("a", "restored")]);
        assert_eq!(back(root).unwrap().files, 2);
        assert_eq!((read(root, "a"), read(root, "b")), ("old a".into(), "old b".into()));
        assert_eq!(read(&root.join(LATER), "b"), "restored");
    }

    #[test]
    fn nothing_is_lost_where_something_is_in_the_way_twice() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, &[("a", "newest")]);
        write(&root.join(NAME), &[("a", "old a")]);
        write(&root.join(LATER), &[("a", "restored")]);
        let done = back(root).unwrap();
        assert_eq!((done.files, done.error_count), (0, 1));
        assert_eq!(done.errors.first().unwrap().path, "/a");
        let all = [read(root, "a"), read(&root.join(NAME), "a"), read(&root.join(LATER), "a")];
        assert_eq!(all, ["newest", "old a", "restored"]);
    }

    #[test]
    fn links_are_not_followed_and_other_folders_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("target"), folder.path().join("outside"));
        write(&root.join(NAME), &[("b/c", "old c")]);
        write(&outside, &[("c", "theirs")]);
        std::os::unix::fs::symlink(&outside, root.join("b")).unwrap();
        std::os::unix::fs::symlink(&outside, root.join(NAME).join("link")).unwrap();
        assert_eq!(back(&root).unwrap().error_count, 1);
        assert_eq!(read(&outside, "c"), "theirs");
        assert!(remove(&root, NAME, Links::All).unwrap());
        assert!(!root.join(NAME).exists() && outside.join("c").exists());
        assert!(!remove(&root, NAME, Links::All).unwrap());
        for name in
            ["", "target", "..", "replaced (restored x)/..", "../replaced (restored x)", "replaced", "undone (x)"]
        {
            assert_eq!(remove(folder.path(), name, Links::All).unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
        }
    }
}
