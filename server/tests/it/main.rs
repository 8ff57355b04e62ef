//! The server in this process, asked over HTTP.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod agents;
mod audit;
mod browser;
mod csrf;
mod fuzz;
mod gateway;
mod grants;
mod idempotency;
mod idle;
mod isolation;
mod jobs;
mod login_requests;
mod machine;
mod oidc;
mod openapi;
mod orgs;
mod people;
mod places;
mod plans;
mod protection;
mod rate;
mod repositories;
mod repository_keys;
mod serving;
mod sign_in;
mod sockets;
mod sources;
mod support;
mod telemetry;
mod tokens;
mod users;
mod web;
mod world;
