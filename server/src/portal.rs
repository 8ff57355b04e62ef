//! The portal behind this server's doors: here it is said who asks, and how repositories are opened.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::{OrgUid, RepositoryUid, Secret};
use bygone_portal::drive::NAMING_KEY_BYTES;
use bygone_portal::{Portal, Repositories, Visitor};
use bygone_store::Actor;
use bygone_vault::Repository;
use futures_util::future::BoxFuture;

use crate::app::App;
use crate::config::Config;
use crate::correlation::Origin;
use crate::identity::cookie::is_secure;
use crate::index_leases::forward;
use crate::problem::{ProblemCode, Result};
use crate::signed::Signed;
use crate::storages::Storages;

/// The folder of search indexes, below that of all data.
const SEARCH: &str = "search";

/// Where the portal's routes stand.
pub(crate) const ROOT: &str = "/portal/v1";

/// Opens what the portal shows.
struct Opening(Storages);

impl Repositories for Opening {
    fn open(&self, org: OrgUid, repository: RepositoryUid) -> BoxFuture<'_, Result<Repository>> {
        Box::pin(async move {
            // Whether the asker may see a snapshot was decided before: its repository is nothing they ask for.
            let actor = Actor::system("portal", org);
            let row = self.0.store().repositories().get_recent(&actor, org, repository).await?;
            Ok(self.0.repository(&row).await?)
        })
    }

    fn naming_key(&self) -> Secret<[u8; NAMING_KEY_BYTES]> {
        self.0.secrets().naming_key()
    }
}

/// The portal to these repositories.
pub(crate) fn new(storages: &Storages, config: &Config) -> Portal {
    let folder = config.data.join(SEARCH);
    Portal::with_search(storages.store().clone(), Opening(storages.clone()), folder, config.limits.downloads)
}

/// Its routes: those of who is signed in, drives, and tickets, which anybody may redeem.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, _) = bygone_portal::routes().split_for_parts();
    let signed = middleware::from_fn_with_state(app.clone(), sign);
    let to_holder = middleware::from_fn_with_state(app.clone(), forward::to_holder);
    let drives = bygone_portal::drives()
        .route_layer(middleware::from_fn_with_state(app.clone(), sign_drive))
        .route_layer(middleware::from_fn(basic));
    let tickets = bygone_portal::redeeming().route_layer(middleware::from_fn_with_state(app.clone(), visit));
    // Restores are jobs of agents, which the portal knows nothing of.
    let (restores, _) = crate::api::restores::routes().split_for_parts();
    Router::new()
        .nest(ROOT, routes.route_layer(to_holder).route_layer(signed).with_state(app.portal.clone()).merge(restores))
        .nest(bygone_portal::tickets::ROOT, tickets.with_state(app.portal.clone()))
        .merge(drives.with_state(app.portal.clone()))
}

/// Puts who asks into the request.
async fn sign(State(_): State<App>, Signed(actor): Signed, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(actor);
    next.run(request).await
}

/// Takes a name and a password for an API token: it is the password, and the name says nothing. Programs that open drives
/// know no other way.
async fn basic(mut request: Request, next: Next) -> Response {
    if let Some(token) = password(request.headers()) {
        request.headers_mut().insert(header::AUTHORIZATION, token);
    }
    next.run(request).await
}

/// The password of basic authentication, as a bearer's token.
fn password(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = given.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (_, password) = decoded.split_once(':')?;
    let mut value = HeaderValue::from_str(&format!("Bearer {password}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Puts who asks into the request, if somebody does: a drive says what it can do before anybody signs in.
async fn sign_drive(State(_): State<App>, signed: Result<Signed>, mut request: Request, next: Next) -> Response {
    match signed {
        Ok(Signed(actor)) => {
            request.extensions_mut().insert(actor);
        }
        // Too many attempts, another site's page, no database: not for the drive to say.
        Err(problem) if problem.code() != ProblemCode::Unauthenticated => return problem.into_response(),
        Err(_) => {}
    }
    next.run(request).await
}

/// Puts who comes with a ticket into the request: the ticket says what it is worth.
async fn visit(
    State(app): State<App>,
    origin: Origin,
    signed: Result<Signed>,
    mut request: Request,
    next: Next,
) -> Response {
    let visitor = Visitor {
        actor: signed.ok().map(|Signed(actor)| actor),
        correlation: origin.correlation,
        address: origin.address,
        is_secure: is_secure(&app.config),
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}
