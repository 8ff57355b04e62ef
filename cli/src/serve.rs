//! `bygone serve`: the server.

use bygone_common::Clock;
use bygone_server::config::{LogConfig, LogFormat};
use bygone_server::{Roles, Server, systemd};
use bygone_vault::Result;
use clap::Args;
use tracing_subscriber::EnvFilter;

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
        let config = self.config.load()?;
        if self.check {
            bygone_server::serve::check(&config).map_err(failure)?;
            if !global.quiet {
                console::line("the configuration is sound");
            }
            return Ok(Outcome::Done);
        }
        log(&config.log);
        runtime()?.block_on(async {
            let server = Server::start(config, Clock::real(jiff::Timestamp::now), self.role).await.map_err(failure)?;
            if let Some(link) = server.setup_link() {
                console::line(&format!("Open this link once, to make the first administrator: {link}"));
            }
            systemd::ready();
            wait_for_end().await.map_err(failure)?;
            systemd::stopping();
            server.stop().await;
            Ok(Outcome::Done)
        })
    }
}

fn log(config: &LogConfig) {
    let filter = EnvFilter::new(&config.filter);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Until Ctrl-C, or until the system asks it to end. Asked a second time, it ends at once.
async fn wait_for_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(130);
        });
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
