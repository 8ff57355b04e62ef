//! restic through the server.

mod backends;
mod full;
mod protocol;
mod restic;
pub(crate) mod support;
pub(crate) mod worm;
