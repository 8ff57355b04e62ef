//! Sessions of browsers. A session is found by the hash of its cookie, ends when it was idle for too long or at its last
//! moment, and at once when its person is kept out.

mod vouched;

use std::net::IpAddr;

use bygone_common::{ProviderUid, SessionUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

pub use vouched::{LogoutSubject, Vouched};

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Role};
use crate::row::Columns;
use crate::users::{User, org_column, reach, user_columns, user_of};

/// Sessions of one person at most; a new one ends the oldest.
pub const SESSIONS_PER_USER_MAX: i64 = 50;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its uid.
    pub uid: SessionUid,
    /// Whose.
    pub user: UserUid,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends if it is not used.
    pub idle_expires_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Until then nothing asks for the second factor again.
    pub step_up_until: Timestamp,
    /// From where it was begun.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Who vouches for it, if it was not begun with a password.
    pub provider: Option<ProviderUid>,
    /// When the provider is to be asked again.
    pub refresh_at: Option<Timestamp>,
    /// When the provider last said that it stands.
    pub refreshed_at: Option<Timestamp>,
}

/// What a new session is made of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its uid, which what is sealed for it is bound to.
    pub uid: SessionUid,
    /// SHA-256 of the cookie's value, in hex.
    pub token_hash: String,
    /// When it ends if it is not used.
    pub idle_expires_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Until then nothing asks for the second factor again.
    pub step_up_until: Timestamp,
    /// From where.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Who vouches for it.
    pub vouched: Option<Vouched>,
}

const COLUMNS: &str = "uid, user_uid, created_at, seen_at, idle_expires_at, expires_at, step_up_until, address, \
     user_agent, provider_uid, refresh_at, refreshed_at";

/// Sessions.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a> {
    pub(crate) store: &'a Store,
}

impl Store {
    /// Sessions.
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions { store: self }
    }
}

