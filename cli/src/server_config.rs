//! The configuration of a server, for every verb that looks after one.

use std::path::PathBuf;

use bygone_server::Config;
use bygone_server::config::Fault;
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;

use crate::console;

/// Which configuration.
#[derive(Debug, Args)]
pub(crate) struct ServerConfig {
    /// Read this file; without one, only variables (`BYGONE_SERVER__LISTEN`) and defaults count
    #[arg(long, value_name = "FILE", env = "BYGONE_CONFIG")]
    config: Option<PathBuf>,
}

impl ServerConfig {
    /// Reads it; all its faults are told at once.
    pub(crate) fn load(&self) -> Result<Config> {
        Config::load(self.config.as_deref(), variables()).map_err(|error| told(&error.faults))
    }

    /// Tells all that is wrong with it, and with the files that it names.
    pub(crate) fn check(&self) -> Result<()> {
        let faults = Config::faults(self.config.as_deref(), variables());
        if faults.is_empty() { Ok(()) } else { Err(told(&faults)) }
    }
}

fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn told(faults: &[Fault]) -> Error {
    faults.iter().for_each(|fault| console::problem(&fault.to_string()));
    let count = faults.len();
    let sentence = format!("the configuration has {count} fault{}", if count == 1 { "" } else { "s" });
    Error::new(ErrorKind::InvalidInput, sentence)
}

/// What went wrong with a server or its database, for people.
pub(crate) fn failure(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, error.to_string())
}

/// A runtime for the server's own threads.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failure)
}
