//! Gateway credentials: made here, shown once.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use bygone_common::{AgentUid, CredentialUid, OrgUid, RepositoryUid, UserUid};
use bygone_store::gateway_credentials::{GatewayAccess, GatewayCredential, NewGatewayCredential};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::gateway::{new_secret, secret_hash};
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// A gateway credential, without its password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GatewayCredentialBody {
    #[schema(value_type = uuid::Uuid)]
    uid: CredentialUid,
    /// For people.
    name: String,
    /// What restic calls the user: `RESTIC_REST_USERNAME`.
    username: String,
    /// `read-only`, `append-only` or `full`.
    #[schema(value_type = String)]
    access: GatewayAccess,
    #[schema(value_type = Option<uuid::Uuid>)]
    user: Option<UserUid>,
    #[schema(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
    expires_at: Option<jiff::Timestamp>,
    /// To some minutes.
    last_used_at: Option<jiff::Timestamp>,
    created_at: jiff::Timestamp,
}

impl From<GatewayCredential> for GatewayCredentialBody {
    fn from(row: GatewayCredential) -> Self {
        Self {
            uid: row.uid,
            name: row.name,
            username: row.username,
            access: row.access,
            user: row.user,
            agent: row.agent,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
        }
    }
}

/// A gateway credential that was just made: its password is shown now and never again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeGatewayCredentialBody {
    #[serde(flatten)]
    credential: GatewayCredentialBody,
    /// `RESTIC_REST_PASSWORD`.
    password: String,
    /// The path of the repository's URL: `rest:https://SERVER` and this.
    path: String,
}

/// A new gateway credential.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGatewayCredentialBody {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// `read-only`, `append-only` or `full`; `append-only` if not said.
    #[schema(value_type = Option<String>)]
    access: Option<GatewayAccess>,
    /// The person that it is for: it is good while they may sign in.
    #[schema(value_type = Option<uuid::Uuid>)]
    user: Option<UserUid>,
    /// The agent that it is for: it ends with the agent.
    #[schema(value_type = Option<uuid::Uuid>)]
    agent: Option<AgentUid>,
    expires_at: Option<jiff::Timestamp>,
}

/// Lists the gateway credentials of a repository.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}/gateway-credentials", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<GatewayCredentialBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<GatewayCredentialBody>>> {
    let list = app.store.gateway_credentials().list(&actor, org, repository, &page.page()?).await?;
    Ok(Json(ListBody::of(list, GatewayCredentialBody::from)))
}

/// Makes a gateway credential. Its password is in this answer and nowhere else.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/gateway-credentials", tag = "repositories",
    request_body = NewGatewayCredentialBody,
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 201, body = MadeGatewayCredentialBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
    Json(body): Json<NewGatewayCredentialBody>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<MadeGatewayCredentialBody>)> {
    let row = app.store.repositories().get(&actor, org, repository).await?;
    let of = app.store.orgs().get(&actor, org).await?;
    if body.expires_at.is_some_and(|end| end <= app.clock.now()) {
        return Err(Problem::invalid("expires_at", "a credential that has expired opens nothing"));
    }
    let (username, secret) =
        new_secret().map_err(|_| Problem::new(ProblemCode::Internal, "the system has no randomness"))?;
    let new = NewGatewayCredential {
        repository,
        name: body.name,
        username,
        secret_hash: secret_hash(secret.expose()),
        access: body.access.unwrap_or(GatewayAccess::AppendOnly),
        user: body.user,
        agent: body.agent,
        expires_at: body.expires_at,
    };
    let made = app.store.gateway_credentials().create(&actor, org, &new).await?;
    let path = format!("/restic/{}/{}/", of.name, row.name);
    let body = MadeGatewayCredentialBody { credential: made.into(), password: secret.expose().clone(), path };
    // Nobody keeps it on the way, not even the memory of repeated requests.
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, headers, Json(body)))
}

/// Ends a gateway credential at once.
#[utoipa::path(
    delete, path = "/orgs/{org}/repositories/{repository}/gateway-credentials/{credential}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("credential" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository, uid)): Path<(OrgUid, RepositoryUid, CredentialUid)>,
) -> Result<StatusCode> {
    app.store.gateway_credentials().delete(&actor, org, repository, uid).await?;
    Ok(StatusCode::NO_CONTENT)
}
