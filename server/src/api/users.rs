//! People of an organization, and of the installation itself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, UserUid};
use bygone_store::Role;
use bygone_store::users::{NewUser, User, UserChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery, SHOWN_ONCE};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::{Fresh, Signed};
use crate::users;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(password_link))
        .routes(routes!(remove_totp))
        .routes(routes!(list_roots, create_root))
        .routes(routes!(get_root, change_root, delete_root))
        .routes(routes!(password_link_root))
        .routes(routes!(remove_totp_root))
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserBody {
    #[schema(value_type = uuid::Uuid)]
    uid: UserUid,
    /// Null: they run the installation.
    #[schema(value_type = Option<uuid::Uuid>)]
    org: Option<OrgUid>,
    /// What they sign in with.
    email: String,
    name: String,
    #[schema(value_type = RoleBody)]
    role: Role,
    /// Whether they are kept out.
    disabled: bool,
    /// The provider whose groups decide the role.
    #[schema(value_type = Option<uuid::Uuid>)]
    provider: Option<bygone_common::ProviderUid>,
    /// Whether they have a password here.
    has_password: bool,
    /// Whether they are asked for a second factor here.
    has_totp: bool,
    signed_in_at: Option<jiff::Timestamp>,
    created_at: jiff::Timestamp,
}

/// What somebody is to an organization; `root` runs the installation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the words of another type, which knows no HTTP")]
pub(crate) enum RoleBody {
    Root,
    Admin,
    Operator,
    Auditor,
    User,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            uid: user.uid,
            org: user.org,
            email: user.email,
            name: user.name,
            role: user.role,
            disabled: user.disabled,
            provider: user.provider,
            has_password: user.has_password,
            has_totp: user.has_totp,
            signed_in_at: user.signed_in_at,
            created_at: user.created_at,
        }
    }
}

/// A new person. They get a link to choose a password, or come through a provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(value_type = RoleBody)]
    role: Role,
}

impl From<NewUserBody> for NewUser {
    fn from(body: NewUserBody) -> Self {
        Self { email: body.email, name: body.name, role: body.role, provider: None }
    }
}

/// What is to change; what is not said stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChangeBody {
    #[schema(min_length = 3, max_length = 254)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(value_type = Option<RoleBody>)]
    role: Option<Role>,
    /// Kept out: signed out at once, their tokens end.
    disabled: Option<bool>,
}

impl From<UserChangeBody> for UserChange {
    fn from(body: UserChangeBody) -> Self {
        Self { email: body.email, name: body.name, role: body.role, disabled: body.disabled }
    }
}

/// A link with which somebody chooses a password: give them the token. It is in this answer and nowhere else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    token: String,
    /// The path of our own page that takes it.
    path: String,
    expires_at: jiff::Timestamp,
}

impl From<users::MadeLink> for LinkBody {
    fn from(link: users::MadeLink) -> Self {
        let token = link.token.expose().clone();
        Self { path: format!("/password#{token}"), token, expires_at: link.expires_at }
    }
}

/// Lists the people of an organization: all for who runs it, oneself for everybody else.
#[utoipa::path(
    get, path = "/orgs/{org}/users", tag = "users", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<UserBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<UserBody>>> {
    let users = app.store.users().list(&actor, Some(org), &page.page()?).await?;
    Ok(Json(ListBody::of(users, UserBody::from)))
}

/// Makes a person of an organization.
#[utoipa::path(
    post, path = "/orgs/{org}/users", tag = "users", request_body = NewUserBody, params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = UserBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewUserBody>,
) -> Result<(StatusCode, Tagged<Json<UserBody>>)> {
    let user = app.store.users().create(&actor, Some(org), &body.into()).await?;
    Ok((StatusCode::CREATED, Tagged { version: user.version, body: Json(user.into()) }))
}

/// Shows a person of an organization.
#[utoipa::path(
    get, path = "/orgs/{org}/users/{user}", tag = "users", params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path)),
    responses((status = 200, body = UserBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, user)): Path<(OrgUid, UserUid)>,
) -> Result<Tagged<Json<UserBody>>> {
    let user = app.store.users().get(&actor, Some(org), user).await?;
    Ok(Tagged { version: user.version, body: Json(user.into()) })
}

/// Changes a person of an organization.
#[utoipa::path(
    patch, path = "/orgs/{org}/users/{user}", tag = "users", request_body = UserChangeBody,
    params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = UserBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, user)): Path<(OrgUid, UserUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<UserChangeBody>,
) -> Result<Tagged<Json<UserBody>>> {
    let user = app.store.users().change(&actor, Some(org), user, version, &body.into()).await.map_err(stale)?;
    Ok(Tagged { version: user.version, body: Json(user.into()) })
}

