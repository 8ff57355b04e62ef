//! Redeeming a ticket, and the download session that comes of it.

use std::net::IpAddr;

use bygone_common::{TicketUid, UserUid};
use jiff::Timestamp;
use serde_json::json;

use super::{PUT_OFF_EVERY, SESSION_IDLE_MAX, SESSION_LIFETIME, Ticket, Tickets, ticket_of};
use crate::actor::{Actor, Who};
use crate::audit::AuditOutcome;
use crate::error::{Doing, Result};
use crate::rights::{Action, Role};
use crate::row::Columns;
use crate::sessions::require_server;

/// Who comes with a ticket.
#[derive(Debug, Clone, Default)]
pub struct Bearer {
    /// The hash of the cookie that they have for it.
    pub cookie_hash: Option<String>,
    /// From where.
    pub address: Option<IpAddr>,
    /// As whom they are signed in, if they are.
    pub user: Option<UserUid>,
}

impl Bearer {
    fn has_cookie(&self, hash: Option<&str>) -> bool {
        hash.is_some() && hash == self.cookie_hash.as_deref()
    }

    /// Why a ticket is worth nothing to them, if it is not.
    fn refusal(&self, ticket: &Ticket, has_cookie: bool, now: Timestamp) -> Option<Refusal> {
        if self.user.is_some_and(|user| user != ticket.user) {
            Some(Refusal::OtherUser)
        } else if ticket.address.is_some_and(|address| self.address != Some(address)) {
            Some(Refusal::OtherAddress)
        } else if ticket.redeemed_at.is_some() && !has_cookie {
            Some(Refusal::Used)
        } else if ticket.session_expires_at.unwrap_or(ticket.expires_at) <= now {
            Some(Refusal::Expired)
        } else {
            None
        }
    }
}

/// Why a ticket is worth nothing to its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is none.
    Unknown,
    /// It was not redeemed in time, or its download session has ended.
    Expired,
    /// It was redeemed, and not by this bearer.
    Used,
    /// It is of somebody else than is signed in.
    OtherUser,
    /// It is for another address.
    OtherAddress,
}

impl Refusal {
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Used => "redeemed before",
            Self::OtherUser => "somebody else's",
            Self::OtherAddress => "for another address",
        }
    }
}

/// What a bearer gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// A download session, just begun: the cookie is to be set.
    Begun(Ticket),
    /// The download session that the cookie is of.
    Known(Ticket),
    /// Nothing.
    Refused(Refusal),
}

/// What was sent in a download session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes.
    pub bytes: u64,
    /// Requests that were answered with some.
    pub requests: u64,
    /// How the last of them broke off, if it did: what could not be read.
    pub fault: Option<String>,
}

