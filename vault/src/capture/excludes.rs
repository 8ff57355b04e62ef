//! What is left out of a snapshot.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::metadata::Folder;
use super::node::Metadata;
use super::pattern::Patterns;
use crate::error::{Error, ErrorKind, Result};
use crate::tree::NodeKind;

/// What marks a cache, and how the file begins. Source: <https://bford.info/cachedir/>.
const CACHE_TAG: (&str, &[u8]) = ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");
/// Files that say what is left out, the later ones overruling the earlier.
const IGNORE_FILES: [&str; 2] = [".gitignore", ".ignore"];

/// Rules of what is left out. What somebody named as a source is saved in any case.
#[derive(Debug, Clone, Default)]
pub struct Excludes {
    /// Paths that fit.
    pub patterns: Patterns,
    /// The same, whatever the case of the letters.
    pub patterns_ignoring_case: Patterns,
    /// These very paths, absolute and clean.
    pub paths: Vec<PathBuf>,
    /// Everything in folders that hold such a file, except that file.
    pub if_present: Vec<Tag>,
    /// Files of more bytes.
    pub larger_than: Option<u64>,
    /// What is on another file system than the source it belongs to; the folder it is mounted on is kept.
    pub other_file_systems: bool,
    /// What `.gitignore` and `.ignore` files say.
    pub ignored_by_git: bool,
}

/// A file whose presence excludes what is beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    name: OsString,
    /// How it must begin.
    header: Vec<u8>,
}

impl Tag {
    /// The standard mark of caches.
    pub fn of_caches() -> Self {
        let (name, header) = CACHE_TAG;
        Self { name: name.into(), header: header.to_vec() }
    }

    /// Reads `NAME[:HEADER]`.
    ///
    /// # Errors
    /// `InvalidInput`: there is no name.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, header) = text.split_once(':').unwrap_or((text, ""));
        if name.is_empty() || name.contains('/') {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} names no file: write NAME or NAME:HEADER"),
            ));
        }
        Ok(Self { name: name.into(), header: header.as_bytes().to_vec() })
    }

    /// Whether a folder holds it. What cannot be read is not it.
    fn is_in(&self, folder: &Folder) -> bool {
        if self.header.is_empty() {
            return folder.stat(&self.name).is_ok();
        }
        let mut start = Vec::new();
        let read = folder
            .open_file(&self.name)
            .and_then(|(file, _)| file.take(self.header.len() as u64).read_to_end(&mut start));
        read.is_ok() && start == self.header
    }
}

/// The rules that hold in one folder, and the way to it.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    excludes: &'a Excludes,
    /// The folder's path, absolute, in parts.
    parts: Vec<&'a [u8]>,
    path: &'a Path,
    /// Tags that are in it.
    tags: Vec<&'a Tag>,
    /// Names of entries that were named by their paths.
    named: Vec<&'a OsStr>,
    ignores: Option<Arc<Ignores>>,
    /// The file system that entries must be on, and whether the folder itself is.
    device: Option<(u64, bool)>,
}

/// What ignore files say, from a folder up to the source.
#[derive(Debug)]
pub(super) struct Ignores {
    files: Vec<Gitignore>,
    above: Option<Arc<Ignores>>,
}

impl Excludes {
    /// Whether nothing is left out by its name.
    fn has_no_names(&self) -> bool {
        self.patterns.is_empty() && self.patterns_ignoring_case.is_empty()
    }

    /// The rules for the entries of a folder. `path` is absolute, `device` the file system of the source.
    pub(super) fn rules<'a>(
        &'a self,
        path: &'a Path,
        folder: &Folder,
        above: Option<Arc<Ignores>>,
        device: Option<u64>,
    ) -> Rules<'a> {
        let ignores = if self.ignored_by_git { Ignores::read(path, above) } else { None };
        let device = device.filter(|_| self.other_file_systems).map(|device| {
            let here = folder.stat(OsStr::new(".")).map(|metadata| metadata.device_id);
            (device, here.is_ok_and(|here| here == device))
        });
        Rules {
            excludes: self,
            parts: if self.has_no_names() { Vec::new() } else { parts(path) },
            path,
            tags: self.if_present.iter().filter(|tag| tag.is_in(folder)).collect(),
            named: self
                .paths
                .iter()
                .filter(|left| left.parent() == Some(path))
                .filter_map(|left| left.file_name())
                .collect(),
            ignores,
            device,
        }
    }
}

