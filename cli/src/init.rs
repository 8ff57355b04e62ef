//! `bygone init`: a new repository.

use bygone_vault::backend;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::polynomial::Polynomial;
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;
use serde::Serialize;

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
        let options = InitOptions { version: self.repository_version, polynomial, ..InitOptions::new(key) };
        let made = init(opened.storage.as_ref(), &options)?;
        let id = made.config.id;
        let line = || InitializedLine { message_type: "initialized", id: id.to_string(), repository: shown.clone() };
        show(global, line, |output| {
            if global.quiet {
                return Ok(());
            }
            output.line(&format!("made the repository {} at {shown}", id.short()))?;
            output.line("without its password nobody can read it: keep it safe, and apart from this machine")
        })?;
        Ok(Outcome::Done)
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
