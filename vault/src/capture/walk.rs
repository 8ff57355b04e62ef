//! Folders: listing them, comparing them with the snapshot before, and passing on what has changed.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bygone_common::TreeId;

use super::excludes::{Ignores, Rules};
use super::file::{FileJob, Worker};
use super::metadata::{Folder, stat_path};
use super::node::Metadata;
use super::pending::{Before, Pending, Slot, Up};
use super::report::{AddedBytes, Change};
use super::session::{Session, same};
use super::targets::{Target, clean};
use crate::blob_map::BlobKind;
use crate::error::{Error, Result};
use crate::tree::{Node, NodeKind};

/// Entries after which it is asked whether to go on.
const ENTRIES_BETWEEN_CHECKS: usize = 256;

/// A folder to list.
#[derive(Debug)]
pub(super) struct FolderJob {
    /// Its path on this machine, absolute.
    source: PathBuf,
    up: Up,
    /// Its tree in the snapshot before.
    tree_before: Option<TreeId>,
    ignores: Option<Arc<Ignores>>,
    /// The file system of the source it belongs to.
    device: Option<u64>,
}

/// An entry of a folder, and where it stands in the snapshot.
struct Entry<'a> {
    folder: &'a Arc<Folder>,
    /// The folder's path, absolute.
    path: &'a Path,
    /// Its name there.
    name: &'a OsStr,
    pending: &'a Arc<Pending>,
    slot: usize,
    /// Its name in the snapshot.
    key: &'a [u8],
    rules: Option<&'a Rules<'a>>,
    device: Option<u64>,
}

