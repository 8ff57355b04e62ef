//! Tokens with which a machine becomes an agent, once and within their time. Of a token only its hash is kept.

use bygone_common::{AgentUid, EnrolmentUid, OrgUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::Store;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Characters of a note at most.
pub const NOTE_CHARS_MAX: usize = 200;

/// Tokens of one organization that can still be used, at most.
pub const OPEN_TOKENS_MAX: i64 = 1_000;

/// A token, without what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    /// Its uid.
    pub uid: EnrolmentUid,
    /// Whose agents it makes.
    pub org: OrgUid,
    /// What it is for.
    pub note: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The agent that it made.
    pub used_by: Option<AgentUid>,
    /// When it was withdrawn.
    pub revoked_at: Option<Timestamp>,
}

/// What a new token is made of.
#[derive(Debug, Clone)]
pub struct NewEnrolmentToken {
    /// SHA-256 of the token in hexadecimal.
    pub hash: String,
    /// What it is for.
    pub note: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Enrolment tokens.
#[derive(Debug, Clone, Copy)]
pub struct EnrolmentTokens<'a> {
    store: &'a Store,
}

impl Store {
    /// Enrolment tokens.
    pub const fn enrolment_tokens(&self) -> EnrolmentTokens<'_> {
        EnrolmentTokens { store: self }
    }
}

impl EnrolmentTokens<'_> {
    /// Keeps the hash of a new token.
    ///
    /// # Errors
    /// `NotFound`: the organization; `Forbidden`; `Invalid`; `Exhausted`: too many wait to be used.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewEnrolmentToken) -> Result<EnrolmentToken> {
        actor.require(Action::Create, Resource::EnrolmentToken)?;
        let org = actor.in_org(org)?;
        if new.note.chars().count() > NOTE_CHARS_MAX || new.note.chars().any(char::is_control) {
            let sentence = format!("a note has up to {NOTE_CHARS_MAX} characters, none of them a control character");
            return Err(Error::invalid("note", sentence));
        }
        let now = self.store.now();
        if new.expires_at <= now {
            return Err(Error::invalid("expires_at", "a token must expire later than now"));
        }
        let token = EnrolmentToken {
            uid: self.store.uid(EnrolmentUid::new),
            org,
            note: new.note.clone(),
            created_by: actor.who().to_string(),
            created_at: now,
            expires_at: new.expires_at,
            used_at: None,
            used_by: None,
            revoked_at: None,
        };
        let mut tx = self.store.begin().await?;
        let row = sqlx::query(
            "select count(*) as count from enrolment_tokens \
             where org_id = $1 and used_at is null and revoked_at is null and expires_at > $2",
        )
        .bind(org.to_string())
        .bind(now.as_microsecond())
        .fetch_one(tx.connection())
        .await
        .doing("count enrolment tokens")?;
        if row.int("count")? >= OPEN_TOKENS_MAX {
            let sentence = format!("{OPEN_TOKENS_MAX} enrolment tokens wait to be used: withdraw some of them");
            return Err(Error::new(ErrorKind::Exhausted, sentence));
        }
        sqlx::query(
            "insert into enrolment_tokens (uid, org_id, hash, note, created_by, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.uid.to_string())
        .bind(org.to_string())
        .bind(&new.hash)
        .bind(&token.note)
        .bind(&token.created_by)
        .bind(now.as_microsecond())
        .bind(token.expires_at.as_microsecond())
        .execute(tx.connection())
        .await
        .doing("make an enrolment token")?;
        let details = json!({ "note": token.note, "expires_at": token.expires_at.to_string() });
        let (action, resource) = (Action::Create, Resource::EnrolmentToken);
        tx.audit_in(Some(org), actor, action, resource, token.uid, AuditOutcome::Done, details).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// One token.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: EnrolmentUid) -> Result<EnrolmentToken> {
        actor.require(Action::See, Resource::EnrolmentToken)?;
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from enrolment_tokens where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read an enrolment token")?;
        row.map_or_else(|| Err(Error::not_found(format_args!("enrolment token {uid}"))), |row| from_row(&row))
    }

    /// A page of an organization's tokens, used and expired ones too.
    ///
    /// # Errors
    /// `NotFound`: the organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<EnrolmentToken>> {
        actor.require(Action::See, Resource::EnrolmentToken)?;
        let org = actor.in_org(org)?;
        let after = page.after::<EnrolmentUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query("select * from enrolment_tokens where org_id = $1 and uid > $2 order by uid limit $3")
            .bind(org.to_string())
            .bind(after)
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list enrolment tokens")?;
        let tokens = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(tokens, |token| token.uid))
    }

    /// Withdraws a token. Done twice, it is as done once; a used one stays used.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`.
    pub async fn revoke(&self, actor: &Actor, org: OrgUid, uid: EnrolmentUid) -> Result<EnrolmentToken> {
        // Who may make tokens may take them back.
        actor.require(Action::Change, Resource::EnrolmentToken)?;
        let org = actor.in_org(org)?;
        let mut tx = self.store.begin().await?;
        let revoked = sqlx::query(
            "update enrolment_tokens set revoked_at = $3 \
             where org_id = $1 and uid = $2 and revoked_at is null and used_at is null",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(self.store.now().as_microsecond())
        .execute(tx.connection())
        .await
        .doing("withdraw an enrolment token")?;
        if revoked.rows_affected() > 0 {
            let (action, resource) = (Action::Delete, Resource::EnrolmentToken);
            tx.audit_in(Some(org), actor, action, resource, uid, AuditOutcome::Done, json!({})).await?;
        }
        tx.commit().await?;
        self.get(actor, org, uid).await
    }
}

fn from_row(row: &AnyRow) -> Result<EnrolmentToken> {
    Ok(EnrolmentToken {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        note: row.text("note")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_opt("used_at")?,
        used_by: row.parsed_opt("used_by")?,
        revoked_at: row.time_opt("revoked_at")?,
    })
}
