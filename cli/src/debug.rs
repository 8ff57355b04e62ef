//! `bygone debug`: what our own benches ask. No promise to anybody.

use bygone_vault::{Error, ErrorKind, Result};
use clap::{Args, Subcommand};

use crate::exit::Outcome;
use crate::global::Global;

/// For benches and the curious
#[derive(Debug, Args)]
pub(crate) struct Debug {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure how fast data packs are decrypted and unpacked
    Decode {
        /// On so many threads; one for each core by default
        #[arg(long)]
        threads: Option<usize>,
    },
}

impl Debug {
    pub(crate) fn run(self, _global: &Global) -> Result<Outcome> {
        let What::Decode { threads: _ } = self.what;
        Err(Error::new(ErrorKind::Unsupported, "measuring decoding is not there yet"))
    }
}
