//! The portal behind this server's doors: here it is said who asks, and how repositories are opened.

use std::path::Path;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::{Router, middleware};
use bygone_common::{OrgUid, RepositoryUid};
use bygone_portal::{Portal, Repositories};
use bygone_store::Actor;
use bygone_vault::Repository;
use futures_util::future::BoxFuture;

use crate::app::App;
use crate::problem::Result;
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
            let row = self.0.store().repositories().get(&actor, org, repository).await?;
            Ok(self.0.repository(&row).await?)
        })
    }
}

/// The portal to these repositories.
pub(crate) fn new(storages: &Storages, data: &Path) -> Portal {
    Portal::with_search(storages.store().clone(), Opening(storages.clone()), data.join(SEARCH))
}

/// Its routes.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, _) = bygone_portal::routes().split_for_parts();
    let signed = middleware::from_fn_with_state(app.clone(), sign);
    Router::new().nest(ROOT, routes.route_layer(signed).with_state(app.portal.clone()))
}

/// Puts who asks into the request.
async fn sign(State(_): State<App>, Signed(actor): Signed, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(actor);
    next.run(request).await
}
