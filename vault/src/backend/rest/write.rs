//! Writing over the REST protocol.

use bygone_common::plan::StorageClass;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use hyper::body::Incoming;

use super::{Rest, STORAGE_CLASS_HEADER, refusal};
use crate::backend::body::Body as _;
use crate::backend::upload::{Moved, Upload};
use crate::backend::{Content, FileId, FileKind};
use crate::error::{Error, ErrorKind, Result};

const BINARY: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Bytes of a refusal's text that are looked at.
const REASON_BYTES_MAX: usize = 4096;

impl Rest {
    pub(super) async fn make_place(&self) -> Result<()> {
        let doing = format!("make {}", self.remote.location());
        let url = format!("{}?create=true", self.url);
        let answer = self.send(&doing, Method::POST, &url, None).await?;
        if answer.status().is_success() { Ok(()) } else { Err(refused(self, &doing, answer).await) }
    }

    pub(super) async fn write_file(&self, doing: &str, file: FileId, content: &Content) -> Result<()> {
        let moved = Moved::of(content);
        let body: Upload = self.remote.upload(content, &moved);
        let request = self.request(Method::POST, &self.url_of(file)).header(CONTENT_TYPE, BINARY);
        let request = match (file.kind, self.class.max(content.class())) {
            (FileKind::Pack, class) if class > StorageClass::Hot => request.header(STORAGE_CLASS_HEADER, class.name()),
            _ => request,
        };
        let answer = match self.remote.while_moving(&moved, doing, self.exchange(doing, request, body)).await {
            Ok(answer) => answer,
            // A server that has it may refuse and hang up before it has taken all, so that we never see the refusal.
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                return if self.holds(file, content).await.unwrap_or(false) { Ok(()) } else { Err(error) };
            }
            Err(error) => return Err(error),
        };
        match answer.status() {
            status if status.is_success() => Ok(()),
            // Append-only servers refuse what is there already, and so does restic's own server. It is there if an earlier
            // answer was lost, or if somebody else wrote the same.
            StatusCode::FORBIDDEN | StatusCode::CONFLICT if self.holds(file, content).await? => Ok(()),
            _ => Err(refused(self, doing, answer).await),
        }
    }

    /// Whether the server has that very file.
    async fn holds(&self, file: FileId, content: &Content) -> Result<bool> {
        if self.size_of(file).await? != Some(content.len()) {
            return Ok(false);
        }
        match file.kind {
            // The only file that is not named after its content.
            FileKind::Config => Ok(self.read_whole(&self.remote.reading(file), file).await? == content.to_vec()),
            FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index | FileKind::Pack => Ok(true),
        }
    }

    pub(super) async fn remove_file(&self, doing: &str, file: FileId) -> Result<()> {
        let answer = self.send(doing, Method::DELETE, &self.url_of(file), None).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            _ => Err(refused(self, doing, answer).await),
        }
    }
}

/// The error for a write that was refused. Servers tell in words only that their disk is full.
async fn refused(rest: &Rest, doing: &str, mut answer: Response<Incoming>) -> Error {
    let error = refusal(doing, &answer);
    // restic's own server says so when a quota is used up.
    let is_quota = answer.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let text = if answer.status().is_server_error() { reason(rest, doing, &mut answer).await } else { Bytes::new() };
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    let is_full =
        ["no space left", "quota exceeded", "disk full"].iter().any(|full| text.to_lowercase().contains(full));
    match (is_quota || is_full, text.is_empty()) {
        (true, true) => Error::new(ErrorKind::NoSpace, error.to_string()),
        (true, false) => Error::new(ErrorKind::NoSpace, format!("{error}: {text}")),
        (false, true) => error,
        (false, false) => Error::new(error.kind(), format!("{error}: {text}")),
    }
}

async fn reason(rest: &Rest, doing: &str, answer: &mut Response<Incoming>) -> Bytes {
    let body = answer.body_mut();
    let first = async { body.next().await.unwrap_or_else(|| Ok(Bytes::new())) };
    // A refusal without a reason is still a refusal.
    let text = rest.remote.within(rest.remote.deadlines.answer, doing, first).await.unwrap_or_default();
    text.slice(..text.len().min(REASON_BYTES_MAX))
}
