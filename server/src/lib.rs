//! The control plane: where everything meets.
//!
//! Never: file systems of operating systems, agents' work, SQL.
//!
//! Read in this order: [`config`] (what can be set), [`serve`] (from a configuration to a running server), [`app`] (what
//! all handlers share), [`api`] (the routes), then one module for each noun.

pub mod agent_api;
pub(crate) mod api;
pub mod app;
pub mod ca;
pub mod catalog;
pub mod config;
pub(crate) mod correlation;
pub(crate) mod csv;
pub mod gateway;
pub(crate) mod health;
pub mod holds;
pub(crate) mod idempotency;
pub mod identity;
pub mod index_leases;
pub(crate) mod jobs;
pub(crate) mod listen;
pub(crate) mod login_requests;
pub mod metrics;
pub mod openapi;
pub(crate) mod portal;
pub(crate) mod providers;
pub mod repositories;
pub(crate) mod restores;
pub mod retention;
pub mod scheduler;
pub mod secrets;
pub mod serve;
pub(crate) mod signed;
pub mod storages;
pub mod systemd;
pub mod telemetry;
pub(crate) mod tls;
pub(crate) mod tokens;
pub(crate) mod users;
pub mod wakes;
mod web;
pub mod worker;

pub use app::App;
pub use bygone_http::{conditional, extract, offload, problem};
pub use config::Config;
pub use serve::{Roles, Server, StartError};
