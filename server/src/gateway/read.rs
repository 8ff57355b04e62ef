//! Listing and reading: in pieces, as fast as the client takes them.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bygone_vault::backend::{FileId, FileKind, Listed, SharedStorage};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;

use super::range::{Wanted, wanted};
use super::refusal::Refusal;
use super::turns::{LOCAL_PIECE_BYTES, REMOTE_PIECE_BYTES, Turns};
use super::{Admitted, meter};

const PROTOCOL_V1: &str = "application/vnd.x.restic.rest.v1";
const PROTOCOL_V2: &str = "application/vnd.x.restic.rest.v2";
/// Files of one piece of a listing.
const LISTED_AT_ONCE: usize = 1_000;

/// All files of a kind: names alone for version 1, with sizes for version 2.
pub(super) async fn list(admitted: &Admitted, kind: FileKind, headers: &HeaderMap) -> Result<Response, Refusal> {
    let storage = admitted.storage.clone();
    let listed = admitted.app.gateway.blocking(move || storage.list(kind)).await??;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let has_sizes = accepts.split(',').any(|one| one.split(';').next().unwrap_or_default().trim() == PROTOCOL_V2);
    let protocol = if has_sizes { PROTOCOL_V2 } else { PROTOCOL_V1 };
    let pieces = stream::unfold((listed, 0_usize, false), move |(listed, at, ended)| async move {
        if ended {
            return None;
        }
        let (piece, next) = json_of(&listed, at, has_sizes);
        let ended = next >= listed.len();
        Some((Ok::<_, std::convert::Infallible>(piece), (listed, next, ended)))
    });
    let mut answer = Response::new(Body::from_stream(pieces));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(protocol));
    Ok(answer)
}

/// A piece of the JSON of a listing from a file on, and which file is next.
fn json_of(listed: &[Listed], at: usize, has_sizes: bool) -> (Bytes, usize) {
    let mut json = Vec::with_capacity(if at == 0 { 1 } else { 0 } + LISTED_AT_ONCE.min(listed.len()) * 100);
    if at == 0 {
        json.push(b'[');
    }
    let next = at.saturating_add(LISTED_AT_ONCE).min(listed.len());
    for (number, file) in listed.get(at..next).unwrap_or_default().iter().enumerate() {
        if at + number > 0 {
            json.push(b',');
        }
        // Writing into memory does not fail.
        let _ = match has_sizes {
            true => write!(json, "{{\"name\":\"{}\",\"size\":{}}}", file.id, file.size),
            false => write!(json, "\"{}\"", file.id),
        };
    }
    if next == listed.len() {
        json.push(b']');
    }
    (Bytes::from(json), next)
}

async fn size(admitted: &Admitted, file: FileId) -> Result<u64, Refusal> {
    let storage = admitted.storage.clone();
    Ok(admitted.app.gateway.blocking(move || storage.size(file)).await??)
}

/// Whether a file is there, and how large it is.
pub(super) async fn head(admitted: &Admitted, file: FileId) -> Result<Response, Refusal> {
    let size = size(admitted, file).await?;
    Ok(headed(StatusCode::OK, size, Body::empty()))
}

fn headed(status: StatusCode, len: u64, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(len)),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // Whatever came by an old name is the same for ever, and nobody between us and the client has to keep it.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

/// A file, or a range of it.
pub(super) async fn get(admitted: Admitted, file: FileId, headers: &HeaderMap) -> Result<Response, Refusal> {
    let size = size(&admitted, file).await?;
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, start, end) = match wanted(range, size) {
        Wanted::Unsatisfiable => return Err(Refusal::not_satisfiable(size)),
        Wanted::Whole => (StatusCode::OK, 0, size),
        Wanted::Part(start, end) => (StatusCode::PARTIAL_CONTENT, start, end),
    };
    let source = Source { storage: admitted.storage.clone(), turns: admitted.app.gateway.clone(), file };
    // What can go wrong with the first piece still has a status.
    let first = source.piece(start, end).await?;
    let next = start + first.as_ref().map_or(0, |piece| piece.len);
    let rest = stream::unfold(next, move |at| {
        let source = source.clone();
        async move {
            let piece = match source.piece(at, end).await {
                Ok(piece) => piece?,
                Err(refusal) => {
                    let broken = std::io::Error::other(format!("read {file}: {}", refusal.status()));
                    return Some((Err(broken), u64::MAX));
                }
            };
            let next = at + piece.len;
            Some((Ok(piece), next))
        }
    });
    let kind = file.kind;
    let all = stream::iter(first.map(Ok)).chain(rest).map(move |piece| {
        piece.map(|piece| {
            meter::sent(kind, piece.len);
            piece.into_bytes()
        })
    });
    let mut answer = headed(status, end - start, Body::from_stream(all));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {start}-{}/{size}", end - 1))
    {
        answer.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    Ok(answer)
}

/// Where pieces come from.
#[derive(Clone)]
struct Source {
    storage: SharedStorage,
    turns: Turns,
    file: FileId,
}

/// Bytes on their way to a client. They count as taken up until the connection has let go of them.
struct Piece {
    bytes: Vec<u8>,
    len: u64,
    _turn: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Piece {
    fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl Source {
    /// The piece that begins at `at`; `None` at the end.
    async fn piece(&self, at: u64, end: u64) -> Result<Option<Piece>, Refusal> {
        let bytes_max = if self.storage.is_remote() { REMOTE_PIECE_BYTES } else { LOCAL_PIECE_BYTES };
        let len = end.saturating_sub(at).min(bytes_max);
        if len == 0 {
            return Ok(None);
        }
        let turn = self.turns.download(len).await?;
        let (storage, file) = (self.storage.clone(), self.file);
        let read = self.turns.blocking(move || {
            // At most a piece's length.
            let mut bytes = vec![0; len as usize];
            storage.read_at(file, at, &mut bytes).map(|()| bytes)
        });
        let bytes = read.await??;
        Ok(Some(Piece { bytes, len, _turn: turn }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bygone_common::Id;

    use super::*;

    fn json(count: u64, has_sizes: bool) -> serde_json::Value {
        let id = |number: u64| {
            let mut id = [0; 32];
            id.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
            Id::new(id)
        };
        let listed: Vec<Listed> = (0..count).map(|number| Listed { id: id(number), size: number }).collect();
        let (mut text, mut at) = (Vec::new(), 0);
        loop {
            let (piece, next) = json_of(&listed, at, has_sizes);
            text.extend_from_slice(&piece);
            if next >= listed.len() {
                return serde_json::from_slice(&text).unwrap();
            }
            at = next;
        }
    }

    #[test]
    fn a_listing_in_pieces_is_one_json() {
        for count in [0, 1, 999, 1_000, 1_001, 2_500] {
            assert_eq!(json(count, true).as_array().unwrap().len() as u64, count);
            assert_eq!(json(count, false).as_array().unwrap().len() as u64, count);
        }
        assert_eq!(json(2, true)[1]["size"], 1);
        assert!(json(2, false)[1].is_string());
    }
}
