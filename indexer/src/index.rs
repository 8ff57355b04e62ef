//! The index of one organization, in a folder: opening, committing, and what it says of itself.
//!
//! A folder is open in one process at a time. Searches see the last commit, whole, however long they take; one call at
//! a time writes. A commit is tantivy's: see `state`.

mod merge;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bygone_common::TreeId;
use bygone_common::uid::SourceUid;
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tantivy::directory::MmapDirectory;
use tantivy::merge_policy::NoMergePolicy;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy};

use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::{Limits, WRITER_HEAP_BYTES_MIN};
use crate::state::{SnapshotCopy, State};
use crate::versions::{Doomed, Fields};
use crate::view::View;

/// The folder of tantivy's own files.
const VERSIONS: &str = "versions";
/// tantivy's commit.
const META: &str = "meta.json";
/// Held while the index is open.
const LOCK: &str = "lock";
/// Says, until the first commit of the new index, why the old one was dropped.
const REBUILD: &str = "rebuild";

/// An open index. Any thread may call.
pub struct Index {
    folder: PathBuf,
    limits: Limits,
    pub(crate) fields: Fields,
    tantivy: tantivy::Index,
    reader: IndexReader,
    view: RwLock<Arc<View>>,
    writing: Mutex<()>,
    /// Held until the index is dropped.
    _lock: File,
}

/// Whether the index holds what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Ready,
    /// It was damaged, or of another format, and has been dropped. Until [`Index::rebuilt`] is called, answers are
    /// partial; this is why.
    Rebuilding(String),
}

/// What the index says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether answers are whole.
    pub health: Health,
    /// File versions.
    pub versions: u64,
    /// Distinct names.
    pub names: u64,
    /// Distinct directories.
    pub directories: u64,
    /// Sources with at least one snapshot.
    pub sources: u64,
    /// Snapshots, copies not counted.
    pub snapshots: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Grows with every commit: equal numbers give equal answers.
    pub commit: u64,
}

/// A snapshot that the index holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose it is.
    pub source: SourceUid,
    /// When it was taken.
    pub time: Timestamp,
    /// Its root.
    pub tree: TreeId,
    /// Where it lies.
    pub copies: Vec<SnapshotCopy>,
}