impl Rules<'_> {
    /// What ignore files say below this folder.
    pub(super) fn ignores(&self) -> Option<Arc<Ignores>> {
        self.ignores.clone()
    }

    /// Whether an entry is left out because of its name, before anything else is known of it.
    pub(super) fn leave_out_name(&self, name: &OsStr) -> bool {
        if self.tags.iter().any(|tag| tag.name != name) || self.named.contains(&name) {
            return true;
        }
        if self.excludes.has_no_names() {
            return false;
        }
        let mut parts = self.parts.clone();
        parts.push(name.as_encoded_bytes());
        self.excludes.patterns.fits(&parts) || self.excludes.patterns_ignoring_case.fits(&parts)
    }

    /// Whether an entry is left out because of what it is.
    pub(super) fn leave_out(&self, name: &OsStr, metadata: &Metadata) -> bool {
        let is_folder = metadata.kind == NodeKind::Dir;
        if let Some((device, folder_is_on_it)) = self.device
            && metadata.device_id != device
            && !(is_folder && folder_is_on_it)
        {
            return true;
        }
        if !is_folder && self.excludes.larger_than.is_some_and(|largest| metadata.size > largest) {
            return true;
        }
        self.ignores.as_ref().is_some_and(|ignores| ignores.ignore(&self.path.join(name), is_folder))
    }
}

impl Ignores {
    fn read(folder: &Path, above: Option<Arc<Ignores>>) -> Option<Arc<Ignores>> {
        let files: Vec<Gitignore> = IGNORE_FILES
            .iter()
            .filter_map(|name| {
                let file = folder.join(name);
                let mut builder = GitignoreBuilder::new(folder);
                // Lines that make no sense are passed over, as git does.
                let _ = builder.add(file);
                builder.build().ok().filter(|rules| !rules.is_empty())
            })
            .collect();
        if files.is_empty() { above } else { Some(Arc::new(Ignores { files, above })) }
    }

    /// The innermost file that speaks of it decides.
    fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let mut level = Some(self);
        while let Some(ignores) = level {
            for file in ignores.files.iter().rev() {
                let said = file.matched(path, is_folder);
                if !said.is_none() {
                    return said.is_ignore();
                }
            }
            level = ignores.above.as_deref();
        }
        false
    }
}

/// What is between the slashes of an absolute path; before the first there is nothing.
fn parts(path: &Path) -> Vec<&[u8]> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.as_encoded_bytes()),
        Component::Prefix(volume) => Some(volume.as_os_str().as_encoded_bytes()),
        Component::RootDir | Component::CurDir | Component::ParentDir => None,
    });
    let is_rooted = !matches!(path.components().next(), Some(Component::Prefix(_)));
    is_rooted.then_some(b"".as_slice()).into_iter().chain(names).collect()
}

/// The file system that each source is on, for sources that are told to stay on it.
#[derive(Debug, Default)]
pub(super) struct Devices {
    of_sources: Vec<(PathBuf, u64)>,
}

impl Devices {
    pub(super) fn add(&mut self, source: PathBuf, device: u64) {
        self.of_sources.push((source, device));
    }

    /// That of the innermost source that holds a path.
    pub(super) fn of(&self, path: &Path) -> Option<u64> {
        let holding = self.of_sources.iter().filter(|(source, _)| path.starts_with(source));
        holding.max_by_key(|(source, _)| source.as_os_str().len()).map(|(_, device)| *device)
    }
}
