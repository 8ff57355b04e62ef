//! What another implementation says of the repository: rustic_core, which shares no code with us but the libraries of
//! ciphers and compression.

use rustic_core::repofile::MasterKey;
use rustic_core::{CheckOptions, Credentials, ReadSubsetOption, RepositoryOptions};

use super::{Finding, ReadData};
use crate::backend::SharedStorage;
use crate::error::Result;
use crate::repository::Repository;
use crate::rustic;

/// Threads that rustic_core may use, and with them calls of the storage at once.
const THREADS: usize = 8;

/// Lets rustic_core check the repository, as far as `read` says; answers the faults that it finds.
///
/// # Errors
/// What the storage answers; that rustic_core gave up, which it does on node types that it does not know.
pub fn second_opinion(repository: &Repository, storage: &SharedStorage, read: ReadData) -> Result<Vec<Finding>> {
    let mut options = CheckOptions::default();
    let subset = match read {
        ReadData::None => None,
        ReadData::All => Some(ReadSubsetOption::All),
        ReadData::Part { part, parts } => Some(ReadSubsetOption::IdSubSet((part, parts))),
        ReadData::Share(share) => Some(ReadSubsetOption::Percentage(share * 100.0)),
        ReadData::Bytes(bytes) => Some(ReadSubsetOption::Size(bytes)),
    };
    if let Some(subset) = subset {
        options = options.read_data(true).read_data_subset(subset);
    }
    let credentials = Credentials::Masterkey(master_key(repository));
    let found = rustic::run("ask rustic_core for a second opinion", THREADS, || {
        let backends = rustic::backends(storage.clone());
        let opened = rustic_core::Repository::new(&RepositoryOptions::default().no_cache(true), &backends)?;
        opened.open(&credentials)?.check(options)
    })?;
    let found = found.0.into_iter().map(|(level, fault)| {
        // The type of levels has no name outside of rustic_core.
        let is_error = format!("{level:?}") == "Error";
        Finding::SecondOpinion { text: fault.to_string().replace('\n', " "), is_error }
    });
    Ok(found.collect())
}

fn master_key(repository: &Repository) -> MasterKey {
    let bytes = repository.master_key().bytes().expose();
    let (encrypt, mac) = bytes.split_at(32);
    let (k, r) = mac.split_at(16);
    let mut key = MasterKey::new();
    key.encrypt = encrypt.to_vec();
    key.mac.k = k.to_vec();
    key.mac.r = r.to_vec();
    key
}