impl Index {
    /// Opens the index of a folder, or makes one. A damaged index, or one of another format, is dropped, and an empty
    /// one is opened that says so.
    ///
    /// # Errors
    /// `Busy`: it is open already, here or in another process. `Io`.
    pub fn open(folder: &Path, limits: Limits) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|error| Error::io(format!("making {}", folder.display()), error))?;
        let lock = lock(folder)?;
        let marker = folder.join(REBUILD);
        let fields = Fields::new();
        if !marker.exists() {
            match Self::load(folder, limits, &fields) {
                Ok(Some((tantivy, reader, view))) => {
                    return Ok(Self::of(folder, limits, fields, tantivy, reader, view, lock));
                }
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::Damaged => {
                    tracing::warn!(folder = %folder.display(), %error, "dropping a search index, to be built anew");
                    files::write(folder, REBUILD, &[error.to_string().as_bytes()])?;
                    files::sync_folder(folder)?;
                }
                Err(error) => return Err(error),
            }
        }
        let why = match fs::read_to_string(&marker) {
            Ok(why) => Some(why),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io(format!("reading {}", marker.display()), error)),
        };
        let (tantivy, reader, view) = Self::create(folder, limits, &fields, why)?;
        let index = Self::of(folder, limits, fields, tantivy, reader, view, lock);
        index.sweep()?;
        Ok(index)
    }

    fn of(
        folder: &Path,
        limits: Limits,
        fields: Fields,
        tantivy: tantivy::Index,
        reader: IndexReader,
        view: View,
        lock: File,
    ) -> Self {
        let view = RwLock::new(Arc::new(view));
        Self {
            folder: folder.to_path_buf(),
            limits,
            fields,
            tantivy,
            reader,
            view,
            writing: Mutex::new(()),
            _lock: lock,
        }
    }

    /// Opens what is there; `None` when nothing was ever committed.
    fn load(folder: &Path, limits: Limits, fields: &Fields) -> Result<Option<(tantivy::Index, IndexReader, View)>> {
        let versions = folder.join(VERSIONS);
        if !versions.join(META).exists() {
            return Ok(None);
        }
        let fault = |error| Error::tantivy("opening the search index", error);
        let directory = MmapDirectory::open(&versions).map_err(|error| fault(error.into()))?;
        let tantivy = tantivy::Index::open(directory).map_err(fault)?;
        let payload = tantivy.load_metas().map_err(fault)?.payload;
        let Some(payload) = payload else { return Ok(None) };
        if tantivy.schema() != fields.schema {
            return Err(Error::damaged("the index has other fields than this program's"));
        }
        let state = State::open(folder, &payload)?;
        if limits.verify_on_open {
            let damaged = tantivy.validate_checksum().map_err(fault)?;
            if let Some(file) = damaged.iter().next() {
                return Err(Error::damaged(format!("{} has another checksum than was written", file.display())));
            }
        }
        let reader = reader(&tantivy)?;
        let view = View::open(folder, &reader.searcher(), fields, state, limits.verify_on_open)?;
        Ok(Some((tantivy, reader, view)))
    }

    /// Drops whatever is there and makes an empty index.
    fn create(
        folder: &Path,
        limits: Limits,
        fields: &Fields,
        why: Option<String>,
    ) -> Result<(tantivy::Index, IndexReader, View)> {
        let versions = folder.join(VERSIONS);
        let io = |error| Error::io(format!("making {}", versions.display()), error);
        if versions.exists() {
            fs::remove_dir_all(&versions).map_err(io)?;
        }
        fs::create_dir_all(&versions).map_err(io)?;
        let fault = |error| Error::tantivy("making a search index", error);
        let directory = MmapDirectory::open(&versions).map_err(|error| fault(error.into()))?;
        let tantivy = tantivy::Index::create(directory, fields.schema.clone(), Default::default()).map_err(fault)?;
        let state = State::new(why);
        let mut writer = writer(&tantivy, limits)?;
        commit(&mut writer, &state.write(folder)?)?;
        drop(writer);
        let reader = reader(&tantivy)?;
        let view = View::open(folder, &reader.searcher(), fields, state, false)?;
        Ok((tantivy, reader, view))
    }

    /// The last commit.
    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes the right to write.
    pub(crate) fn write(&self) -> Result<(parking_lot::MutexGuard<'_, ()>, IndexWriter)> {
        let guard = self.writing.lock();
        self.sweep_versions()?;
        Ok((guard, writer(&self.tantivy, self.limits)?))
    }

    /// Makes what was written the last commit. `names` and `dirs` are those that the state names.
    pub(crate) fn commit(
        &self,
        mut writer: IndexWriter,
        doomed: Doomed,
        mut state: State,
        parts: (crate::names::Names, Arc<crate::dirs::Dirs>),
    ) -> Result<()> {
        state.number += 1;
        let payload = state.write(&self.folder)?;
        let deleted = writer.delete_query(Box::new(doomed));
        deleted.map_err(|error| Error::tantivy("removing documents from the index", error))?;
        commit(&mut writer, &payload)?;
        merge::merge(&self.tantivy, &mut writer)?;
        let done = writer.wait_merging_threads();
        done.map_err(|error| Error::tantivy("finishing a write to the index", error))?;
        self.reader.reload().map_err(|error| Error::tantivy("reading the index anew", error))?;
        let (names, dirs) = parts;
        let before = self.view();
        let view = View::new(&self.reader.searcher(), &self.fields, names, dirs, state, Some(&before))?;
        *self.view.write() = Arc::new(view);
        self.sweep()
    }

    /// Removes files that the last commit does not name.
    fn sweep(&self) -> Result<()> {
        let view = self.view();
        files::remove_others(&self.folder, |name| name == LOCK || view.state.names_file(name))
    }

    /// Removes files of segments that no commit names. tantivy makes files only where none is, so what a write that did
    /// not come to its end left behind would be in the way of the next one.
    fn sweep_versions(&self) -> Result<()> {
        let metas =
            self.tantivy.load_metas().map_err(|error| Error::tantivy("reading the commit of the index", error))?;
        let living = metas.list_segment_files();
        files::remove_others(&self.folder.join(VERSIONS), |name| {
            name.starts_with('.') || name == META || living.contains(Path::new(name))
        })
    }

    /// Says that everything which should be in the index has been ingested since it was dropped.
    ///
    /// # Errors
    /// `Io`, `Busy`.
    pub fn rebuilt(&self) -> Result<()> {
        let (_guard, writer) = self.write()?;
        let view = self.view();
        if view.state.rebuilding.is_none() {
            return Ok(());
        }
        let state = State { rebuilding: None, ..view.state.clone() };
        self.commit(writer, Doomed::default(), state, (view.names.clone(), Arc::clone(&view.dirs)))
    }

    /// What the index says of itself.
    pub fn status(&self) -> Status {
        let view = self.view();
        let live: Vec<usize> = (0..view.state.sources.len())
            .map(|at| view.runs.live(u16::try_from(at).unwrap_or(u16::MAX)).len())
            .collect();
        Status {
            health: match &view.state.rebuilding {
                Some(why) => Health::Rebuilding(why.clone()),
                None => Health::Ready,
            },
            versions: view.count(),
            names: view.names.count().into(),
            directories: view.dirs.count().into(),
            sources: live.iter().filter(|count| **count > 0).count() as u64,
            snapshots: live.iter().sum::<usize>() as u64,
            bytes: bytes_of(&self.folder),
            commit: view.state.number,
        }
    }

    /// All snapshots that the index holds.
    pub fn known(&self) -> Vec<Known> {
        let view = self.view();
        let live = view.state.snapshots.iter().filter(|snapshot| !snapshot.copies.is_empty());
        live.filter_map(|snapshot| {
            let source = view.source_uid(snapshot.source)?;
            Some(Known { source, time: snapshot.time, tree: snapshot.tree, copies: snapshot.copies.clone() })
        })
        .collect()
    }

    /// Removes the index of a folder for good.
    ///
    /// # Errors
    /// `Busy`: it is open. `Io`.
    pub fn delete(folder: &Path) -> Result<()> {
        if !folder.exists() {
            return Ok(());
        }
        let lock = lock(folder)?;
        // Windows removes no file that is open.
        drop(lock);
        fs::remove_dir_all(folder).map_err(|error| Error::io(format!("removing {}", folder.display()), error))
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({})", self.folder.display())
    }
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let io = |error| Error::io(format!("opening {}", path.display()), error);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(Error::new(ErrorKind::Busy, format!("the search index in {} is open already", folder.display())))
        }
        Err(fs::TryLockError::Error(error)) => Err(io(error)),
    }
}

fn reader(tantivy: &tantivy::Index) -> Result<IndexReader> {
    let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
    reader.map_err(|error| Error::tantivy("opening the search index", error))
}

fn writer(tantivy: &tantivy::Index, limits: Limits) -> Result<IndexWriter> {
    let heap = limits.writer_heap_bytes.max(WRITER_HEAP_BYTES_MIN);
    // One thread keeps documents in the order of their paths, which is what makes their columns small.
    let writer: IndexWriter = tantivy
        .writer_with_num_threads(1, heap)
        .map_err(|error| Error::tantivy("opening the search index for writing", error))?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

fn commit(writer: &mut IndexWriter, payload: &str) -> Result<()> {
    let fault = |error| Error::tantivy("committing to the search index", error);
    let mut prepared = writer.prepare_commit().map_err(fault)?;
    prepared.set_payload(payload);
    prepared.commit().map_err(fault)?;
    Ok(())
}

/// Bytes of all files below a folder; what vanishes meanwhile does not count.
fn bytes_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_of(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}
