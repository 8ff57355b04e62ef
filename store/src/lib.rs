//! Rows, transactions, and who may do what.
//!
//! Every call takes the [`Actor`] who asks, and answers [`ErrorKind::NotFound`] for what that one may not see; every
//! statement names the organization. Every change is recorded in the audit log by the transaction that makes it.
//!
//! Never: file bytes, unsealed secrets, HTTP, repositories.
//!
//! Read in this order: [`database`] (SQLite or PostgreSQL, transactions), [`rights`] and [`actor`] (who may do what),
//! [`page`] (lists), [`audit`] (what was done), [`events`] (what is told to whoever listens), and then one module for each noun.

pub mod access;
pub mod actor;
pub mod agents;
pub mod api_tokens;
pub mod audit;
pub mod certificates;
pub mod database;
mod dialect;
pub mod download_days;
pub mod enrolment_tokens;
pub mod error;
pub mod events;
pub mod gateway_credentials;
pub mod grants;
pub mod idempotency;
pub mod identities;
pub mod index_leases;
pub mod jobs;
pub mod links;
pub mod login_requests;
pub mod mirrors;
pub mod orgs;
pub mod page;
pub mod places;
pub mod plans;
pub mod protection;
pub mod providers;
pub mod recent;
pub mod repositories;
pub mod repository_leases;
pub mod restores;
pub mod rights;
mod row;
pub mod scopes;
pub mod sealed;
pub mod sessions;
pub mod snapshot_changes;
pub mod snapshots;
pub mod sources;
pub mod storage_credentials;
pub mod tickets;
mod ticks;
pub mod users;
pub mod zip_checksums;

pub use actor::{Actor, Who};
pub use database::{Dialect, Store, Tx};
pub use error::{Error, ErrorKind, Result};
pub use page::{List, Page};
pub use rights::{Action, Resource, Right, Role};
