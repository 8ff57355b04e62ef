//! What is wrong with a query, for people.

use std::fmt;

/// What is wrong, for machines: the portal translates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryFault {
    /// The query is longer than a query may be.
    TooLong,
    /// It has more conditions than a query may have.
    TooManyClauses,
    /// There is no such key.
    UnknownKey,
    /// A key without a value.
    MissingValue,
    /// A quotation mark that is never closed.
    UnclosedQuote,
    /// Not a size.
    BadSize,
    /// Not a date.
    BadDate,
    /// A range whose end is before its beginning.
    EmptyRange,
    /// Not a kind.
    BadKind,
    /// Not a path.
    BadPath,
    /// Not yes or no, nor a date.
    BadChoice,
    /// Not 16 hexadecimal digits.
    BadContent,
    /// A word that stands between others in other languages.
    BadOperator,
}

/// A part of a query that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong.
    pub fault: QueryFault,
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What could be written instead.
    pub hint: String,
}

impl QueryError {
    pub(super) fn new(fault: QueryFault, span: (usize, usize), message: String, hint: impl Into<String>) -> Self {
        Self { fault, start: span.0, end: span.1, message, hint: hint.into() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}; {}", self.message, self.start + 1, self.hint)
    }
}

impl std::error::Error for QueryError {}