/// Removes a person of an organization, with their sessions, tokens and grants. Asks for the second factor.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{user}", tag = "users", params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, user)): Path<(OrgUid, UserUid)>,
) -> Result<StatusCode> {
    app.store.users().delete(&actor, Some(org), user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link with which a person of an organization chooses a password. It works once. Asks for the second factor.
#[utoipa::path(
    post, path = "/orgs/{org}/users/{user}/password-link", tag = "users", params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path)),
    responses((status = 201, body = LinkBody), (status = "default", body = Problem))
)]
async fn password_link(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, user)): Path<(OrgUid, UserUid)>,
) -> Result<Response> {
    let link = users::password_link(&app, &actor, Some(org), user).await?;
    Ok((StatusCode::CREATED, SHOWN_ONCE, Json(LinkBody::from(link))).into_response())
}

/// Takes the second factor from a person of an organization, if its device is lost. Asks for one's own.
#[utoipa::path(
    delete, path = "/orgs/{org}/users/{user}/totp", tag = "users", params(("org" = uuid::Uuid, Path), ("user" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn remove_totp(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, user)): Path<(OrgUid, UserUid)>,
) -> Result<StatusCode> {
    let user = app.store.users().get(&actor, Some(org), user).await?;
    app.store.users().remove_totp(&actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists who runs the installation.
#[utoipa::path(
    get, path = "/users", tag = "users", params(PageQuery),
    responses((status = 200, body = ListBody<UserBody>), (status = "default", body = Problem))
)]
async fn list_roots(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<UserBody>>> {
    let users = app.store.users().list(&actor, None, &page.page()?).await?;
    Ok(Json(ListBody::of(users, UserBody::from)))
}

/// Makes a person who runs the installation.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = NewUserBody,
    responses((status = 201, body = UserBody), (status = "default", body = Problem))
)]
async fn create_root(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(body): Json<NewUserBody>,
) -> Result<(StatusCode, Tagged<Json<UserBody>>)> {
    let user = app.store.users().create(&actor, None, &body.into()).await?;
    Ok((StatusCode::CREATED, Tagged { version: user.version, body: Json(user.into()) }))
}

/// Shows a person who runs the installation.
#[utoipa::path(
    get, path = "/users/{user}", tag = "users", params(("user" = uuid::Uuid, Path)),
    responses((status = 200, body = UserBody), (status = "default", body = Problem))
)]
async fn get_root(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(user): Path<UserUid>,
) -> Result<Tagged<Json<UserBody>>> {
    let user = app.store.users().get(&actor, None, user).await?;
    Ok(Tagged { version: user.version, body: Json(user.into()) })
}

/// Changes a person who runs the installation.
#[utoipa::path(
    patch, path = "/users/{user}", tag = "users", request_body = UserChangeBody,
    params(("user" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = UserBody), (status = "default", body = Problem))
)]
async fn change_root(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(user): Path<UserUid>,
    IfMatch(version): IfMatch,
    Json(body): Json<UserChangeBody>,
) -> Result<Tagged<Json<UserBody>>> {
    let user = app.store.users().change(&actor, None, user, version, &body.into()).await.map_err(stale)?;
    Ok(Tagged { version: user.version, body: Json(user.into()) })
}

/// Removes a person who runs the installation, with their sessions, tokens and grants. Asks for the second factor.
#[utoipa::path(
    delete, path = "/users/{user}", tag = "users", params(("user" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete_root(State(app): State<App>, Fresh(actor): Fresh, Path(user): Path<UserUid>) -> Result<StatusCode> {
    app.store.users().delete(&actor, None, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link with which a person who runs the installation chooses a password. It works once. Asks for the second factor.
#[utoipa::path(
    post, path = "/users/{user}/password-link", tag = "users", params(("user" = uuid::Uuid, Path)),
    responses((status = 201, body = LinkBody), (status = "default", body = Problem))
)]
async fn password_link_root(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(user): Path<UserUid>,
) -> Result<Response> {
    let link = users::password_link(&app, &actor, None, user).await?;
    Ok((StatusCode::CREATED, SHOWN_ONCE, Json(LinkBody::from(link))).into_response())
}

/// Takes the second factor from a person who runs the installation, if its device is lost. Asks for one's own.
#[utoipa::path(
    delete, path = "/users/{user}/totp", tag = "users", params(("user" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn remove_totp_root(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(user): Path<UserUid>,
) -> Result<StatusCode> {
    let user = app.store.users().get(&actor, None, user).await?;
    app.store.users().remove_totp(&actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
