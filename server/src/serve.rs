//! From a configuration to a running server, and to its orderly end.

use std::fmt;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::{Clock, Secret};
use bygone_store::Store;
use bygone_vault::{Engine, EngineOptions};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::agent_api::Agents;
use crate::app::{App, Parts};
use crate::ca::Ca;
use crate::config::{Config, TlsConfig};
use crate::gateway::Turns;
use crate::identity::{Identity, set_up};
use crate::index_leases::{self, IndexLeases, forward};
use crate::listen::{Listening, listen};
use crate::secrets::{KeySource, Secrets};
use crate::storages::{StoragePolicy, Storages};
use crate::tls::FileCertificate;
use crate::{agent_api, api, metrics, openapi, problem, systemd};

/// Why a server does not start.
#[derive(Debug)]
pub struct StartError {
    context: String,
}

impl StartError {
    pub(crate) fn new(context: impl Into<String>) -> Self {
        Self { context: context.into() }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl std::error::Error for StartError {}

impl From<bygone_store::Error> for StartError {
    fn from(error: bygone_store::Error) -> Self {
        Self::new(problem::chain(&error))
    }
}

impl From<bygone_vault::Error> for StartError {
    fn from(error: bygone_vault::Error) -> Self {
        Self::new(error.chain())
    }
}

/// Which parts of a server one process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Answers people, programs and agents.
    pub api: bool,
    /// Schedules plans, and runs the server's own jobs.
    pub worker: bool,
    /// Serves repositories to restic.
    pub gateway: bool,
}

impl Roles {
    /// Everything in one process.
    pub const ALL: Self = Self { api: true, worker: true, gateway: true };

    /// Reads `api,worker,gateway`, in any order.
    ///
    /// # Errors
    /// A word that is no role, or no word at all.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut roles = Self { api: false, worker: false, gateway: false };
        for word in text.split(',').map(str::trim) {
            match word {
                "api" => roles.api = true,
                "worker" => roles.worker = true,
                "gateway" => roles.gateway = true,
                _ => return Err(format!("{word:?} is not a role: they are api, worker and gateway")),
            }
        }
        Ok(roles)
    }
}

/// A running server.
pub struct Server {
    app: App,
    address: SocketAddr,
    agent_address: Option<SocketAddr>,
    set_up: Option<Secret<String>>,
    listeners: TaskTracker,
    connections: TaskTracker,
    background: TaskTracker,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Opens the database, takes the addresses, and begins to serve.
    ///
    /// # Errors
    /// What keeps it from starting: a database that does not answer, an address that is taken, files that cannot be read.
    pub async fn start(config: Config, clock: Clock, roles: Roles) -> Result<Self, StartError> {
        // For the libraries that ask the process which cryptography to use; whoever was first may stay.
        rustls::crypto::ring::default_provider().install_default().ok();
        make_data_folder(&config)?;
        let store = Store::open(&config.database, clock.clone()).await?;
        let secrets = open_secrets(&config)?;
        let ca = Ca::open(&store, &secrets).await.map_err(|fault| StartError::new(fault.to_string()))?;
        let memory_bytes = config.limits.engine_memory_bytes;
        let engine = Engine::start(EngineOptions { memory_bytes, ..EngineOptions::default() })?;
        let policy = config.storage.policy(&config.data);
        make_folders(&policy)?;
        let storages = Storages::new(store.clone(), secrets.clone(), engine.clone(), policy);
        let app = App::new(Parts {
            portal: crate::portal::new(&storages, &config),
            storages,
            gateway: Turns::default(),
            index_leases: IndexLeases::default(),
            store,
            clock,
            secrets,
            ca,
            agents: Agents::default(),
            engine,
            wakes: crate::wakes::Wakes::default(),
            queue_limits: config.limits.queue(),
            metrics: metrics::install(),
            openapi: openapi::text(),
            identity: Identity::new(&config),
            stopping: CancellationToken::new(),
            config,
        });
        Self::serve(app, roles).await
    }

