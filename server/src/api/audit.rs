//! The audit log: lists, verification, exports that are streamed.

mod export;

use axum::extract::State;
use bygone_common::OrgUid;
use bygone_store::audit::{AuditEntry, AuditFilter, AuditVerdict};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, page};
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_installation))
        .routes(routes!(verify))
        .routes(routes!(verify_installation))
        .routes(routes!(export::export))
        .routes(routes!(export::export_installation))
}

/// Which entries are asked for, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// By whom: a uid, or the name of a part of the server.
    who: Option<String>,
    /// `see`, `create`, `change`, `delete`, `run` or `export`.
    action: Option<String>,
    /// The kind of thing: `plan`, `repository`.
    resource: Option<String>,
    /// Which thing.
    resource_uid: Option<String>,
    /// `done`, `refused` or `failed`.
    outcome: Option<String>,
    /// Not before.
    since: Option<jiff::Timestamp>,
    /// Before.
    until: Option<jiff::Timestamp>,
    /// In which order: oldest first if not said.
    #[serde(default)]
    newest_first: bool,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> AuditFilter {
        AuditFilter {
            who: self.who.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            resource_uid: self.resource_uid.clone(),
            outcome: self.outcome.clone(),
            since: self.since,
            until: self.until,
            newest_first: self.newest_first,
        }
    }
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// Its place in the chain, from 1 on, without gaps.
    seq: i64,
    at: jiff::Timestamp,
    /// `user`, `token`, `agent` or `system`.
    who_kind: String,
    who: String,
    role: String,
    action: String,
    resource: String,
    resource_uid: String,
    /// `done`, `refused` or `failed`.
    outcome: String,
    address: Option<String>,
    correlation: Option<String>,
    #[schema(value_type = Object)]
    details: serde_json::Value,
    previous_hash: String,
    /// SHA-256 of everything above, each field preceded by its length.
    hash: String,
}

impl From<AuditEntry> for AuditBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            who_kind: entry.who_kind,
            who: entry.who,
            role: entry.role,
            action: entry.action,
            resource: entry.resource,
            resource_uid: entry.resource_uid,
            outcome: entry.outcome,
            address: entry.address,
            correlation: entry.correlation,
            details: entry.details,
            previous_hash: entry.previous_hash,
            hash: entry.hash,
        }
    }
}

/// What verifying a chain found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum VerdictBody {
    /// Every entry fits the one before.
    Intact {
        entries: i64,
        /// The hash of the last: written down elsewhere, it proves later that nothing was cut off.
        hash: String,
    },
    /// An entry is missing, changed or put in between.
    Broken { seq: i64, reason: String },
}

impl From<AuditVerdict> for VerdictBody {
    fn from(verdict: AuditVerdict) -> Self {
        match verdict {
            AuditVerdict::Intact { entries, hash } => Self::Intact { entries, hash },
            AuditVerdict::Broken { seq, reason } => Self::Broken { seq, reason },
        }
    }
}

/// Lists an organization's audit log.
#[utoipa::path(
    get, path = "/orgs/{org}/audit", tag = "audit", params(("org" = uuid::Uuid, Path), AuditQuery),
    responses((status = 200, body = ListBody<AuditBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<ListBody<AuditBody>>> {
    let page = page(query.limit, query.after.as_deref())?;
    let entries = app.store.audit().list(&actor, Some(org), &query.filter(), &page).await?;
    Ok(Json(ListBody::of(entries, AuditBody::from)))
}

/// Lists the installation's audit log.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = ListBody<AuditBody>), (status = "default", body = Problem))
)]
async fn list_installation(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<AuditQuery>,
) -> Result<Json<ListBody<AuditBody>>> {
    let page = page(query.limit, query.after.as_deref())?;
    let entries = app.store.audit().list(&actor, None, &query.filter(), &page).await?;
    Ok(Json(ListBody::of(entries, AuditBody::from)))
}

/// Says whether an organization's audit log is whole.
#[utoipa::path(
    get, path = "/orgs/{org}/audit/verdict", tag = "audit", params(("org" = uuid::Uuid, Path)),
    responses((status = 200, body = VerdictBody), (status = "default", body = Problem))
)]
async fn verify(State(app): State<App>, Signed(actor): Signed, Path(org): Path<OrgUid>) -> Result<Json<VerdictBody>> {
    Ok(Json(app.store.audit().verify(&actor, Some(org)).await?.into()))
}

/// Says whether the installation's audit log is whole.
#[utoipa::path(
    get, path = "/audit/verdict", tag = "audit",
    responses((status = 200, body = VerdictBody), (status = "default", body = Problem))
)]
async fn verify_installation(State(app): State<App>, Signed(actor): Signed) -> Result<Json<VerdictBody>> {
    Ok(Json(app.store.audit().verify(&actor, None).await?.into()))
}
