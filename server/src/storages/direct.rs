//! What an agent is told that reaches a repository's storage itself, past the gateway.

use std::collections::BTreeMap;

use bygone_common::Secret;
use bygone_store::repositories::Repository as Row;

use super::{LocationError, Result, Storages, credential};

/// How a storage is reached without the gateway.
#[derive(Debug)]
pub struct Direct {
    /// Where it lies, in restic's syntax, without any secret.
    pub location: String,
    /// What opens it, by the names of [`BackendOptions::from_env`](bygone_vault::backend::BackendOptions::from_env).
    pub environment: BTreeMap<String, Secret<String>>,
    /// The authorities to trust instead of the system's, in PEM.
    pub authorities: Option<String>,
}

impl Storages {
    /// How an agent reaches a repository's storage itself.
    ///
    /// # Errors
    /// `Location`: its organization may not use that place, or the file of authorities cannot be read; its credential
    /// cannot be opened.
    pub async fn direct(&self, row: &Row) -> Result<Direct> {
        let location = self.location(row).await?.to_string();
        let environment = match row.credential {
            Some(uid) => {
                let (kind, opened) = self.opened(row.org, uid).await?;
                credential::environment(&kind, opened.expose())?
            }
            None => BTreeMap::new(),
        };
        let authorities = match &self.policy().ca_file {
            Some(file) => {
                let read = tokio::fs::read_to_string(file).await;
                Some(read.map_err(|error| LocationError(format!("{}: {error}", file.display())))?)
            }
            None => None,
        };
        Ok(Direct { location, environment, authorities })
    }
}
