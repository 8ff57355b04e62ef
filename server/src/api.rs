//! `/api/v1`: one module for each noun. Handlers take what a request holds, make one call, and answer.

pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod enrolment_tokens;
pub(crate) mod events;
pub(crate) mod gateway_credentials;
pub(crate) mod grants;
pub(crate) mod holds;
pub(crate) mod installation;
pub(crate) mod jobs;
pub(crate) mod login_requests;
pub(crate) mod me;
pub(crate) mod orgs;
pub(crate) mod plans;
pub(crate) mod protection;
pub(crate) mod providers;
pub(crate) mod repositories;
pub(crate) mod restores;
pub(crate) mod retention;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod snapshots;
pub(crate) mod sources;
pub(crate) mod storage_credentials;
pub(crate) mod tokens;
pub(crate) mod users;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
pub(crate) use bygone_http::page::{ListBody, PageQuery, page};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::identity::rate;
use crate::problem::{Problem, ProblemCode};
use crate::serve::Roles;
use crate::{correlation, gateway, health, idempotency, metrics, openapi, portal, web};

/// The documented routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .merge(orgs::routes())
        .merge(installation::routes())
        .merge(audit::routes())
        .merge(sources::routes())
        .merge(plans::routes())
        .merge(jobs::routes())
        .merge(events::routes())
        .merge(agents::routes())
        .merge(enrolment_tokens::routes())
        .merge(storage_credentials::routes())
        .merge(repositories::routes())
        .merge(gateway_credentials::routes())
        .merge(snapshots::routes())
        .merge(retention::routes())
        .merge(protection::routes())
        .merge(holds::routes())
        .merge(secrets::routes())
        .merge(sign_in::routes())
        .merge(login_requests::routes())
        .merge(me::routes())
        .merge(users::routes())
        .merge(sessions::routes())
        .merge(tokens::routes())
        .merge(providers::routes())
        .merge(grants::routes());
    OpenApiRouter::with_openapi(openapi::base()).nest("/api/v1", v1)
}

/// The description of everything that is documented.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let portal = bygone_portal::routes().into_openapi().merge_from(restores::routes().into_openapi());
    routes().into_openapi().nest(crate::portal::ROOT, portal)
}

/// What is served where browsers, programs and restic connect, by a process of these roles.
pub(crate) fn router(app: &App, roles: Roles) -> Router {
    let by_address = middleware::from_fn_with_state(app.clone(), rate::by_address);
    let api = match roles.api {
        true => routes().split_for_parts().0.merge(portal::router(app)).route_layer(by_address).merge(web::router()),
        false => Router::new(),
    };
    let gateway = if roles.gateway { gateway::router() } else { Router::new() };
    let body_bytes = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
    let rest = match roles.api {
        true => Router::new().fallback(web::page),
        false => Router::new().fallback(nothing_here),
    };
    rest.merge(api)
        .merge(gateway)
        .route("/api/openapi.json", get(openapi::openapi))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::repeat))
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(panicked())))
        .layer(middleware::from_fn_with_state(app.clone(), web::protect))
        .layer(middleware::from_fn_with_state(app.clone(), correlation::correlate))
        .layer(middleware::from_fn(metrics::measure))
        .with_state(app.clone())
}

pub(crate) async fn nothing_here() -> Problem {
    Problem::not_found("what this path names")
}

pub(crate) async fn wrong_method() -> Problem {
    Problem::new(ProblemCode::MethodNotAllowed, "this path has no such method")
}

pub(crate) fn panicked() -> Problem {
    Problem::new(ProblemCode::Internal, "the server failed; its log says how")
}

/// For an answer that shows a secret: neither caches nor what is kept for repeated requests may hold it.
pub(crate) const SHOWN_ONCE: [(axum::http::HeaderName, &str); 1] = [(axum::http::header::CACHE_CONTROL, "no-store")];