impl Session<'_> {
    /// Begins with the folders above what is saved. What is in them becomes work.
    pub(super) fn begin(&self, root: &Target, current: &Path, tree_before: Option<TreeId>) -> Result<()> {
        let before = tree_before.and_then(|tree| self.before(tree, Path::new("/")));
        let pending = Arc::new(Pending::new(*b"", before, None));
        self.targets(root, current, &pending, &mut Worker::default())
    }

    fn targets(&self, target: &Target, current: &Path, pending: &Arc<Pending>, worker: &mut Worker) -> Result<()> {
        for (slot, (key, below)) in target.below.iter().enumerate() {
            let name = key.as_encoded_bytes();
            match (&below.source, &below.folder) {
                (Some(source), _) => {
                    self.source(&clean(&current.join(source)), below.is_named, pending, slot, name, worker)?
                }
                (None, folder) => {
                    let folder = folder.as_ref().map(|folder| current.join(folder));
                    self.target_folder(below, current, folder.as_deref(), (pending, slot, name), worker)?;
                }
            }
        }
        self.all_listed(pending, target.below.len())
    }

    /// A folder above what is saved.
    fn target_folder(
        &self,
        target: &Target,
        current: &Path,
        folder: Option<&Path>,
        (pending, slot, name): (&Arc<Pending>, usize, &[u8]),
        worker: &mut Worker,
    ) -> Result<()> {
        let mut metadata = Metadata { kind: NodeKind::Dir, mode: 0o755, ..Metadata::default() };
        if let Some(folder) = folder {
            let (found, lacking) = stat_path(folder, true, &self.names)
                .map_err(|error| Error::io(format!("read the metadata of {}", folder.display()), error))?;
            // That attributes of a folder above cannot be read is no loss of what was asked for.
            drop(lacking);
            metadata = Metadata { kind: NodeKind::Dir, size: 0, links: 0, device: 0, link_target: Vec::new(), ..found };
            self.settle_atime(&mut metadata);
        }
        let tree = pending.node_before(name).and_then(|node| node.subtree());
        let before = tree.and_then(|tree| self.before(tree, folder.unwrap_or(Path::new("/"))));
        let up = Up { folder: pending.clone(), slot, name: name.into(), metadata };
        let below = Arc::new(Pending::new(pending.place_of(name), before, Some(up)));
        self.targets(target, current, &below, worker)
    }

    /// Something that is saved, or an entry of a folder that is saved without its name.
    fn source(
        &self,
        source: &Path,
        is_named: bool,
        pending: &Arc<Pending>,
        slot: usize,
        key: &[u8],
        worker: &mut Worker,
    ) -> Result<()> {
        let above = source.parent().unwrap_or(source);
        let name = source.file_name().unwrap_or(OsStr::new("."));
        let folder = match Folder::above(above) {
            Ok(folder) => Arc::new(folder),
            Err(error) => {
                self.problem(source, Error::io(format!("open {}", above.display()), error));
                return self.fill(pending, slot, Slot::Left);
            }
        };
        self.sources.fetch_add(1, Ordering::Relaxed);
        if folder.stat(name).is_err() {
            self.sources_missing.fetch_add(1, Ordering::Relaxed);
        }
        let device = self.devices.of(source);
        let rules = (!is_named).then(|| self.options.excludes.rules(above, &folder, None, device));
        let entry = Entry { folder: &folder, path: above, name, pending, slot, key, rules: rules.as_ref(), device };
        let below = self.save_entry(&entry, worker)?;
        self.queue.push_folders(below.into_iter());
        Ok(())
    }

    /// Lists a folder.
    pub(super) fn save_folder(&self, job: FolderJob, worker: &mut Worker) -> Result<()> {
        self.go_on()?;
        let FolderJob { source, up, tree_before, ignores, device } = job;
        let opened = Folder::open(&source, false).and_then(|folder| Ok((folder.names()?, folder)));
        let (names, folder) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.problem(&source, Error::io(format!("list {}", source.display()), error));
                return self.fill(&up.folder, up.slot, Slot::Left);
            }
        };
        let before = tree_before.and_then(|tree| self.before(tree, &source));
        let place = up.folder.place_of(&up.name);
        let pending = Arc::new(Pending::new(place, before, Some(up)));
        let folder = Arc::new(folder);
        let rules = self.options.excludes.rules(&source, &folder, ignores, device);
        let mut folders = Vec::new();
        for (slot, name) in names.iter().enumerate() {
            if slot % ENTRIES_BETWEEN_CHECKS == 0 {
                self.go_on()?;
            }
            let entry = Entry {
                folder: &folder,
                path: &source,
                name,
                pending: &pending,
                slot,
                key: name.as_encoded_bytes(),
                rules: Some(&rules),
                device,
            };
            folders.extend(self.save_entry(&entry, worker)?);
        }
        let total = names.len();
        drop(names);
        self.prefetch(&folders);
        self.queue.push_folders(folders.into_iter());
        self.all_listed(&pending, total)
    }

    /// Saves an entry, or passes it on; answers what is to be done if it is a folder.
    fn save_entry(&self, entry: &Entry<'_>, worker: &mut Worker) -> Result<Option<FolderJob>> {
        let fill = |what| self.fill(entry.pending, entry.slot, what).map(|()| None);
        if entry.rules.is_some_and(|rules| rules.leave_out_name(entry.name)) {
            return fill(Slot::Left);
        }
        let metadata = match entry.folder.stat(entry.name) {
            Ok(metadata) => metadata,
            Err(error) => {
                self.problem(&entry.source(), Error::io(format!("read {}", entry.source().display()), error));
                return fill(Slot::Left);
            }
        };
        if entry.rules.is_some_and(|rules| rules.leave_out(entry.name, &metadata)) {
            return fill(Slot::Left);
        }
        match metadata.kind {
            // As restic: a socket is of no use without the program behind it.
            NodeKind::Socket => fill(Slot::Left),
            NodeKind::Unknown => {
                let source = entry.source();
                let what = format!("{} is of a kind that cannot be saved", source.display());
                self.problem(&source, Error::new(crate::ErrorKind::Unsupported, what));
                fill(Slot::Left)
            }
            NodeKind::File => self.save_known_file(entry, metadata, worker).map(|()| None),
            NodeKind::Dir => match self.complete(entry, metadata) {
                None => fill(Slot::Left),
                Some(metadata) => Ok(Some(self.folder_job(entry, metadata))),
            },
            NodeKind::Symlink | NodeKind::BlockDevice | NodeKind::CharDevice | NodeKind::Fifo => {
                match self.complete(entry, metadata) {
                    None => fill(Slot::Left),
                    Some(metadata) => fill(self.bare(entry.pending, entry.key, &metadata)),
                }
            }
        }
    }

    fn folder_job(&self, entry: &Entry<'_>, metadata: Metadata) -> FolderJob {
        let node = entry.pending.node_before(entry.key);
        FolderJob {
            source: entry.source(),
            tree_before: node.and_then(|node| node.subtree()),
            ignores: entry.rules.and_then(Rules::ignores),
            device: entry.device,
            up: Up { folder: entry.pending.clone(), slot: entry.slot, name: entry.key.into(), metadata },
        }
    }

    /// A file whose content may be that of the snapshot before.
    fn save_known_file(&self, entry: &Entry<'_>, metadata: Metadata, worker: &mut Worker) -> Result<()> {
        let node = entry.pending.node_before(entry.key).filter(|node| self.is_unchanged(&metadata, *node));
        if let Some(node) = node {
            if node.content().iter().all(|blob| self.writer.holds(BlobKind::Data, blob)) {
                let Some(metadata) = self.complete(entry, metadata) else {
                    return self.fill(entry.pending, entry.slot, Slot::Left);
                };
                let what = if metadata.is_of(node) {
                    same(node)
                } else {
                    let mut text = Vec::new();
                    metadata.push_file(&mut text, entry.key, &self.zone, node.content());
                    Slot::Text(text.into())
                };
                self.watcher.bytes(metadata.size);
                self.file_done(entry.pending, entry.key, Change::Unmodified, metadata.size, AddedBytes::default());
                return self.fill(entry.pending, entry.slot, what);
            }
            self.warning(&entry.source(), "parts of it are missing in the repository: it is stored again");
        }
        let job = FileJob {
            folder: entry.folder.clone(),
            path: entry.path.into(),
            name: OsString::from(entry.name),
            pending: entry.pending.clone(),
            slot: entry.slot,
            key: entry.key.into(),
        };
        match self.queue.push_file(job) {
            Ok(()) => Ok(()),
            Err(job) => self.save_file(job, worker),
        }
    }

    /// Whether a file's content is that of a node, as far as can be told without reading it.
    fn is_unchanged(&self, metadata: &Metadata, node: Node<'_>) -> bool {
        node.kind() == NodeKind::File
            && metadata.size == node.size()
            && metadata.mtime == node.mtime()
            && (self.options.ignore_ctime || metadata.ctime == node.ctime())
            && (self.options.ignore_inode || metadata.inode == node.inode())
    }

    /// What is lacking of an entry's metadata; `None` when the entry is gone, which was told then.
    fn complete(&self, entry: &Entry<'_>, metadata: Metadata) -> Option<Metadata> {
        match entry.folder.complete(entry.name, metadata, &self.names) {
            Ok((mut metadata, lacking)) => {
                if !lacking.is_empty() {
                    self.lacking(&entry.source(), lacking);
                }
                self.settle_atime(&mut metadata);
                Some(metadata)
            }
            Err(error) => {
                self.problem(&entry.source(), Error::io(format!("read {}", entry.source().display()), error));
                None
            }
        }
    }

    /// Times of access are saved only where they were asked for: otherwise every backup would find changes.
    pub(super) fn settle_atime(&self, metadata: &mut Metadata) {
        if !self.options.with_atime {
            metadata.atime = metadata.mtime;
        }
    }

    /// A folder of the snapshot before; `None` when it cannot be read, which was told then.
    fn before(&self, tree: TreeId, path: &Path) -> Option<Before> {
        match self.repository.directory(tree) {
            Ok(directory) => Some(Before { tree, directory }),
            Err(error) => {
                let what = format!("read what the snapshot before has of {}", path.display());
                self.problem(path, error.context(what));
                None
            }
        }
    }

    /// What the snapshot before has of folders that are to be listed soon.
    fn prefetch(&self, folders: &[FolderJob]) {
        let trees: Vec<TreeId> = folders.iter().filter_map(|folder| folder.tree_before).collect();
        if trees.len() > 1 {
            self.repository.prefetch_directories(&trees);
        }
    }
}

impl Entry<'_> {
    fn source(&self) -> PathBuf {
        self.path.join(self.name)
    }
}
