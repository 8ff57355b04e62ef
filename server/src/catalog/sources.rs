//! Which source a snapshot is of: the machine's name and the paths tell, whoever took it.

use std::collections::HashMap;

use bygone_common::{AgentUid, OrgUid, SourceUid};
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_store::{Actor, Page};

use crate::app::App;
use crate::storages::Result;

/// Pages of sources that are read at most.
const PAGES_MAX: usize = 1_000;

/// The sources of an organization, by what tells them.
pub(super) struct Sources(HashMap<(String, Vec<String>), SourceUid>);

impl Sources {
    /// # Errors
    /// The database does not answer.
    pub(super) async fn of(app: &App, actor: &Actor, org: OrgUid) -> Result<Self> {
        let mut sources = HashMap::new();
        let mut hosts: HashMap<AgentUid, Option<String>> = HashMap::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = Page::new(Some(PAGE_ITEMS_MAX), next.as_deref())?;
            let list = app.store.sources().list(actor, org, None, &page).await?;
            for source in list.items {
                let host = match source.host {
                    Some(host) => Some(host),
                    None => match hosts.get(&source.agent) {
                        Some(host) => host.clone(),
                        None => {
                            let host = hostname(app, actor, org, source.agent).await?;
                            hosts.insert(source.agent, host.clone());
                            host
                        }
                    },
                };
                if let Some(host) = host {
                    // Of two that say the same, the newer one is meant.
                    sources.insert((host, sorted(&source.paths)), source.uid);
                }
            }
            next = list.next;
            if next.is_none() {
                break;
            }
        }
        Ok(Self(sources))
    }

    pub(super) fn source_of(&self, host: &str, paths: &[String]) -> Option<SourceUid> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(host.to_owned(), sorted(paths))).copied()
    }
}

fn sorted(paths: &[String]) -> Vec<String> {
    let mut sorted = paths.to_vec();
    sorted.sort_unstable();
    sorted
}

async fn hostname(app: &App, actor: &Actor, org: OrgUid, agent: AgentUid) -> Result<Option<String>> {
    match app.store.agents().get(actor, org, agent).await {
        Ok(agent) => Ok(Some(agent.facts.hostname)),
        Err(error) if *error.kind() == bygone_store::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
