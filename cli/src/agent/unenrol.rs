//! `bygone agent unenrol`.

use bygone_agent::enrol;
use bygone_vault::Result;
use clap::Args;

use super::{StateArgs, failure, runtime};
use crate::console;
use crate::exit::Outcome;
use crate::global::Global;

/// Leave the server: this machine is no agent any more
///
/// Its snapshots stay where they are, and so does what waits in its spool.
#[derive(Debug, Args)]
pub(super) struct Unenrol {
    /// Also when the server cannot be told
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    state: StateArgs,
}

impl Unenrol {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let folder = self.state.folder()?;
        runtime()?.block_on(enrol::unenrol(&folder, self.force)).map_err(failure)?;
        if !global.quiet {
            console::line("this machine is no agent any more");
        }
        Ok(Outcome::Done)
    }
}
