//! The installation: what programs and people have to know of it.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::Json;
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get))
}

/// The installation.
#[derive(Debug, Serialize, ToSchema)]
struct InstallationBody {
    /// Of the server that answers.
    version: &'static str,
    /// Where people reach it, if its configuration says so.
    public_url: Option<String>,
    /// Where agents reach it, if its configuration says so.
    agent_url: Option<String>,
    /// The port that agents reach it at, at an address of its own.
    agent_port: u16,
}

/// Says what the server is, and where it is reached.
#[utoipa::path(
    get, path = "/installation", tag = "installation",
    responses((status = 200, body = InstallationBody), (status = "default", body = Problem))
)]
async fn get(State(app): State<App>, Signed(_actor): Signed) -> Result<Json<InstallationBody>> {
    let server = &app.config.server;
    Ok(Json(InstallationBody {
        version: env!("CARGO_PKG_VERSION"),
        public_url: server.public_url.clone(),
        agent_url: server.agent_url.clone(),
        agent_port: server.agent_listen.port(),
    }))
}
