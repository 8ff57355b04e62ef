//! Tickets: short-lived rights to download named files. A ticket is redeemed once, into a download session, inside which the
//! same files may be asked for again: in parts, after a break, after a restart of the server.

mod session;

use std::net::IpAddr;

use bygone_common::{OrgUid, RepositoryUid, SourceUid, TicketUid, UserUid};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

pub use session::{Bearer, Redeemed, Refusal, Transfer};

/// How long a ticket waits to be redeemed.
pub const TICKET_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// A download session that nobody uses for so long ends.
pub const SESSION_IDLE_MAX: SignedDuration = SignedDuration::from_mins(30);
/// The end of a download session is put off once in so long.
const PUT_OFF_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A download session ends after so long, however busy: a slow line takes days for a large archive.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Tickets and download sessions of one user at most; a new one ends the oldest.
pub const TICKETS_PER_USER_MAX: i64 = 200;
/// Bytes of the list of what a ticket is for.
pub const ITEMS_BYTES_MAX: usize = 256 << 10;
/// How long a ticket is remembered after its end, so that whoever comes late is told why.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its uid, which is no secret.
    pub uid: TicketUid,
    /// Whose files.
    pub org: OrgUid,
    /// Whose rights it carries.
    pub user: UserUid,
    /// Of which source.
    pub source: SourceUid,
    /// Where they lie.
    pub repository: RepositoryUid,
    /// What may be downloaded, as JSON of the caller's.
    pub items: Value,
    /// `file`, `tar` or `zip`.
    pub form: String,
    /// What the download is saved as.
    pub name: String,
    /// From where alone it may be redeemed.
    pub address: Option<IpAddr>,
    /// When it can no longer be redeemed.
    pub expires_at: Timestamp,
    /// When it was.
    pub redeemed_at: Option<Timestamp>,
    /// When its download session ends, if it is not used.
    pub session_expires_at: Option<Timestamp>,
    /// Bytes that were sent for it.
    pub bytes_sent: i64,
    /// Requests that were answered with some.
    pub requests: i64,
}

/// What a new ticket is made of.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Of which source.
    pub source: SourceUid,
    /// Where the files lie.
    pub repository: RepositoryUid,
    /// SHA-256 of the ticket itself, in hexadecimal digits.
    pub hash: String,
    /// What may be downloaded.
    pub items: Value,
    /// `file`, `tar` or `zip`.
    pub form: &'static str,
    /// What the download is saved as.
    pub name: String,
    /// From where alone it may be redeemed.
    pub address: Option<IpAddr>,
}

/// Tickets.
#[derive(Debug, Clone, Copy)]
pub struct Tickets<'a> {
    store: &'a Store,
}

impl Store {
    /// Tickets.
    pub const fn tickets(&self) -> Tickets<'_> {
        Tickets { store: self }
    }
}

impl Tickets<'_> {
    /// Makes a ticket for the asker. What they may download is for the caller to decide, by their grants.
    ///
    /// # Errors
    /// `NotFound`: another organization, or nobody's person; `Invalid`: too many files.
    pub async fn create(&self, actor: &Actor, org: OrgUid, new: &NewTicket) -> Result<Ticket> {
        let org = actor.in_org(org)?;
        let user = actor.who().user().ok_or_else(|| Error::not_found("this ticket's user"))?;
        let items = new.items.to_string();
        if items.len() > ITEMS_BYTES_MAX {
            return Err(Error::invalid("items", "too many files for one ticket: choose their folder"));
        }
        let now = self.store.now();
        let uid = self.store.uid(TicketUid::new);
        let mut tx = self.store.begin().await?;
        tx.forget_old_tickets(now).await?;
        tx.insert_ticket(uid, org, user, new, &items, now).await?;
        tx.drop_oldest_tickets(org, user).await?;
        let details = json!({ "source": new.source, "what": new.items, "form": new.form, "name": new.name });
        tx.audit_ticket(org, actor, Action::Create, uid, AuditOutcome::Done, details).await?;
        tx.commit().await?;
        Ok(Ticket {
            uid,
            org,
            user,
            source: new.source,
            repository: new.repository,
            items: new.items.clone(),
            form: new.form.to_owned(),
            name: new.name.clone(),
            address: new.address,
            expires_at: now + TICKET_LIFETIME,
            redeemed_at: None,
            session_expires_at: None,
            bytes_sent: 0,
            requests: 0,
        })
    }

    /// Ends a ticket of the asker, and its download session.
    ///
    /// # Errors
    /// `NotFound`: there is none, or it is somebody else's.
    pub async fn revoke(&self, actor: &Actor, org: OrgUid, uid: TicketUid) -> Result<()> {
        let org = actor.in_org(org)?;
        let user = actor.who().user().map(|user| user.to_string()).unwrap_or_default();
        let mut tx = self.store.begin().await?;
        let ended = sqlx::query("delete from tickets where org_id = $1 and uid = $2 and user_uid = $3")
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(user)
            .execute(tx.connection())
            .await
            .doing("end a ticket")?;
        if ended.rows_affected() == 0 {
            return Err(Error::not_found(format_args!("ticket {uid}")));
        }
        tx.audit_ticket(org, actor, Action::Delete, uid, AuditOutcome::Done, json!({})).await?;
        tx.commit().await
    }
}

