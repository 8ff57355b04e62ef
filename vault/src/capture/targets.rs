//! Where what is to be saved stands in the snapshot, by restic's rules: an absolute path at that path, a relative one by its
//! own names below the root, and the content of a folder that has no name of its own (`.`, `..`, `/`) at the root.
//! Source: restic's `internal/archiver/tree.go`.

use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::metadata::Folder;
use crate::error::{Error, ErrorKind, Result};

/// One folder of the snapshot above what is saved, or something that is saved.
#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) below: BTreeMap<OsString, Target>,
    /// What is saved here, with all that is in it.
    pub(super) source: Option<PathBuf>,
    /// The folder whose metadata is saved here, if it is one above what is saved.
    pub(super) folder: Option<PathBuf>,
    /// Where the first of its names is looked for: equal names from other places are kept apart by a number.
    root: PathBuf,
    /// Somebody named it, so that no rule excludes it.
    pub(super) is_named: bool,
}

impl Target {
    /// The root of a snapshot of these paths, each of which exists.
    ///
    /// # Errors
    /// A folder whose content is meant cannot be listed; nothing at all is to be saved.
    pub(super) fn root_of(paths: &[PathBuf]) -> Result<Self> {
        let mut root = Self::default();
        let mut seen = HashSet::new();
        for path in paths {
            let path = clean(path);
            if names(&path).is_empty() {
                for name in list(&path)? {
                    root.add(&clean(&path.join(name)), &mut seen, false);
                }
            } else {
                root.add(&path, &mut seen, true);
            }
        }
        root.unroll()?;
        Ok(root)
    }

    /// The root of a snapshot of one source that is to stand at `place`, whatever its own path.
    ///
    /// # Errors
    /// `InvalidInput` when the place has no name.
    pub(super) fn at(place: &Path, source: &Path) -> Result<Self> {
        let place = clean(&Path::new("/").join(place));
        let names = names(&place);
        if names.is_empty() {
            let shown = place.display();
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("nothing can be saved as {shown}: it has no name"),
            ));
        }
        let mut target = Self { source: Some(source.to_path_buf()), is_named: true, ..Self::default() };
        for name in names.into_iter().rev() {
            let below = BTreeMap::from([(name, target)]);
            // Folders above it need not exist anywhere: they look as the source does.
            target = Self { below, folder: Some(source.to_path_buf()), ..Self::default() };
        }
        Ok(Self { folder: None, ..target })
    }

    fn add(&mut self, path: &Path, seen: &mut HashSet<PathBuf>, is_named: bool) {
        let names = names(path);
        let Some((first, rest)) = names.split_first() else { return };
        if !seen.insert(path.to_path_buf()) {
            return;
        }
        let root = root_folder(path);
        let mut key = first.clone();
        let mut number = 0;
        while self.below.get(&key).is_some_and(|other| other.root != root) {
            number += 1;
            key = first.clone();
            key.push(format!("-{number}"));
        }
        let mut here = self.below.entry(key).or_insert_with(|| Self { root: root.clone(), ..Self::default() });
        // A volume of Windows is a folder in the snapshot only.
        let has_volume = matches!(path.components().next(), Some(Component::Prefix(_)));
        let mut folder = if has_volume { root } else { join(&root, first) };
        for name in rest {
            here.folder = Some(folder.clone());
            folder = join(&folder, name);
            here = here.below.entry(name.clone()).or_default();
        }
        here.source = Some(path.to_path_buf());
        here.is_named = is_named;
    }

    /// Where one source lies in another, the outer one becomes its list of entries.
    fn unroll(&mut self) -> Result<()> {
        if !self.below.is_empty()
            && let Some(source) = self.source.take()
        {
            self.is_named = false;
            for name in list(&source)? {
                let entry = self.below.entry(name.clone()).or_default();
                if entry.source.is_none() {
                    entry.source = Some(source.join(&name));
                }
            }
            self.folder.get_or_insert(source);
        }
        self.below.values_mut().try_for_each(Self::unroll)
    }
}

fn list(folder: &Path) -> Result<Vec<OsString>> {
    let names = Folder::open(folder, true).and_then(|open| open.names());
    names.map_err(|error: io::Error| Error::io(format!("list {}", folder.display()), error))
}

