//! Oneself: who one is, one's password, second factor, sessions and tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bygone_common::Secret;
use bygone_store::users::UserChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SHOWN_ONCE;
use super::users::UserBody;
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::Json;
use crate::identity::session::Proof;
use crate::identity::step_up;
use crate::problem::{Problem, Result};
use crate::signed::{Me, MySession};
use crate::users;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get, change))
        .routes(routes!(change_password))
        .routes(routes!(begin_totp, remove_totp))
        .routes(routes!(confirm_totp))
        .routes(routes!(new_recovery_codes))
}

/// Oneself.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeBody {
    user: UserBody,
    /// With what one asks: `session` or `token`.
    #[schema(pattern = "^(session|token)$")]
    by: &'static str,
    /// Until then nothing asks for the second factor again.
    step_up_until: Option<jiff::Timestamp>,
    /// What the token may be used for; null for a session.
    scopes: Option<Vec<String>>,
}

/// Says who one is.
#[utoipa::path(
    get, path = "/me", tag = "me",
    responses((status = 200, body = MeBody), (status = "default", body = Problem))
)]
async fn get(me: Me) -> Tagged<Json<MeBody>> {
    let version = me.user.version;
    let (by, step_up_until, scopes) = match &me.proven.proof {
        Proof::Session(session) => ("session", Some(session.step_up_until), None),
        Proof::Token(token) => ("token", None, Some(token.scopes.names().to_vec())),
    };
    Tagged { version, body: Json(MeBody { user: me.user.into(), by, step_up_until, scopes }) }
}

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeChangeBody {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
}

/// Changes what one is called.
#[utoipa::path(
    patch, path = "/me", tag = "me", request_body = MeChangeBody, params(("If-Match" = String, Header)),
    responses((status = 200, body = UserBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    me: Me,
    IfMatch(version): IfMatch,
    Json(body): Json<MeChangeBody>,
) -> Result<Tagged<Json<UserBody>>> {
    let change = UserChange { name: body.name, ..UserChange::default() };
    let (org, uid) = (me.user.org, me.user.uid);
    let user = app.store.users().change(&me.actor, org, uid, version, &change).await.map_err(stale)?;
    Ok(Tagged { version: user.version, body: Json(user.into()) })
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// From who has one.
    #[schema(format = Password)]
    old_password: Option<String>,
    #[schema(format = Password, min_length = 12)]
    new_password: String,
}

/// Chooses another password. All other sessions end.
#[utoipa::path(
    put, path = "/me/password", tag = "me", request_body = PasswordBody,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn change_password(State(app): State<App>, me: MySession, Json(body): Json<PasswordBody>) -> Result<StatusCode> {
    let old = body.old_password.map(Secret::new);
    users::change_password(&app, &me, old, Secret::new(body.new_password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a device takes to make codes. Shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolmentBody {
    /// In base 32, for typing.
    secret: String,
    /// For a QR code.
    url: String,
}

/// Begins to use a second factor.
#[utoipa::path(
    post, path = "/me/totp", tag = "me",
    responses((status = 201, body = EnrolmentBody), (status = "default", body = Problem))
)]
async fn begin_totp(State(app): State<App>, me: MySession) -> Result<Response> {
    step_up::require(&app, &me.proven)?;
    let enrolment = users::begin_totp(&app, &me).await?;
    let body = EnrolmentBody { secret: enrolment.secret.expose().clone(), url: enrolment.url.expose().clone() };
    Ok((StatusCode::CREATED, SHOWN_ONCE, Json(body)).into_response())
}

/// A code of the device.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    code: String,
}

/// Recovery codes: each stands in for the second factor once. Shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryBody {
    recovery_codes: Vec<String>,
}

/// Confirms the second factor with a code: it is asked for from now on.
#[utoipa::path(
    post, path = "/me/totp/confirm", tag = "me", request_body = CodeBody,
    responses((status = 200, body = RecoveryBody), (status = "default", body = Problem))
)]
async fn confirm_totp(State(app): State<App>, me: MySession, Json(body): Json<CodeBody>) -> Result<Response> {
    let recovery_codes = users::confirm_totp(&app, &me, &body.code).await?;
    Ok((SHOWN_ONCE, Json(RecoveryBody { recovery_codes })).into_response())
}

/// Makes other recovery codes: those there were work no more.
#[utoipa::path(
    post, path = "/me/recovery-codes", tag = "me",
    responses((status = 200, body = RecoveryBody), (status = "default", body = Problem))
)]
async fn new_recovery_codes(State(app): State<App>, me: MySession) -> Result<Response> {
    step_up::require(&app, &me.proven)?;
    let recovery_codes = users::new_recovery_codes(&app, &me).await?;
    Ok((SHOWN_ONCE, Json(RecoveryBody { recovery_codes })).into_response())
}

/// Asks for no second factor any more.
#[utoipa::path(
    delete, path = "/me/totp", tag = "me",
    responses((status = 204), (status = "default", body = Problem))
)]
async fn remove_totp(State(app): State<App>, me: MySession) -> Result<StatusCode> {
    step_up::require(&app, &me.proven)?;
    app.store.users().remove_totp(me.actor(), me.user()).await?;
    Ok(StatusCode::NO_CONTENT)
}
