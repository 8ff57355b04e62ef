//! The server in this process, asked over HTTP.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod audit;
mod fuzz;
mod gateway;
mod idempotency;
mod isolation;
mod jobs;
mod openapi;
mod orgs;
mod repositories;
mod serving;
mod support;
