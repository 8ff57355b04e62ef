//! Errors as RFC 9457 problem details: a status, a stable code for programs, and a sentence for people.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bygone_store::ErrorKind as StoreErrorKind;
use bygone_vault::ErrorKind as VaultErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

/// What kind of problem it is. The code is a promise: it does not change within `/api/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The request, a parameter or the body cannot be read.
    Malformed,
    /// A value cannot be; `field` names it.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// An agent's certificate is missing, was revoked, or has ended.
    CertificateRefused,
    /// An enrolment token that is not known.
    TokenUnknown,
    /// An enrolment token that has expired.
    TokenExpired,
    /// An enrolment token that was used.
    TokenUsed,
    /// An enrolment token that was withdrawn.
    TokenRevoked,
    /// An agent whose protocol is not spoken here.
    ProtocolVersion,
    /// A job that is not this agent's any more.
    LeaseLost,
    /// Seen, but not to be done by this person.
    Forbidden,
    /// The password is right, and the code of the second factor has to be given too.
    SecondFactorRequired,
    /// The second factor has to be given again.
    StepUpRequired,
    /// Not there, or not to be seen.
    NotFound,
    /// It was there, and is not any more.
    Gone,
    /// There is nothing of that method here.
    MethodNotAllowed,
    /// Of that name already there, or not in a state for it.
    Conflict,
    /// It was changed since it was read (`If-Match`), or the same key was used for something else.
    PreconditionFailed,
    /// `If-Match` has to be given.
    PreconditionRequired,
    /// The body is too large.
    TooLarge,
    /// The body is of a type that is not understood.
    UnsupportedType,
    /// A quota is reached.
    QuotaExceeded,
    /// Too many requests; `Retry-After` says when to try again.
    TooManyRequests,
    /// A fault of ours, which the log names.
    Internal,
    /// A storage elsewhere answered with an error.
    StorageFailed,
    /// The database or a storage does not answer; `Retry-After` says when to try again.
    Unavailable,
}

impl ProblemCode {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated | Self::SecondFactorRequired | Self::CertificateRefused => StatusCode::UNAUTHORIZED,
            Self::TokenUnknown | Self::TokenExpired | Self::TokenUsed | Self::TokenRevoked => StatusCode::FORBIDDEN,
            Self::ProtocolVersion => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::StepUpRequired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::LeaseLost => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StorageFailed => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Seconds after which a client may ask again when the database did not answer.
const RETRY_SECONDS: u64 = 2;

/// A problem: what every error of the API looks like.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says which it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The HTTP status.
    status: u16,
    /// For programs.
    code: ProblemCode,
    /// For people.
    title: String,
    /// Which field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

/// What handlers return.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: ProblemCode, title: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            status: code.status().as_u16(),
            code,
            title: title.into(),
            field: None,
            retry_after_seconds: matches!(code, ProblemCode::Unavailable).then_some(RETRY_SECONDS),
        }
    }

    /// A value that cannot be.
    pub fn invalid(field: impl Into<String>, title: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(ProblemCode::Invalid, title) }
    }

    /// Something that is not there, named.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ProblemCode::NotFound, format!("{what} does not exist"))
    }

    /// The same problem, about a field.
    #[must_use]
    pub fn about(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same problem, with the time to wait.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Which it is.
    pub const fn code(&self) -> ProblemCode {
        self.code
    }

    /// Which field it is about.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The sentence.
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == ProblemCode::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bygone\""));
        }
        response
    }
}

impl From<bygone_store::Error> for Problem {
    fn from(error: bygone_store::Error) -> Self {
        let code = match error.kind() {
            StoreErrorKind::NotFound => ProblemCode::NotFound,
            StoreErrorKind::Conflict => ProblemCode::Conflict,
            StoreErrorKind::Invalid { field } => return Self::invalid(*field, error.context()),
            StoreErrorKind::Forbidden => ProblemCode::Forbidden,
            StoreErrorKind::Exhausted => ProblemCode::QuotaExceeded,
            StoreErrorKind::Unavailable => {
                tracing::warn!(error = chain(&error), "the database does not answer");
                return Self::new(ProblemCode::Unavailable, "the database does not answer: try again");
            }
            StoreErrorKind::Failed => {
                tracing::error!(error = chain(&error), "the database refused what it should not");
                return Self::new(ProblemCode::Internal, "the server failed; its log says how");
            }
        };
        Self::new(code, error.context())
    }
}

impl From<bygone_common::protocol::Refused> for Problem {
    fn from(refused: bygone_common::protocol::Refused) -> Self {
        Self::invalid(refused.field, refused.why)
    }
}

impl From<bygone_vault::Error> for Problem {
    fn from(error: bygone_vault::Error) -> Self {
        let code = match error.kind() {
            VaultErrorKind::NotFound => ProblemCode::NotFound,
            VaultErrorKind::InvalidInput | VaultErrorKind::Ambiguous | VaultErrorKind::Unsupported => {
                ProblemCode::Invalid
            }
            VaultErrorKind::Conflict | VaultErrorKind::Locked | VaultErrorKind::Retained => ProblemCode::Conflict,
            VaultErrorKind::NoSpace => ProblemCode::QuotaExceeded,
            VaultErrorKind::Unavailable | VaultErrorKind::TimedOut | VaultErrorKind::Cancelled => {
                ProblemCode::Unavailable
            }
            VaultErrorKind::WrongPassword
            | VaultErrorKind::NotARepository
            | VaultErrorKind::Damaged
            | VaultErrorKind::Denied
            | VaultErrorKind::Io => ProblemCode::StorageFailed,
        };
        // What somebody asked for in vain is no news of the storage, and may name their files.
        if matches!(code, ProblemCode::NotFound | ProblemCode::Invalid | ProblemCode::Conflict) {
            tracing::debug!(error = chain(&error), "a repository has no answer to what was asked");
        } else {
            tracing::warn!(error = chain(&error), "a repository's storage failed");
        }
        Self::new(code, error.to_string())
    }
}

/// An error with what caused it, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
