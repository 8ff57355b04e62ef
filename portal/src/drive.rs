//! What a drive asks that shows a source's snapshots with its user's sign-in instead of the repository's password: snapshots,
//! trees as restic writes them, and blobs of files, all under [`names`] that only this user can come back with.

mod give;
pub(crate) mod names;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bygone_common::drive::{BlobsRequest, DRIVE_IDS_MAX, DriveSnapshot, DriveSnapshots, TreeName, TreesRequest};
use bygone_common::{RepositoryUid, SnapshotPath, SourceUid, TreeId};
use bygone_http::extract::{Json, Path};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::Actor;
use bygone_store::access::SourceAccess;
use bygone_store::snapshots::SnapshotRow;
use futures_util::stream;
use tokio::sync::mpsc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::feed::meter::Meter;
use crate::moment::At;
use crate::names::PATH_BYTES_MAX;
use crate::portal::Portal;
use crate::reads::Read;
use give::{Giving, Wanted, is_whole};
use names::Names;

pub use names::NAMING_KEY_BYTES;

/// Frames that wait for a slow drive, at most.
const WAITING_FRAMES: usize = 4;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(snapshots)).routes(routes!(trees)).routes(routes!(blobs))
}

/// Lists the snapshots that a drive shows: those of the repository that has the newest.
#[utoipa::path(
    get, path = "/sources/{source}/drive", tag = "portal", params(("source" = uuid::Uuid, Path)),
    responses((status = 200, body = DriveSnapshots), (status = "default", body = Problem))
)]
async fn snapshots(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
) -> Result<Json<DriveSnapshots>> {
    let source = portal.source(&actor, uid).await?;
    let past = portal.past(&source, None).await?;
    let newest = past.parts.into_iter().filter_map(|part| Some((part.snapshots.last()?.0.taken_at, part)));
    let (_, part) = newest.max_by_key(|(at, _)| *at).ok_or_else(|| Problem::not_found("a snapshot of this source"))?;
    let (newest, _, _) = part.snapshots.last().ok_or_else(|| Problem::not_found("a snapshot of this source"))?;
    let repository = newest.repository;
    portal.reads.note(&actor, Read::of("drive", &source, &newest.id, &SnapshotPath::root())).await?;
    let names = Names::new(&portal.repositories.naming_key(), &actor, &source, repository);
    let snapshots = part.snapshots.iter().filter_map(|(row, tree, view)| {
        let is_whole = is_whole(&view.root(), view);
        let tree = if is_whole { names.tree(*tree) } else { names.part(&row.id, &SnapshotPath::root().to_bytes()) };
        snapshot(row, tree, !is_whole)
    });
    Ok(Json(DriveSnapshots { repository, snapshots: snapshots.collect() }))
}

fn snapshot(row: &SnapshotRow, tree: TreeId, partial: bool) -> Option<DriveSnapshot> {
    Some(DriveSnapshot {
        id: row.id.parse().ok()?,
        time: row.taken_at,
        utc_offset_seconds: i32::try_from(row.utc_offset).unwrap_or_default(),
        host: row.host.clone(),
        username: row.username.clone(),
        paths: row.paths.clone(),
        tags: row.tags.clone(),
        program: row.program.clone(),
        tree,
        partial,
    })
}

/// Gives out trees, in frames.
#[utoipa::path(
    post, path = "/sources/{source}/drive/trees", tag = "portal", params(("source" = uuid::Uuid, Path)),
    request_body = TreesRequest,
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = Problem)
    )
)]
async fn trees(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Json(request): Json<TreesRequest>,
) -> Result<Response> {
    let (source, giving) = giving(&portal, &actor, uid, request.repository, ("trees", request.trees.len())).await?;
    let mut wanted = Vec::with_capacity(request.trees.len());
    for name in request.trees {
        wanted.push(match name {
            TreeName::Whole { id } => Wanted::Whole(id),
            TreeName::Part { snapshot, path } => {
                let path = hex::decode(&path).ok().filter(|path| path.len() <= PATH_BYTES_MAX);
                let path = path.and_then(|path| SnapshotPath::parse(&path).ok());
                let path = path.ok_or_else(|| Problem::new(ProblemCode::Malformed, "no path").about("trees"))?;
                match portal.moment(&source, &At::Snapshot(snapshot.to_string())).await {
                    Ok(moment) if moment.snapshot.repository == request.repository => {
                        Wanted::Part(Box::new(moment), path)
                    }
                    Ok(_) => Wanted::Nothing("the snapshot lies in another repository".to_owned()),
                    Err(problem) => Wanted::Nothing(problem.title().to_owned()),
                }
            }
        });
    }
    // Trees are not what files hold.
    Ok(framed(Meter::default(), move |sender| giving.trees(&wanted, &sender)))
}

/// Gives out blobs of files, in frames.
#[utoipa::path(
    post, path = "/sources/{source}/drive/blobs", tag = "portal", params(("source" = uuid::Uuid, Path)),
    request_body = BlobsRequest,
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = Problem)
    )
)]
async fn blobs(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Json(request): Json<BlobsRequest>,
) -> Result<Response> {
    let (source, giving) = giving(&portal, &actor, uid, request.repository, ("blobs", request.blobs.len())).await?;
    let repository = request.repository;
    let (giving, bytes) = offload(move || {
        let bytes = giving.bytes_of(&request.blobs);
        Ok::<_, Problem>(((giving, request.blobs), bytes))
    })
    .await?;
    let meter = portal.drive_meter(&actor, &source, repository, bytes).await?;
    let (giving, blobs) = giving;
    Ok(framed(meter, move |sender| giving.blobs(&blobs, &sender)))
}

/// What gives out what lies in a repository of a source, so many at once.
async fn giving(
    portal: &Portal,
    actor: &Actor,
    uid: SourceUid,
    repository: RepositoryUid,
    (field, count): (&'static str, usize),
) -> Result<(SourceAccess, Giving)> {
    if !(1..=DRIVE_IDS_MAX).contains(&count) {
        return Err(Problem::invalid(field, format!("1 to {DRIVE_IDS_MAX} may be asked for at once, not {count}")));
    }
    let source = portal.source(actor, uid).await?;
    let names = Names::new(&portal.repositories.naming_key(), actor, &source, repository);
    // Names of a repository where this source has nothing decipher to nothing.
    let open = portal.repositories.open(source.source().org, repository).await?;
    Ok((source, Giving { repository: open, names }))
}

/// An answer that is made piece by piece on a thread of its own. What must not go on breaks off.
fn framed(meter: Meter, make: impl FnOnce(mpsc::Sender<Bytes>) + Send + 'static) -> Response {
    let (sender, receiver) = mpsc::channel(WAITING_FRAMES);
    tokio::task::spawn_blocking(move || make(sender));
    let pieces = stream::unfold((receiver, meter), |(mut receiver, mut meter)| async move {
        let piece: Bytes = receiver.recv().await?;
        let passed = meter.pass(piece.len()).await.map(|()| piece);
        if let Err(error) = &passed {
            meter.broke(error);
        }
        Some((passed, (receiver, meter)))
    });
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "private, no-store")];
    (headers, Body::from_stream(pieces)).into_response()
}
