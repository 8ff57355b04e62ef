//! `bygone man`: manual pages.

use std::path::PathBuf;

use bygone_vault::{Error, Result};
use clap::{Args, CommandFactory};

use crate::args::Cli;
use crate::exit::Outcome;

/// Write the manual pages into a folder
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder, which is made if it is missing
    dir: PathBuf,
}

impl Man {
    pub(crate) fn run(self) -> Result<Outcome> {
        let fault = |error| Error::io(format!("write manual pages to {}", self.dir.display()), error);
        std::fs::create_dir_all(&self.dir).map_err(fault)?;
        clap_mangen::generate_to(Cli::command(), &self.dir).map_err(fault)?;
        Ok(Outcome::Done)
    }
}
