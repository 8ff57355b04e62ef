//! A server's snapshots as if they were a repository: `--server` in the place of `--repository`, for every verb that reads.

use std::collections::HashMap;
use std::sync::Arc;

use bygone_client::portal::FoundPaths;
use bygone_client::{ApiClient, Backoff, ErrorKind as ClientErrorKind, PortalClient, Trust};
use bygone_common::drive::{BlobsRequest, DriveSnapshot, Fault, FaultKind, Frame, TreeName, TreesRequest};
use bygone_common::{BlobId, RepositoryUid, SnapshotId, SourceUid, TreeId};
use bygone_vault::served::{Served, ServedTree};
use bygone_vault::{Engine, EngineOptions, Error, ErrorKind, Repository, Result, Snapshot};
use jiff::tz::Offset;
use parking_lot::RwLock;
use tokio::runtime::Runtime;

use crate::global::Global;
use crate::login;
use crate::open::engine_options;
use crate::password::variable;

/// Directories of which only a part is shown, and whose places are remembered, at most.
const PARTS_MAX: usize = 1_000_000;
/// How often a server that does not answer is asked before a read fails: about twenty seconds.
const TRIES_MAX: u32 = 8;
/// Between the first tries, and at most.
const WAITS: (std::time::Duration, std::time::Duration) =
    (std::time::Duration::from_millis(250), std::time::Duration::from_secs(5));

/// Everything that opening a server's snapshots needs: nothing has been connected to, no thread runs.
pub(crate) struct DriveOpening {
    portal: PortalClient,
    source: Option<String>,
    engine: EngineOptions,
}

impl DriveOpening {
    /// What the options say; nothing if they name no server.
    ///
    /// # Errors
    /// An option that makes no sense; nobody is signed in there.
    pub(crate) fn prepare(global: &Global) -> Result<Option<Self>> {
        let server = match &global.server {
            Some(server) => Some(server.clone()),
            None if global.names_repository() => None,
            None => variable("BYGONE_SERVER")?,
        };
        let Some(server) = server else { return Ok(None) };
        let known = login::known(&server)?;
        let trust = match (&global.cacert, &known.authority) {
            (Some(file), _) => Trust::Authority(login::read_authority(file)?),
            (None, Some(pem)) => Trust::Authority(pem.clone()),
            (None, None) => Trust::System,
        };
        let api = ApiClient::new(&server, &trust, Some(&known.token)).map_err(|error| failure(&error))?;
        let source = match &global.source {
            Some(source) => Some(source.clone()),
            None => variable("BYGONE_SOURCE")?,
        };
        Ok(Some(Self { portal: PortalClient::new(api), source, engine: engine_options(global) }))
    }

    /// Asks for the snapshots.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub(crate) fn open(self) -> Result<Repository> {
        self.connect()?.open()
    }

    /// Asks which sources there are.
    ///
    /// # Errors
    /// What the server answers; `Ambiguous`: it shows several sources, and none was named.
    pub(crate) fn connect(self) -> Result<Connected> {
        let runtime = runtime()?;
        let sources = runtime.block_on(self.portal.sources()).map_err(|error| failure(&error))?;
        let names = || sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
        let mut fitting = sources.iter().filter(|source| match &self.source {
            Some(wanted) => source.name == *wanted || source.uid.to_string() == *wanted,
            None => true,
        });
        let source = match (fitting.next(), fitting.next()) {
            (Some(source), None) => source.uid,
            (None, _) if sources.is_empty() => {
                return Err(Error::new(ErrorKind::NotFound, format!("{} shows you no source", self.portal.url())));
            }
            (None, _) => {
                let wanted = self.source.unwrap_or_default();
                return Err(Error::new(ErrorKind::NotFound, format!("no source {wanted:?}; there are: {}", names())));
            }
            (Some(_), Some(_)) => {
                let sentence = format!("which source? Give --source NAME: {}", names());
                return Err(Error::new(ErrorKind::Ambiguous, sentence));
            }
        };
        Ok(Connected { portal: self.portal, source, engine: self.engine, runtime })
    }
}

/// A server that shows a source.
pub(crate) struct Connected {
    portal: PortalClient,
    source: SourceUid,
    engine: EngineOptions,
    runtime: Runtime,
}

