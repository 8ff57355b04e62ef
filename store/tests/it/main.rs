//! Each noun on SQLite and on PostgreSQL.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod agents;
mod audit;
mod database;
mod given_back;
mod grants;
mod hold_ends;
mod idempotency;
mod index_leases;
mod jobs;
mod login_requests;
mod mirrors;
mod orgs;
mod plans;
mod repositories;
mod restores;
mod rights;
mod sign_in;
mod snapshots;
mod support;
mod tickets;
mod users;
