//! The description of the API, made from its handlers.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};

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
    let mut description = crate::api::description();
    name_operations(&mut description);
    open_tagged(&mut description);
    // What utoipa builds is always representable.
    OpenApiText(description.to_pretty_json().unwrap_or_default() + "\n")
}

/// Gives every operation a name of its own: what its handler is called, and the nouns of its path. Handlers of different
/// nouns share names (`list`, `create`).
fn name_operations(description: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut description.paths.paths {
        let short = path.trim_start_matches("/api/v1").replacen("/portal/v1", "/portal", 1);
        let nouns = short.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
        let nouns = nouns.collect::<Vec<_>>().join("_").replace('-', "_");
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.options,
            &mut item.head,
            &mut item.patch,
            &mut item.trace,
        ];
        for operation in operations.into_iter().flatten() {
            name_problems(operation);
            let handler = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{handler}_{nouns}"));
        }
    }
}

/// Lets what a tag is added to have it: an object that allows no other properties than its own would allow no tag, and
/// nothing could be both.
fn open_tagged(description: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut description.components else { return };
    let mut tagged = Vec::new();
    for schema in components.schemas.values() {
        let RefOr::T(Schema::OneOf(choices)) = schema else { continue };
        for choice in &choices.items {
            let RefOr::T(Schema::AllOf(parts)) = choice else { continue };
            let names = parts.items.iter().filter_map(|part| match part {
                RefOr::Ref(part) => part.ref_location.rsplit('/').next().map(str::to_owned),
                RefOr::T(_) => None,
            });
            tagged.extend(names);
        }
    }
    for name in tagged {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = None;
        }
    }
}

/// Says of which type problems are: not of that of what succeeds.
fn name_problems(operation: &mut utoipa::openapi::path::Operation) {
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        let is_problem = status == "default" || status.starts_with(['4', '5']);
        if is_problem && let Some(content) = answer.content.shift_remove("application/json") {
            answer.content.insert("application/problem+json".to_owned(), content);
        }
    }
}

/// Serves it.
pub(crate) async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.0.clone()).into_response()
}
