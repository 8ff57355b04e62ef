//! The audit log as a file: read a batch at a time, so that its length does not matter.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bygone_common::OrgUid;
use bygone_store::audit::{AUDIT_BATCH_ROWS, AuditEntry, AuditFilter};
use bygone_store::{Action, Actor, Page, Resource};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::csv;
use crate::extract::{Path, Query};
use crate::problem::{Problem, Result};
use crate::signed::Signed;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    /// One JSON object a line.
    Json,
    /// RFC 4180, with a line of names.
    Csv,
}

/// What is exported, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `json` (one object a line) or `csv`.
    #[param(inline)]
    format: ExportFormat,
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
}

/// Exports an organization's audit log.
#[utoipa::path(
    get, path = "/orgs/{org}/audit/export", tag = "audit", params(("org" = uuid::Uuid, Path), ExportQuery),
    responses(
        (status = 200, content((String = "application/jsonl"), (String = "text/csv"))),
        (status = "default", body = Problem)
    )
)]
pub(super) async fn export(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    written(app, actor, Some(org), query).await
}

/// Exports the installation's audit log.
#[utoipa::path(
    get, path = "/audit/export", tag = "audit", params(ExportQuery),
    responses(
        (status = 200, content((String = "application/jsonl"), (String = "text/csv"))),
        (status = "default", body = Problem)
    )
)]
pub(super) async fn export_installation(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    written(app, actor, None, query).await
}

/// A chain as a file: an organization's, or the installation's for none. What proves that nothing was left out is in it only
/// where nothing was filtered.
async fn written(app: App, actor: Actor, org: Option<OrgUid>, query: ExportQuery) -> Result<Response> {
    actor.require(Action::Export, Resource::Audit)?;
    let ExportQuery { format, who, action, resource, resource_uid, outcome, since, until } = query;
    let filter = AuditFilter { who, action, resource, resource_uid, outcome, since, until, newest_first: false };
    let cursor = Cursor { app, actor, org, filter, format, next: Next::First };
    // The first batch is read before the answer begins, so that what cannot be read is a problem and not half a file.
    let (first, cursor) = cursor.batch().await?;
    let rest = stream::try_unfold(cursor, |cursor| async move {
        if cursor.next == Next::None {
            return Ok(None);
        }
        let batch = cursor.batch().await.map_err(|problem| std::io::Error::other(problem.title().to_owned()))?;
        Ok::<_, std::io::Error>(Some(batch))
    });
    let body = Body::from_stream(stream::once(async { Ok(first) }).chain_rest(rest));
    let (kind, name) = match format {
        ExportFormat::Json => ("application/jsonl", "attachment; filename=\"audit.jsonl\""),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

/// One stream after another.
trait ChainRest: stream::Stream + Sized {
    fn chain_rest<S: stream::Stream<Item = Self::Item>>(self, rest: S) -> impl stream::Stream<Item = Self::Item> {
        futures_util::StreamExt::chain(self, rest)
    }
}

impl<S: stream::Stream> ChainRest for S {}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    First,
    After(String),
    None,
}

struct Cursor {
    app: App,
    actor: Actor,
    org: Option<OrgUid>,
    filter: AuditFilter,
    format: ExportFormat,
    next: Next,
}

impl Cursor {
    async fn batch(mut self) -> Result<(Bytes, Self)> {
        let after = match &self.next {
            Next::After(after) => Some(after.as_str()),
            Next::First | Next::None => None,
        };
        let page = Page::new(Some(AUDIT_BATCH_ROWS), after)?;
        let list = self.app.store.audit().list(&self.actor, self.org, &self.filter, &page).await?;
        let mut text = String::new();
        if self.next == Next::First && self.format == ExportFormat::Csv {
            text.push_str(CSV_NAMES);
        }
        for entry in &list.items {
            match self.format {
                ExportFormat::Json => {
                    text.push_str(&serde_json::to_string(entry).map_err(unwritable)?);
                    text.push('\n');
                }
                ExportFormat::Csv => push_csv(&mut text, entry),
            }
        }
        self.next = list.next.map_or(Next::None, Next::After);
        Ok((text.into(), self))
    }
}

fn unwritable(fault: serde_json::Error) -> Problem {
    tracing::error!(error = %fault, "an audit entry cannot be written as JSON");
    Problem::new(crate::problem::ProblemCode::Internal, "the server failed; its log says how")
}

const CSV_NAMES: &str =
    "seq,at,who_kind,who,role,action,resource,resource_uid,outcome,address,correlation,details,previous_hash,hash\r\n";

fn push_csv(text: &mut String, entry: &AuditEntry) {
    let fields: [&str; 14] = [
        &entry.seq.to_string(),
        &entry.at.to_string(),
        &entry.who_kind,
        &entry.who,
        &entry.role,
        &entry.action,
        &entry.resource,
        &entry.resource_uid,
        &entry.outcome,
        entry.address.as_deref().unwrap_or_default(),
        entry.correlation.as_deref().unwrap_or_default(),
        &entry.details.to_string(),
        &entry.previous_hash,
        &entry.hash,
    ];
    csv::push_line(text, fields);
}
