//! `bygone unlock` and `bygone lock`: the master key in the kernel's keyring, so that commands skip the half second that
//! a password costs.

use std::time::Duration;

use bygone_vault::{Result, keyring};
use clap::Args;

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::{location, open};
use crate::when::parse_duration;

/// Keep a repository's key in the kernel keyring, so that later commands need no password
///
/// The key is kept for processes of the same user, in memory only, until the time is over, `bygone lock` is called or the
/// machine restarts. What restic calls unlock is bygone locks remove.
#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// For how long: 30m, 8h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "8h")]
    timeout: Duration,
}

/// Forget the key that `bygone unlock` keeps
#[derive(Debug, Args)]
pub(crate) struct Lock {}

impl Unlock {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let name = location(global)?.to_string();
        // A kept key is not a reason to keep it longer: whoever asks for that shows the password again.
        if let Err(error) = keyring::forget(&name) {
            tracing::debug!(error = %error.chain(), "nothing to forget");
        }
        let repository = open(global)?;
        keyring::store(&name, repository.master_key(), self.timeout)?;
        if !global.quiet {
            console::line(&format!(
                "{name} is unlocked for {:#}",
                jiff::SignedDuration::try_from(self.timeout).unwrap_or(jiff::SignedDuration::MAX)
            ));
        }
        Ok(Outcome::Done)
    }
}

impl Lock {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let name = location(global)?.to_string();
        let was_kept = keyring::forget(&name)?;
        if !global.quiet {
            console::line(&if was_kept { format!("{name} is locked") } else { format!("no key of {name} was kept") });
        }
        Ok(Outcome::Done)
    }
}
