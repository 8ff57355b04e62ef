//! Reading the audit log, and proving it.

use std::fmt;

use bygone_common::OrgUid;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{AUDIT_BATCH_ROWS, AuditEntry, AuditOutcome, GENESIS, chain};
use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Error, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Which entries are asked for; what is none is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub who: Option<String>,
    /// Which action.
    pub action: Option<String>,
    /// To which kind of thing.
    pub resource: Option<String>,
    /// To which thing.
    pub resource_uid: Option<String>,
    /// With which result.
    pub outcome: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// In which order.
    pub newest_first: bool,
}

/// What verifying a chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AuditVerdict {
    /// Every entry fits the one before.
    Intact {
        /// How many there are.
        entries: i64,
        /// The hash of the last: written down elsewhere, it proves later that nothing was cut off.
        hash: String,
    },
    /// An entry is missing, changed or put in between.
    Broken {
        /// The first place that does not fit.
        seq: i64,
        /// What does not fit there.
        reason: String,
    },
}

/// The audit log.
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a> {
    store: &'a Store,
}

/// A page of a chain, from a place on.
macro_rules! entries {
    ($from:literal, $order:literal) => {
        concat!(
            "select seq, at, who_kind, who, role, action, resource, resource_uid, outcome, address, correlation, \
             details, previous_hash, hash from audit where chain = $1 and seq ",
            $from,
            " $2 and at >= $3 and at < $4 and ($5 = '' or who = $5) and ($6 = '' or action = $6) \
             and ($7 = '' or resource = $7) and ($8 = '' or resource_uid = $8) and ($9 = '' or outcome = $9) order by ",
            $order,
            " limit $10"
        )
    };
}

const OLDEST_FIRST: &str = entries!(">", "seq");
const NEWEST_FIRST: &str = entries!("<", "seq desc");

impl Store {
    /// The audit log.
    pub const fn audit(&self) -> Audit<'_> {
        Audit { store: self }
    }
}

impl Audit<'_> {
    /// Records something that changed no row: a sign-in that was refused, a download.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn record(
        &self,
        actor: &Actor,
        action: Action,
        resource: Resource,
        resource_uid: impl fmt::Display + Send,
        outcome: AuditOutcome,
        details: Value,
    ) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.audit_in(actor.org(), actor, action, resource, resource_uid, outcome, details).await?;
        tx.commit().await
    }

    /// A page of an organization's chain (the installation's for none), oldest first unless the filter says otherwise.
    ///
    /// # Errors
    /// `NotFound`: an organization or a log that the actor may not see; `Invalid`: the page.
    pub async fn list(
        &self,
        actor: &Actor,
        org: Option<OrgUid>,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<List<AuditEntry>> {
        actor.require(Action::See, Resource::Audit)?;
        let chain = self.seen_chain(actor, org)?;
        let (sql, first) = if filter.newest_first { (NEWEST_FIRST, i64::MAX) } else { (OLDEST_FIRST, 0) };
        let rows = sqlx::query(sql)
            .bind(chain)
            .bind(page.after::<i64>()?.unwrap_or(first))
            .bind(filter.since.map_or(i64::MIN, Timestamp::as_microsecond))
            .bind(filter.until.map_or(i64::MAX, Timestamp::as_microsecond))
            .bind(filter.who.as_deref().unwrap_or_default())
            .bind(filter.action.as_deref().unwrap_or_default())
            .bind(filter.resource.as_deref().unwrap_or_default())
            .bind(filter.resource_uid.as_deref().unwrap_or_default())
            .bind(filter.outcome.as_deref().unwrap_or_default())
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list the audit log")?;
        let entries = rows.iter().map(AuditEntry::from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(entries, |entry| entry.seq))
    }

    /// Reads a whole chain and says whether every entry fits the one before, and the last one the head.
    ///
    /// # Errors
    /// `NotFound` as for [`list`](Self::list); `Unavailable`, `Failed`: the database.
    pub async fn verify(&self, actor: &Actor, org: Option<OrgUid>) -> Result<AuditVerdict> {
        let chain = self.seen_chain(actor, org)?;
        // The head is read first: entries that arrive meanwhile come after it.
        let (head_seq, head_hash) = self.head(&chain).await?;
        let mut last = (0, GENESIS.to_owned());
        let mut page = Page::new(Some(AUDIT_BATCH_ROWS), None)?;
        let nothing = AuditFilter::default();
        loop {
            let list = self.list(actor, org, &nothing, &page).await?;
            for entry in &list.items {
                if let Some(reason) = misfit(entry, &last, &chain) {
                    return Ok(AuditVerdict::Broken { seq: last.0 + 1, reason });
                }
                last = (entry.seq, entry.hash.clone());
                if entry.seq == head_seq && entry.hash != head_hash {
                    let reason = "the head of the chain names another last entry".to_owned();
                    return Ok(AuditVerdict::Broken { seq: entry.seq, reason });
                }
            }
            match list.next {
                Some(next) => page = Page::new(Some(AUDIT_BATCH_ROWS), Some(&next))?,
                None if last.0 < head_seq => {
                    let reason = format!("entries {} to {head_seq} are missing", last.0 + 1);
                    return Ok(AuditVerdict::Broken { seq: last.0 + 1, reason });
                }
                None => return Ok(AuditVerdict::Intact { entries: last.0, hash: last.1 }),
            }
        }
    }

    async fn head(&self, chain: &str) -> Result<(i64, String)> {
        let row = sqlx::query("select seq, hash from audit_heads where chain = $1")
            .bind(chain)
            .fetch_optional(self.store.pool())
            .await
            .doing("read the head of an audit chain")?;
        row.map_or_else(|| Ok((0, GENESIS.to_owned())), |row| Ok((row.int("seq")?, row.text("hash")?)))
    }

    fn seen_chain(&self, actor: &Actor, org: Option<OrgUid>) -> Result<String> {
        actor.require(Action::See, Resource::Audit)?;
        match (org, actor.org()) {
            (Some(org), _) => Ok(chain(Some(actor.in_org(org)?))),
            (None, None) => Ok(chain(None)),
            (None, Some(_)) => Err(Error::not_found("the installation's audit log")),
        }
    }
}

fn misfit(entry: &AuditEntry, last: &(i64, String), chain: &str) -> Option<String> {
    if entry.seq != last.0 + 1 {
        return Some(format!("entry {} is missing", last.0 + 1));
    }
    if entry.previous_hash != last.1 {
        return Some("it does not follow the entry before".to_owned());
    }
    (entry.computed_hash(chain) != entry.hash).then(|| "its content was changed".to_owned())
}
