//! Programs that are let in by a browser: one asks, and waits; somebody who is signed in confirms it by its code.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bygone_store::login_requests::LoginRequest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SHOWN_ONCE;
use super::sign_in::Door;
use super::tokens::TokenBody;
use crate::app::App;
use crate::extract::Json;
use crate::login_requests::{self, ASK_AGAIN_SECONDS, SCOPES, Standing};
use crate::problem::{Problem, Result};
use crate::signed::MySession;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(redeem)).routes(routes!(look)).routes(routes!(answer))
}

/// A program that wants to be let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLoginRequestBody {
    /// What it calls itself, for whoever confirms: `bygone on laptop`.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// What a program waits with.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeLoginRequestBody {
    /// For the program alone: it asks with it whether it was let in.
    secret: String,
    /// For its person, who types it at `/let-in`: `BCDF-GHJK`.
    code: String,
    /// Where the code is typed, below this server's address.
    path: &'static str,
    expires_at: Timestamp,
    /// Seconds to wait before asking, and again after each answer.
    interval_seconds: u32,
}

/// The page on which a code is typed.
const PAGE: &str = "/let-in";

/// Asks to be let in, by somebody who confirms it in a browser within ten minutes.
#[utoipa::path(
    post, path = "/login-requests", tag = "sign-in", request_body = NewLoginRequestBody, security(()),
    responses((status = 201, body = MadeLoginRequestBody), (status = "default", body = Problem))
)]
async fn begin(State(app): State<App>, door: Door, Json(body): Json<NewLoginRequestBody>) -> Result<Response> {
    let made = login_requests::begin(&app, door.from, body.name).await?;
    let body = MadeLoginRequestBody {
        secret: made.secret.expose().clone(),
        code: made.code,
        path: PAGE,
        expires_at: made.expires_at,
        interval_seconds: ASK_AGAIN_SECONDS,
    };
    Ok((StatusCode::CREATED, SHOWN_ONCE, Json(body)).into_response())
}

/// With what a program waits.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemBody {
    secret: String,
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
pub(crate) struct RedeemedBody {
    /// The token that was made; null as long as nobody has confirmed.
    token: Option<TokenBody>,
    /// The token itself: this is the only time that it is shown.
    secret: Option<String>,
}

/// Says whether the program was let in, and gives it its token then, once. `404`: it was refused, or came too late.
#[utoipa::path(
    post, path = "/login-requests/redeem", tag = "sign-in", request_body = RedeemBody, security(()),
    responses((status = 200, body = RedeemedBody), (status = "default", body = Problem))
)]
async fn redeem(State(app): State<App>, door: Door, Json(body): Json<RedeemBody>) -> Result<Response> {
    let body = match login_requests::redeem(&app, door.from, &body.secret).await? {
        Standing::Waiting => RedeemedBody { token: None, secret: None },
        Standing::Let(token, secret) => {
            RedeemedBody { token: Some((*token).into()), secret: Some(secret.expose().clone()) }
        }
    };
    Ok((SHOWN_ONCE, Json(body)).into_response())
}

/// A code that a program shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookBody {
    code: String,
}

/// A program that waits to be let in.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginRequestBody {
    /// What it calls itself: anybody can call a program anything.
    name: String,
    /// Where it asked from.
    address: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// What it may do when it is let in.
    scopes: Vec<&'static str>,
}

impl From<LoginRequest> for LoginRequestBody {
    fn from(request: LoginRequest) -> Self {
        let LoginRequest { uid: _, name, address, created_at, expires_at } = request;
        Self { name, address, created_at, expires_at, scopes: SCOPES.to_vec() }
    }
}

/// Shows which program it is that a code is of.
#[utoipa::path(
    post, path = "/me/login-requests/look", tag = "me", request_body = LookBody,
    responses((status = 200, body = LoginRequestBody), (status = "default", body = Problem))
)]
async fn look(State(app): State<App>, me: MySession, Json(body): Json<LookBody>) -> Result<Json<LoginRequestBody>> {
    Ok(Json(login_requests::look(&app, &me, &body.code).await?.into()))
}

/// Whether a program is let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    code: String,
    allow: bool,
}

/// Lets a program act for oneself, or refuses it. Letting it in asks for the second factor again.
#[utoipa::path(
    post, path = "/me/login-requests/answer", tag = "me", request_body = AnswerBody,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn answer(State(app): State<App>, me: MySession, Json(body): Json<AnswerBody>) -> Result<StatusCode> {
    login_requests::answer(&app, &me, &body.code, body.allow).await?;
    Ok(StatusCode::NO_CONTENT)
}
