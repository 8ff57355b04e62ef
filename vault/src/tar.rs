//! A folder of a snapshot as a tar archive.
//!
//! POSIX (pax) format: names of any length and bytes, any size, nanosecond times, extended attributes (as
//! `SCHILY.xattr.*`, which GNU tar and bsdtar read), hard links, devices, pipes and symbolic links. Sockets have no
//! place in an archive.

mod header;

pub use header::{Encoded as EntryHeader, encode as entry_header};

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use bygone_common::{BlobId, TreeId};

use crate::error::{Error, ErrorKind, Result};
use crate::reader::{FileReader, Pieces};
use crate::repository::Repository;
use crate::tree::{Node, NodeKind};
use crate::walk::{Step, Walk};

/// Files up to this size are read whole, ahead of being written.
const SMALL_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Bytes of small files read ahead.
const AHEAD_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Entries held ahead.
const AHEAD_ENTRIES_MAX: usize = 1024;
/// How large files are read.
const READ_BYTES: usize = 1024 * 1024;
/// tar's unit: headers and contents begin at multiples of it, and two empty ones end an archive.
pub const BLOCK_BYTES: u64 = 512;

/// What somebody who waits for an archive should hear.
#[derive(Debug)]
pub enum Event<'a> {
    /// An entry was written; so many bytes of content since the last event.
    Written {
        /// Its name in the archive.
        name: &'a [u8],
        /// Bytes of its content.
        bytes: u64,
    },
    /// It cannot be read and is left out. A large file that breaks off in the middle is filled up with zeros instead.
    Unreadable {
        /// Its name in the archive.
        name: &'a [u8],
        /// Why.
        error: Error,
    },
    /// An archive has no place for it.
    LeftOut {
        /// Its name in the archive.
        name: &'a [u8],
        /// Why.
        why: &'static str,
    },
}

/// Whom to tell.
pub type Tell<'t> = dyn FnMut(Event<'_>) + 't;

/// Writes everything below `tree`. Names in the archive begin with `prefix`, without a slash at either end; an empty one
/// leaves names as they are below the tree.
///
/// # Errors
/// `out` refuses. Whatever cannot be read is told and does not end the archive.
pub fn write_directory(
    repository: &Repository,
    tree: TreeId,
    prefix: &[u8],
    out: &mut dyn Write,
    tell: &mut Tell<'_>,
) -> Result<()> {
    let mut archive = Archive::new(repository, out, tell);
    archive.directory(tree, prefix)?;
    archive.finish()
}

/// Writes one node, and everything below it when it is a directory. Names in the archive begin with the node's name.
///
/// # Errors
/// As [`write_directory`].
pub fn write_node(repository: &Repository, node: Node<'_>, out: &mut dyn Write, tell: &mut Tell<'_>) -> Result<()> {
    let mut archive = Archive::new(repository, out, tell);
    archive.entry(node, node.name().to_vec())?;
    if let Some(tree) = node.subtree() {
        archive.directory(tree, node.name())?;
    }
    archive.finish()
}

/// An entry whose turn to be written has not come.
struct Waiting {
    name: Vec<u8>,
    header: Vec<u8>,
    body: Body,
}

enum Body {
    Empty,
    Small { answer: Receiver<Result<Pieces>>, size: u64 },
    Large(Arc<FileReader>),
}

/// What names of one file have in common. The content counts too: a file may have been replaced while it was saved.
type LinkKey = (u64, u64, u64, Option<BlobId>);

struct Archive<'a, 't> {
    repository: &'a Repository,
    out: &'a mut dyn Write,
    tell: &'a mut Tell<'t>,
    links: HashMap<LinkKey, Vec<u8>>,
    waiting: VecDeque<Waiting>,
    waiting_bytes: u64,
    buffer: Vec<u8>,
}

