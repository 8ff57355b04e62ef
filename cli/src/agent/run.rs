//! `bygone agent run`.

use std::path::PathBuf;

use bygone_agent::log::RotatingLog;
use bygone_agent::{ErrorKind as AgentErrorKind, Options, Stop, service};
use bygone_vault::{Error, Result};
use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

use super::{StateArgs, failure, runtime};
use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::units::parse_size;

/// Ask the server for work, and do it, until somebody ends this
///
/// Interrupted once, jobs are given up in order and reported; twice, it ends at once.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Jobs to do at once
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    jobs: usize,
    /// What the spool may take, for when the server is away [default: 50G]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    spool_max: Option<u64>,
    /// Refuse to restore files on this machine
    #[arg(long)]
    no_restore: bool,
    /// Where restores make new folders [default: the home of this account]
    #[arg(long, value_name = "DIR", conflicts_with = "no_restore")]
    restore_into: Option<PathBuf>,
    #[command(flatten)]
    state: StateArgs,
}

impl Run {
    pub(super) fn run(self, global: &Global) -> Result<Outcome> {
        let folder = self.state.folder()?;
        let logs = folder.subfolder("log").map_err(failure)?;
        let log = RotatingLog::open(&logs)
            .map_err(|error| Error::io(format!("open the log in {}", logs.display()), error))?;
        begin_log(global, log);
        let usual = Options::default();
        let spool_bytes_max = self.spool_max.unwrap_or(usual.spool_bytes_max);
        let options = Options {
            jobs_max: self.jobs.max(1),
            spool_bytes_max,
            restores: !self.no_restore,
            restores_into: self.restore_into.map(super::absolute).transpose()?,
            ..usual
        };
        let stop = Stop::default();
        let runtime = runtime()?;
        let ended = runtime.block_on(async {
            tokio::spawn(stops(stop.clone()));
            bygone_agent::run(folder, options, stop).await
        });
        match ended {
            Ok(()) => Ok(Outcome::Done),
            Err(error) if matches!(error.kind(), AgentErrorKind::Revoked | AgentErrorKind::NotEnrolled) => {
                // A code by which systemd knows that starting it again would not help.
                console::problem(&error.to_string());
                std::process::exit(service::EXIT_UNWANTED.into());
            }
            Err(error) => Err(failure(error)),
        }
    }
}

/// To standard error, where systemd's journal reads it, and to the agent's own files.
fn begin_log(global: &Global, log: RotatingLog) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => "warn",
        (false, 0) => "info",
        (false, 1) => "debug",
        (false, _) => "trace",
    };
    let filter = match std::env::var("BYGONE_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::new(directives),
        Ok(_) | Err(_) => EnvFilter::new(format!(
            "warn,bygone={level},bygone_agent={level},bygone_client={level},bygone_vault={level}"
        )),
    };
    let both = std::io::stderr.and(move || log.clone());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(both).with_ansi(false).with_target(false).init();
}

#[cfg(unix)]
async fn stops(stop: Stop) {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("signals end the agent at once");
        return;
    };
    for _ in 0..2 {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if stop.is_stopped() {
            std::process::exit(130);
        }
        stop.stop();
    }
}

#[cfg(not(unix))]
async fn stops(stop: Stop) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if stop.is_stopped() {
            std::process::exit(130);
        }
        stop.stop();
    }
}
