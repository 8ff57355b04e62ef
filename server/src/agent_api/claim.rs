//! Claims: an agent asks for work, and its answer is kept back until there is some.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bygone_common::protocol::ClaimRequest;
use tokio::time::Instant;

use super::known::Known;
use super::{check_version, work};
use crate::app::App;
use crate::extract::Json;
use crate::problem::Result;

/// How long a claim waits before it looks by itself: the time of a retry has come, or a place has become free.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// `POST /agent/v1/claim`.
pub(crate) async fn claim(State(app): State<App>, known: Known, Json(request): Json<ClaimRequest>) -> Result<Response> {
    check_version(request.version)?;
    request.check()?;
    let until = Instant::now() + Duration::from_secs(request.wait_seconds.into());
    // Before the first look, so that nothing that comes between is missed.
    let place = app.agents.waiting.enter(known.agent.uid);
    loop {
        if let Some(lease) = work::next(&app, &known).await? {
            return Ok(Answer(lease).into_response());
        }
        let now = Instant::now();
        if now >= until {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        tokio::select! {
            () = tokio::time::sleep_until(until.min(now + LOOK_AGAIN)) => {}
            () = place.woken() => {}
            () = app.stopping.cancelled() => return Ok(StatusCode::NO_CONTENT.into_response()),
        }
        known.still(&app).await?;
    }
}
