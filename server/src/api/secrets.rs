//! The installation key, and what is kept for the day on which this server is no more.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bygone_common::OrgUid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::secrets::escrow::{self, Whose};
use crate::secrets::rotate::{RotateError, rotate};
use crate::signed::Fresh;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(rotate_key)).routes(routes!(escrow_all)).routes(routes!(escrow_org))
}

/// What a rotation did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RotatedBody {
    /// The id of the key that seals from now on.
    key: String,
    /// Secrets that were sealed anew.
    values: u64,
    /// Whether the old key is gone. If not, something is still under it: rotate again.
    finished: bool,
}

/// Whom an escrow is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientBody {
    /// An age recipient: `age1…`.
    recipient: String,
}

/// Seals every secret anew under a new installation key.
#[utoipa::path(
    post, path = "/secrets/rotate", tag = "installation",
    responses((status = 200, body = RotatedBody), (status = "default", body = Problem))
)]
async fn rotate_key(State(app): State<App>, Fresh(actor): Fresh) -> Result<Json<RotatedBody>> {
    let rotated = rotate(&app.store, &app.secrets, &actor).await.map_err(|error| match error {
        RotateError::Store(error) => Problem::from(error),
        RotateError::Secrets(error) => {
            tracing::error!(%error, "the installation key was not rotated");
            Problem::new(crate::problem::ProblemCode::Conflict, error.to_string())
        }
    })?;
    Ok(Json(RotatedBody { key: rotated.key, values: rotated.values, finished: rotated.finished }))
}

/// Takes out what opens every repository, encrypted to an age recipient.
#[utoipa::path(
    post, path = "/secrets/escrow", tag = "installation", request_body = RecipientBody,
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = "default", body = Problem))
)]
async fn escrow_all(State(app): State<App>, Fresh(actor): Fresh, Json(body): Json<RecipientBody>) -> Result<Response> {
    escrow::export(&app.store, &app.secrets, &actor, Whose::Installation, &body.recipient).await.map(answer)
}

/// Takes out what opens an organization's repositories, encrypted to an age recipient.
#[utoipa::path(
    post, path = "/orgs/{org}/escrow", tag = "repositories", request_body = RecipientBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = "default", body = Problem))
)]
async fn escrow_org(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(org): Path<OrgUid>,
    Json(body): Json<RecipientBody>,
) -> Result<Response> {
    escrow::export(&app.store, &app.secrets, &actor, Whose::Org(org), &body.recipient).await.map(answer)
}

fn answer(sealed: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"bygone-escrow.age\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, sealed).into_response()
}
