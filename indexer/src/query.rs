//! The query language: words, and conditions as `key:value`. See [`Query`].

mod error;
mod families;
mod kinds;
mod lex;
mod parse;
mod size;
mod text;
mod time;

use std::ops::RangeInclusive;

use bygone_common::uid::SourceUid;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use error::{QueryError, QueryFault};
pub(crate) use kinds::KindTest;
pub(crate) use time::Span;

use crate::pattern::Pattern;

/// What to look for. All conditions must hold.
///
/// | written | finds |
/// |---|---|
/// | `report` | names that hold the text, or that lie in a folder whose name does |
/// | `"annual report"` | these words in this order |
/// | `rep*` | words that begin so; `img_*.jp?g`: whole names; `*port*`: like `port` |
/// | `name:report` | the name alone |
/// | `ext:xlsx`, `ext:jpg,png` | extensions |
/// | `size:>10M`, `size:1M..5M`, `size:0` | sizes: B, K, M, G, T, in steps of 1024 |
/// | `changed:2026-10`, `changed:2026-10-01..2026-10-15`, `changed:7d`, `changed:>=2025`, `changed:yesterday` | when the content was changed |
/// | `added:…`, `seen:…` | when a snapshot first had it; snapshots that have it |
/// | `deleted:yes`, `deleted:no`, `deleted:2026-10` | gone from its source's newest snapshot; still there; when it went |
/// | `kind:file`, `kind:folder`, `kind:link`, `kind:image` … | what it is |
/// | `host:alice-pc`, `source:…` | whose it is |
/// | `path:/home/alice`, `path:projects` | below a folder; in a folder of that name |
/// | `owner:alice`, `owner:1000` | whom it belongs to |
/// | `content:0123456789abcdef` | the same content, as hits name it |
/// | `-word`, `-ext:tmp` | not |
///
/// Case, accents, `ё` and the Unicode form do not count. Several values of one key are separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) text: String,
    pub(crate) now: Timestamp,
    pub(crate) zone: TimeZone,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) negated: bool,
    pub(crate) test: Test,
    /// Where in the text it stands, without its sign.
    pub(crate) span: (usize, usize),
}

/// What a condition asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// Of the name, or of a folder on the way.
    Anywhere(Pattern),
    /// Of the name.
    Name(Pattern),
    /// Any of these; the empty one is having none.
    Extension(Vec<String>),
    Size(RangeInclusive<u64>),
    Changed(Span),
    Added(Span),
    Seen(Span),
    /// Gone from the newest snapshot, or not.
    Deleted(bool),
    DeletedIn(Span),
    Kind(Vec<KindTest>),
    /// Any of these folded texts is in the host's name.
    Host(Vec<Pattern>),
    Source(Vec<SourceTest>),
    /// At or below a path, as names.
    Below(Vec<Box<[u8]>>),
    /// In a folder that fits.
    Folder(Pattern),
    Owner(Vec<OwnerTest>),
    Content(u64),
}

/// How a source may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceTest {
    Uid(SourceUid),
    Name(Pattern),
}

/// How an owner may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnerTest {
    Uid(u32),
    Name(Pattern),
}

impl Query {
    /// Reads a query. Relative dates count from `now`; days begin as in `zone`.
    ///
    /// # Errors
    /// What was not understood, where it stands, and what could stand there.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, QueryError> {
        parse::parse(text, now, zone)
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds what `text` asks, as when both stood in one query.
    ///
    /// # Errors
    /// Like [`Self::parse`].
    pub fn and(&self, text: &str) -> Result<Self, QueryError> {
        Self::parse(&format!("{} {text}", self.text), self.now, &self.zone)
    }
}

#[cfg(test)]
mod tests;