impl<'a, 't> Archive<'a, 't> {
    fn new(repository: &'a Repository, out: &'a mut dyn Write, tell: &'a mut Tell<'t>) -> Self {
        Self {
            repository,
            out,
            tell,
            links: HashMap::new(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            buffer: Vec::new(),
        }
    }

    fn directory(&mut self, tree: TreeId, prefix: &[u8]) -> Result<()> {
        let repository = self.repository;
        let mut walk = Walk::new(repository, tree, prefix);
        while let Some(step) = walk.next() {
            let name = walk.path().strip_prefix(b"/").unwrap_or(walk.path()).to_vec();
            match step {
                Step::Enter(directory) => {
                    for rejected in directory.rejected() {
                        let full = [name.as_slice(), b"/", rejected].concat();
                        (self.tell)(Event::LeftOut { name: &full, why: "its name is not one that a file can have" });
                    }
                }
                Step::Broken(error) => (self.tell)(Event::Unreadable { name: &name, error }),
                Step::Entry(entry) => {
                    if let Some(node) = entry.node() {
                        self.entry(node, name)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes an entry in, and writes those whose turn has come.
    fn entry(&mut self, node: Node<'_>, name: Vec<u8>) -> Result<()> {
        let Some(body) = self.body(node, &name) else { return Ok(()) };
        let (size, link) = match &body {
            Body::Small { size, .. } => (*size, None),
            Body::Large(reader) => (reader.size(), None),
            Body::Empty if node.kind() == NodeKind::File => {
                (0, self.links.get(&link_key(node)).filter(|_| node.links() > 1))
            }
            Body::Empty => (0, None),
        };
        let header = match header::encode(node, &name, size, link.map(Vec::as_slice)) {
            Ok(encoded) => {
                for attribute in encoded.left_out {
                    (self.tell)(Event::LeftOut {
                        name: &[&name, b": ".as_slice(), &attribute].concat(),
                        why: "an archive has no place for this attribute's name",
                    });
                }
                encoded.bytes
            }
            Err(error) => {
                (self.tell)(Event::Unreadable { name: &name, error });
                return Ok(());
            }
        };
        if node.kind() == NodeKind::File && node.links() > 1 {
            self.links.entry(link_key(node)).or_insert_with(|| name.clone());
        }
        self.waiting_bytes += small_bytes(&body);
        self.waiting.push_back(Waiting { name, header, body });
        while self.waiting.len() > AHEAD_ENTRIES_MAX || self.waiting_bytes > AHEAD_BYTES_MAX {
            self.write_next()?;
        }
        Ok(())
    }

    /// What follows the header; `None` when the entry is left out.
    fn body(&mut self, node: Node<'_>, name: &[u8]) -> Option<Body> {
        match node.kind() {
            NodeKind::File => {}
            NodeKind::Dir | NodeKind::Symlink | NodeKind::BlockDevice | NodeKind::CharDevice | NodeKind::Fifo => {
                return Some(Body::Empty);
            }
            NodeKind::Socket => {
                (self.tell)(Event::LeftOut { name, why: "it is a socket" });
                return None;
            }
            NodeKind::Unknown => {
                (self.tell)(Event::LeftOut { name, why: "it is of a type that this program does not know" });
                return None;
            }
        }
        if node.links() > 1 && self.links.contains_key(&link_key(node)) {
            return Some(Body::Empty);
        }
        let reader = match self.repository.file(node) {
            Ok(reader) => Arc::new(reader),
            Err(error) => {
                (self.tell)(Event::Unreadable { name, error });
                return None;
            }
        };
        let size = reader.size();
        if size == 0 {
            return Some(Body::Empty);
        }
        if size > SMALL_FILE_BYTES_MAX {
            return Some(Body::Large(reader));
        }
        let (sender, answer) = channel();
        // `size` fits: it is at most SMALL_FILE_BYTES_MAX.
        reader.read_then(0, size as usize, move |pieces| {
            // Nobody waits any more when the archive was given up.
            let _ = sender.send(pieces);
        });
        Some(Body::Small { answer, size })
    }

    fn write_next(&mut self) -> Result<()> {
        let Some(next) = self.waiting.pop_front() else { return Ok(()) };
        self.waiting_bytes -= small_bytes(&next.body);
        let bytes = match next.body {
            Body::Empty => {
                put(self.out, &next.header)?;
                0
            }
            Body::Small { answer, size } => {
                let lost = || Err(Error::new(ErrorKind::Cancelled, "a read was given up"));
                match answer.recv().unwrap_or_else(|_| lost()).and_then(|pieces| whole(pieces, size)) {
                    Ok(pieces) => {
                        put(self.out, &next.header)?;
                        for slice in pieces.slices() {
                            put(self.out, slice)?;
                        }
                        pad(self.out, size)?;
                        size
                    }
                    Err(error) => {
                        (self.tell)(Event::Unreadable { name: &next.name, error });
                        return Ok(());
                    }
                }
            }
            Body::Large(reader) => return self.write_large(&next.name, &next.header, &reader),
        };
        (self.tell)(Event::Written { name: &next.name, bytes });
        Ok(())
    }

    fn write_large(&mut self, name: &[u8], header: &[u8], reader: &Arc<FileReader>) -> Result<()> {
        let size = reader.size();
        self.buffer.resize(READ_BYTES, 0);
        let mut done = 0u64;
        while done < size {
            let read = match reader.read_at(done, &mut self.buffer) {
                Ok(0) => Err(Error::new(ErrorKind::Damaged, format!("it ends at byte {done} of {size}"))),
                other => other,
            };
            let read = match read {
                Ok(read) => read,
                Err(error) => {
                    (self.tell)(Event::Unreadable { name, error });
                    if done > 0 {
                        // The header has promised the size already.
                        zeros(self.out, size - done)?;
                        pad(self.out, size)?;
                    }
                    return Ok(());
                }
            };
            if done == 0 {
                put(self.out, header)?;
            }
            put(self.out, self.buffer.get(..read).unwrap_or_default())?;
            done += read as u64;
            (self.tell)(Event::Written { name, bytes: read as u64 });
        }
        pad(self.out, size)
    }

    fn finish(mut self) -> Result<()> {
        while !self.waiting.is_empty() {
            self.write_next()?;
        }
        zeros(self.out, 2 * BLOCK_BYTES)?;
        self.out.flush().map_err(|error| Error::io("write the archive", error))
    }
}

fn link_key(node: Node<'_>) -> LinkKey {
    (node.device_id(), node.inode(), node.size(), node.content().first().copied())
}

fn small_bytes(body: &Body) -> u64 {
    match body {
        Body::Small { size, .. } => *size,
        Body::Empty | Body::Large(_) => 0,
    }
}

fn whole(pieces: Pieces, size: u64) -> Result<Pieces> {
    if pieces.len() as u64 == size {
        return Ok(pieces);
    }
    Err(Error::new(ErrorKind::Damaged, format!("it ends at byte {} of {size}", pieces.len())))
}

fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    out.write_all(bytes).map_err(|error| Error::io("write the archive", error))
}

fn zeros(out: &mut dyn Write, mut count: u64) -> Result<()> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    while count > 0 {
        let now = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
        put(out, ZEROS.get(..now).unwrap_or_default())?;
        count -= now as u64;
    }
    Ok(())
}

fn pad(out: &mut dyn Write, size: u64) -> Result<()> {
    zeros(out, size.next_multiple_of(BLOCK_BYTES) - size)
}
