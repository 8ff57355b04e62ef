//! One capture while it runs: what its threads share, and what each of them does.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bygone_common::TreeId;
use parking_lot::Mutex;

use super::Options;
use super::chunker::Chunker;
use super::excludes::Devices;
use super::file::{BlobJob, FileJob, Worker};
use super::metadata::{Lacking, Names};
use super::node::Metadata;
use super::pending::{Ended, Pending, Slot, Up};
use super::queue::{Job, Queue};
use super::report::{AddedBytes, Change, Counts, Item, Problem, Watcher};
use super::time::Zone;
use super::walk::FolderJob;
use crate::backend::CancelToken;
use crate::blob_map::BlobKind;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;
use crate::tree::{Node, NodeKind};
use crate::write::Writer;

/// Threads beyond the cores: while one waits for a disk, another computes.
const THREADS_WAITING: usize = 1;
/// The most threads that are of any use.
const THREADS_MAX: usize = 64;

/// What the threads of a capture share.
pub(super) struct Session<'a> {
    pub(super) repository: &'a Repository,
    pub(super) writer: &'a Writer,
    pub(super) options: &'a Options,
    pub(super) watcher: &'a dyn Watcher,
    pub(super) token: &'a CancelToken,
    pub(super) chunker: Chunker,
    pub(super) zone: Zone,
    pub(super) names: Names,
    pub(super) devices: Devices,
    pub(super) counts: Counts,
    pub(super) queue: Queue<BlobJob, FileJob, FolderJob>,
    pub(super) root: Mutex<Option<TreeId>>,
    /// Sources, and those of them that are not there.
    pub(super) sources: AtomicUsize,
    pub(super) sources_missing: AtomicUsize,
    /// Buffers that nobody uses at the moment.
    pub(super) buffers: Mutex<Vec<Vec<u8>>>,
    failure: Mutex<Option<Error>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        repository: &'a Repository,
        writer: &'a Writer,
        options: &'a Options,
        watcher: &'a dyn Watcher,
        token: &'a CancelToken,
    ) -> Result<Self> {
        Ok(Self {
            chunker: Chunker::new(&repository.config().chunker_polynomial)?,
            repository,
            writer,
            options,
            watcher,
            token,
            zone: Zone::new(options.zone.clone()),
            names: Names::default(),
            devices: Devices::default(),
            counts: Counts::default(),
            queue: Queue::new(),
            root: Mutex::default(),
            sources: AtomicUsize::new(0),
            sources_missing: AtomicUsize::new(0),
            buffers: Mutex::default(),
            failure: Mutex::default(),
        })
    }

    /// Does all work that is there, and all that it brings; answers the root's tree.
    pub(super) fn work(&self) -> Result<TreeId> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = (cores.max(self.options.read_concurrency) + THREADS_WAITING).min(THREADS_MAX);
        std::thread::scope(|scope| {
            for number in 0..threads {
                let builder = std::thread::Builder::new().name(format!("bygone-capture-{number}"));
                if let Err(error) = builder.spawn_scoped(scope, || self.work_in_thread()) {
                    // Some threads are enough; without any, nobody does the work.
                    if number == 0 {
                        self.fail(Error::io("start a thread to read files", error));
                    }
                    break;
                }
            }
        });
        if let Some(error) = self.failure.lock().take() {
            return Err(error);
        }
        self.token.check(|| "back up".to_owned())?;
        let root = *self.root.lock();
        root.ok_or_else(|| Error::new(ErrorKind::Io, "a thread of the backup panicked: nothing was saved"))
    }

    /// Whether nothing of what was named is there.
    pub(super) fn has_found_nothing(&self) -> bool {
        self.sources_missing.load(Ordering::Relaxed) == self.sources.load(Ordering::Relaxed)
    }

    fn work_in_thread(&self) {
        let mut worker = Worker::default();
        while let Some((job, _working)) = self.queue.next() {
            let done = match job {
                Job::Blob(blob) => self.add_blob(blob),
                Job::File(file) => self.save_file(file, &mut worker),
                Job::Folder(folder) => self.save_folder(folder, &mut worker),
            };
            if let Err(error) = done {
                self.fail(error);
            }
        }
    }

    /// Ends the capture with its first error.
    pub(super) fn fail(&self, error: Error) {
        self.failure.lock().get_or_insert(error);
        self.queue.stop();
    }

    /// # Errors
    /// `Cancelled` once the token was pulled.
    pub(super) fn go_on(&self) -> Result<()> {
        self.token.check(|| "back up".to_owned())
    }

    /// Says what an entry is, and ends the folder if that was the last one.
    pub(super) fn fill(&self, folder: &Arc<Pending>, slot: usize, what: Slot) -> Result<()> {
        match folder.fill(slot, what, &self.zone) {
            None => Ok(()),
            Some(ended) => self.end(folder, ended),
        }
    }

    /// Says how many entries a folder has, and ends it if all are known.
    pub(super) fn all_listed(&self, folder: &Arc<Pending>, total: usize) -> Result<()> {
        match folder.all_listed(total, &self.zone) {
            None => Ok(()),
            Some(ended) => self.end(folder, ended),
        }
    }

    /// Stores the tree of a folder that has ended, and those of the folders above that end with it.
    fn end(&self, folder: &Arc<Pending>, ended: Ended) -> Result<()> {
        let (mut folder, mut ended) = (folder.clone(), ended);
        loop {
            let (tree, added) = self.store_tree(&folder, ended)?;
            let Some(up) = &folder.up else {
                *self.root.lock() = Some(tree);
                return Ok(());
            };
            let before = up.folder.node_before(&up.name).filter(|node| node.kind() == NodeKind::Dir);
            let what = match before {
                Some(node) if node.subtree() == Some(tree) && up.metadata.is_of(node) => same(node),
                Some(_) | None => self.folder_text(up, tree),
            };
            let change = match (&what, before) {
                (Slot::Same(_), _) => Change::Unmodified,
                (_, Some(_)) => Change::Changed,
                (_, None) => Change::New,
            };
            self.counts.folder(change);
            if self.watcher.wants_items() {
                let path = [&folder.place, b"/".as_slice()].concat();
                self.watcher.done(&Item { path: &path, kind: NodeKind::Dir, change, size: 0, added });
            }
            match up.folder.fill(up.slot, what, &self.zone) {
                None => return Ok(()),
                Some(next) => (folder, ended) = (up.folder.clone(), next),
            }
        }
    }

    fn store_tree(&self, folder: &Pending, ended: Ended) -> Result<(TreeId, AddedBytes)> {
        let text = match ended {
            Ended::Same(tree) if self.writer.holds(BlobKind::Tree, &tree.into()) => {
                return Ok((tree, AddedBytes::default()));
            }
            Ended::Same(_) => folder.text_before(&self.zone),
            Ended::Text(text) => text,
        };
        let added = self.writer.add(BlobKind::Tree, &text)?;
        let mut bytes = AddedBytes::default();
        bytes.count(added, text.len());
        Ok((TreeId(added.id.0), bytes))
    }

    fn folder_text(&self, up: &Up, tree: TreeId) -> Slot {
        let mut text = Vec::new();
        up.metadata.push_folder(&mut text, &up.name, &self.zone, tree);
        Slot::Text(text.into())
    }

    /// What an entry that has no content is.
    pub(super) fn bare(&self, folder: &Pending, name: &[u8], metadata: &Metadata) -> Slot {
        match folder.node_before(name) {
            Some(node) if metadata.is_of(node) => same(node),
            Some(_) | None => {
                let mut text = Vec::new();
                metadata.push_bare(&mut text, name, &self.zone);
                Slot::Text(text.into())
            }
        }
    }

    /// Counts a file, and tells of it.
    pub(super) fn file_done(&self, folder: &Pending, name: &[u8], change: Change, size: u64, added: AddedBytes) {
        self.counts.file(change, size);
        if self.watcher.wants_items() {
            let path = folder.place_of(name);
            self.watcher.done(&Item { path: &path, kind: NodeKind::File, change, size, added });
        }
    }

    /// Tells of something that is missing in the snapshot.
    pub(super) fn problem(&self, path: &Path, error: Error) {
        self.counts.problem();
        self.watcher.problem(&Problem { path: path.as_os_str().as_encoded_bytes().to_vec(), error });
    }

    /// Tells of what is lacking of an entry that is saved.
    pub(super) fn lacking(&self, path: &Path, lacking: Vec<Lacking>) {
        for Lacking { what, error } in lacking {
            self.problem(path, Error::io(format!("read {what} of {}", path.display()), error));
        }
    }

    /// Tells of something that should be known.
    pub(super) fn warning(&self, path: &Path, what: &str) {
        self.watcher.warning(path.as_os_str().as_encoded_bytes(), what);
    }
}

/// The entry is that of the snapshot before.
pub(super) fn same(node: Node<'_>) -> Slot {
    // A directory has fewer than 2^32 entries: see its tables.
    u32::try_from(node.index()).map_or(Slot::Left, Slot::Same)
}
