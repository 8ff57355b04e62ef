//! The repository's config file: which format it is, and its identity.

use bygone_common::RepositoryId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::backend::object_lock::RetentionPolicy;
use crate::error::{Error, ErrorKind, Result};

/// Format versions that can be read and written.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 1..=2;

/// What the config file says. It is written once, and what other programs put into it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Format version: 1, or 2 with compression.
    pub version: u32,
    /// The repository's random identity.
    pub id: RepositoryId,
    /// The polynomial by which files are cut into blobs, in hexadecimal.
    #[serde(default)]
    pub chunker_polynomial: String,
    /// What this program alone goes by; restic and rustic leave it alone.
    #[serde(default, skip_serializing_if = "Policy::is_empty")]
    pub bygone: Policy,
    /// Fields of other programs.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// What this program alone goes by, in every repository that says so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// For how long nobody can remove what is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worm: Option<RetentionPolicy>,
    /// Fields of newer versions.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

impl Policy {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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

    /// The JSON of it.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::new(ErrorKind::Io, "write the config's JSON").because(error))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_others_wrote_survives() {
        let id = "0123456789abcdef".repeat(4);
        let json = format!(
            r#"{{"version":2,"id":"{id}","chunker_polynomial":"25b468838dcb75","compression":7,"bygone":{{"new":[1]}}}}"#
        );
        let config = Config::parse(json.as_bytes()).unwrap();
        let written: Value = serde_json::from_slice(&config.to_json().unwrap()).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(&json).unwrap());
        let plain = Config { bygone: Policy::default(), ..config };
        assert!(!String::from_utf8(plain.to_json().unwrap()).unwrap().contains("bygone"));
    }
}
