//! Downloads by who is signed in: programs with a token need no ticket.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use bygone_common::SourceUid;
use bygone_http::extract::{Path, Query};
use bygone_http::{Problem, Result};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::downloads::choice::{Item, name_of};
use crate::downloads::ledger::{Receipt, What};
use crate::moment::At;
use crate::names::path_of;
use crate::portal::Portal;
use crate::tickets::FormBody;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(download))
}

/// What is downloaded.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// A time, the beginning of a snapshot's id, or `latest`, which it is if nothing is said.
    at: Option<String>,
    /// The file or folder.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// As what it is sent; a file, as it is, if not said.
    #[serde(rename = "as")]
    form: Option<FormBody>,
}

/// Download a file, or a folder as an archive: whole or in parts (`Range`), again only if it changed (`If-None-Match`).
#[utoipa::path(get, path = "/sources/{source}/download", tag = "downloads",
    params(("source" = String, Path, description = "Its uid"), DownloadQuery),
    responses((status = 200, description = "All of it", content((Vec<u8> = "application/octet-stream"),
            (Vec<u8> = "application/x-tar"), (Vec<u8> = "application/zip"))),
        (status = 206, description = "The parts that were asked for"), (status = 304, description = "It did not change"),
        (status = 416, description = "It has no such part"), (status = "default", body = Problem)))]
async fn download(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(source): Path<SourceUid>,
    Query(query): Query<DownloadQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let source = portal.source(&actor, source).await?;
    let path = path_of(query.path.as_deref(), query.path_base64.as_deref())?;
    let moment = portal.moment(&source, &At::parse(query.at.as_deref())).await?;
    let form = query.form.unwrap_or(FormBody::File).form();
    let items = [Item::new(&moment.snapshot.id, &path)];
    let name = name_of(&items, &source.source().name, form);
    let chosen = portal.choose(&source, &items, form, &name).await?;
    let details = json!({ "source": source.source().uid, "path": path.to_string(), "as": form.name() });
    let what = What::Direct { way: "download", snapshot: moment.snapshot.id, details };
    portal.send(&method, &headers, chosen, Receipt { actor, org: moment.org, what }).await
}
