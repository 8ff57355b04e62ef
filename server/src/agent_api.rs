//! `/agent/v1`: what agents ask, on a listener of their own, with certificates of our own authority.
//!
//! Who an agent is, its certificate says; whether it may still come in, the database says, at every request. A claim that
//! waits is woken when something happens to its agent on any replica, and then asks anew whether it may still come in.
//!
//! The gateway is here too, for agents that sign in by their certificates.
//!
//! Read in this order: [`known`] (who it is), [`enrol`] (how it became one), [`heartbeat`] and [`plans`] (what it is told),
//! [`wake`] and [`claim`] (how it gets work), [`work`] (what a job is to an agent), [`report`] (what becomes of it).

pub(crate) mod claim;
pub(crate) mod enrol;
pub(crate) mod heartbeat;
pub(crate) mod known;
pub(crate) mod plans;
pub(crate) mod report;
#[doc(hidden)]
pub mod simulated;
pub(crate) mod wake;
pub(crate) mod work;

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Router, middleware};
use bygone_common::protocol::{BODY_BYTES_MAX, PROTOCOL_VERSION};
use tower_http::catch_panic::CatchPanicLayer;

pub use enrol::token_hash;

use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};
use crate::{api, correlation, gateway, metrics};

/// What this replica knows of its agents beside the database.
#[derive(Debug, Default)]
pub struct Agents {
    /// Claims that wait.
    pub(crate) waiting: wake::Waiting,
    /// What agents have been told of their plans.
    pub(crate) told: plans::Told,
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
