//! `/healthz` and `/readyz`: whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::Json;

/// What was looked at, and what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether requests may come.
    ready: bool,
    /// Each thing by its name: `ok`, or what is wrong.
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    name: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The process lives.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// How long a job may wait that could have been taken, until that is told.
const QUEUE_AGE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// The server can serve: its database answers, and its data folder can be written to. That its queue does not move is told
/// too, but keeps nobody away: whoever looks why needs the server.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let needed = [database(&app).await, stopping(&app), data(&app).await];
    let ready = needed.iter().all(|check| check.ok);
    let mut checks = Vec::from(needed);
    checks.push(queue(&app).await);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, checks })).into_response()
}

async fn database(app: &App) -> Check {
    let found = app.store.ping().await;
    Check { name: "database", ok: found.is_ok(), reason: found.err().map(|error| error.to_string()) }
}

/// A load balancer is told that no more should come.
fn stopping(app: &App) -> Check {
    let stopping = app.stopping.is_cancelled();
    Check { name: "running", ok: !stopping, reason: stopping.then(|| "the server is about to stop".to_owned()) }
}

async fn queue(app: &App) -> Check {
    let reason = match app.store.jobs().queue_age().await {
        Ok(Some(age)) if age > QUEUE_AGE_MAX => {
            Some(format!("a job that could be done has waited for {} s", age.as_secs()))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    Check { name: "queue", ok: reason.is_none(), reason }
}

async fn data(app: &App) -> Check {
    let found = tokio::fs::metadata(&app.config.data).await;
    let reason = match found {
        Ok(data) if data.permissions().readonly() => Some("the data folder cannot be written to".to_owned()),
        Ok(_) => None,
        Err(error) => Some(format!("the data folder cannot be read: {error}")),
    };
    Check { name: "storage", ok: reason.is_none(), reason }
}
