//! `bygone secrets`: the installation key of a server, and what is kept for the day on which the server is no more.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use bygone_common::Clock;
use bygone_server::secrets::escrow::{self, Whose};
use bygone_server::secrets::rotate::{RotateError, rotate};
use bygone_server::secrets::{KeySource, Secrets as Sealing};
use bygone_store::{Actor, Store};
use bygone_vault::{Error, Result};
use clap::{Args, Subcommand};

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::output::Output;
use crate::server_config::{ServerConfig, failure, runtime};

/// Look after the installation key of a server
#[derive(Debug, Args)]
pub(crate) struct Secrets {
    #[command(subcommand)]
    verb: SecretsVerb,
}

#[derive(Debug, Subcommand)]
enum SecretsVerb {
    /// Seal every secret in the database anew, under a new installation key
    ///
    /// The server may run meanwhile, with its replicas: they read the key from the same place. A key that is not kept in a
    /// file of the server's own is made by its owner: put the new key before the old one, then rotate. The old key is dropped
    /// when nothing is under it.
    Rotate(Rotate),
    /// Write what opens all repositories into a file, encrypted to an age recipient
    ///
    /// With the file and the recipient's identity, `age --decrypt` tells every location and password on any machine.
    Escrow(Escrow),
}

#[derive(Debug, Args)]
struct Rotate {
    #[command(flatten)]
    config: ServerConfig,
}

#[derive(Debug, Args)]
struct Escrow {
    #[command(flatten)]
    config: ServerConfig,
    /// Whom it is for: `age1…`, of a key that is kept somewhere else
    #[arg(long, value_name = "RECIPIENT")]
    recipient: String,
    /// Only the repositories of this organization
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// The file to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Secrets {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            SecretsVerb::Rotate(rotate) => rotate.run(global),
            SecretsVerb::Escrow(escrow) => escrow.run(),
        }
    }
}

/// The rows and what they are sealed under.
async fn open(config: &bygone_server::Config) -> Result<(Store, Sealing)> {
    let secrets = KeySource::of(&config.secrets).and_then(Sealing::load).map_err(failure)?;
    let store = Store::open(&config.database, Clock::real(jiff::Timestamp::now)).await.map_err(failure)?;
    Ok((store, secrets))
}

impl Rotate {
    fn run(self, global: &Global) -> Result<Outcome> {
        let config = self.config.load()?;
        let rotated = runtime()?.block_on(async {
            let (store, secrets) = open(&config).await?;
            let rotated = rotate(&store, &secrets, &Actor::installation("bygone secrets rotate")).await;
            store.close().await;
            rotated.map_err(|error| match error {
                RotateError::Store(error) => failure(error),
                RotateError::Secrets(error) => failure(error),
            })
        })?;
        if global.json {
            let mut output = Output::new()?;
            let done =
                serde_json::json!({ "key": rotated.key, "values": rotated.values, "finished": rotated.finished });
            output.json(&done)?;
            output.finish()?;
        } else {
            console::line(&format!("{} secrets sealed anew under installation key {}", rotated.values, rotated.key));
        }
        if rotated.finished {
            return Ok(Outcome::Done);
        }
        Err(failure("something is still sealed under the old key, which was kept: rotate again"))
    }
}

impl Escrow {
    fn run(self) -> Result<Outcome> {
        let config = self.config.load()?;
        let sealed = runtime()?.block_on(async {
            let (store, secrets) = open(&config).await?;
            let actor = Actor::installation("bygone secrets escrow");
            let whose = match &self.org {
                Some(name) => store.orgs().named(&actor, name).await.map(|org| Whose::Org(org.uid)).map_err(failure),
                None => Ok(Whose::Installation),
            };
            let sealed = match whose {
                Ok(whose) => escrow::export(&store, &secrets, &actor, whose, &self.recipient)
                    .await
                    .map_err(|problem| failure(problem.title())),
                Err(error) => Err(error),
            };
            store.close().await;
            sealed
        })?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let shown = self.output.display();
        let written =
            options.open(&self.output).and_then(|mut file| file.write_all(&sealed).and_then(|()| file.sync_all()));
        written.map_err(|error| Error::io(format!("write {shown}"), error))?;
        console::line(&format!("wrote {shown}: keep it with the recipient's identity away from this machine"));
        Ok(Outcome::Done)
    }
}
