//! A repository that a server reads for us: it has the key, and gives out in plain what we may see.
//!
//! Ids of trees and blobs are the server's names for them. They need not be hashes of what they name: nothing is checked
//! against them, and two servers' names mean different things.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use bygone_common::drive::DRIVE_IDS_MAX;
use bygone_common::{BlobId, Id, RepositoryId, Secret, TreeId};
use parking_lot::RwLock;
use sha2::{Digest, Sha256};

use crate::backend::{Backend, FileId, FileKind, Listed};
use crate::config::{Config, Policy};
use crate::crypto::{KEY_BYTES, MasterKey};
use crate::engine::queue::waiting;
use crate::engine::{Blob, Engine, Priority, REMOTE_WORKERS};
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::{Landing, Sink};
use crate::repository::{Repository, RepositoryParts};
use crate::snapshot::Snapshot;
use crate::tree::Directory;

pub mod rewrite;

pub use bygone_common::drive::ServedTree;

/// Plain bytes that one request asks for, unless one blob is larger.
const REQUEST_BYTES_MAX: u64 = 8 << 20;
/// What a blob of unknown length is taken for: small files are what comes in numbers.
const UNKNOWN_BYTES: u64 = 32 << 10;

/// Whoever reads for us. Calls block; any number of threads may call at once. Trying again is theirs.
pub trait Served: Send + Sync + fmt::Debug {
    /// Where it is, for people: without secrets.
    fn location(&self) -> String;

    /// The snapshots that we may see.
    ///
    /// # Errors
    /// Whatever the server answers.
    fn snapshots(&self) -> Result<Vec<Snapshot>>;

    /// Trees, [`DRIVE_IDS_MAX`] at most. Calls `land` with the position of each.
    ///
    /// # Errors
    /// What those fail with that did not land.
    fn trees(&self, ids: &[TreeId], land: &mut dyn FnMut(usize, Result<ServedTree>)) -> Result<()>;

    /// Blobs of files, [`DRIVE_IDS_MAX`] at most. Calls `land` with the position of each.
    ///
    /// # Errors
    /// What those fail with that did not land.
    fn blobs(&self, ids: &[BlobId], land: &mut dyn FnMut(usize, Result<Vec<u8>>)) -> Result<()>;
}

/// A repository's server, and what it told.
#[derive(Debug)]
pub(crate) struct Server {
    served: Arc<dyn Served>,
    lengths: RwLock<HashMap<BlobId, u32>>,
}

impl Repository {
    /// Opens what a server reads for us. It shows snapshots, directories and files; there is no storage behind it.
    ///
    /// # Errors
    /// What the server answers.
    pub fn open_served(engine: &Engine, served: Arc<dyn Served>) -> Result<Self> {
        engine.0.queue.want_workers(REMOTE_WORKERS)?;
        let id = RepositoryId(Id::new(Sha256::digest(served.location().as_bytes()).into()));
        let config = Config {
            version: *crate::config::VERSIONS.end(),
            id,
            chunker_polynomial: String::new(),
            bygone: Policy::default(),
            others: serde_json::Map::new(),
        };
        let repository = Self::of_server(
            engine,
            Arc::new(Elsewhere(served.location())),
            // It opens nothing: what is sealed stays with the server.
            MasterKey::new(Secret::new([0; KEY_BYTES])),
            config,
            Server { served, lengths: RwLock::default() },
        );
        repository.refresh()?;
        Ok(repository)
    }
}

impl Server {
    pub(crate) fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.served.snapshots()
    }

    /// The plain length of a blob of a file that has several.
    pub(crate) fn length(&self, id: &BlobId) -> Option<u32> {
        self.lengths.read().get(id).copied()
    }
}

