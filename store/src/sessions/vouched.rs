//! Sessions that a provider of identities vouches for: asked about again from time to time, and ended when it says so.

use bygone_common::{OrgUid, ProviderUid, SessionUid, UserUid};
use jiff::Timestamp;
use serde_json::json;

use super::{Sessions, require_server};
use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::error::{Doing, Error, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// What a provider said about a session.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// Which provider.
    pub provider: ProviderUid,
    /// Whom it means.
    pub subject: String,
    /// Its own id of the session.
    pub sid: Option<String>,
    /// The token with which it is asked again, sealed.
    pub refresh_sealed: Option<Vec<u8>>,
    /// When it is to be asked again.
    pub refresh_at: Option<Timestamp>,
    /// What it signed, sealed: shown to it when the person signs out.
    pub id_token_sealed: Option<Vec<u8>>,
}

/// Whom a provider signs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutSubject {
    /// One session, by the provider's own id of it.
    Session(String),
    /// All sessions of a person.
    Person(String),
}

impl Sessions<'_> {
    /// Takes it upon oneself to ask the provider: true for one of all who try.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn claim_refresh(&self, actor: &Actor, uid: SessionUid, due: Timestamp, next: Timestamp) -> Result<bool> {
        require_server(actor)?;
        let claimed = sqlx::query("update sessions set refresh_at = $3 where uid = $1 and refresh_at = $2")
            .bind(uid.to_string())
            .bind(due.as_microsecond())
            .bind(next.as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("claim a session's refresh")?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Keeps what the provider said when it was asked again: that the session stands.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn refreshed(
        &self,
        actor: &Actor,
        uid: SessionUid,
        refresh_sealed: &[u8],
        refresh_at: Timestamp,
    ) -> Result<()> {
        require_server(actor)?;
        sqlx::query("update sessions set refresh_sealed = $2, refresh_at = $3, refreshed_at = $4 where uid = $1")
            .bind(uid.to_string())
            .bind(refresh_sealed)
            .bind(refresh_at.as_microsecond())
            .bind(self.store.now().as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("keep a session's refresh")?;
        Ok(())
    }

    /// The sealed tokens of a session: the one to ask with, and the one that names the person to the provider.
    ///
    /// # Errors
    /// `NotFound`: it has ended; `Unavailable`, `Failed`.
    pub async fn sealed(&self, actor: &Actor, uid: SessionUid) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>)> {
        require_server(actor)?;
        let row = sqlx::query("select refresh_sealed, id_token_sealed from sessions where uid = $1")
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a session")?
            .ok_or_else(|| Error::not_found(format_args!("session {uid}")))?;
        Ok((row.bytes_opt("refresh_sealed")?, row.bytes_opt("id_token_sealed")?))
    }

    /// Ends the sessions that a provider signs out, if they were begun by a moment: a message that is repeated later ends
    /// nothing newer. Says how many there were.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn end_vouched(
        &self,
        actor: &Actor,
        provider: ProviderUid,
        subject: &LogoutSubject,
        begun_by: Timestamp,
    ) -> Result<usize> {
        require_server(actor)?;
        let (sid, person) = match subject {
            LogoutSubject::Session(sid) => (sid.as_str(), ""),
            LogoutSubject::Person(person) => ("", person.as_str()),
        };
        let mut tx = self.store.begin().await?;
        let rows = sqlx::query(
            "delete from sessions where provider_uid = $1 and ($2 = '' or sid = $2) and ($3 = '' or subject = $3) \
             and created_at <= $4 returning uid, org_id, user_uid",
        )
        .bind(provider.to_string())
        .bind(sid)
        .bind(person)
        .bind(begun_by.as_microsecond())
        .fetch_all(tx.connection())
        .await
        .doing("end sessions by their provider")?;
        for row in &rows {
            let org: Option<OrgUid> = crate::users::org_of(row)?;
            let (uid, user): (SessionUid, UserUid) = (row.parsed("uid")?, row.parsed("user_uid")?);
            let details = json!({ "user": user, "provider": provider });
            tx.audit_in(org, actor, Action::Delete, Resource::Session, uid, AuditOutcome::Done, details).await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }
}