impl Tickets<'_> {
    /// Redeems a ticket into a download session whose cookie has the hash `fresh`, or finds the one it was redeemed into. What
    /// is refused is recorded.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn redeem(&self, server: &Actor, hash: &str, bearer: &Bearer, fresh: &str) -> Result<Redeemed> {
        require_server(server)?;
        let now = self.store.now();
        if let Some(ticket) = self.in_use(hash, bearer, now).await? {
            return Ok(Redeemed::Known(ticket));
        }
        let mut tx = self.store.begin().await?;
        let row = sqlx::query("select * from tickets where hash = $1")
            .bind(hash)
            .fetch_optional(tx.connection())
            .await
            .doing("look for a ticket")?;
        let Some(row) = row else { return Ok(Redeemed::Refused(Refusal::Unknown)) };
        let (mut ticket, cookie_hash) = (ticket_of(&row)?, row.text_opt("cookie_hash")?);
        let has_cookie = bearer.has_cookie(cookie_hash.as_deref());
        let refusal = bearer.refusal(&ticket, has_cookie, now);
        let mut by = Actor::new(Who::User(ticket.user), Some(ticket.org), Role::User);
        if let Some(correlation) = server.correlation() {
            by = by.from_request(correlation, bearer.address);
        }
        if let Some(refusal) = refusal {
            let details = json!({ "refused": refusal.name(), "signed_in": bearer.user });
            let refused = AuditOutcome::Refused;
            tx.audit_ticket(ticket.org, &by, Action::Run, ticket.uid, refused, details).await?;
            tx.commit().await?;
            return Ok(Redeemed::Refused(refusal));
        }
        if has_cookie {
            ticket.session_expires_at = tx.put_off(ticket.uid).await?;
            tx.commit().await?;
            return Ok(Redeemed::Known(ticket));
        }
        // The condition decides between two that come at once, on two replicas.
        let redeemed = sqlx::query(
            "update tickets set redeemed_at = $3, cookie_hash = $4, session_expires_at = $5, session_ends_at = $6 \
             where org_id = $1 and uid = $2 and redeemed_at is null",
        )
        .bind(ticket.org.to_string())
        .bind(ticket.uid.to_string())
        .bind(now.as_microsecond())
        .bind(fresh)
        .bind((now + SESSION_IDLE_MAX).as_microsecond())
        .bind((now + SESSION_LIFETIME).as_microsecond())
        .execute(tx.connection())
        .await
        .doing("redeem a ticket")?;
        if redeemed.rows_affected() == 0 {
            let details = json!({ "refused": Refusal::Used.name() });
            tx.audit_ticket(ticket.org, &by, Action::Run, ticket.uid, AuditOutcome::Refused, details).await?;
            tx.commit().await?;
            return Ok(Redeemed::Refused(Refusal::Used));
        }
        tx.audit_ticket(ticket.org, &by, Action::Run, ticket.uid, AuditOutcome::Done, json!({ "what": "redeemed" }))
            .await?;
        tx.commit().await?;
        (ticket.redeemed_at, ticket.session_expires_at) = (Some(now), Some(now + SESSION_IDLE_MAX));
        Ok(Redeemed::Begun(ticket))
    }

    /// The ticket of a download session that goes on, and whose end need not be put off now: each part of a download comes by
    /// here, and most should only read.
    async fn in_use(&self, hash: &str, bearer: &Bearer, now: Timestamp) -> Result<Option<Ticket>> {
        let row = sqlx::query("select * from tickets where hash = $1")
            .bind(hash)
            .fetch_optional(self.store.pool())
            .await
            .doing("look for a ticket")?;
        let Some(row) = row else { return Ok(None) };
        let (ticket, cookie_hash) = (ticket_of(&row)?, row.text_opt("cookie_hash")?);
        let has_cookie = bearer.has_cookie(cookie_hash.as_deref());
        let lasts =
            ticket.session_expires_at.is_some_and(|end| end.duration_since(now) > SESSION_IDLE_MAX - PUT_OFF_EVERY);
        Ok(Some(ticket).filter(|ticket| has_cookie && lasts && bearer.refusal(ticket, has_cookie, now).is_none()))
    }

    /// Records what was sent in a download session, and puts its end off.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn sent(&self, server: &Actor, ticket: &Ticket, by: &Actor, transfer: &Transfer) -> Result<()> {
        require_server(server)?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "update tickets set bytes_sent = bytes_sent + $3, requests = requests + $4 where org_id = $1 and uid = $2",
        )
        .bind(ticket.org.to_string())
        .bind(ticket.uid.to_string())
        .bind(number(transfer.bytes))
        .bind(number(transfer.requests))
        .execute(tx.connection())
        .await
        .doing("count a download")?;
        tx.put_off(ticket.uid).await?;
        let outcome = if transfer.fault.is_some() { AuditOutcome::Failed } else { AuditOutcome::Done };
        let details = json!({
            "what": "sent", "bytes": transfer.bytes, "requests": transfer.requests, "fault": transfer.fault,
        });
        tx.audit_ticket(ticket.org, by, Action::Export, ticket.uid, outcome, details).await?;
        tx.commit().await
    }
}

impl crate::database::Tx {
    /// Puts off the end of a download session that is in use; when it ends now.
    async fn put_off(&mut self, uid: TicketUid) -> Result<Option<Timestamp>> {
        let later = self.store().now() + SESSION_IDLE_MAX;
        let row = sqlx::query(
            "update tickets set session_expires_at = case when session_ends_at < $2 then session_ends_at else $2 end \
             where uid = $1 and session_ends_at is not null returning session_expires_at",
        )
        .bind(uid.to_string())
        .bind(later.as_microsecond())
        .fetch_optional(self.connection())
        .await
        .doing("put off the end of a download session")?;
        row.map(|row| row.time("session_expires_at")).transpose()
    }
}
