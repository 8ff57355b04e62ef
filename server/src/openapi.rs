//! The description of the API, made from its handlers.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::app::App;
use crate::problem::Problem;

/// The description as JSON.
#[derive(Debug, Clone)]
pub struct OpenApiText(pub String);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bygone",
        description = "Organizations, repositories, agents, plans, jobs. Within /api/v1 nothing is taken away and no \
            meaning changes; fields and paths are added. Unknown fields of answers are to be passed over.",
        license(name = "Apache-2.0 OR MIT")
    ),
    components(schemas(Problem)),
    security(("session" = []), ("token" = []))
)]
struct Description;

/// What every part of the API adds to.
pub(crate) fn base() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_default();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-bygone")));
    components.add_security_scheme("session", cookie);
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.add_security_scheme("token", bearer);
    description
}

/// The whole description, as it is committed and served.
pub fn text() -> OpenApiText {
    let (_, description) = crate::api::routes().split_for_parts();
    // What utoipa builds is always representable.
    OpenApiText(description.to_pretty_json().unwrap_or_default() + "\n")
}

/// Serves it.
pub(crate) async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.0.clone()).into_response()
}
