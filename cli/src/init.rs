//! `bygone init`: a new repository.

use bygone_vault::backend::object_lock::{LockMode, RetentionPolicy};
use bygone_vault::backend::{self, OpenStorage};
use bygone_vault::config::Policy;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::polynomial::Polynomial;
use bygone_vault::{Error, ErrorKind, Result, worm};
use clap::Args;
use serde::Serialize;

use crate::console;
use crate::exit::Outcome;
use crate::from::FromArgs;
use crate::global::Global;
use crate::interrupt;
use crate::open::{Opening, location};
use crate::output::show;
use crate::password;
use crate::storage::backend_options;

/// Make a new repository
///
/// Whoever loses the password loses every snapshot; `bygone key recovery` makes a second one for the safe.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The format version: 1 for very old programs, or 2 with compression
    #[arg(long, value_name = "1|2|latest|stable", value_parser = parse_version, default_value = "stable")]
    repository_version: u32,
    /// Cut files as another repository does, so that what is copied between them is stored once
    #[arg(long)]
    copy_chunker_params: bool,
    /// Lock every file against removal for some days, by S3 Object Lock: in compliance mode nobody can lift that, in
    /// governance mode keys with the right to
    #[arg(long, value_name = "compliance|governance", requires = "days")]
    worm: Option<LockMode>,
    /// For how many days after it was written a file is locked
    #[arg(long, value_name = "NUMBER", requires = "worm")]
    days: Option<u32>,
    #[command(flatten)]
    from: FromArgs,
    #[command(flatten)]
    cost: CostArgs,
}

/// What guessing a new password shall cost: for tests, which have no secrets.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CostArgs {
    /// The logarithm of scrypt's N
    #[arg(long, value_name = "NUMBER", hide = true)]
    scrypt_log_n: Option<u8>,
}

impl CostArgs {
    pub(crate) fn cost(&self) -> KeyCost {
        let usual = KeyCost::default();
        KeyCost { log_n: self.scrypt_log_n.unwrap_or(usual.log_n), ..usual }
    }
}

/// What `restic init --json` prints.
#[derive(Debug, Serialize)]
struct InitializedLine {
    message_type: &'static str,
    id: String,
    repository: String,
}

fn parse_version(text: &str) -> Result<u32, String> {
    match text {
        "latest" | "stable" | "2" => Ok(2),
        "1" => Ok(1),
        _ => Err(format!("{text:?} is not a format version: there are 1 and 2")),
    }
}

impl Init {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let location = location(global)?;
        let shown = location.to_string();
        let polynomial = self.polynomial(global)?;
        let opened = backend::open_storage(&location, &backend_options(global)?)?;
        interrupt::pulls(&opened.cancel);
        let key = NewKey { cost: self.cost.cost(), ..NewKey::new(password::find_first(global, &shown)?) };
        let worm = self.retention()?;
        if let Some(policy) = worm {
            prepare(&opened, policy)?;
        }
        let policy = Policy { worm, ..Policy::default() };
        let options = InitOptions { version: self.repository_version, polynomial, policy, ..InitOptions::new(key) };
        let made = init(opened.storage.as_ref(), &options)?;
        let id = made.config.id;
        let line = || InitializedLine { message_type: "initialized", id: id.to_string(), repository: shown.clone() };
        show(global, line, |output| {
            if global.quiet {
                return Ok(());
            }
            output.line(&format!("made the repository {} at {shown}", id.short()))?;
            if let Some(RetentionPolicy { mode, days }) = worm {
                output.line(&format!(
                    "every file stays locked for {days} days after it was written ({mode}); `bygone worm extend` prolongs \
                     that for what snapshots need"
                ))?;
            }
            output.line("without its password nobody can read it: keep it safe, and apart from this machine")
        })?;
        Ok(Outcome::Done)
    }

    fn retention(&self) -> Result<Option<RetentionPolicy>> {
        let (Some(mode), Some(days)) = (self.worm, self.days) else { return Ok(None) };
        RetentionPolicy::new(mode, days).map(Some)
    }

    fn polynomial(&self, global: &Global) -> Result<Option<Polynomial>> {
        if !self.copy_chunker_params {
            if self.from.is_named() {
                let told = "another repository is named: --copy-chunker-params says what to take from it";
                return Err(Error::new(ErrorKind::InvalidInput, told));
            }
            return Ok(None);
        }
        let from = Opening::prepare(&self.from.global(global))?;
        let unlocked = from.unlock(from.storage()?.storage.as_ref())?;
        unlocked.config.chunker_polynomial.parse().map(Some)
    }
}

/// Makes the bucket if need be, and finds out whether it keeps what it locks. From then on the storage locks what it writes.
fn prepare(opened: &OpenStorage, policy: RetentionPolicy) -> Result<()> {
    let Some(object_lock) = &opened.object_lock else {
        let context = format!("{} cannot lock files: S3 buckets with Object Lock can", opened.storage.location());
        return Err(Error::new(ErrorKind::Unsupported, context));
    };
    let probed = worm::prepare(object_lock, policy)?;
    if probed.keys_may_bypass {
        console::problem(
            "these keys may lift a governance retention, and so may whoever steals them: better take that right from them \
             (s3:BypassGovernanceRetention)",
        );
    }
    if let Some(key) = probed.left_behind {
        console::problem(&format!("the object {key}, by which the bucket was tried, could not be removed"));
    }
    Ok(())
}
