//! restic through the server.

mod protocol;
mod restic;
pub(crate) mod support;
