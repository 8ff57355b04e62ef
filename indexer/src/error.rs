//! One error for everything the index can answer: a kind for machines, a sentence for people, and the cause.

use std::fmt;
use std::sync::Arc;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// What was asked for cannot be: a cursor of another order, a scope that names too many owners.
    InvalidInput,
    /// Another process or call writes this index now. Worth trying again.
    Busy,
    /// A bound of the format was reached.
    TooLarge,
    /// The index is not what was written. Opening it anew drops and rebuilds it.
    Damaged,
    /// The repository could not be read; nothing was ingested.
    Repository,
    /// Nobody waits for the answer any more.
    Cancelled,
    /// Local input or output failed.
    Io,
}

/// A failure: its kind, what was being done to which thing, and the cause.
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

    /// What went wrong, for machines.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, context).because(source)
    }

    pub(crate) fn damaged(context: impl Into<String>) -> Self {
        Self::new(ErrorKind::Damaged, context)
    }

    /// What tantivy says, as one of our kinds.
    pub(crate) fn tantivy(context: &str, source: tantivy::TantivyError) -> Self {
        use tantivy::TantivyError as E;
        let kind = match &source {
            E::LockFailure(..) => ErrorKind::Busy,
            E::DataCorruption(_) | E::IncompatibleIndex(_) | E::OpenReadError(_) | E::SchemaError(_) => {
                ErrorKind::Damaged
            }
            _ => ErrorKind::Io,
        };
        Self::new(kind, context).because(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}
