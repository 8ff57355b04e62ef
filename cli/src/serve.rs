//! `bygone serve`: the server.

use std::io::IsTerminal as _;

use bygone_common::Clock;
use bygone_server::config::LogFormat;
use bygone_server::telemetry::{self, Telemetry};
use bygone_server::{Config, Roles, Server, systemd};
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::server_config::{ServerConfig, failure, runtime};

/// Run the server
///
/// With nothing but a folder it keeps its rows in SQLite and repositories beside them; over PostgreSQL and S3, any number
/// of servers share the work. The first start prints a link with which the first administrator signs in.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ServerConfig,
    /// Say what is wrong with the configuration, and do nothing else
    #[arg(long)]
    check: bool,
    /// Be only these parts of a server: api, worker, gateway
    #[arg(long, value_name = "ROLE[,ROLE…]", default_value = "api,worker,gateway", value_parser = Roles::parse)]
    role: Roles,
}

impl Serve {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        if self.check {
            self.config.check()?;
            if !global.quiet {
                console::line("the configuration is sound");
            }
            return Ok(Outcome::Done);
        }
        let config = self.config.load()?;
        runtime()?.block_on(async {
            let telemetry = log(&config)?;
            let ends = Ends::listen().map_err(failure)?;
            let server = Server::start(config, Clock::real(jiff::Timestamp::now), self.role).await.map_err(failure)?;
            if let Some(link) = server.setup_link() {
                console::line(&format!("Open this link once, to make the first administrator: {link}"));
            }
            systemd::ready();
            ends.wait().await.map_err(failure)?;
            systemd::stopping();
            server.stop().await;
            if let Some(telemetry) = telemetry {
                telemetry.stop().await;
            }
            Ok(Outcome::Done)
        })
    }
}

/// Begins to log, and to tell traces if somebody collects them.
fn log(config: &Config) -> Result<Option<Telemetry>> {
    // Colors are for eyes: a journal or a file would keep them as noise.
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match config.log.format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let lines = lines.with_filter(EnvFilter::new(&config.log.filter));
    let traces = config.collector.as_deref().map(telemetry::layer).transpose();
    let failed = |why| Error::new(ErrorKind::InvalidInput, why);
    let (traces, telemetry) = traces.map_err(failed)?.map_or((None, None), |(layer, told)| (Some(layer), Some(told)));
    tracing_subscriber::registry().with(traces).with(lines).init();
    Ok(telemetry)
}

/// What the system says when it wants the server to end.
struct Ends {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Ends {
    /// Listens from now on: what is said before anybody waits for it is not lost, and kills nobody.
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    /// Until Ctrl-C, or until the system asks it to end. Asked a second time, it ends at once.
    #[cfg(unix)]
    async fn wait(mut self) -> std::io::Result<()> {
        self.one().await;
        tokio::spawn(async move {
            self.one().await;
            std::process::exit(130);
        });
        Ok(())
    }

    #[cfg(unix)]
    async fn one(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn wait(self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
