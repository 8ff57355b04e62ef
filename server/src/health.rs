//! `/healthz` and `/readyz`: whether the process lives, and whether it can serve.

use std::path::{Path, PathBuf};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use rustix::fs::StatVfsMountFlags;
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

/// Bytes that a disk has left at least for a folder on it to be of use.
const ROOM_BYTES_MIN: u64 = 1 << 20;

/// The server can serve: its database answers, and its data folder can be written to. That its queue does not move, or that
/// the folder of local repositories is full, is told too, but keeps nobody away: whoever looks why needs the server.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let policy = app.storages.policy();
    let needed = [database(&app).await, stopping(&app), room("storage", app.config.data.clone()).await];
    let ready = needed.iter().all(|check| check.ok);
    let mut checks = Vec::from(needed);
    checks.push(room("repositories", policy.folder.clone()).await);
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

/// Whether a folder is there, and can be written to.
async fn room(name: &'static str, folder: PathBuf) -> Check {
    let found = tokio::task::spawn_blocking(move || why_no_room(&folder)).await;
    let reason = found.unwrap_or_else(|_| Some("the server is about to stop".to_owned()));
    Check { name, ok: reason.is_none(), reason }
}

fn why_no_room(folder: &Path) -> Option<String> {
    let shown = folder.display();
    match rustix::fs::statvfs(folder) {
        Err(error) => Some(format!("the folder {shown} cannot be read: {error}")),
        Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
            Some(format!("the folder {shown} lies on a disk that is not written to"))
        }
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM_BYTES_MIN => {
            Some(format!("the disk of the folder {shown} is full"))
        }
        Ok(_) => None,
    }
}
