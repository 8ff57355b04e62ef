//! Agents, as people see them.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::protocol::Facts;
use bygone_common::{AgentUid, OrgUid};
use bygone_store::agents::{Agent, AgentState};
use bygone_store::certificates::Certificate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, change, unenrol))
        .routes(routes!(revoke))
        .routes(routes!(certificates))
}

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentBody {
    #[schema(value_type = uuid::Uuid)]
    uid: AgentUid,
    #[schema(value_type = uuid::Uuid)]
    org: OrgUid,
    /// The machine's name, unless somebody gave it another.
    name: String,
    state: AgentStateBody,
    facts: FactsBody,
    /// When it was last heard of.
    last_seen_at: Option<jiff::Timestamp>,
    /// By how many milliseconds its clock is ahead of the server's; negative: behind.
    clock_skew_ms: Option<i64>,
    /// From where it was last heard.
    address: Option<String>,
    created_at: jiff::Timestamp,
    /// When it was revoked or left.
    ended_at: Option<jiff::Timestamp>,
}

/// Whether an agent may still do anything.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AgentStateBody {
    Active,
    Revoked,
    Unenrolled,
}

/// What an agent says of its machine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactsBody {
    agent_version: String,
    os: String,
    os_release: Option<String>,
    arch: String,
    hostname: String,
    time_zone: Option<String>,
    owner: OwnerBody,
    capabilities: Vec<String>,
}

/// The account that an agent runs as.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnerBody {
    name: String,
    uid: Option<u32>,
    gid: Option<u32>,
    /// On Windows.
    sid: Option<String>,
}

impl From<AgentState> for AgentStateBody {
    fn from(state: AgentState) -> Self {
        match state {
            AgentState::Active => Self::Active,
            AgentState::Revoked => Self::Revoked,
            AgentState::Unenrolled => Self::Unenrolled,
        }
    }
}

impl From<AgentStateBody> for AgentState {
    fn from(state: AgentStateBody) -> Self {
        match state {
            AgentStateBody::Active => Self::Active,
            AgentStateBody::Revoked => Self::Revoked,
            AgentStateBody::Unenrolled => Self::Unenrolled,
        }
    }
}

impl From<Facts> for FactsBody {
    fn from(facts: Facts) -> Self {
        let owner = facts.owner;
        Self {
            agent_version: facts.agent_version,
            os: facts.os,
            os_release: facts.os_release,
            arch: facts.arch,
            hostname: facts.hostname,
            time_zone: facts.time_zone,
            owner: OwnerBody { name: owner.name, uid: owner.uid, gid: owner.gid, sid: owner.sid },
            capabilities: facts.capabilities.into_iter().map(|capability| capability.0).collect(),
        }
    }
}

impl From<Agent> for AgentBody {
    fn from(agent: Agent) -> Self {
        Self {
            uid: agent.uid,
            org: agent.org,
            name: agent.name,
            state: agent.state.into(),
            facts: agent.facts.into(),
            last_seen_at: agent.last_seen_at,
            clock_skew_ms: agent.skew_ms,
            address: agent.address,
            created_at: agent.created_at,
            ended_at: agent.ended_at,
        }
    }
}

/// What is to change; what is not said stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentChangeBody {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// An agent stays in its organization: another one here is refused.
    #[schema(value_type = Option<uuid::Uuid>)]
    org: Option<OrgUid>,
}

/// Which agents.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgentQuery {
    /// Only those of this state.
    state: Option<AgentStateBody>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A certificate of an agent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateBody {
    /// SHA-256, hexadecimal.
    fingerprint: String,
    serial: String,
    not_before: jiff::Timestamp,
    expires_at: jiff::Timestamp,
    revoked_at: Option<jiff::Timestamp>,
}

impl From<Certificate> for CertificateBody {
    fn from(certificate: Certificate) -> Self {
        let Certificate { fingerprint, serial, not_before, expires_at, revoked_at, .. } = certificate;
        Self { fingerprint, serial, not_before, expires_at, revoked_at }
    }
}

/// Lists agents, those that were revoked or have left too.
#[utoipa::path(
    get, path = "/orgs/{org}/agents", tag = "agents", params(("org" = uuid::Uuid, Path), AgentQuery),
    responses((status = 200, body = ListBody<AgentBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<AgentQuery>,
) -> Result<Json<ListBody<AgentBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let agents = app.store.agents().list(&actor, org, query.state.map(AgentState::from), &page).await?;
    Ok(Json(ListBody::of(agents, AgentBody::from)))
}

/// Shows an agent.
#[utoipa::path(
    get, path = "/orgs/{org}/agents/{agent}", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("agent" = uuid::Uuid, Path)),
    responses((status = 200, body = AgentBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, agent)): Path<(OrgUid, AgentUid)>,
) -> Result<Tagged<Json<AgentBody>>> {
    let agent = app.store.agents().get(&actor, org, agent).await?;
    Ok(Tagged { version: agent.version, body: Json(agent.into()) })
}

/// Renames an agent.
#[utoipa::path(
    patch, path = "/orgs/{org}/agents/{agent}", tag = "agents", request_body = AgentChangeBody,
    params(("org" = uuid::Uuid, Path), ("agent" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = AgentBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, AgentUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<AgentChangeBody>,
) -> Result<Tagged<Json<AgentBody>>> {
    let agent = app.store.agents().get(&actor, org, uid).await?;
    if body.org.is_some_and(|wanted| wanted != agent.org) {
        let title = "an agent cannot move to another organization: unenrol it, and enrol it there";
        return Err(Problem::invalid("org", title));
    }
    let name = body.name.unwrap_or(agent.name);
    let agent = app.store.agents().rename(&actor, org, uid, version, &name).await.map_err(stale)?;
    Ok(Tagged { version: agent.version, body: Json(agent.into()) })
}

/// Unenrols an agent: its certificates are good for nothing from now on. Its snapshots stay. Asks for the second factor.
#[utoipa::path(
    delete, path = "/orgs/{org}/agents/{agent}", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("agent" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn unenrol(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, uid)): Path<(OrgUid, AgentUid)>,
) -> Result<StatusCode> {
    app.store.agents().unenrol(&actor, org, uid).await?;
    app.agents.waiting.wake(uid);
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes an agent at once: for a machine that was stolen. Asks for the second factor.
#[utoipa::path(
    post, path = "/orgs/{org}/agents/{agent}/revoke", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("agent" = uuid::Uuid, Path)),
    responses((status = 200, body = AgentBody), (status = "default", body = Problem))
)]
async fn revoke(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, uid)): Path<(OrgUid, AgentUid)>,
) -> Result<Tagged<Json<AgentBody>>> {
    let agent = app.store.agents().revoke(&actor, org, uid).await?;
    app.agents.waiting.wake(uid);
    Ok(Tagged { version: agent.version, body: Json(agent.into()) })
}

/// Lists an agent's certificates.
#[utoipa::path(
    get, path = "/orgs/{org}/agents/{agent}/certificates", tag = "agents",
    params(("org" = uuid::Uuid, Path), ("agent" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<CertificateBody>), (status = "default", body = Problem))
)]
async fn certificates(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, AgentUid)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<CertificateBody>>> {
    app.store.agents().get(&actor, org, uid).await?;
    let certificates = app.store.certificates().list(&actor, org, uid, &page.page()?).await?;
    Ok(Json(ListBody::of(certificates, CertificateBody::from)))
}
