//! What every route of ours speaks, whichever crate it lives in.
//!
//! Never: routes, rows of its own, who somebody is.
//!
//! Read in this order: [`problem`] (what every error looks like), [`extract`] (what a request holds), [`conditional`]
//! (`ETag` and `If-Match`), [`page`] (lists), [`offload`] (from async to what blocks).

pub mod conditional;
pub mod extract;
pub mod offload;
pub mod page;
pub mod problem;

pub use problem::{Problem, ProblemCode, Result};
