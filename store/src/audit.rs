//! What was done: by whom, to what, when, from where, with which result. Rows are only ever added, and each holds the hash
//! of the one before it, so that a change or a gap shows.
//!
//! There is a chain for each organization, and one for the installation. An entry is written by the transaction that makes
//! the change it tells of: neither is there without the other.

use std::fmt;

use bygone_common::OrgUid;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Entries that are read at once while a chain is verified or exported.
pub const AUDIT_BATCH_ROWS: u32 = 500;

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// It was tried, and failed.
    Failed,
}

impl AuditOutcome {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its place in the chain, from 1 on, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// `user`, `token`, `agent` or `system`.
    pub who_kind: String,
    /// Whose uid, or which part of the server.
    pub who: String,
    /// With which role.
    pub role: String,
    /// What was done.
    pub action: String,
    /// To a thing of which kind.
    pub resource: String,
    /// Which one.
    pub resource_uid: String,
    /// `done`, `refused` or `failed`.
    pub outcome: String,
    /// From which address.
    pub address: Option<String>,
    /// What it has in common with a request, its jobs and their logs.
    pub correlation: Option<String>,
    /// More of it, by action.
    pub details: Value,
    /// The hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 of everything above.
    pub hash: String,
}

/// The hash before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditEntry {
    /// What the hash of these fields is. Each field is preceded by its length, so that no two entries read alike.
    fn computed_hash(&self, chain: &str) -> String {
        let mut hasher = Sha256::new();
        let mut add = |field: &str| {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        };
        add(chain);
        add(&self.seq.to_string());
        add(&self.at.as_microsecond().to_string());
        for field in [&self.who_kind, &self.who, &self.role, &self.action, &self.resource, &self.resource_uid] {
            add(field);
        }
        add(&self.outcome);
        add(self.address.as_deref().unwrap_or_default());
        add(self.correlation.as_deref().unwrap_or_default());
        add(&self.details.to_string());
        add(&self.previous_hash);
        hex::encode(hasher.finalize())
    }

    fn from_row(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            at: row.time("at")?,
            who_kind: row.text("who_kind")?,
            who: row.text("who")?,
            role: row.text("role")?,
            action: row.text("action")?,
            resource: row.text("resource")?,
            resource_uid: row.text("resource_uid")?,
            outcome: row.text("outcome")?,
            address: row.text_opt("address")?,
            correlation: row.text_opt("correlation")?,
            details: row.json("details")?,
            previous_hash: row.text("previous_hash")?,
            hash: row.text("hash")?,
        })
    }
}

impl Tx {
    /// Records a change that this transaction makes. `details` never holds a secret.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn audit(
        &mut self,
        actor: &Actor,
        action: Action,
        resource: Resource,
        resource_uid: impl fmt::Display + Send,
        details: Value,
    ) -> Result<()> {
        self.audit_in(actor.org(), actor, action, resource, resource_uid, AuditOutcome::Done, details).await
    }

    /// Records into the chain of an organization other than the actor's: what root does to it.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    #[expect(clippy::too_many_arguments, reason = "an entry has that many columns, and no two of one type")]
    pub async fn audit_in(
        &mut self,
        org: Option<OrgUid>,
        actor: &Actor,
        action: Action,
        resource: Resource,
        resource_uid: impl fmt::Display + Send,
        outcome: AuditOutcome,
        details: Value,
    ) -> Result<()> {
        let chain = chain(org);
        let at = self.store().now();
        let (before, previous_hash) = self.lock_head(&chain).await?;
        let mut entry = AuditEntry {
            seq: before + 1,
            at,
            who_kind: actor.who().kind().to_owned(),
            who: actor.who().to_string(),
            role: actor.role().to_string(),
            action: action.to_string(),
            resource: resource.to_string(),
            resource_uid: resource_uid.to_string(),
            outcome: outcome.name().to_owned(),
            address: actor.address().map(|address| address.to_string()),
            correlation: actor.correlation().map(|correlation| correlation.to_string()),
            details,
            previous_hash,
            hash: String::new(),
        };
        entry.hash = entry.computed_hash(&chain);
        self.insert_entry(&chain, &entry).await?;
        self.move_head(&chain, &entry).await
    }

    /// The last entry's place and hash; nobody else adds to the chain until this transaction ends.
    async fn lock_head(&mut self, chain: &str) -> Result<(i64, String)> {
        sqlx::query("insert into audit_heads (chain, seq, hash) values ($1, 0, $2) on conflict (chain) do nothing")
            .bind(chain)
            .bind(GENESIS)
            .execute(self.connection())
            .await
            .doing("begin an audit chain")?;
        let row = sqlx::query("update audit_heads set seq = seq + 1 where chain = $1 returning seq - 1 as seq, hash")
            .bind(chain)
            .fetch_one(self.connection())
            .await
            .doing("lock the head of an audit chain")?;
        Ok((row.int("seq")?, row.text("hash")?))
    }

    async fn insert_entry(&mut self, chain: &str, entry: &AuditEntry) -> Result<()> {
        sqlx::query(
            "insert into audit (chain, seq, at, who_kind, who, role, action, resource, resource_uid, outcome, address, \
             correlation, details, previous_hash, hash) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(chain)
        .bind(entry.seq)
        .bind(entry.at.as_microsecond())
        .bind(&entry.who_kind)
        .bind(&entry.who)
        .bind(&entry.role)
        .bind(&entry.action)
        .bind(&entry.resource)
        .bind(&entry.resource_uid)
        .bind(&entry.outcome)
        .bind(entry.address.as_deref())
        .bind(entry.correlation.as_deref())
        .bind(entry.details.to_string())
        .bind(&entry.previous_hash)
        .bind(&entry.hash)
        .execute(self.connection())
        .await
        .doing("record in the audit log")?;
        Ok(())
    }

    async fn move_head(&mut self, chain: &str, entry: &AuditEntry) -> Result<()> {
        sqlx::query("update audit_heads set hash = $2 where chain = $1")
            .bind(chain)
            .bind(&entry.hash)
            .execute(self.connection())
            .await
            .doing("move the head of an audit chain")?;
        Ok(())
    }
}

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

    /// A page of an organization's chain (the installation's for none), oldest first.
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
        let rows = sqlx::query(
            "select seq, at, who_kind, who, role, action, resource, resource_uid, outcome, address, correlation, \
             details, previous_hash, hash from audit \
             where chain = $1 and seq > $2 and at >= $3 and at < $4 \
             and ($5 = '' or who = $5) and ($6 = '' or action = $6) and ($7 = '' or resource = $7) \
             and ($8 = '' or resource_uid = $8) and ($9 = '' or outcome = $9) \
             order by seq limit $10",
        )
        .bind(chain)
        .bind(page.after::<i64>()?.unwrap_or_default())
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
            (None, Some(_)) => Err(crate::error::Error::not_found("the installation's audit log")),
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

fn chain(org: Option<OrgUid>) -> String {
    org.map(|org| org.to_string()).unwrap_or_default()
}