    async fn serve(app: App, roles: Roles) -> Result<Self, StartError> {
        let wanted = app.config.server.listen;
        let taken = |fault| StartError::new(format!("listen on {wanted}: {fault}"));
        let socket = TcpListener::bind(wanted).await.map_err(taken)?;
        let address = socket.local_addr().map_err(taken)?;
        let (listeners, connections, background) = (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let turns = usize::try_from(app.config.limits.connections).unwrap_or(Semaphore::MAX_PERMITS);
        let tls = match &app.config.tls {
            TlsConfig::Off => None,
            TlsConfig::Files { certificate, key } => {
                let certificate = Arc::new(FileCertificate::read(certificate, key)?);
                background.spawn(Arc::clone(&certificate).watch(app.stopping.clone()));
                Some(Arc::new(certificate.server_config()?))
            }
            TlsConfig::Own { .. } => {
                let config = app.ca.server_config(&own_names(&app.config));
                Some(Arc::new(config.map_err(|fault| StartError::new(fault.to_string()))?))
            }
        };
        let server = &app.config.server;
        let listening = Listening {
            socket,
            tls,
            router: api::router(&app, roles),
            proxies: server.proxy_protocol.then(|| server.trusted_proxies.clone()),
            turns: Arc::new(Semaphore::new(turns.min(Semaphore::MAX_PERMITS))),
            headers_wait: app.config.limits.headers,
        };
        listeners.spawn(listen(listening, app.stopping.clone(), connections.clone()));
        let agent_address = if roles.api {
            let listening = agents(&app).await?;
            let address = listening.socket.local_addr().map_err(taken)?;
            listeners.spawn(listen(listening, app.stopping.clone(), connections.clone()));
            Some(address)
        } else {
            None
        };
        background.spawn(agent_api::wake::pass_on(app.clone()));
        background.spawn(systemd::watchdog(app.clone()));
        background.spawn(crate::wakes::run(app.clone()));
        if roles.api {
            app.index_leases.begin(&app, forward::own_url(&app.config, address)).map_err(StartError::new)?;
            background.spawn(index_leases::run(app.clone()));
        }
        if roles.worker {
            background.spawn(crate::scheduler::run(app.clone()));
            background.spawn(crate::worker::run(app.clone()));
        }
        let agents = agent_address.map(|address| address.to_string()).unwrap_or_default();
        tracing::info!(%address, agents, "serving");
        let set_up = if roles.api { first_link(&app).await? } else { None };
        Ok(Self { app, address, agent_address, set_up, listeners, connections, background })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where agents connect to; none in a process that does not answer them.
    pub const fn agent_address(&self) -> Option<SocketAddr> {
        self.agent_address
    }

    /// The link with which the first administrator is made; none once there is one. It works once, and the next start makes
    /// another.
    pub fn setup_link(&self) -> Option<String> {
        let token = self.set_up.as_ref()?;
        let listening = || {
            let scheme = if self.app.config.tls == TlsConfig::Off { "http" } else { "https" };
            format!("{scheme}://{}", self.address)
        };
        let base = self.app.config.server.public_url.clone().unwrap_or_else(listening);
        // Behind the `#`, where no log of a proxy sees it.
        Some(format!("{base}/set-up#{}", token.expose()))
    }

    /// What its handlers share.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Stops taking requests, lets those go on that were begun for as long as the configuration says, and ends.
    pub async fn stop(self) {
        let drain = self.app.config.server.drain;
        self.app.stopping.cancel();
        for tracker in [&self.listeners, &self.connections, &self.background] {
            tracker.close();
        }
        self.listeners.wait().await;
        let drained = tokio::time::timeout(drain, async {
            self.connections.wait().await;
            self.background.wait().await;
        });
        if drained.await.is_err() {
            let connections = self.connections.len();
            tracing::warn!(?drain, connections, "ends in the middle of what did not end in time");
        }
        let written = tokio::time::timeout(CLOSE_WAIT_MAX, self.app.portal.flush()).await;
        if written.is_err() {
            tracing::warn!("what was read and sent could not be written down in time");
        }
        // Those who still hold a connection to the database are cut off.
        let closed = tokio::time::timeout(CLOSE_WAIT_MAX, self.app.store.close()).await;
        if closed.is_err() {
            tracing::warn!("the database's connections did not close in time");
        }
    }
}

/// The token of the set-up link, if nobody runs the installation yet.
async fn first_link(app: &App) -> Result<Option<Secret<String>>, StartError> {
    set_up::link(&app.store)
        .await
        .map_err(|problem| StartError::new(format!("make the set-up link: {}", problem.title())))
}

/// How long the connections to the database may take to close.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(5);

/// The listener of agents, who come with certificates of our own authority.
async fn agents(app: &App) -> Result<Listening, StartError> {
    let server = &app.config.server;
    let wanted = server.agent_listen;
    let taken = |fault| StartError::new(format!("listen for agents on {wanted}: {fault}"));
    let socket = TcpListener::bind(wanted).await.map_err(taken)?;
    let config = app.ca.server_config(&own_names(&app.config)).map_err(|fault| StartError::new(fault.to_string()))?;
    let turns = usize::try_from(app.config.limits.connections).unwrap_or(Semaphore::MAX_PERMITS);
    Ok(Listening {
        socket,
        tls: Some(Arc::new(config)),
        router: agent_api::router(app),
        proxies: server.proxy_protocol.then(|| server.trusted_proxies.clone()),
        turns: Arc::new(Semaphore::new(turns.min(Semaphore::MAX_PERMITS))),
        headers_wait: app.config.limits.headers,
    })
}

/// What this server may be called by: as the configuration says, by where it listens, and from the same machine.
fn own_names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let urls = [&config.server.agent_url, &config.server.public_url, &config.server.replica_url];
    let hosts = urls.into_iter().flatten().filter_map(|url| {
        let uri: http::Uri = url.parse().ok()?;
        Some(uri.host()?.trim_matches(['[', ']']).to_owned())
    });
    names.extend(hosts);
    if let TlsConfig::Own { names: own } = &config.tls {
        names.extend(own.iter().cloned());
    }
    let listens = [config.server.agent_listen.ip(), config.server.listen.ip()];
    names.extend(listens.into_iter().filter(|address| !address.is_unspecified()).map(|address| address.to_string()));
    names.sort();
    names.dedup();
    names
}

fn open_secrets(config: &Config) -> Result<Secrets, StartError> {
    KeySource::of(&config.secrets).and_then(Secrets::load).map_err(|fault| StartError::new(fault.to_string()))
}

fn make_data_folder(config: &Config) -> Result<(), StartError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    let hint = "server.data of the configuration, or BYGONE_SERVER__DATA, names another";
    made.map_err(|fault| StartError::new(format!("make the data folder {}: {fault}; {hint}", config.data.display())))
}

/// The folders of local repositories and of uploads that are gathered.
fn make_folders(policy: &StoragePolicy) -> Result<(), StartError> {
    for folder in [&policy.folder, &policy.spool].into_iter().chain(&policy.cache) {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|fault| StartError::new(format!("make the folder {}: {fault}", folder.display())))?;
    }
    Ok(())
}
