//! Taking a snapshot: from files of this machine, or from what a program prints, to a tree in a repository.
//!
//! The result is what stock restic would have written, byte for byte: the same blobs, the same trees. What has not changed
//! since the snapshot before is neither read nor written again.
//!
//! Invariant: a backup has succeeded only when its snapshot could be read back from the storage.
//!
//! Read in this order: [`pattern`] and [`excludes`] (what is left out), `targets` (where sources stand in a snapshot),
//! `metadata` (what the system tells), `node`, `quote` and `time` (a node's text), `chunker` (where files are cut),
//! `pending` (a folder that grows), `queue` (who does what next), `session`, `walk` and `file` (the work itself), [`save`]
//! (the snapshot), [`scan`] (how much there will be to do).

mod chunker;
mod excludes;
mod file;
mod metadata;
mod node;
pub mod pattern;
pub mod pattern_file;
mod pending;
mod queue;
mod quote;
pub mod report;
pub mod save;
pub mod scan;
mod session;
mod targets;
mod time;
mod walk;
mod whole;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bygone_common::{Sid, TreeId};
use jiff::tz::TimeZone;

use crate::backend::CancelToken;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::snapshot::Summary;
use crate::tree::{NodeKind, NodeTime};
use crate::write::Writer;
use metadata::stat_path;
use node::Metadata;
use pending::{Pending, Up};
use session::Session;
use targets::Target;

pub use excludes::{Excludes, Tag};
pub use metadata::IoClass;
pub use pattern::Patterns;
pub use report::{AddedBytes, Change, Item, Problem, Watcher};
pub use save::{Draft, ParentFilter, parent_of, save};
pub use whole::{Saved, Whole};

/// Files that are read at once, unless told otherwise: as many as restic reads.
pub const READ_CONCURRENCY_DEFAULT: usize = 2;
/// Missing sources that an error names.
const SOURCES_NAMED_MAX: usize = 10;

/// How a capture is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is left out.
    pub excludes: Excludes,
    /// The root of the snapshot before.
    pub before: Option<TreeId>,
    /// A file is unchanged also when its attributes have changed since.
    pub ignore_ctime: bool,
    /// A file is unchanged also when it is another file of the same name, size and times.
    pub ignore_inode: bool,
    /// Save times of access.
    pub with_atime: bool,
    /// Files that are read at once, at least.
    pub read_concurrency: usize,
    /// The zone in which times are written.
    pub zone: TimeZone,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            excludes: Excludes::default(),
            before: None,
            ignore_ctime: false,
            ignore_inode: false,
            with_atime: false,
            read_concurrency: READ_CONCURRENCY_DEFAULT,
            zone: TimeZone::system(),
        }
    }
}

/// What is to be saved.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Files and folders; relative ones are looked for in the current folder.
    pub paths: Vec<PathBuf>,
    /// Where the only one of them stands in the snapshot, if not at its own path.
    pub as_path: Option<PathBuf>,
}

/// What was saved.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The root of the snapshot.
    pub tree: TreeId,
    /// What was found. Times and what was added are filled in by [`save`].
    pub summary: Summary,
    /// Things that are missing in it, each of which was told to the watcher.
    pub problems: u64,
}

/// Who and what a capture works for.
pub struct Capture<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// What adds to it.
    pub writer: &'a Writer,
    /// How it is made.
    pub options: &'a Options,
    /// Who watches.
    pub watcher: &'a dyn Watcher,
    /// Pulled to give up.
    pub token: &'a CancelToken,
}

impl Capture<'_> {
    /// Saves files and folders. Those that cannot be read are told to the watcher and left out.
    ///
    /// # Errors
    /// `NotFound` when nothing at all could be saved; `InvalidInput`; what the storage answers; `Cancelled`.
    pub fn files(&self, sources: &Sources) -> Result<Captured> {
        let current = current_folder()?;
        let (present, absent) = present(sources, &current);
        let mut session = self.session()?;
        for (path, error) in absent {
            session.problem(&path, Error::io(format!("read the metadata of {}", path.display()), error));
        }
        if present.paths.is_empty() && !sources.paths.is_empty() {
            return Err(nothing_found(sources));
        }
        let root = root(&present)?;
        for path in &present.paths {
            let path = targets::clean(&current.join(path));
            if let Ok((metadata, _)) = stat_path(&path, false, &session.names) {
                session.devices.add(path, metadata.device_id);
            }
        }
        session.begin(&root, &current, self.options.before)?;
        if session.has_found_nothing() {
            return Err(nothing_found(sources));
        }
        self.finish(&session)
    }

    /// Saves what a reader gives as one file at `place`, with `time` as the time of its last change.
    ///
    /// # Errors
    /// That it cannot be read; `InvalidInput` for a place without a name; what the storage answers; `Cancelled`.
    pub fn reader(&self, place: &Path, reader: Box<dyn Read + Send>, time: NodeTime) -> Result<Captured> {
        let target = Target::at(place, Path::new("/"))?;
        let session = self.session()?;
        let plain = |kind, mode| Metadata { kind, mode, mtime: time, atime: time, ctime: time, ..Metadata::default() };
        let mut pending = Arc::new(Pending::new(*b"", None, None));
        let mut here = &target;
        while let Some((name, below)) = here.below.first_key_value() {
            session.all_listed(&pending, 1)?;
            let name = name.as_encoded_bytes();
            if below.below.is_empty() {
                session.save_reader(reader, plain(NodeKind::File, 0o644), (&pending, 0, name))?;
                break;
            }
            let metadata = plain(NodeKind::Dir, 0o755);
            let place = pending.place_of(name);
            let up = Up { folder: pending.clone(), slot: 0, name: name.into(), metadata };
            pending = Arc::new(Pending::new(place, None, Some(up)));
            here = below;
        }
        self.finish(&session)
    }

    fn session(&self) -> Result<Session<'_>> {
        Session::new(self.repository, self.writer, self.options, self.watcher, self.token)
    }

    fn finish(&self, session: &Session<'_>) -> Result<Captured> {
        let tree = session.work()?;
        let (summary, problems) = (session.counts.summary(), session.counts.problems());
        Ok(Captured { tree, summary, problems })
    }
}

