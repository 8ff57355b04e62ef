//! `bygone completions`: for shells.

use bygone_vault::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::output::Output;

/// Print a script that completes the command line
///
/// For example: bygone completions bash > /etc/bash_completion.d/bygone
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Outcome> {
        let mut output = Output::new()?;
        clap_complete::generate(self.shell, &mut Cli::command(), "bygone", &mut output.writer());
        output.finish()?;
        Ok(Outcome::Done)
    }
}
