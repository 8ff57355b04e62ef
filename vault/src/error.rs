//! One error for everything a repository can answer: a kind for machines, a sentence for people, and the cause.

use std::fmt;
use std::sync::Arc;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, for machines: it decides exit code, errno, HTTP status and whether trying again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// What was asked for cannot be: a malformed location, id or pattern.
    InvalidInput,
    /// No key of the repository opens with the password given.
    WrongPassword,
    /// The location answers, but holds no repository.
    NotARepository,
    /// A format version, or a feature of one, that this program does not know.
    Unsupported,
    /// The named snapshot, path, pack or file does not exist.
    NotFound,
    /// A short name fits several snapshots.
    Ambiguous,
    /// Stored bytes are not what was written: truncated, flipped, malformed.
    Damaged,
    /// The storage or the operating system forbids it.
    Denied,
    /// The storage cannot be reached, or refuses service for now. Worth trying again.
    Unavailable,
    /// No answer within the deadline. Worth trying again.
    TimedOut,
    /// The caller gave up.
    Cancelled,
    /// Another program holds a lock that is in the way, or a lock of our own was lost.
    Locked,
    /// Something is there that must not be overwritten: a file where one is restored to, a repository where one is made.
    Conflict,
    /// The storage keeps it until a time that has not come, or until a legal hold is lifted.
    Retained,
    /// The disk is full.
    NoSpace,
    /// Any other failure of local input or output.
    Io,
}

impl ErrorKind {
    /// Whether the same call may succeed later without anyone changing anything.
    pub fn is_transient(self) -> bool {
        match self {
            Self::Unavailable | Self::TimedOut => true,
            Self::InvalidInput
            | Self::WrongPassword
            | Self::NotARepository
            | Self::Unsupported
            | Self::NotFound
            | Self::Ambiguous
            | Self::Damaged
            | Self::Denied
            | Self::Cancelled
            | Self::Locked
            | Self::Conflict
            | Self::Retained
            | Self::NoSpace
            | Self::Io => false,
        }
    }
}

/// A failure: its kind, what was being done to which thing, and the cause.
///
/// `Display` prints the sentence alone; [`Error::chain`] prints it with its causes, each once.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error without a deeper cause. `context` is lower case and names the thing.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// An input or output error of the local system; the kind follows from the system's own.
    pub fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(io_kind(&source), context).because(source)
    }

    /// Puts this error under a sentence that says what was being done; the kind stays.
    #[must_use]
    pub fn context(self, context: impl Into<String>) -> Self {
        Self { kind: self.kind, context: context.into(), source: Some(Arc::new(self)) }
    }

    /// An error of reading what a repository itself names: what is not there is damage.
    #[must_use]
    pub(crate) fn of_what_is_named(mut self) -> Self {
        if self.kind == ErrorKind::NotFound {
            self.kind = ErrorKind::Damaged;
        }
        self
    }

    /// What went wrong, for machines.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence and all causes on one line, without repeating a cause that its parent already quotes.
    pub fn chain(&self) -> String {
        let mut line = self.context.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let text = error.to_string();
            if !line.ends_with(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            cause = error.source();
        }
        line.replace('\n', " ")
    }
}

/// The kind that an error of the operating system stands for.
pub(crate) fn io_kind(error: &std::io::Error) -> ErrorKind {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::NotFound => ErrorKind::NotFound,
        Io::PermissionDenied | Io::ReadOnlyFilesystem => ErrorKind::Denied,
        Io::TimedOut => ErrorKind::TimedOut,
        Io::ConnectionRefused
        | Io::ConnectionReset
        | Io::ConnectionAborted
        | Io::NotConnected
        | Io::BrokenPipe
        | Io::HostUnreachable
        | Io::NetworkUnreachable
        | Io::NetworkDown
        | Io::StaleNetworkFileHandle
        | Io::Interrupted => ErrorKind::Unavailable,
        Io::StorageFull | Io::QuotaExceeded => ErrorKind::NoSpace,
        Io::UnexpectedEof => ErrorKind::Damaged,
        _ => ErrorKind::Io,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_prints_each_cause_once_and_on_one_line() {
        let error = Error::io("read /x", std::io::Error::other("disk\non fire")).context("open repository /r");
        assert_eq!(error.chain(), "open repository /r: read /x: disk on fire");
    }

    #[test]
    fn the_kind_of_the_cause_survives_context() {
        let error = Error::new(ErrorKind::Damaged, "blob x").context("file y");
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}
