//! `/api/v1`: one module for each noun. Handlers take what a request holds, make one call, and answer.

pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod enrolment_tokens;
pub(crate) mod events;
pub(crate) mod gateway_credentials;
pub(crate) mod grants;
pub(crate) mod holds;
pub(crate) mod jobs;
pub(crate) mod me;
pub(crate) mod orgs;
pub(crate) mod plans;
pub(crate) mod providers;
pub(crate) mod repositories;
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
use serde::{Deserialize, Serialize};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::identity::rate;
use crate::problem::{Problem, ProblemCode, Result};
use crate::serve::Roles;
use crate::{correlation, gateway, health, idempotency, metrics, openapi};

/// The documented routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .merge(orgs::routes())
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
        .merge(holds::routes())
        .merge(secrets::routes())
        .merge(sign_in::routes())
        .merge(me::routes())
        .merge(users::routes())
        .merge(sessions::routes())
        .merge(tokens::routes())
        .merge(providers::routes())
        .merge(grants::routes());
    OpenApiRouter::with_openapi(openapi::base()).nest("/api/v1", v1)
}

/// What is served where browsers, programs and restic connect, by a process of these roles.
pub(crate) fn router(app: &App, roles: Roles) -> Router {
    let by_address = middleware::from_fn_with_state(app.clone(), rate::by_address);
    let api = if roles.api { routes().split_for_parts().0.route_layer(by_address) } else { Router::new() };
    let gateway = if roles.gateway { gateway::router() } else { Router::new() };
    let body_bytes = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
    Router::new()
        .merge(api)
        .merge(gateway)
        .route("/api/openapi.json", get(openapi::openapi))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::repeat))
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(panicked())))
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

/// Which page of a list is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl PageQuery {
    pub(crate) fn page(&self) -> Result<bygone_store::Page> {
        page(self.limit, self.after.as_deref())
    }
}

/// The page of a query that holds more than the page.
pub(crate) fn page(limit: Option<u32>, after: Option<&str>) -> Result<bygone_store::Page> {
    let page = bygone_store::Page::new(limit, after);
    // A limit or cursor that cannot be is a query that cannot be read.
    page.map_err(|error| match error.kind() {
        bygone_store::ErrorKind::Invalid { field } => {
            Problem::new(ProblemCode::Malformed, error.context()).about(*field)
        }
        _ => error.into(),
    })
}

/// For an answer that shows a secret: neither caches nor what is kept for repeated requests may hold it.
pub(crate) const SHOWN_ONCE: [(axum::http::HeaderName, &str); 1] = [(axum::http::header::CACHE_CONTROL, "no-store")];

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListBody<T> {
    /// In the order of the list.
    items: Vec<T>,
    /// Where the next page begins: give it as `after`. Null on the last page.
    next: Option<String>,
}

impl<T> ListBody<T> {
    pub(crate) fn of<U>(list: bygone_store::List<U>, made: impl FnMut(U) -> T) -> Self {
        let list = list.map(made);
        Self { items: list.items, next: list.next }
    }
}
