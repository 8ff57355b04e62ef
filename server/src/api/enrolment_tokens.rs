//! Tokens with which machines become agents.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bygone_common::protocol::TokenText;
use bygone_common::{AgentUid, EnrolmentUid, OrgUid};
use bygone_store::enrolment_tokens::{EnrolmentToken, NewEnrolmentToken};
use jiff::SignedDuration;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::agent_api::enrol::token_hash;
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::Signed;

/// Seconds that a token is good for, unless told otherwise: a day.
const LASTS_SECONDS: u32 = 86_400;
/// Seconds at most: a month.
const LASTS_SECONDS_MAX: u32 = 30 * 86_400;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, revoke))
}

/// A token, without what it opens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnrolmentTokenBody {
    #[schema(value_type = uuid::Uuid)]
    uid: EnrolmentUid,
    note: String,
    created_by: String,
    created_at: jiff::Timestamp,
    expires_at: jiff::Timestamp,
    used_at: Option<jiff::Timestamp>,
    /// The agent that it made.
    #[schema(value_type = Option<uuid::Uuid>)]
    used_by: Option<AgentUid>,
    revoked_at: Option<jiff::Timestamp>,
}

/// A new token: this answer is the only place where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeEnrolmentTokenBody {
    #[serde(flatten)]
    token: EnrolmentTokenBody,
    /// What to give to `bygone agent enrol`.
    secret: String,
}

/// What a new token is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEnrolmentTokenBody {
    #[serde(default)]
    #[schema(max_length = 200)]
    note: String,
    /// For how long it can be used, once: a day unless told otherwise, 30 days at most.
    #[serde(default = "lasts_seconds")]
    #[schema(minimum = 1, maximum = 2_592_000)]
    lasts_seconds: u32,
}

const fn lasts_seconds() -> u32 {
    LASTS_SECONDS
}

impl From<EnrolmentToken> for EnrolmentTokenBody {
    fn from(token: EnrolmentToken) -> Self {
        let EnrolmentToken { uid, org: _, note, created_by, created_at, expires_at, used_at, used_by, revoked_at } =
            token;
        Self { uid, note, created_by, created_at, expires_at, used_at, used_by, revoked_at }
    }
}

/// Lists enrolment tokens, used and expired ones too.
#[utoipa::path(
    get, path = "/orgs/{org}/enrolment-tokens", tag = "agents", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<EnrolmentTokenBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<EnrolmentTokenBody>>> {
    let tokens = app.store.enrolment_tokens().list(&actor, org, &page.page()?).await?;
    Ok(Json(ListBody::of(tokens, EnrolmentTokenBody::from)))
}

/// Makes an enrolment token. It is shown this once.
#[utoipa::path(
    post, path = "/orgs/{org}/enrolment-tokens", tag = "agents", request_body = NewEnrolmentTokenBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = MadeEnrolmentTokenBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewEnrolmentTokenBody>,
) -> Result<Response> {
    if !(1..=LASTS_SECONDS_MAX).contains(&body.lasts_seconds) {
        let title = format!("a token is good for 1 to {LASTS_SECONDS_MAX} seconds");
        return Err(Problem::invalid("lasts_seconds", title));
    }
    let mut random = [0; 32];
    let no_chance = |_| Problem::new(ProblemCode::Internal, "the server failed; its log says how");
    SystemRandom::new().fill(&mut random).map_err(no_chance)?;
    let secret = TokenText::compose(&random, &app.ca.fingerprint());
    let lasts = SignedDuration::from_secs(body.lasts_seconds.into());
    let new = NewEnrolmentToken {
        hash: token_hash(secret.expose()),
        note: body.note,
        expires_at: app.clock.now().checked_add(lasts).unwrap_or(jiff::Timestamp::MAX),
    };
    let token = app.store.enrolment_tokens().create(&actor, org, &new).await?;
    let body = MadeEnrolmentTokenBody { token: token.into(), secret: secret.expose().clone() };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, no_store, Json(body)).into_response())
}

/// Shows an enrolment token, without what it opens.
#[utoipa::path(
    get, path = "/orgs/{org}/enrolment-tokens/{token}", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("token" = uuid::Uuid, Path)),
    responses((status = 200, body = EnrolmentTokenBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, token)): Path<(OrgUid, EnrolmentUid)>,
) -> Result<Json<EnrolmentTokenBody>> {
    Ok(Json(app.store.enrolment_tokens().get(&actor, org, token).await?.into()))
}

/// Withdraws an enrolment token. The agent that it made stays.
#[utoipa::path(
    delete, path = "/orgs/{org}/enrolment-tokens/{token}", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("token" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn revoke(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, token)): Path<(OrgUid, EnrolmentUid)>,
) -> Result<StatusCode> {
    app.store.enrolment_tokens().revoke(&actor, org, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
