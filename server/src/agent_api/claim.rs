//! Claims: an agent asks for work, and its answer is kept back until there is some.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bygone_common::protocol::ClaimRequest;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::check_version;
use super::known::Known;
use crate::app::App;
use crate::extract::Json;
use crate::problem::Result;

/// How long a claim waits before it looks by itself: other replicas queue jobs and revoke agents too.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// `POST /agent/v1/claim`.
pub(crate) async fn claim(State(app): State<App>, known: Known, Json(request): Json<ClaimRequest>) -> Result<Response> {
    check_version(request.version)?;
    request.check()?;
    let until = Instant::now() + Duration::from_secs(request.wait_seconds.into());
    // Before the first look, so that nothing that comes between is missed.
    let mut ends = app.agents.ends();
    let mut wakes = app.agents.queue.wakes();
    loop {
        if let Some(lease) = app.agents.queue.claim(&app, &known).await? {
            return Ok(Answer(lease).into_response());
        }
        let now = Instant::now();
        if now >= until {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let look_again = tokio::time::sleep_until(until.min(now + LOOK_AGAIN));
        tokio::select! {
            () = look_again => known.still(&app).await?,
            () = ended(&mut ends, known.agent.uid) => known.still(&app).await?,
            _ = wakes.changed() => {}
            () = app.stopping.cancelled() => return Ok(StatusCode::NO_CONTENT.into_response()),
        }
    }
}

/// Waits until this agent is ended, or so many were that this one may be among them.
async fn ended(ends: &mut tokio::sync::broadcast::Receiver<bygone_common::AgentUid>, agent: bygone_common::AgentUid) {
    loop {
        match ends.recv().await {
            Ok(ended) if ended == agent => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // Only when the server is gone.
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
