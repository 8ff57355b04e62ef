//! Answers that are none. restic prints the status line, and tries again for some minutes whatever is not 401, 403, 404 or
//! 416; so the status decides about trying again, and the reason phrase says what is wrong.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bygone_store::ErrorKind as StoreKind;
use bygone_vault::ErrorKind as VaultKind;
use hyper::ext::ReasonPhrase;

use crate::problem::chain;
use crate::storages::StorageError;

/// Seconds after which a client may ask again what cannot be answered now.
const RETRY_SECONDS: u64 = 5;
/// Characters of a reason phrase at most.
const REASON_CHARS_MAX: usize = 200;

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    sentence: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Not there, or not to be seen.
    pub(super) const NOT_FOUND: Self =
        Self { status: StatusCode::NOT_FOUND, sentence: Cow::Borrowed("there is no such thing"), header: None };

    pub(super) fn new(status: StatusCode, sentence: impl Into<Cow<'static, str>>) -> Self {
        let header = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS))),
            StatusCode::UNAUTHORIZED => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"bygone\", charset=\"UTF-8\"")))
            }
            _ => None,
        };
        Self { status, sentence: sentence.into(), header }
    }

    /// The same, with the methods that there are.
    pub(super) fn allowing(mut self, methods: &'static str) -> Self {
        self.header = Some((header::ALLOW, HeaderValue::from_static(methods)));
        self
    }

    /// A range that begins behind the end of a file.
    pub(super) fn not_satisfiable(size: u64) -> Self {
        let mut refusal = Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "the file ends before this range");
        let range = HeaderValue::from_str(&format!("bytes */{size}")).ok();
        refusal.header = range.map(|range| (header::CONTENT_RANGE, range));
        refusal
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut answer = Response::new(Body::from(format!("{}\n", self.sentence)));
        *answer.status_mut() = self.status;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Some((name, value)) = self.header {
            answer.headers_mut().insert(name, value);
        }
        let reason: String = self
            .sentence
            .chars()
            .filter(|one| one.is_ascii() && !one.is_ascii_control())
            .take(REASON_CHARS_MAX)
            .collect();
        if let Ok(reason) = ReasonPhrase::try_from(reason.into_bytes()) {
            answer.extensions_mut().insert(reason);
        }
        answer
    }
}

impl From<bygone_store::Error> for Refusal {
    fn from(error: bygone_store::Error) -> Self {
        match error.kind() {
            StoreKind::NotFound => Self::NOT_FOUND,
            // 507 and not 413: restic says it plainly, goes on trying, and goes on when there is room again.
            StoreKind::Exhausted => Self::new(StatusCode::INSUFFICIENT_STORAGE, error.to_string()),
            StoreKind::Unavailable => {
                tracing::warn!(error = chain(&error), "the database does not answer");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the server's database does not answer now")
            }
            StoreKind::Conflict | StoreKind::Invalid { .. } | StoreKind::Forbidden | StoreKind::Failed => {
                tracing::error!(error = chain(&error), "the database refused what it should not");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says how")
            }
        }
    }
}

impl From<bygone_vault::Error> for Refusal {
    fn from(error: bygone_vault::Error) -> Self {
        let refusal = match error.kind() {
            VaultKind::NotFound | VaultKind::NotARepository => return Self::NOT_FOUND,
            VaultKind::Retained => return Self::new(StatusCode::FORBIDDEN, error.to_string()),
            VaultKind::InvalidInput => return Self::new(StatusCode::BAD_REQUEST, error.to_string()),
            VaultKind::Conflict => return Self::new(StatusCode::CONFLICT, error.to_string()),
            VaultKind::NoSpace => Self::new(StatusCode::INSUFFICIENT_STORAGE, "the storage is full"),
            VaultKind::Unavailable | VaultKind::TimedOut | VaultKind::Cancelled | VaultKind::Locked => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the storage does not answer now")
            }
            VaultKind::Denied | VaultKind::Unsupported | VaultKind::WrongPassword | VaultKind::Ambiguous => {
                Self::new(StatusCode::BAD_GATEWAY, "the storage refuses the server")
            }
            VaultKind::Damaged | VaultKind::Io => Self::new(StatusCode::BAD_GATEWAY, "the storage failed"),
        };
        tracing::warn!(error = error.chain(), status = refusal.status().as_u16(), "a repository's storage failed");
        refusal
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Store(error) => error.into(),
            StorageError::Vault(error) => error.into(),
            StorageError::Stopping => Self::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping"),
            StorageError::Secrets(_) | StorageError::Location(_) => {
                tracing::error!(%error, "a repository cannot be reached");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says how")
            }
        }
    }
}
