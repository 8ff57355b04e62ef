//! What was done: by whom, to what, when, from where, with which result. Rows are only ever added, and each holds the hash
//! of the one before it, so that a change or a gap shows.
//!
//! There is a chain for each organization, and one for the installation. An entry is written by the transaction that makes
//! the change it tells of: neither is there without the other.

mod log;

use std::fmt;

use bygone_common::OrgUid;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

pub use log::{Audit, AuditFilter, AuditVerdict};

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

fn chain(org: Option<OrgUid>) -> String {
    org.map(|org| org.to_string()).unwrap_or_default()
}
