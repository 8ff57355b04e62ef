//! Where a repository that a server reads for us differs from one whose storage we reach.

use std::sync::Arc;

use bygone_common::BlobId;

use super::snapshots::SnapshotList;
use super::{Repository, RepositoryParts};
use crate::backend::SharedBackend;
use crate::blob_map::BlobMap;
use crate::config::Config;
use crate::crypto::MasterKey;
use crate::engine::Engine;
use crate::served::Server;

impl Repository {
    /// What a server reads for us; nothing of it is kept on disk.
    pub(crate) fn of_server(
        engine: &Engine,
        backend: SharedBackend,
        key: MasterKey,
        config: Config,
        server: Server,
    ) -> Self {
        Self(Arc::new(RepositoryParts {
            engine: engine.clone(),
            number: engine.next_repository(),
            backend,
            key,
            blob_map: BlobMap::open(config.id, None),
            pack_cache: None,
            server: Some(Arc::new(server)),
            leases: None,
            config,
            snapshots: SnapshotList::new(None),
        }))
    }

    /// Whether a server reads instead of us.
    pub(crate) fn is_served(&self) -> bool {
        self.0.server.is_some()
    }

    /// The plain length of a blob of a file that has several; none when no index file knows it.
    pub(crate) fn plain_bytes(&self, blob: &BlobId) -> Option<u32> {
        match &self.0.server {
            Some(server) => server.length(blob),
            None => self.0.blob_map.locate(blob).map(|location| location.plain_bytes()),
        }
    }
}
