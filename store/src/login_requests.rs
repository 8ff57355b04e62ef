//! Programs that ask to act for a person: one confirms it, signed in, by the code that the program shows. Each gives one API
//! token, once, within minutes. Nothing that opens anything is kept: hashes, and who confirmed.

use bygone_common::{LoginRequestUid, OrgUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::{Actor, Who};
use crate::api_tokens::{ApiToken, NewApiToken, token_for};
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;
use crate::sessions::require_server;
use crate::users::{User, org_column, org_of, user_columns, user_of};

/// Requests of the whole installation that wait at one time, at most.
pub const LOGIN_REQUESTS_MAX: i64 = 10_000;

/// A request that nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRequest {
    /// Its uid.
    pub uid: LoginRequestUid,
    /// What the program calls itself.
    pub name: String,
    /// Where it asked from.
    pub address: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when it can be answered and redeemed.
    pub expires_at: Timestamp,
}

/// What a request is made of.
#[derive(Debug, Clone)]
pub struct NewLoginRequest {
    /// SHA-256 of what the program redeems it with, in hex.
    pub secret_hash: String,
    /// SHA-256 of the code, in hex.
    pub code_hash: String,
    /// What the program calls itself.
    pub name: String,
    /// Until when it can be answered and redeemed.
    pub expires_at: Timestamp,
}

/// What a program gets that asks whether it was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// Nobody has answered yet.
    Waiting,
    /// A token; the request is no more.
    Token(Box<ApiToken>),
}

/// A request that somebody confirmed.
struct Confirmed {
    name: String,
    org: Option<OrgUid>,
    user: UserUid,
}

/// Programs that ask to act for a person.
#[derive(Debug, Clone, Copy)]
pub struct LoginRequests<'a> {
    store: &'a Store,
}

impl Store {
    /// Programs that ask to act for a person.
    pub const fn login_requests(&self) -> LoginRequests<'_> {
        LoginRequests { store: self }
    }
}

impl LoginRequests<'_> {
    /// Makes a request. It is written to no log: anybody can make one, and it changes nothing until somebody confirms it.
    ///
    /// # Errors
    /// `Invalid`: its name; `Exhausted`: too many wait; `NotFound`: for anybody but the server.
    pub async fn create(&self, server: &Actor, new: &NewLoginRequest) -> Result<LoginRequestUid> {
        require_server(server)?;
        crate::orgs::check_title(&new.name)
            .map_err(|_| Error::invalid("name", "a program has a name of 1 to 200 characters"))?;
        let (uid, now) = (self.store.uid(LoginRequestUid::new), self.store.now());
        let mut tx = self.store.begin().await?;
        tx.drop_old_login_requests(now).await?;
        sqlx::query(
            "insert into login_requests (uid, secret_hash, code_hash, name, address, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(uid.to_string())
        .bind(&new.secret_hash)
        .bind(&new.code_hash)
        .bind(new.name.trim())
        .bind(server.address().map(|address| address.to_string()))
        .bind(now.as_microsecond())
        .bind(new.expires_at.as_microsecond())
        .execute(tx.connection())
        .await
        .doing("make a login request")?;
        tx.commit().await?;
        Ok(uid)
    }

    /// The request of a code that nobody has answered yet.
    ///
    /// # Errors
    /// `NotFound`: there is none, it was answered, or it has ended; for anybody but the server.
    pub async fn of_code(&self, server: &Actor, code_hash: &str) -> Result<LoginRequest> {
        require_server(server)?;
        let row = sqlx::query(
            "select uid, name, address, created_at, expires_at from login_requests where code_hash = $1 \
             and confirmed_at is null and expires_at > $2",
        )
        .bind(code_hash)
        .bind(self.store.now().as_microsecond())
        .fetch_optional(self.store.pool())
        .await
        .doing("look for a login request")?;
        row.as_ref().map_or_else(|| Err(missing()), from_row)
    }

    /// Lets a program act for the actor: from now on its request can be redeemed, once.
    ///
    /// # Errors
    /// `NotFound`: there is none of this code, it was answered, or it has ended; `Forbidden`: tokens are not theirs to make.
    pub async fn confirm(&self, actor: &Actor, code_hash: &str) -> Result<()> {
        let user = owner(actor)?;
        let mut tx = self.store.begin().await?;
        let row = sqlx::query(
            "update login_requests set org_id = $2, user_uid = $3, confirmed_at = $4 where code_hash = $1 \
             and confirmed_at is null and expires_at > $4 returning uid, name, address, created_at, expires_at",
        )
        .bind(code_hash)
        .bind(org_column(actor.org()))
        .bind(user.to_string())
        .bind(self.store.now().as_microsecond())
        .fetch_optional(tx.connection())
        .await
        .doing("confirm a login request")?;
        let request = row.as_ref().map_or_else(|| Err(missing()), from_row)?;
        tx.audit_login_request(actor, AuditOutcome::Done, &request).await?;
        tx.commit().await
    }

    /// Refuses a program: its request is no more.
    ///
    /// # Errors
    /// As for [`confirm`](Self::confirm).
    pub async fn refuse(&self, actor: &Actor, code_hash: &str) -> Result<()> {
        owner(actor)?;
        let mut tx = self.store.begin().await?;
        let row = sqlx::query(
            "delete from login_requests where code_hash = $1 and confirmed_at is null and expires_at > $2 \
             returning uid, name, address, created_at, expires_at",
        )
        .bind(code_hash)
        .bind(self.store.now().as_microsecond())
        .fetch_optional(tx.connection())
        .await
        .doing("refuse a login request")?;
        let request = row.as_ref().map_or_else(|| Err(missing()), from_row)?;
        tx.audit_login_request(actor, AuditOutcome::Refused, &request).await?;
        tx.commit().await
    }

    /// Makes the token of a request that was confirmed, for its person and by its name; the request is no more then.
    ///
    /// # Errors
    /// `NotFound`: there is none, it was refused or redeemed, it has ended, or its person is kept out; for anybody but the server;
    /// `Exhausted`: the person has too many tokens.
    pub async fn redeem(&self, server: &Actor, secret_hash: &str, new: &NewApiToken) -> Result<Redeemed> {
        require_server(server)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        let Some(confirmed) = tx.take_login_request(secret_hash, now).await? else {
            return tx.waiting_login_request(secret_hash, now).await;
        };
        let user = tx.user_let_in(&confirmed).await?;
        let actor = Actor::new(Who::User(user.uid), confirmed.org, user.role);
        let actor = match server.correlation() {
            Some(correlation) => actor.from_request(correlation, server.address()),
            None => actor,
        };
        let token = token_for(self.store, user.uid, &NewApiToken { name: confirmed.name, ..new.clone() });
        tx.add_token(&actor, &token, &new.hash).await?;
        tx.commit().await?;
        Ok(Redeemed::Token(Box::new(token)))
    }
}

