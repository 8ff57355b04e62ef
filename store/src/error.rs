//! What can go wrong with the database, by kind.

use std::fmt;

/// What a caller can do about an error: the kind decides the HTTP status and whether to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not there, or not to be seen by this actor.
    NotFound,
    /// Something of that name is there, or it was changed meanwhile.
    Conflict,
    /// A value that cannot be, and the field it was given for.
    Invalid {
        /// The field's name in the API.
        field: &'static str,
    },
    /// Seen, but not to be changed by this actor.
    Forbidden,
    /// A quota or limit is reached.
    Exhausted,
    /// The database does not answer just now: trying again later may help.
    Unavailable,
    /// A fault of ours, or a database that holds what it must not.
    Failed,
}

/// An error of the store.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<sqlx::Error>,
}

/// What most calls return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of our own making.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// Something that is not there, named: `repository 018f…`.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} does not exist"))
    }

    /// A value that cannot be.
    pub fn invalid(field: &'static str, context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid { field }, context)
    }

    /// What kind it is.
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What was being done: for people.
    pub fn context(&self) -> &str {
        &self.context
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as &dyn std::error::Error)
    }
}

/// Says what was being done when the database answered with an error.
pub(crate) trait Doing<T> {
    /// `doing` completes "cannot …": `list plans`.
    fn doing(self, doing: &str) -> Result<T>;
}

impl<T> Doing<T> for std::result::Result<T, sqlx::Error> {
    fn doing(self, doing: &str) -> Result<T> {
        self.map_err(|source| {
            let kind = kind_of(&source);
            let context = match kind {
                ErrorKind::Conflict => format!("{doing}: it exists already"),
                ErrorKind::NotFound => format!("{doing}: it does not exist"),
                ErrorKind::Unavailable => format!("{doing}: the database does not answer"),
                ErrorKind::Invalid { .. } | ErrorKind::Forbidden | ErrorKind::Exhausted | ErrorKind::Failed => {
                    format!("cannot {doing}")
                }
            };
            Error { kind, context, source: Some(source) }
        })
    }
}

fn kind_of(error: &sqlx::Error) -> ErrorKind {
    match error {
        sqlx::Error::RowNotFound => ErrorKind::NotFound,
        sqlx::Error::Database(refused) if refused.is_unique_violation() => ErrorKind::Conflict,
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            // PostgreSQL: connection exceptions, too many connections, shutting down, serialization failures, deadlocks.
            Some(code) if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
                ErrorKind::Unavailable
            }
            Some("40001" | "40P01") => ErrorKind::Unavailable,
            // SQLite: busy, locked, I/O error, full, cannot open (and their extended codes, which keep the low byte).
            Some(code) if code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14)) => {
                ErrorKind::Unavailable
            }
            _ => ErrorKind::Failed,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    }
}
