//! What can go wrong between us and a server: a kind for machines, a sentence for people.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// The result of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Nobody answers there, or the connection broke. Worth trying again.
    Unreachable,
    /// No answer in time. Worth trying again.
    TimedOut,
    /// The server cannot do it now, and may say when to come again.
    Busy,
    /// The server is not who it should be, or we are not to it: certificates.
    Untrusted,
    /// We may not: not signed in, revoked, or without the right.
    Denied,
    /// It is not there.
    NotFound,
    /// It is not as we thought any more: a lease that was lost.
    Conflict,
    /// What we said makes no sense to the server.
    Invalid,
    /// The server answers what makes no sense to us.
    Protocol,
}

impl ErrorKind {
    /// Whether the same call may succeed later without anyone changing anything.
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Busy => true,
            Self::Untrusted | Self::Denied | Self::NotFound | Self::Conflict | Self::Invalid | Self::Protocol => false,
        }
    }
}

/// The body of an answer that is no success. Source: RFC 9457, with our stable `code`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// The stable word for what it is.
    pub code: String,
    /// The same for people.
    pub title: String,
    /// This case of it.
    pub detail: String,
    /// The field of the request that it is about.
    pub field: Option<String>,
}

/// An error.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    problem: Option<Box<Problem>>,
    status: Option<u16>,
    retry_after: Option<Duration>,
}

impl Error {
    /// An error of our own making.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), problem: None, status: None, retry_after: None }
    }

    /// What a server answered with a status other than success.
    pub(crate) fn answered(doing: &str, status: u16, problem: Option<Problem>, retry_after: Option<Duration>) -> Self {
        let kind = match status {
            401 | 403 => ErrorKind::Denied,
            404 | 410 => ErrorKind::NotFound,
            408 | 425 | 429 | 502 | 503 | 504 => ErrorKind::Busy,
            409 | 412 => ErrorKind::Conflict,
            500..=599 => ErrorKind::Busy,
            300..=399 => ErrorKind::Protocol,
            _ => ErrorKind::Invalid,
        };
        let said = problem.as_ref().map(|problem| match (problem.detail.is_empty(), problem.title.is_empty()) {
            (false, _) => problem.detail.clone(),
            (true, false) => problem.title.clone(),
            (true, true) => format!("the server answers {status}"),
        });
        let said = said.unwrap_or_else(|| format!("the server answers {status}"));
        let context = format!("{doing}: {said}");
        Self { kind, context, problem: problem.map(Box::new), status: Some(status), retry_after }
    }

    /// What went wrong, for machines.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The server's stable word for it; empty when it said none.
    pub fn code(&self) -> &str {
        self.problem.as_ref().map_or("", |problem| &problem.code)
    }

    /// What the server said.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_deref()
    }

    /// The HTTP status, if there was an answer.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// When to come again, if the server said so.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl std::error::Error for Error {}

/// What went wrong below HTTP: the deepest cause that says something decides.
pub(crate) fn transport(doing: &str, error: &reqwest::Error) -> Error {
    let mut kind = if error.is_timeout() { ErrorKind::TimedOut } else { ErrorKind::Unreachable };
    let mut said = String::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = tls_error(error) {
            let (is_certificate, why) = crate::tls::explain(tls);
            if is_certificate {
                kind = ErrorKind::Untrusted;
            }
            return Error::new(kind, format!("{doing}: {why}"));
        }
        said = error.to_string();
        cause = error.source();
    }
    Error::new(kind, format!("{doing}: {said}"))
}

/// An `io::Error` hides the error it was made from: its source is already that error's source.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    tls_error(inner)
}
