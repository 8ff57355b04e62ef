//! `ETag` and `If-Match`: a change is made to what its author saw, or not at all.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemCode};

/// The version that `If-Match` asks for. Changing calls must send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let title = "send the ETag of what you saw as If-Match, so that nobody's change is lost";
            return Err(Problem::new(ProblemCode::PreconditionRequired, title));
        };
        let version =
            value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        let stale = || Problem::new(ProblemCode::PreconditionFailed, "If-Match is not an ETag of this resource");
        version.map(Self).ok_or_else(stale)
    }
}

/// A body with the ETag of its version.
#[derive(Debug)]
pub struct Tagged<T> {
    /// What is sent.
    pub body: T,
    /// Changes with every change.
    pub version: i64,
}

impl<T: IntoResponse> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.version)) {
            let headers: &mut HeaderMap = response.headers_mut();
            headers.insert(header::ETAG, tag);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        response
    }
}

/// The problem for a change that came too late: the store says conflict, HTTP says that the precondition failed.
pub fn stale(error: bygone_store::Error) -> Problem {
    match error.kind() {
        bygone_store::ErrorKind::Conflict => Problem::new(ProblemCode::PreconditionFailed, error.context()),
        bygone_store::ErrorKind::NotFound
        | bygone_store::ErrorKind::Invalid { .. }
        | bygone_store::ErrorKind::Forbidden
        | bygone_store::ErrorKind::Exhausted
        | bygone_store::ErrorKind::Unavailable
        | bygone_store::ErrorKind::Failed => error.into(),
    }
}
