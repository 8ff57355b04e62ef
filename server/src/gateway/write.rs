//! Adding and removing: what comes is hashed and put away as it comes, and seen when it is whole and its hash is its name.

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bygone_common::Id;
use bygone_common::plan::StorageClass;
use bygone_vault::ErrorKind as VaultKind;
use bygone_vault::backend::{Content, FileId, FileKind, Incoming, STORAGE_CLASS_HEADER};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use ring::digest::{Context, SHA256};
use std::time::Duration;

use super::refusal::Refusal;
use super::turns::UPLOAD_PIECE_BYTES;
use super::{Admitted, empty, locks, meter};

/// Bytes of a pack at most: what S3 takes in one request, and far above what restic and rustic write.
const PACK_BYTES_MAX: u64 = 4 << 30;
/// Bytes of an index file at most.
const INDEX_BYTES_MAX: u64 = 1 << 30;
/// Bytes of any other file at most.
const SMALL_BYTES_MAX: u64 = 16 << 20;
/// Bytes of a lock that is looked into.
const LOCK_BYTES_READ_MAX: usize = 64 << 10;
/// For how long a client may send nothing in the middle of a file.
const STALL_MAX: Duration = Duration::from_secs(60);

const fn bytes_max(kind: FileKind) -> u64 {
    match kind {
        FileKind::Pack => PACK_BYTES_MAX,
        FileKind::Index => INDEX_BYTES_MAX,
        FileKind::Config | FileKind::Key | FileKind::Lock | FileKind::Snapshot => SMALL_BYTES_MAX,
    }
}

/// Makes the place, if it is not there. `create=true` has to be said.
pub(super) async fn create(admitted: &Admitted, query: Option<&str>) -> Result<Response, Refusal> {
    if !query.unwrap_or_default().split('&').any(|pair| pair == "create=true") {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "say ?create=true"));
    }
    let storage = admitted.storage.clone();
    let made = admitted.app.gateway.blocking(move || match storage.size(FileId::CONFIG) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), VaultKind::NotFound | VaultKind::NotARepository) => storage.create(),
        Err(error) => Err(error),
    });
    made.await??;
    Ok(empty(StatusCode::OK))
}

/// What came, and whether it is what its name says.
struct Received {
    bytes: u64,
    /// A lock's whole content, if it is small.
    small: Vec<u8>,
}

/// Takes a file.
pub(super) async fn post(
    admitted: &Admitted,
    file: FileId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let length = content_length(headers);
    let class = class(headers)?;
    if length.is_some_and(|length| length > bytes_max(file.kind)) {
        return Err(too_large());
    }
    let _turn = admitted.app.gateway.upload().await?;
    let body = Pieces { frames: body.into_data_stream(), left: bytes_max(file.kind), rest: BytesMut::new() };
    if file.kind == FileKind::Config {
        return config(admitted, body).await;
    }
    let storage = admitted.storage.clone();
    let stored = admitted.app.gateway.blocking(move || storage.size(file)).await?;
    let stored = match stored {
        Ok(size) => Some(size),
        Err(error) if matches!(error.kind(), VaultKind::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(size) = stored
        && length.is_none_or(|length| length == size)
    {
        return again(admitted, file, size, body).await;
    }
    // What is there under this name and is of another length is damaged: what comes takes its place if its hash is right.
    let charged = i64::try_from(length.unwrap_or(0)).unwrap_or(i64::MAX);
    let counts = file.kind != FileKind::Lock;
    let store = &admitted.app.store;
    if counts && charged > 0 {
        store.repositories().charge(&admitted.actor(), admitted.org(), admitted.row.uid, charged).await?;
    }
    let received = take(admitted, file, class, body, length.is_none() && counts).await;
    if received.is_err() && counts && charged > 0 {
        let refunded = store.repositories().refund(&admitted.actor(), admitted.org(), admitted.row.uid, charged).await;
        if let Err(error) = refunded {
            tracing::warn!(%error, "bytes that did not come stay counted until the next measurement");
        }
    }
    let received = received?;
    meter::received(file.kind, received.bytes);
    if file.kind == FileKind::Lock {
        locks::opened(admitted, file.id, received.small).await?;
    }
    Ok(empty(StatusCode::OK))
}

/// Puts away what comes.
async fn take(
    admitted: &Admitted,
    file: FileId,
    class: StorageClass,
    mut body: Pieces,
    charge_late: bool,
) -> Result<Received, Refusal> {
    let turns = &admitted.app.gateway;
    let (storage, spool) = (admitted.storage.clone(), admitted.app.storages.policy().spool.clone());
    let mut small = Vec::new();
    let mut incoming: Option<Incoming> = None;
    while let Some(piece) = body.next().await? {
        if file.kind == FileKind::Lock && small.len() + piece.len() <= LOCK_BYTES_READ_MAX {
            small.extend_from_slice(&piece);
        }
        let (storage, spool, begun) = (storage.clone(), spool.clone(), incoming.take());
        let written = turns.blocking(move || {
            let mut incoming = match begun {
                Some(incoming) => incoming,
                None => Incoming::begin(&storage, file, &spool)?.in_class(class),
            };
            incoming.write(&piece)?;
            Ok::<_, bygone_vault::Error>(incoming)
        });
        incoming = Some(written.await??);
    }
    // restic leaves empty files nowhere, and the hash of nothing is the name of nothing that it writes.
    let incoming = incoming.ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "the file is empty"))?;
    let bytes = incoming.len();
    if charge_late {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let repositories = admitted.app.store.repositories();
        repositories.charge(&admitted.actor(), admitted.org(), admitted.row.uid, bytes).await?;
    }
    let _send = if admitted.storage.is_remote() { Some(turns.send().await?) } else { None };
    turns.blocking(move || incoming.finish()).await??;
    Ok(Received { bytes, small })
}

