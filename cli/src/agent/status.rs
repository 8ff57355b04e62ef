//! `bygone agent status`.

use bygone_agent::status::Status;
use bygone_vault::Result;
use clap::Args;
use serde::Serialize;

use super::{StateArgs, failure};
use crate::exit::Outcome;
use crate::global::Global;
use crate::output::{printable, show};
use crate::units::show_size;

/// Show how this machine's agent does
///
/// The exit code is 0 while it runs, and 1 when it does not or when the server does not want it.
#[derive(Debug, Args)]
pub(super) struct StatusVerb {
    #[command(flatten)]
    state: StateArgs,
}

#[derive(Serialize)]
struct StatusLine {
    agent: String,
    org: String,
    server: String,
    is_running: bool,
    certificate_expires_at: String,
    #[serde(flatten)]
    status: Status,
}

impl StatusVerb {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let folder = self.state.folder()?;
        let enrolled = folder.enrolled().map_err(failure)?;
        let status = Status::read(&folder).map_err(failure)?.unwrap_or_default();
        // Who runs holds the folder.
        let is_running = folder.hold().is_err();
        let is_well = is_running && !status.revoked;
        let line = || StatusLine {
            agent: enrolled.agent.to_string(),
            org: enrolled.org.to_string(),
            server: enrolled.server.clone(),
            is_running,
            certificate_expires_at: enrolled.expires_at.to_string(),
            status: status.clone(),
        };
        show(global, line, |output| {
            output.line(&format!("agent {} of {}", enrolled.agent, enrolled.server))?;
            output.line(match (status.revoked, is_running) {
                (true, _) => "the server does not want it any more",
                (false, true) => "runs",
                (false, false) => "does not run",
            })?;
            match status.last_contact_at {
                Some(at) => output.line(&format!("the server was last heard of at {at}"))?,
                None => output.line("the server was never heard of")?,
            }
            if let Some(error) = &status.last_error {
                output.line(&format!("since then: {}", printable(error)))?;
            }
            if let Some(skew_ms) = status.clock_skew_ms.filter(|skew| skew.unsigned_abs() > 60_000) {
                let (seconds, way) = (skew_ms.unsigned_abs() / 1_000, if skew_ms > 0 { "ahead of" } else { "behind" });
                output.line(&format!("this machine's clock is {seconds} s {way} the server's"))?;
            }
            output.line(&format!("the certificate ends at {}", enrolled.expires_at))?;
            for job in status.running.iter().filter(|_| is_running) {
                let (progress, since) = (job.progress, job.since);
                let bytes = show_size(progress.bytes_done);
                output.line(&format!("job {} since {since}: {} files, {bytes}", job.job, progress.items_done))?;
            }
            let (plans, spooled) = (status.plans, status.spooled);
            output.line(&format!("{plans} plans are kept for when the server is away; {spooled} snapshots wait for it"))
        })?;
        if is_well { Ok(Outcome::Done) } else { std::process::exit(1) }
    }
}
