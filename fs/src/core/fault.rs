//! Why an answer is not what was asked for.

use bygone_vault::Error;

/// A failure, before it becomes an errno or an NTSTATUS.
#[derive(Debug, Clone)]
pub enum Fault {
    /// No such number: from another mount, or of a directory of the layout that is gone.
    Stale,
    /// No such name.
    NotFound,
    /// It is no directory.
    NotDirectory,
    /// It is a directory.
    IsDirectory,
    /// It cannot be read from, or is no link.
    WrongKind,
    /// It has no such extended attribute.
    NoXattr,
    /// The repository could not give it.
    Repository(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Repository(error)
    }
}

/// An answer.
pub type Answer<T> = Result<T, Fault>;
