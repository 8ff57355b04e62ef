//! `[storage]`: where repositories may lie, and what is kept beside them.

use std::path::{Path, PathBuf};

use super::Network;
use super::reader::Reader;
use crate::storages::StoragePolicy;

/// Where repositories may lie.
#[derive(Debug, Clone, Default)]
pub struct StorageConfig {
    /// The folder of local repositories, if not `repositories` in the data folder.
    pub folder: Option<PathBuf>,
    /// Other folders of the server in which an organization may use the folder of its name.
    pub local_roots: Vec<PathBuf>,
    /// Networks that may be reached although they are denied by default: this machine, link-local addresses and the
    /// metadata services of platforms.
    pub allowed_networks: Vec<Network>,
    /// Where uploads to remote storage are gathered, if not `spool` in the data folder.
    pub spool: Option<PathBuf>,
    /// Authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

pub(super) fn read(reader: &mut Reader) -> StorageConfig {
    let path = |text: &str| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    StorageConfig {
        folder: reader.path("storage", "folder"),
        local_roots: reader.list("storage", "local_roots", "an absolute path", path),
        allowed_networks: reader.list("storage", "allowed_networks", "an address or network", Network::parse),
        spool: reader.path("storage", "spool"),
        ca_file: reader.path("storage", "ca_file"),
    }
}

impl StorageConfig {
    /// The same with its defaults below the data folder.
    pub fn policy(&self, data: &Path) -> StoragePolicy {
        StoragePolicy {
            folder: self.folder.clone().unwrap_or_else(|| data.join("repositories")),
            local_roots: self.local_roots.clone(),
            allowed_networks: self.allowed_networks.clone(),
            spool: self.spool.clone().unwrap_or_else(|| data.join("spool")),
            cache: Some(data.join("cache")),
            ca_file: self.ca_file.clone(),
        }
    }
}
