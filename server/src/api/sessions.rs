//! Sessions: one's own, and those of the people of an organization.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{OrgUid, SessionUid, UserUid};
use bygone_store::sessions::Session;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::identity::session::Proof;
use crate::problem::{Problem, Result};
use crate::signed::{Me, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_mine, end_others))
        .routes(routes!(end_mine))
        .routes(routes!(list, end_all))
        .routes(routes!(end))
}

/// A session of a browser.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    #[schema(value_type = uuid::Uuid)]
    uid: SessionUid,
    /// Whether it is the one that asks.
    current: bool,
    created_at: jiff::Timestamp,
    /// To the minute.
    seen_at: jiff::Timestamp,
    /// When it ends if it is not used.
    idle_expires_at: jiff::Timestamp,
    expires_at: jiff::Timestamp,
    /// From where it was begun.
    address: Option<String>,
    /// What the browser calls itself.
    user_agent: String,
    /// The provider that vouches for it.
    #[schema(value_type = Option<uuid::Uuid>)]
    provider: Option<bygone_common::ProviderUid>,
}

impl SessionBody {
    fn of(session: Session, current: Option<SessionUid>) -> Self {
        Self {
            uid: session.uid,
            current: current == Some(session.uid),
            created_at: session.created_at,
            seen_at: session.seen_at,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            address: session.address,
            user_agent: session.user_agent,
            provider: session.provider,
        }
    }
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndedBody {
    ended: u64,
}

fn current(me: &Me) -> Option<SessionUid> {
    match &me.proven.proof {
        Proof::Session(session) => Some(session.uid),
        Proof::Token(_) => None,
    }
}

/// Lists one's own sessions.
#[utoipa::path(
    get, path = "/me/sessions", tag = "me", params(PageQuery),
    responses((status = 200, body = ListBody<SessionBody>), (status = "default", body = Problem))
)]
async fn list_mine(
    State(app): State<App>,
    me: Me,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<SessionBody>>> {
    let sessions = app.store.sessions().list(&me.actor, &me.user, &page.page()?).await?;
    Ok(Json(ListBody::of(sessions, |session| SessionBody::of(session, current(&me)))))
}

/// Ends one's other sessions: signs out everywhere else.
#[utoipa::path(
    delete, path = "/me/sessions", tag = "me",
    responses((status = 200, body = EndedBody), (status = "default", body = Problem))
)]
async fn end_others(State(app): State<App>, me: Me) -> Result<Json<EndedBody>> {
    let ended = app.store.sessions().end_all(&me.actor, &me.user, current(&me)).await?;
    Ok(Json(EndedBody { ended }))
}

/// Ends one of one's sessions.
#[utoipa::path(
    delete, path = "/me/sessions/{session}", tag = "me", params(("session" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn end_mine(State(app): State<App>, me: Me, Path(session): Path<SessionUid>) -> Result<StatusCode> {
    app.store.sessions().end(&me.actor, &me.user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the sessions of a person of an organization.
#[utoipa::path(
    get, path = "/orgs/{org}/users/{user}/sessions", tag = "users",
    params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<SessionBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, user)): Path<(OrgUid, UserUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<SessionBody>>> {
    let user = app.store.users().get(&actor, Some(org), user).await?;
    let sessions = app.store.sessions().list(&actor, &user, &page.page()?).await?;
    Ok(Json(ListBody::of(sessions, |session| SessionBody::of(session, None))))
}

/// Signs a person of an organization out everywhere.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{user}/sessions", tag = "users",
    params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path)),
    responses((status = 200, body = EndedBody), (status = "default", body = Problem))
)]
async fn end_all(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, user)): Path<(OrgUid, UserUid)>,
) -> Result<Json<EndedBody>> {
    let user = app.store.users().get(&actor, Some(org), user).await?;
    let ended = app.store.sessions().end_all(&actor, &user, None).await?;
    Ok(Json(EndedBody { ended }))
}

/// Ends a session of a person of an organization.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{user}/sessions/{session}", tag = "users",
    params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path), ("session" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn end(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, user, session)): Path<(OrgUid, UserUid, SessionUid)>,
) -> Result<StatusCode> {
    let user = app.store.users().get(&actor, Some(org), user).await?;
    app.store.sessions().end(&actor, &user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
