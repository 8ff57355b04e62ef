//! The HTTP API of a Bygone server, from outside: what agents and the command line call.
//!
//! Never: repositories, the database, what is behind the API.
//!
//! Read in this order: [`error`] (what a server answers when it does not do what was asked), [`tls`] (whom we trust, and who
//! we are), [`http`] (one request and its answer), [`retry`] (when to ask again), [`agent`] (the agent protocol), [`api`] (the
//! control API), [`portal`] (the files of snapshots).

pub mod agent;
pub mod api;
pub mod error;
pub mod http;
pub mod portal;
pub mod retry;
pub mod tls;

pub use agent::AgentClient;
pub use api::ApiClient;
pub use error::{Error, ErrorKind, Problem, Result};
pub use portal::PortalClient;
pub use retry::Backoff;
pub use tls::{Identity, Trust};