impl Sessions<'_> {
    /// Begins a session for somebody who has proved who they are: the server's own to do.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn create(&self, actor: &Actor, user: &User, new: &NewSession) -> Result<Session> {
        require_server(actor)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        tx.drop_ended_sessions(now).await?;
        tx.insert_session(user, new, now).await?;
        tx.drop_oldest_sessions(user).await?;
        tx.note_success(user, now).await?;
        let by = Actor::new(crate::Who::User(user.uid), user.org, user.role);
        let by = actor.correlation().map_or_else(|| by.clone(), |id| by.clone().from_request(id, actor.address()));
        let details = json!({ "provider": new.vouched.as_ref().map(|vouched| vouched.provider) });
        tx.audit_in(user.org, &by, Action::Create, Resource::Session, new.uid, AuditOutcome::Done, details).await?;
        tx.commit().await?;
        Ok(Session {
            uid: new.uid,
            user: user.uid,
            created_at: now,
            seen_at: now,
            idle_expires_at: new.idle_expires_at,
            expires_at: new.expires_at,
            step_up_until: new.step_up_until,
            address: new.address.map(|address| address.to_string()),
            user_agent: new.user_agent.clone(),
            provider: new.vouched.as_ref().map(|vouched| vouched.provider),
            refresh_at: new.vouched.as_ref().and_then(|vouched| vouched.refresh_at),
            refreshed_at: new.vouched.as_ref().map(|_| now),
        })
    }

    /// The session of a cookie and its person, unless it has ended or the person is kept out.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn by_token(&self, actor: &Actor, token_hash: &str) -> Result<Option<(Session, User)>> {
        require_server(actor)?;
        let text = format!(
            "select s.uid as session_uid, s.user_uid, s.created_at as session_created_at, s.seen_at, s.idle_expires_at, \
             s.expires_at, s.step_up_until, s.address, s.user_agent, s.provider_uid as session_provider_uid, \
             s.refresh_at, s.refreshed_at, {} \
             from sessions s join users u on u.org_id = s.org_id and u.uid = s.user_uid \
             where s.token_hash = $1 and s.expires_at > $2 and s.idle_expires_at > $2 and u.disabled = 0",
            user_columns("u.")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(token_hash)
            .bind(self.store.now().as_microsecond())
            .fetch_optional(self.store.pool())
            .await
            .doing("look for a session")?;
        row.map(|row| Ok((session_of(&row, "session_")?, user_of(&row)?))).transpose()
    }

    /// Notes that a session is in use, which puts off its idle end.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn touch(&self, actor: &Actor, uid: SessionUid, idle_expires_at: Timestamp) -> Result<()> {
        require_server(actor)?;
        sqlx::query("update sessions set seen_at = $2, idle_expires_at = $3 where uid = $1")
            .bind(uid.to_string())
            .bind(self.store.now().as_microsecond())
            .bind(idle_expires_at.as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("note the use of a session")?;
        Ok(())
    }

    /// Notes that the person has shown the second factor again.
    ///
    /// # Errors
    /// `NotFound`: the session has ended; `Unavailable`, `Failed`.
    pub async fn step_up(&self, actor: &Actor, user: &User, uid: SessionUid, until: Timestamp) -> Result<()> {
        require_server(actor)?;
        let mut tx = self.store.begin().await?;
        let stepped =
            sqlx::query("update sessions set step_up_until = $4 where org_id = $1 and user_uid = $2 and uid = $3")
                .bind(org_column(user.org))
                .bind(user.uid.to_string())
                .bind(uid.to_string())
                .bind(until.as_microsecond())
                .execute(tx.connection())
                .await
                .doing("note the second factor")?;
        if stepped.rows_affected() == 0 {
            return Err(Error::not_found("this session"));
        }
        let by = Actor::new(crate::Who::User(user.uid), user.org, user.role);
        let details = json!({ "what": "second factor" });
        tx.audit_in(user.org, &by, Action::Change, Resource::Session, uid, AuditOutcome::Done, details).await?;
        tx.commit().await
    }

    /// A page of the sessions of a person: one's own, or anybody's for who runs the organization.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, user: &User, page: &Page) -> Result<List<Session>> {
        require(actor, Action::See, user)?;
        let text = format!(
            "select {COLUMNS} from sessions where org_id = $1 and user_uid = $2 and uid > $3 \
             and expires_at > $4 and idle_expires_at > $4 order by uid limit $5"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(page.after::<SessionUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
            .bind(self.store.now().as_microsecond())
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list sessions")?;
        let sessions = rows.iter().map(|row| session_of(row, "")).collect::<Result<Vec<_>>>()?;
        Ok(page.list(sessions, |session| session.uid))
    }

    /// Ends a session at once.
    ///
    /// # Errors
    /// `NotFound`: it has ended, or is somebody else's.
    pub async fn end(&self, actor: &Actor, user: &User, uid: SessionUid) -> Result<()> {
        require(actor, Action::Delete, user)?;
        let mut tx = self.store.begin().await?;
        let ended = sqlx::query("delete from sessions where org_id = $1 and user_uid = $2 and uid = $3")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(uid.to_string())
            .execute(tx.connection())
            .await
            .doing("end a session")?;
        if ended.rows_affected() == 0 {
            return Err(Error::not_found(format_args!("session {uid}")));
        }
        let done = AuditOutcome::Done;
        tx.audit_in(user.org, actor, Action::Delete, Resource::Session, uid, done, json!({ "user": user.uid })).await?;
        tx.commit().await
    }

    /// Ends all sessions of a person but one, and says how many.
    ///
    /// # Errors
    /// `NotFound`: somebody else's; `Unavailable`, `Failed`.
    pub async fn end_all(&self, actor: &Actor, user: &User, kept: Option<SessionUid>) -> Result<u64> {
        require(actor, Action::Delete, user)?;
        let mut tx = self.store.begin().await?;
        let ended = tx.end_sessions(user, kept).await?;
        let details = json!({ "user": user.uid, "sessions": ended });
        let what = "all";
        tx.audit_in(user.org, actor, Action::Delete, Resource::Session, what, AuditOutcome::Done, details).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

impl Tx {
    async fn insert_session(&mut self, user: &User, new: &NewSession, now: Timestamp) -> Result<()> {
        let vouched = new.vouched.as_ref();
        sqlx::query(
            "insert into sessions (uid, org_id, user_uid, token_hash, created_at, seen_at, idle_expires_at, expires_at, \
             step_up_until, address, user_agent, provider_uid, subject, sid, refresh_sealed, refresh_at, refreshed_at, \
             id_token_sealed) \
             values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(new.uid.to_string())
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(&new.token_hash)
        .bind(now.as_microsecond())
        .bind(new.idle_expires_at.as_microsecond())
        .bind(new.expires_at.as_microsecond())
        .bind(new.step_up_until.as_microsecond())
        .bind(new.address.map(|address| address.to_string()))
        .bind(&new.user_agent)
        .bind(vouched.map(|vouched| vouched.provider.to_string()))
        .bind(vouched.map(|vouched| vouched.subject.clone()))
        .bind(vouched.and_then(|vouched| vouched.sid.clone()))
        .bind(vouched.and_then(|vouched| vouched.refresh_sealed.clone()))
        .bind(vouched.and_then(|vouched| vouched.refresh_at).map(Timestamp::as_microsecond))
        .bind(vouched.map(|_| now.as_microsecond()))
        .bind(vouched.and_then(|vouched| vouched.id_token_sealed.clone()))
        .execute(self.connection())
        .await
        .doing("begin a session")?;
        Ok(())
    }

    async fn drop_ended_sessions(&mut self, now: Timestamp) -> Result<()> {
        sqlx::query("delete from sessions where expires_at <= $1")
            .bind(now.as_microsecond())
            .execute(self.connection())
            .await
            .doing("drop sessions that have ended")?;
        Ok(())
    }

    async fn drop_oldest_sessions(&mut self, user: &User) -> Result<()> {
        sqlx::query(
            "delete from sessions where org_id = $1 and user_uid = $2 and uid not in \
             (select uid from sessions where org_id = $1 and user_uid = $2 order by uid desc limit $3)",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(SESSIONS_PER_USER_MAX)
        .execute(self.connection())
        .await
        .doing("drop the oldest sessions")?;
        Ok(())
    }

    async fn note_success(&mut self, user: &User, now: Timestamp) -> Result<()> {
        sqlx::query("update users set failed_attempts = 0, signed_in_at = $3 where org_id = $1 and uid = $2")
            .bind(org_column(user.org))
            .bind(user.uid.to_string())
            .bind(now.as_microsecond())
            .execute(self.connection())
            .await
            .doing("note a sign-in")?;
        Ok(())
    }
}

fn require(actor: &Actor, action: Action, user: &User) -> Result<()> {
    actor.require_of(action, Resource::Session, Some(user.uid))?;
    if actor.who().user() == Some(user.uid) && actor.org() == user.org {
        return Ok(());
    }
    reach(actor, user.org).map(drop)
}

pub(crate) fn require_server(actor: &Actor) -> Result<()> {
    if actor.role() == Role::System { Ok(()) } else { Err(Error::not_found("this session")) }
}

/// A session out of a row whose columns of the same names as a user's have a prefix.
fn session_of(row: &AnyRow, prefix: &str) -> Result<Session> {
    Ok(Session {
        uid: row.parsed(&format!("{prefix}uid"))?,
        user: row.parsed("user_uid")?,
        created_at: row.time(&format!("{prefix}created_at"))?,
        seen_at: row.time("seen_at")?,
        idle_expires_at: row.time("idle_expires_at")?,
        expires_at: row.time("expires_at")?,
        step_up_until: row.time("step_up_until")?,
        address: row.text_opt("address")?,
        user_agent: row.text("user_agent")?,
        provider: row.parsed_opt(&format!("{prefix}provider_uid"))?,
        refresh_at: row.time_opt("refresh_at")?,
        refreshed_at: row.time_opt("refreshed_at")?,
    })
}
