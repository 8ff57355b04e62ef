//! The real agent against the real server: both in this process, with TLS and the gateway between them; stock restic reads
//! what comes of it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod api;
mod asked;
mod away;
mod binary;
mod direct;
mod downloads;
mod enrol;
mod hooks;
mod jobs;
mod killed;
mod limits;
mod machine;
mod program;
mod replicas;
mod restore;
#[cfg(feature = "peers")]
mod rustic;
mod server_killed;
mod stack;