impl Tx {
    /// Makes room: what has ended is of no use to anybody.
    async fn drop_old_login_requests(&mut self, now: Timestamp) -> Result<()> {
        sqlx::query("delete from login_requests where expires_at <= $1")
            .bind(now.as_microsecond())
            .execute(self.connection())
            .await
            .doing("drop old login requests")?;
        let row = sqlx::query("select cast(count(*) as bigint) as requests from login_requests")
            .fetch_one(self.connection())
            .await
            .doing("count login requests")?;
        if row.int("requests")? >= LOGIN_REQUESTS_MAX {
            return Err(Error::new(
                ErrorKind::Exhausted,
                "too many programs wait to be let in: try again in some minutes",
            ));
        }
        Ok(())
    }

    /// Takes a request that was confirmed out of the table: of two who ask at once, one gets it.
    async fn take_login_request(&mut self, hash: &str, now: Timestamp) -> Result<Option<Confirmed>> {
        let row = sqlx::query(
            "delete from login_requests where secret_hash = $1 and confirmed_at is not null and expires_at > $2 \
             returning name, org_id, user_uid",
        )
        .bind(hash)
        .bind(now.as_microsecond())
        .fetch_optional(self.connection())
        .await
        .doing("redeem a login request")?;
        let confirmed =
            row.map(|row| Ok(Confirmed { name: row.text("name")?, org: org_of(&row)?, user: row.parsed("user_uid")? }));
        confirmed.transpose()
    }

    async fn waiting_login_request(&mut self, hash: &str, now: Timestamp) -> Result<Redeemed> {
        let row = sqlx::query("select uid from login_requests where secret_hash = $1 and expires_at > $2")
            .bind(hash)
            .bind(now.as_microsecond())
            .fetch_optional(self.connection())
            .await
            .doing("look for a login request")?;
        row.map(|_| Redeemed::Waiting).ok_or_else(missing)
    }

    async fn user_let_in(&mut self, confirmed: &Confirmed) -> Result<User> {
        let text = format!("select {} from users where org_id = $1 and uid = $2 and disabled = 0", user_columns(""));
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(confirmed.org))
            .bind(confirmed.user.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("read who let a program in")?;
        row.as_ref().map_or_else(|| Err(missing()), user_of)
    }

    async fn audit_login_request(
        &mut self,
        actor: &Actor,
        outcome: AuditOutcome,
        request: &LoginRequest,
    ) -> Result<()> {
        let details = json!({ "what": "login request", "name": request.name, "from": request.address });
        let (action, resource) = (Action::Create, Resource::ApiToken);
        self.audit_in(actor.org(), actor, action, resource, request.uid, outcome, details).await
    }
}

/// Whom a token would be of.
fn owner(actor: &Actor) -> Result<UserUid> {
    let owner = actor.who().user();
    actor.require_of(Action::Create, Resource::ApiToken, owner)?;
    owner.ok_or_else(|| Error::new(ErrorKind::Forbidden, "tokens are people's"))
}

fn missing() -> Error {
    Error::not_found("this request to sign in")
}

fn from_row(row: &AnyRow) -> Result<LoginRequest> {
    Ok(LoginRequest {
        uid: row.parsed("uid")?,
        name: row.text("name")?,
        address: row.text_opt("address")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
