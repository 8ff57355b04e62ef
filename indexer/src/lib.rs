//! The search index of one organization: every file version of every snapshot of every source, in a folder.
//!
//! Synchronous, without global state: any thread may call. It reads trees, and never writes to a repository; it knows
//! no database and no HTTP. What an asker may see is part of every question ([`Scope`]), so counts, facets,
//! suggestions and copies obey it like results.
//!
//! Who owns an index opens it ([`Index::open`]), compares [`Index::known`] with the catalog, calls [`Index::ingest`] for what is
//! missing (in any order; the order of time is the fastest) and [`Index::expire`] for what is gone, and, when
//! [`Index::status`] says that it is being built anew, [`Index::rebuilt`] once nothing is missing. Until then answers say
//! that they are partial. [`Index::search`] and [`Index::complete`] may be called all the while.
//!
//! Read in this order: [`Query`] and `pattern` (what is asked), `fold` (what counts as equal); `state`, `names`,
//! `dirs`, `versions` (what is kept: docs/adr/0009-search-index.md says why so), `runs` (which snapshots a version lives in),
//! [`Index`] (commits); `ingest` and `expire` (how it changes); `search` (how it answers).

mod complete;
mod dir_owners;
mod dirs;
mod documents;
mod edit;
mod error;
mod expire;
mod files;
mod fold;
mod highlight;
mod index;
mod ingest;
mod layout;
pub mod limits;
mod marks;
mod names;
mod needle;
mod pattern;
mod query;
mod runs;
mod scope;
mod search;
mod state;
mod suggest;
mod versions;
mod view;

pub use complete::Completion;
pub use documents::Document;
pub use error::{Error, ErrorKind, Result};
pub use expire::Expired;
pub use fold::fold;
pub use index::{Health, Index, Known, Status};
pub use ingest::{Ingested, SnapshotRef, Trees};
pub use layout::other_layout;
pub use limits::Limits;
pub use query::{Query, QueryError, QueryFault};
pub use scope::{Effect, FileOwner, Scope, ScopeClause, Terms};
pub use search::{FacetValue, Facets, Found, Hit, Page, SnapshotAt, Sort, Versions};
pub use state::SnapshotCopy;
pub use suggest::{Suggestion, SuggestionKind};
