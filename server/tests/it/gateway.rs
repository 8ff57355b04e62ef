//! restic through the server.

mod backends;
mod protocol;
mod restic;
pub(crate) mod support;
