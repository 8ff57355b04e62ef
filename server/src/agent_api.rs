//! `/agent/v1`: what agents ask, on a listener of their own, with certificates of our own authority.
//!
//! Who an agent is, its certificate says; whether it may still come in, the database says, at every request. A claim that
//! waits is asked again whenever it wakes, and at once when its agent is ended on this replica.
//!
//! Read in this order: [`known`] (who it is), [`enrol`] (how it became one), [`heartbeat`], [`claim`] (how it gets work),
//! [`report`] (what becomes of it), [`queue`] (where jobs are).

pub(crate) mod claim;
pub(crate) mod enrol;
pub(crate) mod heartbeat;
pub(crate) mod known;
pub mod queue;
pub(crate) mod report;

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Router, middleware};
use bygone_common::AgentUid;
use bygone_common::protocol::{BODY_BYTES_MAX, PROTOCOL_VERSION, Refused};
use tokio::sync::broadcast;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};
use crate::{api, correlation, gateway, metrics};

/// Ends of agents that a waiting claim may miss before it looks at the database by itself.
const ENDS_MAX: usize = 1_024;

/// What this replica knows of its agents beside the database.
#[derive(Debug)]
pub struct Agents {
    ended: broadcast::Sender<AgentUid>,
    /// Where their jobs are.
    pub queue: queue::Queue,
}

impl Default for Agents {
    fn default() -> Self {
        Self { ended: broadcast::Sender::new(ENDS_MAX), queue: queue::Queue::default() }
    }
}

impl Agents {
    /// Wakes what waits for an agent that was revoked or has left.
    pub(crate) fn end(&self, agent: AgentUid) {
        // Nobody waits: nobody has to be woken.
        self.ended.send(agent).ok();
    }

    fn ends(&self) -> broadcast::Receiver<AgentUid> {
        self.ended.subscribe()
    }
}

/// Everything that is served where agents connect.
pub(crate) fn router(app: &App) -> Router {
    let v1 = Router::new()
        .route("/enrol", post(enrol::enrol))
        .route("/renew", post(enrol::renew))
        .route("/unenrol", post(enrol::unenrol))
        .route("/heartbeat", post(heartbeat::heartbeat))
        .route("/claim", post(claim::claim))
        .route("/jobs/{job}/start", post(report::start))
        .route("/jobs/{job}/renew", post(report::keep))
        .route("/jobs/{job}/progress", post(report::progress))
        .route("/jobs/{job}/log", post(report::log))
        .route("/jobs/{job}/finish", post(report::finish));
    Router::new()
        .nest("/agent/v1", v1)
        .merge(gateway::router())
        .fallback(api::nothing_here)
        .method_not_allowed_fallback(api::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(api::panicked())))
        .layer(middleware::from_fn_with_state(app.clone(), correlation::correlate))
        .layer(middleware::from_fn(metrics::measure))
        .with_state(app.clone())
}

/// # Errors
/// `Invalid`: a version of the protocol that is not spoken here.
fn check_version(version: u32) -> Result<()> {
    if version == PROTOCOL_VERSION {
        return Ok(());
    }
    let title = format!("this server speaks version {PROTOCOL_VERSION} of the agent protocol, not {version}");
    Err(Problem::new(ProblemCode::ProtocolVersion, title).about("version"))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::invalid(refused.field, refused.why)
    }
}
