//! The SHA-256 of a file's content: what `sha256sum` says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use bygone_common::SourceUid;
use bygone_common::access::Use;
use bygone_http::extract::{Json, Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_vault::FileReader;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::file::FileQuery;
use crate::portal::Portal;

/// Bytes that are read and hashed at once; between them it is looked whether anybody still waits.
const PIECE_BYTES: usize = 4 << 20;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(hash))
}

/// What a file's content comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct HashBody {
    /// In hexadecimal digits.
    sha256: String,
    bytes: u64,
    /// The name of its content.
    content: String,
}

/// Hashes a file's content. It stops when the client goes.
#[utoipa::path(
    get, path = "/sources/{source}/hash", tag = "portal", params(("source" = uuid::Uuid, Path), FileQuery),
    responses((status = 200, body = HashBody), (status = "default", body = Problem))
)]
async fn hash(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<FileQuery>,
) -> Result<Json<HashBody>> {
    let file = portal.file(&actor, uid, &query, Use::Preview, "hash").await?;
    let turn = portal.hashes.acquire().await;
    let _turn = turn.map_err(|_| Problem::new(ProblemCode::Unavailable, "the server stops"))?;
    // Dropped with this future, which is when the client goes.
    let waits = Waits(Arc::new(AtomicBool::new(true)));
    let (reader, waited_for) = (Arc::clone(&file.reader), Arc::clone(&waits.0));
    let sha256 = offload(move || digest(&reader, &waited_for)).await?;
    Ok(Json(HashBody { sha256, bytes: file.reader.size(), content: file.content }))
}

/// Somebody waits, until this is dropped.
struct Waits(Arc<AtomicBool>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn digest(reader: &Arc<FileReader>, waited_for: &AtomicBool) -> Result<String> {
    let (mut hasher, mut offset) = (Sha256::new(), 0);
    let mut buffer = vec![0; PIECE_BYTES.min(usize::try_from(reader.size()).unwrap_or(PIECE_BYTES).max(1))];
    while offset < reader.size() {
        if !waited_for.load(Ordering::Relaxed) {
            return Err(Problem::new(ProblemCode::Unavailable, "nobody waits for this any more"));
        }
        let read = reader.read_at(offset, &mut buffer)?;
        hasher.update(buffer.get(..read).unwrap_or_default());
        offset += read as u64;
    }
    Ok(hex::encode(hasher.finalize()))
}
