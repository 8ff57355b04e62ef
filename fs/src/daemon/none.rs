//! Systems without fork.

use bygone_vault::{Error, ErrorKind, Result};

use super::Side;

/// Never made.
#[derive(Debug)]
pub(super) enum Pipe {}

pub(super) fn detach() -> Result<Side> {
    Err(Error::new(ErrorKind::Unsupported, "this system has no background mode: start the command with its own means"))
}

impl Pipe {
    pub(super) fn ready(self) -> Result<()> {
        match self {}
    }

    pub(super) fn failed(self, _exit_code: u8, _message: &str) {
        match self {}
    }
}