impl Tx {
    async fn insert_ticket(
        &mut self,
        uid: TicketUid,
        org: OrgUid,
        user: UserUid,
        new: &NewTicket,
        items: &str,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "insert into tickets (uid, org_id, user_uid, source_uid, repository_uid, hash, items, form, name, address, \
             created_at, expires_at, bytes_sent, requests) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0)",
        )
        .bind(uid.to_string())
        .bind(org.to_string())
        .bind(user.to_string())
        .bind(new.source.to_string())
        .bind(new.repository.to_string())
        .bind(&new.hash)
        .bind(items)
        .bind(new.form)
        .bind(&new.name)
        .bind(new.address.map(|address| address.to_string()))
        .bind(now.as_microsecond())
        .bind((now + TICKET_LIFETIME).as_microsecond())
        .execute(self.connection())
        .await
        .doing("make a ticket")?;
        Ok(())
    }

    async fn forget_old_tickets(&mut self, now: Timestamp) -> Result<()> {
        sqlx::query(
            "delete from tickets where expires_at < $1 and (session_ends_at is null or session_expires_at < $1)",
        )
        .bind((now - REMEMBERED).as_microsecond())
        .execute(self.connection())
        .await
        .doing("forget old tickets")?;
        Ok(())
    }

    async fn drop_oldest_tickets(&mut self, org: OrgUid, user: UserUid) -> Result<()> {
        sqlx::query(
            "delete from tickets where org_id = $1 and user_uid = $2 and uid not in \
             (select uid from tickets where org_id = $1 and user_uid = $2 order by uid desc limit $3)",
        )
        .bind(org.to_string())
        .bind(user.to_string())
        .bind(TICKETS_PER_USER_MAX)
        .execute(self.connection())
        .await
        .doing("drop the oldest tickets")?;
        Ok(())
    }

    /// Downloads take whole histories out: they are recorded as such.
    async fn audit_ticket(
        &mut self,
        org: OrgUid,
        actor: &Actor,
        action: Action,
        uid: TicketUid,
        outcome: AuditOutcome,
        mut details: Value,
    ) -> Result<()> {
        if let Some(details) = details.as_object_mut() {
            details.insert("ticket".to_owned(), json!(uid));
        }
        self.audit_in(Some(org), actor, action, Resource::Ticket, uid, outcome, details).await
    }
}

fn ticket_of(row: &AnyRow) -> Result<Ticket> {
    Ok(Ticket {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        user: row.parsed("user_uid")?,
        source: row.parsed("source_uid")?,
        repository: row.parsed("repository_uid")?,
        items: row.json("items")?,
        form: row.text("form")?,
        name: row.text("name")?,
        address: row.parsed_opt("address")?,
        expires_at: row.time("expires_at")?,
        redeemed_at: row.time_opt("redeemed_at")?,
        session_expires_at: row.time_opt("session_expires_at")?,
        bytes_sent: row.int("bytes_sent")?,
        requests: row.int("requests")?,
    })
}
