//! Asks a server for work on this machine, and does it.
//!
//! Nobody calls an agent: it calls. It keeps nothing but who it is, which plans it has, and what the server does not know
//! yet; all of that survives its sudden end. A repository's password is in memory only, while a job lasts.
//!
//! Never: the database, the server's own jobs, deleting anything in a repository but its own locks.
//!
//! Read in this order: [`state`] (what is kept), [`enrol`] (how a machine becomes an agent), [`run`] (what it does all day),
//! [`job`] (one job from claim to end), [`context`], `reach` (the repository), [`backup`] (what it saves), [`restore`], [`safety`],
//! [`hooks`], [`locks`], [`spool`] and [`plans`] (when the server is away), [`service`].

pub mod backup;
pub mod context;
pub mod enrol;
pub mod error;
pub mod facts;
pub mod hooks;
pub mod job;
pub mod limits;
pub mod locks;
pub mod log;
pub mod notify;
pub mod pause;
pub mod plans;
mod reach;
pub mod restore;
pub mod run;
pub mod safety;
pub mod service;
pub mod spool;
pub mod state;
pub mod status;
pub mod watch;

pub use error::{Error, ErrorKind, Result};
pub use run::{Options, Stop, run};
pub use state::{Enrolled, Folder};
