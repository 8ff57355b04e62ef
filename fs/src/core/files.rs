//! Files that are being read. There is no open and no close, so readers are kept by number until others push them out.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_vault::{FileReader, NodeKind, Pieces};
use parking_lot::Mutex;

use super::fault::{Answer, Fault};
use super::inode::{DirectoryId, Inode, Place};
use super::{Core, Thing};

/// Memory that readers of recently read files may take, as [`OpenFile::weight_bytes`] estimates it.
pub const READERS_BYTES_MAX: usize = 8 << 20;
/// Files up to this size are read at once and never again: the kernel keeps them whole, so we keep nothing.
pub const SMALL_FILE_BYTES_MAX: u64 = 128 << 10;

/// A file that is being read.
#[derive(Debug)]
pub struct OpenFile {
    /// Its number.
    pub inode: Inode,
    /// The directory, or the part of it, with one of its names.
    pub directory: DirectoryId,
    /// The position of that name in the whole directory.
    pub position: usize,
    /// Its content.
    pub reader: Arc<FileReader>,
    /// What is known of how it is being read.
    pub pattern: Mutex<Pattern>,
}

/// How a file has been read so far.
#[derive(Debug, Default)]
pub struct Pattern {
    /// Where the last read ended.
    pub last_end: u64,
    /// Reads in a row that did not go on where the one before had ended.
    pub jumps: u32,
    /// Which blobs have been given to the kernel whole: a bit for each.
    pub given: Vec<u64>,
}

impl OpenFile {
    /// Reads; `then` runs at once when the bytes are decoded already.
    pub fn read_then(&self, offset: u64, len: usize, then: impl FnOnce(Answer<Pieces>) + Send + 'static) {
        self.reader.read_then(offset, len, move |pieces| then(pieces.map_err(Fault::from)));
    }

    /// Memory that the reader takes, roughly.
    fn weight_bytes(&self) -> usize {
        const READER_BYTES: usize = 512;
        const BLOB_BYTES: usize = 64;
        READER_BYTES + BLOB_BYTES * self.reader.blobs().len()
    }
}

/// Readers of recently read files: two generations, of which the older is dropped when the younger is half full.
#[derive(Debug, Default)]
pub(super) struct Files {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Inode, Arc<OpenFile>>,
    old: HashMap<Inode, Arc<OpenFile>>,
    young_bytes: usize,
}

impl Files {
    fn get(&self, inode: Inode) -> Option<Arc<OpenFile>> {
        let mut generations = self.generations.lock();
        if let Some(file) = generations.young.get(&inode) {
            return Some(Arc::clone(file));
        }
        let file = generations.old.remove(&inode)?;
        generations.put(Arc::clone(&file));
        Some(file)
    }

    /// Keeps a file, unless another thread was quicker: then both use that one.
    fn keep(&self, file: Arc<OpenFile>) -> Arc<OpenFile> {
        let mut generations = self.generations.lock();
        if let Some(known) = generations.young.get(&file.inode) {
            return Arc::clone(known);
        }
        generations.put(Arc::clone(&file));
        file
    }
}

impl Generations {
    fn put(&mut self, file: Arc<OpenFile>) {
        self.young_bytes += file.weight_bytes();
        self.young.insert(file.inode, file);
        if self.young_bytes > READERS_BYTES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

impl Core {
    /// Finds the file with that number, ready to be read.
    pub fn file_then(self: &Arc<Self>, inode: Inode, then: impl FnOnce(Answer<Arc<OpenFile>>) + Send + 'static) {
        if let Some(file) = self.files.get(inode) {
            return then(Ok(file));
        }
        let core = Arc::clone(self);
        self.locate_then(inode, move |thing| then(core.open_file(inode, thing)));
    }

    fn open_file(&self, inode: Inode, thing: Answer<Thing>) -> Answer<Arc<OpenFile>> {
        let located = match thing? {
            Thing::Node(located) => located,
            Thing::Layout(..) => return Err(Fault::IsDirectory),
        };
        let node = located.node()?;
        match node.kind() {
            NodeKind::File => {}
            NodeKind::Dir => return Err(Fault::IsDirectory),
            NodeKind::Symlink
            | NodeKind::BlockDevice
            | NodeKind::CharDevice
            | NodeKind::Fifo
            | NodeKind::Socket
            | NodeKind::Unknown => return Err(Fault::WrongKind),
        }
        // The kernel was told the node's size. A reader always has that size: other files are refused as damaged.
        let reader = Arc::new(self.repository.file(node)?);
        let file = Arc::new(OpenFile {
            inode,
            directory: located.id,
            position: located.position,
            reader,
            pattern: Mutex::default(),
        });
        Ok(if node.size() <= SMALL_FILE_BYTES_MAX { file } else { self.files.keep(file) })
    }

    /// The directory in which the file with that number was found, if that follows from the number.
    pub fn directory_of(&self, inode: Inode) -> Option<DirectoryId> {
        match inode.place() {
            Place::Entry { directory, .. } => Some(directory),
            Place::Link => self.links.get(inode).map(|(directory, _)| directory),
            Place::Layout => None,
        }
    }
}
