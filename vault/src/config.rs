//! The repository's config file: which format it is, and its identity.

use bygone_common::RepositoryId;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};

/// Format versions that can be read.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=2;

/// What the config file says.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Format version: 1, or 2 with compression.
    pub version: u32,
    /// The repository's random identity.
    pub id: RepositoryId,
    /// The polynomial by which files are cut into blobs, in hexadecimal.
    #[serde(default)]
    pub chunker_polynomial: String,
}

impl Config {
    /// Reads the decrypted config file.
    ///
    /// # Errors
    /// `Damaged` when it is not a config; `Unsupported` when a newer program wrote it.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let config: Self = serde_json::from_slice(json)
            .map_err(|error| Error::new(ErrorKind::Damaged, "the config file is malformed").because(error))?;
        if !VERSIONS.contains(&config.version) {
            let sentence = format!(
                "the repository has format version {}; this program reads versions {} to {}",
                config.version,
                VERSIONS.start(),
                VERSIONS.end()
            );
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
        Ok(config)
    }
}
