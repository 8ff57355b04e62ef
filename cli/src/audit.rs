//! `bygone audit`: proving the audit log of a server.

use bygone_common::Clock;
use bygone_store::audit::AuditVerdict;
use bygone_store::{Actor, Page, Store};
use bygone_vault::Result;
use clap::{Args, Subcommand};

use crate::console;
use crate::exit::Outcome;
use crate::global::Global;
use crate::output::Output;
use crate::server_config::{ServerConfig, failure, runtime};

/// Prove the audit log of a server
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    /// Read every entry, and say whether any is missing or was changed
    ///
    /// Each chain's last hash is printed: written down elsewhere, it proves later that nothing was cut off or rewritten.
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    config: ServerConfig,
    /// Only the log of this organization
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
}

/// One chain.
#[derive(serde::Serialize)]
struct Chain {
    /// The organization's name; none for the installation's own chain.
    org: Option<String>,
    #[serde(flatten)]
    verdict: AuditVerdict,
}

impl Audit {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        match self.verb {
            AuditVerb::Verify(verify) => verify.run(global),
        }
    }
}

impl Verify {
    fn run(self, global: &Global) -> Result<Outcome> {
        let config = self.config.load()?;
        let chains = runtime()?.block_on(async {
            let store = Store::open(&config.database, Clock::real(jiff::Timestamp::now)).await?;
            let chains = verify(&store, self.org.as_deref()).await;
            store.close().await;
            chains
        });
        let chains: Vec<Chain> = chains.map_err(failure)?;
        let mut broken = 0;
        for chain in &chains {
            let name = chain.org.as_deref().unwrap_or("(installation)");
            match &chain.verdict {
                AuditVerdict::Intact { entries, hash } if !global.json => {
                    console::line(&format!("{name}: {entries} entries, intact; the last hash is {hash}"));
                }
                AuditVerdict::Intact { .. } => {}
                AuditVerdict::Broken { seq, reason } => {
                    broken += 1;
                    console::problem(&format!("{name}: entry {seq} does not fit: {reason}"));
                }
            }
        }
        if global.json {
            let mut output = Output::new()?;
            output.json(&chains)?;
            output.finish()?;
        }
        if broken > 0 {
            return Err(failure(format!("{broken} of {} chains are broken", chains.len())));
        }
        Ok(Outcome::Done)
    }
}

async fn verify(store: &Store, only: Option<&str>) -> bygone_store::Result<Vec<Chain>> {
    let actor = Actor::installation("audit verify");
    if let Some(name) = only {
        let org = store.orgs().named(&actor, name).await?;
        let verdict = store.audit().verify(&actor, Some(org.uid)).await?;
        return Ok(vec![Chain { org: Some(org.name), verdict }]);
    }
    let mut chains = vec![Chain { org: None, verdict: store.audit().verify(&actor, None).await? }];
    let mut page = Page::default();
    loop {
        let orgs = store.orgs().list(&actor, &page).await?;
        for org in orgs.items {
            let verdict = store.audit().verify(&actor, Some(org.uid)).await?;
            chains.push(Chain { org: Some(org.name), verdict });
        }
        let Some(next) = orgs.next else { return Ok(chains) };
        page = Page::new(None, Some(&next))?;
    }
}
