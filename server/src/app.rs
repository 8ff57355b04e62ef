//! What every handler and background task shares.

use std::ops::Deref;
use std::sync::Arc;

use bygone_common::Clock;
use bygone_store::Store;
use bygone_vault::Engine;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use crate::agent_api::Agents;
use crate::ca::Ca;
use crate::config::Config;
use crate::gateway::Turns;
use crate::identity::Identity;
use crate::index_leases::IndexLeases;
use crate::openapi::OpenApiText;
use crate::secrets::Secrets;
use crate::storages::Storages;

/// The state of a running server. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] holds.
pub struct Parts {
    /// As it was read at the start.
    pub config: Config,
    /// Rows.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Seals and opens what the database must not show.
    pub secrets: Secrets,
    /// Signs agents' certificates.
    pub ca: Ca,
    /// What this replica knows of its agents.
    pub agents: Agents,
    /// Decodes blobs for all repositories, within one bound of memory.
    pub engine: Engine,
    /// Opens the storages of repositories.
    pub storages: Storages,
    /// Shows files to people.
    pub portal: bygone_portal::Portal,
    /// Which replica has which search index.
    pub index_leases: IndexLeases,
    /// How much the gateway does at once.
    pub gateway: Turns,
    /// Who waits for work.
    pub wakes: crate::wakes::Wakes,
    /// How many jobs run at one time, as the configuration says.
    pub queue_limits: bygone_store::jobs::QueueLimits,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
    /// The description of the API, as it is served.
    pub openapi: OpenApiText,
    /// Who people are, and how often they ask.
    pub identity: Identity,
    /// Cancelled when the server is to stop: long polls and streams end, background tasks finish what they do.
    pub stopping: CancellationToken,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