impl Connected {
    /// Starts the engine, and asks for the snapshots.
    ///
    /// # Errors
    /// What the server answers.
    pub(crate) fn open(self) -> Result<Repository> {
        let engine = Engine::start(self.engine)?;
        let Self { portal, source, runtime, .. } = self;
        let drive = Drive { portal, source, repository: RwLock::default(), parts: RwLock::default(), runtime };
        Repository::open_served(&engine, Arc::new(drive))
    }

    /// A page of the paths of the source that fit a query of the server's index.
    ///
    /// # Errors
    /// What the server answers.
    pub(crate) fn search(&self, query: &str, after: Option<&str>) -> Result<FoundPaths> {
        let asked = bygone_client::retry::repeatedly(TRIES_MAX, Backoff::new(WAITS.0, WAITS.1), || {
            self.portal.search(self.source, query, after)
        });
        self.runtime.block_on(asked).map_err(|error| failure(&error))
    }
}

/// A source of a server.
#[derive(Debug)]
struct Drive {
    portal: PortalClient,
    source: SourceUid,
    /// The repository that the names of trees and blobs are about.
    repository: RwLock<Option<RepositoryUid>>,
    /// Where the directories are of which only a part is shown: they are asked for by their place.
    parts: RwLock<HashMap<TreeId, (SnapshotId, Vec<u8>)>>,
    runtime: Runtime,
}

impl Served for Drive {
    fn location(&self) -> String {
        format!("{} (source {})", self.portal.url(), self.source)
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let asked = bygone_client::retry::repeatedly(TRIES_MAX, Backoff::new(WAITS.0, WAITS.1), || {
            self.portal.drive(self.source)
        });
        let drive = self.runtime.block_on(asked).map_err(|error| failure(&error))?;
        *self.repository.write() = Some(drive.repository);
        let roots = drive.snapshots.iter().filter(|snapshot| snapshot.partial);
        let roots: Vec<_> = roots.map(|snapshot| (snapshot.tree, (snapshot.id, b"/".to_vec()))).collect();
        self.remember(roots);
        Ok(drive.snapshots.into_iter().map(snapshot).collect())
    }

    fn trees(&self, ids: &[TreeId], land: &mut dyn FnMut(usize, Result<ServedTree>)) -> Result<()> {
        let repository = self.repository()?;
        let names: Vec<TreeName> = {
            let parts = self.parts.read();
            ids.iter()
                .map(|id| match parts.get(id) {
                    None => TreeName::Whole { id: *id },
                    Some((snapshot, path)) => TreeName::Part { snapshot: *snapshot, path: hex::encode(path) },
                })
                .collect()
        };
        self.until_all(
            names.len(),
            |left, on| {
                let trees = left.iter().filter_map(|at| names.get(*at).cloned()).collect();
                let request = TreesRequest { repository, trees };
                self.runtime.block_on(self.portal.trees(self.source, &request, on))
            },
            &mut |at, frame| match frame {
                Frame::Tree(tree) => {
                    if let Some(id) = ids.get(at) {
                        self.remember_below(*id, &tree);
                    }
                    land(at, Ok(tree));
                }
                Frame::Fault(fault) => land(at, Err(refused(fault))),
                Frame::Blob(_) => land(at, Err(unclear())),
            },
        )
    }

    fn blobs(&self, ids: &[BlobId], land: &mut dyn FnMut(usize, Result<Vec<u8>>)) -> Result<()> {
        let repository = self.repository()?;
        self.until_all(
            ids.len(),
            |left, on| {
                let blobs = left.iter().filter_map(|at| ids.get(*at).copied()).collect();
                let request = BlobsRequest { repository, blobs };
                self.runtime.block_on(self.portal.blobs(self.source, &request, on))
            },
            &mut |at, frame| match frame {
                Frame::Blob(plain) => land(at, Ok(plain)),
                Frame::Fault(fault) => land(at, Err(refused(fault))),
                Frame::Tree(_) => land(at, Err(unclear())),
            },
        )
    }
}

/// What is called with the position of each answer.
type Landing<'a> = &'a mut dyn FnMut(u32, Frame);

impl Drive {
    fn repository(&self) -> Result<RepositoryUid> {
        let missing = || Error::new(ErrorKind::Unavailable, "the server has not said where its snapshots lie");
        self.repository.read().ok_or_else(missing)
    }

