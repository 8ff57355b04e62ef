//! What an asker may see. A scope is part of every question: it decides which documents there are, and in which snapshots,
//! before anything is counted, ranked or suggested.
//!
//! [`Scope`] is what is asked with. `sight` is a scope worked out for one commit: what it says of every directory, and from
//! that of every document. `prefixes` is the tree of the paths that clauses name, `reaches` how far an owner's clause gets
//! through directories that change hands.

mod prefixes;
mod reaches;
mod sight;

use bygone_common::SnapshotPath;
use bygone_common::uid::SourceUid;
use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::limits::SCOPE_CLAUSES_MAX;

pub(crate) use sight::{Glance, Shown, Sight, Spot};

/// What a clause does to the files that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// They may be seen, unless another clause denies it.
    Allow(Terms),
    /// They may not be seen.
    Deny,
}

/// Under which terms files may be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Only those of this owner, reached from the clause's path through nothing but what is theirs.
    pub owner: Option<FileOwner>,
    /// Only in snapshots that were taken then or later.
    pub since: Option<Timestamp>,
}

/// Whom files belong to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileOwner {
    /// The number of a Unix user.
    Uid(u32),
    /// A name, exactly as stored.
    Name(String),
    /// A security identifier of Windows, as text.
    Sid(String),
}

/// Names files: those at and below a path of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeClause {
    /// What it does.
    pub effect: Effect,
    /// Whose files; none are those of all sources.
    pub source: Option<SourceUid>,
    /// Where; the root is everything.
    pub prefix: SnapshotPath,
}

impl ScopeClause {
    /// Everything at and below a path, of any owner, in every snapshot.
    pub fn allow(source: Option<SourceUid>, prefix: SnapshotPath) -> Self {
        Self { effect: Effect::Allow(Terms::default()), source, prefix }
    }

    /// Nothing at and below a path, whatever other clauses say.
    pub fn deny(source: Option<SourceUid>, prefix: SnapshotPath) -> Self {
        Self { effect: Effect::Deny, source, prefix }
    }

    /// Whether it allows everything there is.
    fn is_everything(&self) -> bool {
        let has_no_terms = matches!(&self.effect, Effect::Allow(terms) if *terms == Terms::default());
        has_no_terms && self.source.is_none() && self.prefix.is_root()
    }
}

/// What may be seen: what a clause allows and none denies. Without clauses, nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    clauses: Vec<ScopeClause>,
}

impl Scope {
    /// What these clauses allow.
    ///
    /// # Errors
    /// `InvalidInput`: more clauses than a scope may have.
    pub fn new(clauses: Vec<ScopeClause>) -> Result<Self> {
        if clauses.len() > SCOPE_CLAUSES_MAX {
            let what = format!("a scope has {} clauses, more than {SCOPE_CLAUSES_MAX}", clauses.len());
            return Err(Error::new(ErrorKind::InvalidInput, what));
        }
        Ok(Self { clauses })
    }

    /// All files of all sources.
    pub fn everything() -> Self {
        Self { clauses: vec![ScopeClause::allow(None, SnapshotPath::root())] }
    }
}