/// The name of this machine, as Go's `os.Hostname` has it: what restic calls the host of a snapshot.
pub fn machine_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// The account that this program runs as: whose data it saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name; empty when nobody knows it.
    pub name: String,
    /// Its number and that of its group; 0 where there are none.
    pub uid: u32,
    /// As above.
    pub gid: u32,
    /// Its security identifier, on Windows.
    pub sid: Option<Sid>,
}

/// The account that this program runs as, as snapshots name it.
pub fn account() -> Account {
    let metadata::User { name, uid, gid, sid } = metadata::current_user();
    Account { name, uid, gid, sid }
}

/// Lets other programs go first, from now on and in threads that are started later: in computing (`nice`, up to 19) and in
/// reading.
///
/// # Errors
/// `Denied` or `Unsupported`, as the system says.
pub fn lower_priority(nice: Option<i32>, io_class: Option<IoClass>) -> Result<()> {
    metadata::lower_priority(nice, io_class).map_err(|error| Error::io("lower the priority of this program", error))
}

/// Sources that are there; and the paths of those that are not, and why.
///
/// One that is missing must not keep the others from being saved, wherever it would stand: as restic, which warns and goes
/// on. Source: `filterExisting` in restic's `cmd/restic/cmd_backup.go`.
fn present(sources: &Sources, current: &Path) -> (Sources, Vec<(PathBuf, io::Error)>) {
    let mut present = Sources { paths: Vec::new(), as_path: sources.as_path.clone() };
    let mut absent = Vec::new();
    for path in &sources.paths {
        match current.join(path).symlink_metadata() {
            Ok(_) => present.paths.push(path.clone()),
            Err(error) => absent.push((targets::clean(&current.join(path)), error)),
        }
    }
    (present, absent)
}

fn nothing_found(sources: &Sources) -> Error {
    let named: Vec<_> = sources.paths.iter().take(SOURCES_NAMED_MAX).map(|path| path.display().to_string()).collect();
    let more = if sources.paths.len() > named.len() { ", …" } else { "" };
    let sentence =
        format!("nothing of what is to be saved is there ({}{more}): no snapshot is taken", named.join(", "));
    Error::new(ErrorKind::NotFound, sentence)
}

fn root(sources: &Sources) -> Result<Target> {
    match (&sources.as_path, sources.paths.as_slice()) {
        (Some(place), [source]) => Target::at(place, source),
        (Some(_), _) => {
            Err(Error::new(ErrorKind::InvalidInput, "only one source can be saved under the path of another"))
        }
        (None, []) => Err(Error::new(ErrorKind::InvalidInput, "nothing to back up: name files or folders")),
        (None, paths) => Target::root_of(paths),
    }
}

fn current_folder() -> Result<PathBuf> {
    std::env::current_dir().map_err(|error| Error::io("find the current folder", error))
}

/// The current folder as the shell calls it, if that is it: what restic names relative sources by.
fn logical_folder() -> Result<PathBuf> {
    let current = current_folder()?;
    let called = std::env::var_os("PWD").map(PathBuf::from).filter(|called| called.is_absolute());
    let is_it = |called: &PathBuf| called.canonicalize().is_ok_and(|there| Some(there) == current.canonicalize().ok());
    Ok(called.filter(is_it).unwrap_or(current))
}

/// The absolute paths of sources, sorted and each once: what a snapshot says that it holds.
///
/// # Errors
/// There is no current folder.
pub fn absolute_paths(sources: &Sources) -> Result<Vec<String>> {
    let current = logical_folder()?;
    let paths: Vec<PathBuf> = match &sources.as_path {
        Some(place) => vec![Path::new("/").join(place)],
        None => sources.paths.iter().map(|path| current.join(path)).collect(),
    };
    let mut texts: Vec<String> = paths.iter().map(|path| targets::clean(path).to_string_lossy().into_owned()).collect();
    texts.sort();
    texts.dedup();
    Ok(texts)
}