impl RepositoryParts {
    /// Queues jobs that ask the server; each id has been asked for in its flight, and lands there.
    pub(crate) fn schedule_served(
        self: &Arc<Self>,
        server: &Arc<Server>,
        wanted: &[BlobId],
        sink: Sink,
        priority: Priority,
    ) {
        let mut rest = wanted;
        while !rest.is_empty() {
            let (group, others) = rest.split_at(server.group(rest, sink));
            rest = others;
            let (repository, server) = (Arc::clone(self), Arc::clone(server));
            let landing = Landing::new(self, group.iter().map(|id| (*id, sink)).collect());
            let queued = self.engine.0.queue.submit(priority, move |_| repository.ask(&server, sink, landing));
            if !queued {
                tracing::debug!("a read-ahead was turned away");
            }
        }
    }

    /// One job: asks for what nobody else took meanwhile.
    fn ask(&self, server: &Server, sink: Sink, mut landing: Landing) {
        landing.keep(|id| self.start(id, sink));
        let ids: Vec<BlobId> = landing.ids();
        if ids.is_empty() {
            return;
        }
        let asked = waiting(|| match sink {
            Sink::Tree => {
                let trees: Vec<TreeId> = ids.iter().map(|id| TreeId(id.0)).collect();
                server.served.trees(&trees, &mut |at, tree| {
                    let Some(id) = ids.get(at).filter(|id| landing.close(id)) else { return };
                    match tree.and_then(|tree| server.parse(id, tree)) {
                        Ok(directory) => self.land_tree(id, directory),
                        Err(error) => self.land_error(id, sink, error),
                    }
                })
            }
            Sink::Blob => server.served.blobs(&ids, &mut |at, plain| {
                let Some(id) = ids.get(at).filter(|id| landing.close(id)) else { return };
                match plain {
                    Ok(plain) => self.land_blob(id, &plain),
                    Err(error) => self.land_error(id, sink, error),
                }
            }),
        });
        if let Err(error) = asked {
            landing.fail(&error);
        }
    }

    fn land_blob(&self, id: &BlobId, plain: &[u8]) {
        let mut buffer = self.engine.0.buffers.take(plain.len());
        buffer.copy_from_slice(plain);
        self.engine.0.blobs.land(&(self.number, *id), Ok(Arc::new(Blob::from(buffer))));
    }

    fn land_tree(&self, id: &BlobId, directory: Directory) {
        self.engine.0.directories.land(&(self.number, TreeId(id.0)), Ok(Arc::new(directory)));
    }
}

impl Server {
    /// How many of these are asked for together.
    fn group(&self, ids: &[BlobId], sink: Sink) -> usize {
        let most = ids.len().min(DRIVE_IDS_MAX);
        if sink == Sink::Tree {
            return most;
        }
        let lengths = self.lengths.read();
        let mut bytes = 0;
        let fitting = ids.iter().take(most).take_while(|id| {
            bytes += lengths.get(*id).map_or(UNKNOWN_BYTES, |length| u64::from(*length));
            bytes <= REQUEST_BYTES_MAX
        });
        fitting.count().max(1)
    }

    fn parse(&self, id: &BlobId, tree: ServedTree) -> Result<Directory> {
        let directory = Directory::parse(&tree.json).map_err(|why| {
            Error::new(ErrorKind::Damaged, format!("what the server calls tree {id} is not a tree")).because(why)
        })?;
        self.lengths.write().extend(tree.lengths);
        Ok(directory)
    }
}

/// The storage of a repository that a server reads for us: out of our reach.
#[derive(Debug)]
struct Elsewhere(String);

impl Elsewhere {
    fn refuse<T>(&self) -> Result<T> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} shows snapshots, not the files of a repository", self.0)))
    }
}

impl Backend for Elsewhere {
    fn location(&self) -> String {
        self.0.clone()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn list(&self, _: FileKind) -> Result<Vec<Listed>> {
        self.refuse()
    }

    fn read(&self, _: FileId) -> Result<Vec<u8>> {
        self.refuse()
    }

    fn read_at(&self, _: FileId, _: u64, _: &mut [u8]) -> Result<()> {
        self.refuse()
    }
}