    /// Asks until everything has landed, an error does not pass by itself, or too many that may.
    fn until_all(
        &self,
        count: usize,
        ask: impl Fn(&[usize], Landing<'_>) -> bygone_client::Result<()>,
        land: &mut dyn FnMut(usize, Frame),
    ) -> Result<()> {
        let mut left: Vec<usize> = (0..count).collect();
        let mut backoff = Backoff::new(WAITS.0, WAITS.1);
        for tried in 1.. {
            let asked = left.clone();
            let mut landed = Vec::with_capacity(asked.len());
            let answered = ask(&asked, &mut |position, frame| {
                let at = usize::try_from(position).ok().and_then(|position| asked.get(position));
                if let Some(at) = at.filter(|at| !landed.contains(*at)) {
                    landed.push(*at);
                    land(*at, frame);
                }
            });
            left.retain(|at| !landed.contains(at));
            match answered {
                Ok(()) if left.is_empty() => return Ok(()),
                Ok(()) => return Err(unclear()),
                Err(_) if left.is_empty() => return Ok(()),
                Err(error) if tried < TRIES_MAX && error.kind().is_transient() => {
                    tracing::debug!(%error, "asking the server again");
                    std::thread::sleep(backoff.wait(error.retry_after()));
                }
                Err(error) => return Err(failure(&error)),
            }
        }
        Err(unclear())
    }

    fn remember_below(&self, tree: TreeId, served: &ServedTree) {
        if served.partial.is_empty() {
            return;
        }
        let Some((snapshot, path)) = self.parts.read().get(&tree).cloned() else { return };
        let below = served.partial.iter().map(|(id, name)| {
            let mut below = path.clone();
            if !below.ends_with(b"/") {
                below.push(b'/');
            }
            below.extend_from_slice(name);
            (*id, (snapshot, below))
        });
        self.remember(below);
    }

    fn remember(&self, places: impl IntoIterator<Item = (TreeId, (SnapshotId, Vec<u8>))>) {
        let mut parts = self.parts.write();
        parts.extend(places);
        if parts.len() > PARTS_MAX {
            // They are learned again on the way down from a snapshot.
            tracing::warn!("too many folders are shown in part: those that are open have to be entered again");
            parts.clear();
        }
    }
}

fn snapshot(shown: DriveSnapshot) -> Snapshot {
    Snapshot {
        id: shown.id,
        time: shown.time,
        offset: Offset::from_seconds(shown.utc_offset_seconds).unwrap_or(Offset::UTC),
        tree: shown.tree,
        parent: None,
        paths: shown.paths,
        hostname: shown.host,
        username: shown.username,
        uid: 0,
        gid: 0,
        tags: shown.tags,
        excludes: Vec::new(),
        original: None,
        program_version: shown.program,
        summary: None,
    }
}

fn unclear() -> Error {
    Error::new(ErrorKind::Unavailable, "the server answers something else than it was asked for")
}

fn refused(fault: Fault) -> Error {
    let kind = match fault.kind {
        FaultKind::Denied => ErrorKind::Denied,
        FaultKind::Damaged => ErrorKind::Damaged,
        FaultKind::Unavailable => ErrorKind::Unavailable,
        FaultKind::Failed => ErrorKind::Io,
    };
    Error::new(kind, fault.detail)
}

/// Threads for the network of a verb that asks a server.
///
/// # Errors
/// The system has none.
pub(crate) fn runtime() -> Result<Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    built.map_err(|error| Error::io("start a thread for the network", error))
}

/// A server's error as every verb's.
pub(crate) fn failure(error: &bygone_client::Error) -> Error {
    let kind = match error.kind() {
        ClientErrorKind::Unreachable | ClientErrorKind::Busy => ErrorKind::Unavailable,
        ClientErrorKind::TimedOut => ErrorKind::TimedOut,
        ClientErrorKind::Untrusted | ClientErrorKind::Denied => ErrorKind::Denied,
        ClientErrorKind::NotFound => ErrorKind::NotFound,
        ClientErrorKind::Conflict => ErrorKind::Conflict,
        ClientErrorKind::Invalid => ErrorKind::InvalidInput,
        ClientErrorKind::Protocol => ErrorKind::Io,
    };
    Error::new(kind, error.to_string())
}
