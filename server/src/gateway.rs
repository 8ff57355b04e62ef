//! The gateway: `/restic/<org>/<repository>/` speaks restic's REST protocol, versions 1 and 2, over any storage that the
//! server reaches. Whoever comes through it needs no keys of the storage, and can destroy nothing there unless the
//! credential says so.
//!
//! The protocol is that of restic's `doc/REST_backend.rst`; where that leaves something open, answers are rest-server's.
//! What differs: the same content sent again answers 200 and not 403, so that who lost an answer may ask again; listings
//! and sizes are the storage's own, so that what does not belong to a repository is not seen.
//!
//! Never: a whole pack in memory, a file seen before it is whole and its hash is its name.
//!
//! Read in this order: [`path`] (what is asked for), [`sign_in`] (by whom), [`access`] (whether that one may), [`read`] and
//! [`write`] (what is done), [`locks`] (restic's locks become leases), [`refusal`] (answers that are none).

mod access;
mod locks;
mod meter;
mod path;
mod range;
mod read;
mod refusal;
mod sign_in;
mod turns;
mod write;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bygone_common::OrgUid;
use bygone_store::gateway_credentials::GatewayAccess;
use bygone_store::repositories::{Repository as Row, RepositoryState};
use bygone_store::{Actor, ErrorKind};
use bygone_vault::backend::{FileKind, SharedStorage};

use crate::app::App;
use path::{Asked, Target};
use refusal::Refusal;
use sign_in::Guest;

pub use sign_in::{new_secret, secret_hash};
pub use turns::Turns;

/// The routes of the gateway.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/restic/{*path}", any(handle))
}

/// A request that may be answered: who asks, for what, where it lies.
struct Admitted {
    app: App,
    guest: Guest,
    row: Row,
    storage: SharedStorage,
    open: bygone_vault::backend::OpenStorage,
}

impl Admitted {
    fn org(&self) -> OrgUid {
        self.row.org
    }

    /// The gateway at work for the organization.
    fn actor(&self) -> Actor {
        Actor::system("gateway", self.row.org)
    }
}

async fn handle(State(app): State<App>, request: Request) -> Response {
    let is_head = request.method() == Method::HEAD;
    match answer(app, request).await {
        Ok(answer) => answer,
        Err(refusal) => {
            let mut answer = refusal.into_response();
            if is_head {
                *answer.body_mut() = Body::empty();
            }
            answer
        }
    }
}

async fn answer(app: App, request: Request) -> Result<Response, Refusal> {
    // Who is not known learns nothing, not even which paths there are.
    let (mut parts, body) = request.into_parts();
    let guest = sign_in::sign_in(&app, &mut parts).await?;
    let asked = Asked::parse(parts.uri.path()).ok_or(Refusal::NOT_FOUND)?;
    let row = row_of(&app, &guest, &asked).await?;
    if row.state == RepositoryState::Paused {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, format!("repository {} is paused", row.name)));
    }
    access::check(&guest, &parts.method, asked.target)?;
    let open = app.storages.storage(&row).await?;
    let admitted = Admitted { app, guest, row, storage: open.storage.clone(), open };
    match (asked.target, parts.method.as_str()) {
        (Target::Repository, "POST") => write::create(&admitted, parts.uri.query()).await,
        (Target::Folder(kind), "GET" | "HEAD") => read::list(&admitted, kind, &parts.headers).await,
        (Target::File(file), "HEAD") => read::head(&admitted, file).await,
        (Target::File(file), "GET") => read::get(admitted, file, &parts.headers).await,
        (Target::File(file), "POST") => write::post(&admitted, file, &parts.headers, body).await,
        (Target::File(file), "DELETE") => write::delete(&admitted, file).await,
        (target, _) => Err(wrong_method(target)),
    }
}

fn wrong_method(target: Target) -> Refusal {
    let allowed = match target {
        Target::Repository => "POST",
        Target::Folder(_) => "GET, HEAD",
        Target::File(_) => "HEAD, GET, POST, DELETE",
    };
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this path has no such method").allowing(allowed)
}

/// The repository that is asked for, if it is the guest's. Any other does not exist for that one.
async fn row_of(app: &App, guest: &Guest, asked: &Asked<'_>) -> Result<Row, Refusal> {
    let actor = Actor::system("gateway", guest.org);
    let hidden = |error: bygone_store::Error| match error.kind() {
        ErrorKind::NotFound => Refusal::NOT_FOUND,
        _ => error.into(),
    };
    let org = app.store.orgs().get(&actor, guest.org).await.map_err(hidden)?;
    if org.name != asked.org {
        return Err(Refusal::NOT_FOUND);
    }
    let row = app.store.repositories().named(&actor, guest.org, asked.repository).await.map_err(hidden)?;
    match guest.repository {
        Some(only) if only != row.uid => Err(Refusal::NOT_FOUND),
        Some(_) | None => Ok(row),
    }
}

/// What an agent may do that shows its certificate: an agent can add to a repository and read it, and never remove.
const AGENT_ACCESS: GatewayAccess = GatewayAccess::AppendOnly;

/// The label of a kind of file in metrics.
const fn label(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Config => "config",
        FileKind::Key => "keys",
        FileKind::Lock => "locks",
        FileKind::Snapshot => "snapshots",
        FileKind::Index => "index",
        FileKind::Pack => "data",
    }
}

/// An answer without content.
fn empty(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))]).into_response()
}