/// Go's `filepath.Clean`.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match clean.components().next_back() {
                Some(Component::Normal(_)) => drop(clean.pop()),
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::ParentDir | Component::CurDir) | None => clean.push(".."),
            },
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(component),
        }
    }
    if clean.as_os_str().is_empty() { PathBuf::from(".") } else { clean }
}

/// The names by which a clean path stands in a snapshot.
fn names(path: &Path) -> Vec<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_os_string()),
            Component::Prefix(volume) => Some(volume_name(volume.as_os_str())),
            Component::RootDir | Component::CurDir | Component::ParentDir => None,
        })
        .collect()
}

/// `C` for `C:`; other volumes as they are called, in one name.
fn volume_name(volume: &OsStr) -> OsString {
    let text = volume.to_string_lossy();
    text.strip_suffix(':').map_or_else(|| text.replace(['\\', '/'], "_").into(), OsString::from)
}

/// The folder in which the first name of a clean path is looked for.
fn root_folder(path: &Path) -> PathBuf {
    let above = path.components().take_while(|component| !matches!(component, Component::Normal(_)));
    let root: PathBuf = above.collect();
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root }
}

fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn show(target: &Target, path: &str, lines: &mut Vec<String>) {
        for (name, below) in &target.below {
            let path = format!("{path}/{}", name.display());
            let shown = |path: &Option<PathBuf>| path.as_ref().map_or(String::new(), |path| path.display().to_string());
            lines.push(format!("{path} [{}] ({})", shown(&below.source), shown(&below.folder)));
            show(below, &path, lines);
        }
    }

    fn check(paths: &[&str], expected: &[&str]) {
        let mut lines = Vec::new();
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        show(&Target::root_of(&paths).unwrap(), "", &mut lines);
        assert_eq!(lines, expected, "{paths:?}");
    }

    #[test]
    fn sources_stand_where_restic_puts_them() {
        check(&["/a/b"], &["/a [] (/a)", "/a/b [/a/b] ()"]);
        check(&["a/./b/../c"], &["/a [] (a)", "/a/c [a/c] ()"]);
        check(&["../x/y"], &["/x [] (../x)", "/x/y [../x/y] ()"]);
        check(&["../x", "x"], &["/x [../x] ()", "/x-1 [x] ()"]);
        check(
            &["/x/1", "x/2", "/x/3"],
            &["/x [] (/x)", "/x/1 [/x/1] ()", "/x/3 [/x/3] ()", "/x-1 [] (x)", "/x-1/2 [x/2] ()"],
        );
        check(&["/a", "/a"], &["/a [/a] ()"]);
    }

    #[test]
    fn a_source_inside_another_opens_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("in/side")).unwrap();
        std::fs::write(path.join("file"), "").unwrap();
        let root = Target::root_of(&[path.to_path_buf(), path.join("in/side")]).unwrap();
        let mut here = &root;
        for name in names(path) {
            here = &here.below[&name];
        }
        assert_eq!(here.source, None);
        assert_eq!(here.folder.as_deref(), Some(path));
        assert_eq!(here.below[OsStr::new("file")].source, Some(path.join("file")));
        assert_eq!(here.below[OsStr::new("in")].source, None);
        assert_eq!(here.below[OsStr::new("in")].below[OsStr::new("side")].source, Some(path.join("in/side")));
    }

    #[test]
    fn the_content_of_a_folder_without_a_name_stands_at_the_root() {
        let root = Target::root_of(&[PathBuf::from("/")]).unwrap();
        assert_eq!(root.below[OsStr::new("usr")].source, Some(PathBuf::from("/usr")));
        assert!(!root.below[OsStr::new("usr")].is_named);
    }

    #[test]
    fn a_source_can_stand_elsewhere() {
        let mut lines = Vec::new();
        show(&Target::at(Path::new("/srv/www"), Path::new("/mnt/view")).unwrap(), "", &mut lines);
        assert_eq!(lines, ["/srv [] (/mnt/view)", "/srv/www [/mnt/view] ()"]);
        assert!(Target::at(Path::new("/.."), Path::new("/mnt")).is_err());
    }
}
