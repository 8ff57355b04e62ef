//! API tokens: one's own, made here and shown once; and those of an organization, for who runs it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, TokenUid, UserUid};
use bygone_store::api_tokens::ApiToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery, SHOWN_ONCE};
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::{Me, MySession, Signed};
use crate::tokens;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_mine, create))
        .routes(routes!(revoke_mine))
        .routes(routes!(list))
        .routes(routes!(revoke))
}

/// An API token, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenBody {
    #[schema(value_type = uuid::Uuid)]
    uid: TokenUid,
    #[schema(value_type = uuid::Uuid)]
    user: UserUid,
    /// What it is for.
    name: String,
    /// Its first characters.
    prefix: String,
    /// What it may be used for: a part of what its owner may.
    scopes: Vec<String>,
    expires_at: jiff::Timestamp,
    /// To the minute.
    used_at: Option<jiff::Timestamp>,
    created_at: jiff::Timestamp,
}

impl From<ApiToken> for TokenBody {
    fn from(token: ApiToken) -> Self {
        Self {
            uid: token.uid,
            user: token.user,
            name: token.name,
            prefix: token.prefix,
            scopes: token.scopes.names().to_vec(),
            expires_at: token.expires_at,
            used_at: token.used_at,
            created_at: token.created_at,
        }
    }
}

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// `kind:verb`, as in `plans:read` or `*:run`; verbs are read, write, delete, run and export. With `unattended`, what
    /// asks people for the second factor again is done without.
    #[schema(min_items = 1, max_items = 32)]
    scopes: Vec<String>,
    /// A year from now at the latest; in 90 days if not said.
    expires_at: Option<jiff::Timestamp>,
}

/// A token that was just made: it is in this answer and nowhere else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeTokenBody {
    token: TokenBody,
    /// Send it as `Authorization: Bearer`.
    secret: String,
}

/// Lists one's own API tokens.
#[utoipa::path(
    get, path = "/me/tokens", tag = "me", params(PageQuery),
    responses((status = 200, body = ListBody<TokenBody>), (status = "default", body = Problem))
)]
async fn list_mine(State(app): State<App>, me: Me, Query(page): Query<PageQuery>) -> Result<Json<ListBody<TokenBody>>> {
    let page = page.page()?;
    let tokens = app.store.api_tokens().list(&me.actor, me.user.org, Some(me.user.uid), &page).await?;
    Ok(Json(ListBody::of(tokens, TokenBody::from)))
}

/// Makes an API token. One that deletes, exports or acts unattended asks for the second factor.
#[utoipa::path(
    post, path = "/me/tokens", tag = "me", request_body = NewTokenBody,
    responses((status = 201, body = MadeTokenBody), (status = "default", body = Problem))
)]
async fn create(State(app): State<App>, me: MySession, Json(body): Json<NewTokenBody>) -> Result<Response> {
    let (token, secret) = tokens::create(&app, &me, body.name, &body.scopes, body.expires_at).await?;
    let body = MadeTokenBody { token: token.into(), secret: secret.expose().clone() };
    Ok((StatusCode::CREATED, SHOWN_ONCE, Json(body)).into_response())
}

/// Ends one of one's API tokens at once.
#[utoipa::path(
    delete, path = "/me/tokens/{token}", tag = "me", params(("token" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn revoke_mine(State(app): State<App>, me: Me, Path(token): Path<TokenUid>) -> Result<StatusCode> {
    let found = app.store.api_tokens().get(&me.actor, me.user.org, token).await?;
    if found.user != me.user.uid {
        return Err(Problem::not_found(format_args!("token {token}")));
    }
    app.store.api_tokens().revoke(&me.actor, me.user.org, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the API tokens of an organization: everybody's for who runs it, one's own for everybody else.
#[utoipa::path(
    get, path = "/orgs/{org}/tokens", tag = "tokens", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<TokenBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<TokenBody>>> {
    let tokens = app.store.api_tokens().list(&actor, Some(org), None, &page.page()?).await?;
    Ok(Json(ListBody::of(tokens, TokenBody::from)))
}

/// Ends an API token of somebody in an organization at once.
#[utoipa::path(
    delete, path = "/orgs/{org}/tokens/{token}", tag = "tokens",
    params(("org" = uuid::Uuid, Path), ("token" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn revoke(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, token)): Path<(OrgUid, TokenUid)>,
) -> Result<StatusCode> {
    app.store.api_tokens().revoke(&actor, Some(org), token).await?;
    Ok(StatusCode::NO_CONTENT)
}
