//! `bygone demo`: a server, an agent and a drive, all of them real, in a temporary folder.

mod machine;
mod office;
mod project;
mod tour;

use bygone_vault::{Error, Result};
use clap::Args;

use crate::exit::Outcome;
use crate::interrupt;
use crate::output::{Output, printable};

use machine::Machine;
use office::Office;

/// How many states of the project are captured.
const DAYS: usize = 3;

/// See all of it work, in a temporary folder
///
/// Starts a server, sets it up as an administrator would, enrols this machine as an agent, captures three states of a made-up
/// project by a plan, and mounts what was captured. Ctrl-C ends it, and removes everything.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Prove what is shown, and end
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(crate) fn run(self) -> Result<Outcome> {
        let folder = tempfile::Builder::new().prefix("bygone-demo-").tempdir();
        let folder = folder.map_err(|error| Error::io("make a folder for the demo".to_owned(), error))?;
        let shown = show(folder.path(), self.once);
        let path = folder.path().to_owned();
        let removed = folder.close().map_err(|error| Error::io(format!("remove {}", path.display()), error));
        shown?;
        removed?;
        tell(&format!("ended, and removed {}", path.display()))?;
        Ok(Outcome::Done)
    }
}

fn show(folder: &std::path::Path, once: bool) -> Result<()> {
    let token = bygone_vault::backend::CancelToken::new();
    interrupt::pulls(&token);
    let going_on = || if token.is_cancelled() { Err(interrupted()) } else { Ok(()) };

    let office = Office::open(folder)?;
    tell(&format!("a server runs at {}: SQLite and a repository, both in {}", office.url(), folder.display()))?;
    tell("its set-up link made the first administrator; the organization \"demo\" has an admin and a repository")?;
    let machine = Machine::enrol(folder, &office.agent_url(), &office.enrolment_token()?)?;
    tell("this machine enrolled as an agent, with a token that works once, and asks for work over mutual TLS")?;
    let plan = office.plan(&machine.project())?;
    tell("a plan captures the project every night at two; its next runs:")?;
    for run in office.next_runs(&plan, 3)?.iter() {
        tell(&format!("    {run}"))?;
    }

    tell("three days of work, each captured at once instead of at two:")?;
    for day in 0..DAYS {
        going_on()?;
        machine.live(day)?;
        let done = office.run_now(&plan, &token)?;
        tell(&format!("    day {}: {done}", day + 1))?;
    }
    tell("what the server lists:")?;
    let snapshots = office.snapshots(DAYS, &token)?;
    for line in snapshots.iter() {
        tell(&format!("    {line}"))?;
    }
    tell(&format!("the audit log is whole: {}", office.audit()?))?;

    let guest = office.guest()?;
    let tour = tour::Tour::begin(folder, &guest)?;
    tour.show()?;
    if once {
        tour.prove(&machine, DAYS)?;
    } else {
        tour.invite(&office.url())?;
        if cfg!(feature = "web") {
            tell(&office.door())?;
        }
        tell("Ctrl-C ends the demo, and removes everything.")?;
        while !token.is_cancelled() {
            std::thread::park_timeout(std::time::Duration::from_millis(200));
        }
    }
    tour.end()?;
    machine.end();
    office.close();
    Ok(())
}

/// Says it to whoever watches, at once.
fn tell(text: &str) -> Result<()> {
    let mut output = Output::new()?;
    output.line(&printable(text))?;
    output.finish()
}

fn interrupted() -> Error {
    Error::new(bygone_vault::ErrorKind::Cancelled, "interrupted")
}

/// How a child of ours ended that must not have failed.
fn failed(what: &str, output: &std::process::Output) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    crate::server_config::failure(format!("{what} failed ({}): {}", output.status, said.trim()))
}

/// This program.
fn program() -> Result<std::path::PathBuf> {
    std::env::current_exe().map_err(|error| Error::io("find this program".to_owned(), error))
}
