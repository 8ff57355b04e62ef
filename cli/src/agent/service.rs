//! `bygone agent install` and `uninstall`.

use std::path::PathBuf;

use bygone_agent::service::{Install, Step};
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;

use super::{StateArgs, failure};
use crate::console;
use crate::exit::Outcome;
use crate::global::Global;

/// Where a service is put in place.
#[derive(Debug, Args)]
struct PlaceArgs {
    /// The root of another system, such as an image that is being made: nothing is started there
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    /// Only say what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    state: StateArgs,
}

impl PlaceArgs {
    fn install(&self, program: Option<PathBuf>, restores: bool) -> Result<Install> {
        if !cfg!(target_os = "linux") {
            let sentence =
                "services are put in place on Linux with systemd; elsewhere bygone agent run is what to start";
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
        let program = match program {
            Some(program) => program,
            None => std::env::current_exe().map_err(|error| Error::io("find this program", error))?,
        };
        Ok(Install { program, state: self.state.path()?, root: self.root.clone(), restores, dry_run: self.dry_run })
    }
}

fn tell(global: &Global, steps: &[Step], dry_run: bool) {
    if !global.quiet || dry_run {
        for Step(step) in steps {
            console::line(&if dry_run { format!("would {step}") } else { step.clone() });
        }
    }
}

/// Make this machine's agent a service of systemd, and start it
#[derive(Debug, Args)]
pub(super) struct InstallVerb {
    /// The program that the service runs [default: this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Have it refuse to restore files on this machine: it can write nothing but its own folder then
    #[arg(long)]
    no_restore: bool,
    /// Print the unit, and do nothing
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

impl InstallVerb {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let install = self.place.install(self.program.clone(), !self.no_restore)?;
        if self.print {
            let mut output = crate::output::Output::new()?;
            output.line(install.unit().map_err(failure)?.trim_end())?;
            output.finish()?;
            return Ok(Outcome::Done);
        }
        let steps = install.install().map_err(failure)?;
        tell(global, &steps, install.dry_run);
        Ok(Outcome::Done)
    }
}

/// End the service, and take it away; the machine stays an agent
#[derive(Debug, Args)]
pub(super) struct UninstallVerb {
    #[command(flatten)]
    place: PlaceArgs,
}

impl UninstallVerb {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let install = self.place.install(None, true)?;
        let steps = install.uninstall().map_err(failure)?;
        if steps.is_empty() && !global.quiet {
            console::line("there is no such service");
        }
        tell(global, &steps, install.dry_run);
        Ok(Outcome::Done)
    }
}