/// A file that is there already, of the same length: the same content is fine, whoever sent it first.
async fn again(admitted: &Admitted, file: FileId, size: u64, mut body: Pieces) -> Result<Response, Refusal> {
    let mut hash = Context::new(&SHA256);
    let mut bytes = 0_u64;
    while let Some(piece) = body.next().await? {
        bytes += piece.len() as u64;
        hash = admitted
            .app
            .gateway
            .blocking(move || {
                hash.update(&piece);
                hash
            })
            .await?;
    }
    let is_same = bytes == size && hash.finish().as_ref() == file.id.as_bytes();
    if !is_same {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "a file of this name is there, with other content"));
    }
    if file.kind == FileKind::Lock {
        locks::opened(admitted, file.id, Vec::new()).await?;
    }
    Ok(empty(StatusCode::OK))
}

/// The config has no hash for a name, and is never replaced through here.
async fn config(admitted: &Admitted, mut body: Pieces) -> Result<Response, Refusal> {
    let mut content = Vec::new();
    while let Some(piece) = body.next().await? {
        content.extend_from_slice(&piece);
    }
    let bytes = content.len() as u64;
    let storage = admitted.storage.clone();
    let written = admitted.app.gateway.blocking(move || match storage.read(FileId::CONFIG) {
        Ok(stored) => Ok(stored == content),
        Err(error) if matches!(error.kind(), VaultKind::NotFound | VaultKind::NotARepository) => {
            storage.write(FileId::CONFIG, &Content::from(content)).map(|()| true)
        }
        Err(error) => Err(error),
    });
    if !written.await?? {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "the repository has a config already"));
    }
    meter::received(FileKind::Config, bytes);
    Ok(empty(StatusCode::OK))
}

/// Removes a file.
pub(super) async fn delete(admitted: &Admitted, file: FileId) -> Result<Response, Refusal> {
    let storage = admitted.storage.clone();
    let removed = admitted.app.gateway.blocking(move || {
        let size = storage.size(file)?;
        storage.remove(file).map(|()| size)
    });
    let removed = removed.await?;
    if file.kind == FileKind::Lock {
        // A lock that is gone holds nobody up, whoever removed it.
        locks::closed(admitted, file.id).await?;
    }
    let size = i64::try_from(removed?).unwrap_or(i64::MAX);
    meter::removed(file.kind);
    if file.kind != FileKind::Lock {
        let repositories = admitted.app.store.repositories();
        repositories.refund(&admitted.actor(), admitted.org(), admitted.row.uid, size).await?;
    }
    Ok(empty(StatusCode::OK))
}

/// The class of storage that our agents want a pack to be kept in.
fn class(headers: &HeaderMap) -> Result<StorageClass, Refusal> {
    let Some(value) = headers.get(STORAGE_CLASS_HEADER) else { return Ok(StorageClass::default()) };
    let class = value.to_str().ok().and_then(|value| value.parse().ok());
    class.ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "the header bygone-storage-class is hot, warm or cold"))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body in pieces of [`UPLOAD_PIECE_BYTES`], the last one shorter.
struct Pieces {
    frames: BodyDataStream,
    left: u64,
    rest: BytesMut,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        while self.rest.len() < UPLOAD_PIECE_BYTES {
            match tokio::time::timeout(STALL_MAX, self.frames.next()).await {
                Err(_) => return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the client sends nothing")),
                Ok(None) => break,
                Ok(Some(Err(_))) => return Err(Refusal::new(StatusCode::BAD_REQUEST, "the body broke off")),
                Ok(Some(Ok(frame))) => {
                    self.left = self.left.checked_sub(frame.len() as u64).ok_or_else(too_large)?;
                    self.rest.extend_from_slice(&frame);
                }
            }
        }
        let piece = self.rest.split().freeze();
        Ok((!piece.is_empty()).then_some(piece))
    }
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "this file is larger than the server takes")
}

/// A lock's id in the form that leases are named by.
pub(super) fn name_of(id: Id) -> String {
    id.to_hex()
}
