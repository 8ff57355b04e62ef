//! What can go wrong with an agent, as opposed to one of its jobs.

use std::fmt;
use std::io;

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked for cannot be.
    Usage,
    /// This machine is no agent, or not any more.
    NotEnrolled,
    /// The server does not want this agent: it was revoked.
    Revoked,
    /// Another agent runs over the same folder.
    Busy,
    /// The server said no, or does not answer.
    Server,
    /// The machine itself.
    Local,
}

/// An error.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    sentence: String,
}

impl Error {
    /// An error in a sentence.
    pub fn new(kind: ErrorKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into() }
    }

    /// An error of the operating system.
    pub fn io(doing: impl fmt::Display, error: &io::Error) -> Self {
        Self::new(ErrorKind::Local, format!("{doing}: {error}"))
    }

    /// What went wrong, for machines.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Error {}

impl From<bygone_client::Error> for Error {
    fn from(error: bygone_client::Error) -> Self {
        let kind = match error.kind() {
            bygone_client::ErrorKind::Denied if error.code() == "certificate_refused" => ErrorKind::Revoked,
            bygone_client::ErrorKind::Invalid if error.status().is_none() => ErrorKind::Usage,
            bygone_client::ErrorKind::Unreachable
            | bygone_client::ErrorKind::TimedOut
            | bygone_client::ErrorKind::Busy
            | bygone_client::ErrorKind::Untrusted
            | bygone_client::ErrorKind::Denied
            | bygone_client::ErrorKind::NotFound
            | bygone_client::ErrorKind::Conflict
            | bygone_client::ErrorKind::Invalid
            | bygone_client::ErrorKind::Protocol => ErrorKind::Server,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<bygone_vault::Error> for Error {
    fn from(error: bygone_vault::Error) -> Self {
        Self::new(ErrorKind::Local, error.chain())
    }
}
