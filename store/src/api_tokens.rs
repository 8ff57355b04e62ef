//! API tokens: what programs act with for a person, within scopes and until a day. Only their hashes are kept.

use bygone_common::{OrgUid, TokenUid, UserUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::{Actor, Who};
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};
use crate::row::Columns;
use crate::scopes::Scopes;
use crate::sessions::require_server;
use crate::users::{User, org_column, reach, user_columns, user_of};

/// Tokens of one person at most.
pub const TOKENS_PER_USER_MAX: i64 = 100;

/// A token, without the token itself, which is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its uid.
    pub uid: TokenUid,
    /// Whose.
    pub user: UserUid,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a new token is made of.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// SHA-256 of it, in hex.
    pub hash: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it ends.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "uid, user_uid, name, prefix, scopes, expires_at, used_at, created_at";

/// API tokens.
#[derive(Debug, Clone, Copy)]
pub struct ApiTokens<'a> {
    store: &'a Store,
}

impl Store {
    /// API tokens.
    pub const fn api_tokens(&self) -> ApiTokens<'_> {
        ApiTokens { store: self }
    }
}

impl ApiTokens<'_> {
    /// Makes a token for the actor.
    ///
    /// # Errors
    /// `Invalid`: its name or end; `Exhausted`: too many; `NotFound`, `Forbidden`.
    pub async fn create(&self, actor: &Actor, new: &NewApiToken) -> Result<ApiToken> {
        let owner = actor.who().user();
        actor.require_of(Action::Create, Resource::ApiToken, owner)?;
        let user = owner.ok_or_else(|| Error::new(ErrorKind::Forbidden, "tokens are people's"))?;
        crate::orgs::check_title(&new.name)
            .map_err(|_| Error::invalid("name", "a token has a name of 1 to 200 characters"))?;
        if new.expires_at <= self.store.now() {
            return Err(Error::invalid("expires_at", "a token ends later than now"));
        }
        let token = token_for(self.store, user, new);
        let mut tx = self.store.begin().await?;
        tx.add_token(actor, &token, &new.hash).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// A page of tokens: of one's own, or of everybody in an organization for who runs it.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(
        &self,
        actor: &Actor,
        org: Option<OrgUid>,
        user: Option<UserUid>,
        page: &Page,
    ) -> Result<List<ApiToken>> {
        let only = match actor.right(Action::See, Resource::ApiToken) {
            Right::Allowed => user,
            Right::Own if user.is_none() || user == actor.who().user() => actor.who().user(),
            Right::Own => return Err(Error::not_found("this user")),
            Right::Denied => return actor.require(Action::See, Resource::ApiToken).map(|()| List::empty()),
        };
        let org = if actor.org() == org { org } else { reach(actor, org)? };
        let text = format!(
            "select {COLUMNS} from api_tokens where org_id = $1 and ($2 = '' or user_uid = $2) and uid > $3 \
             order by uid limit $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(org))
            .bind(only.map(|uid| uid.to_string()).unwrap_or_default())
            .bind(page.after::<TokenUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list tokens")?;
        let tokens = rows.iter().map(token_of).collect::<Result<Vec<_>>>()?;
        Ok(page.list(tokens, |token| token.uid))
    }

    /// One token.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: Option<OrgUid>, uid: TokenUid) -> Result<ApiToken> {
        let missing = || Error::not_found(format_args!("token {uid}"));
        let org = if actor.org() == org { org } else { reach(actor, org).map_err(|_| missing())? };
        let text = format!("select {COLUMNS} from api_tokens where org_id = $1 and uid = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(org_column(org))
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a token")?;
        let token = token_of(&row.ok_or_else(missing)?)?;
        if !is_itself(actor, uid) {
            actor.require_of(Action::See, Resource::ApiToken, Some(token.user)).map_err(|_| missing())?;
        }
        Ok(token)
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke(&self, actor: &Actor, org: Option<OrgUid>, uid: TokenUid) -> Result<()> {
        let token = self.get(actor, org, uid).await?;
        if !is_itself(actor, uid) {
            actor.require_of(Action::Delete, Resource::ApiToken, Some(token.user))?;
        }
        let mut tx = self.store.begin().await?;
        sqlx::query("delete from api_tokens where org_id = $1 and uid = $2")
            .bind(org_column(org))
            .bind(uid.to_string())
            .execute(tx.connection())
            .await
            .doing("revoke a token")?;
        let details = json!({ "name": token.name, "user": token.user });
        tx.audit_in(org, actor, Action::Delete, Resource::ApiToken, uid, AuditOutcome::Done, details).await?;
        tx.commit().await
    }

    /// The token of a hash and its person, unless it has ended or the person is kept out.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn by_hash(&self, actor: &Actor, hash: &str) -> Result<Option<(ApiToken, User)>> {
        require_server(actor)?;
        let text = format!(
            "select t.uid as token_uid, t.user_uid, t.name as token_name, t.prefix, t.scopes, t.expires_at, t.used_at, \
             t.created_at as token_created_at, {} \
             from api_tokens t join users u on u.org_id = t.org_id and u.uid = t.user_uid \
             where t.hash = $1 and t.expires_at > $2 and u.disabled = 0",
            user_columns("u.")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(hash)
            .bind(self.store.now().as_microsecond())
            .fetch_optional(self.store.pool())
            .await
            .doing("look for a token")?;
        row.map(|row| Ok((prefixed(&row, "token_")?, user_of(&row)?))).transpose()
    }

    /// Notes that a token is in use.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn touch(&self, actor: &Actor, uid: TokenUid) -> Result<()> {
        require_server(actor)?;
        sqlx::query("update api_tokens set used_at = $2 where uid = $1")
            .bind(uid.to_string())
            .bind(self.store.now().as_microsecond())
            .execute(self.store.pool())
            .await
            .doing("note the use of a token")?;
        Ok(())
    }
}

impl Tx {
    /// Adds a token of the actor's, who may have it, if they have not too many.
    pub(crate) async fn add_token(&mut self, actor: &Actor, token: &ApiToken, hash: &str) -> Result<()> {
        self.count_tokens(actor.org(), token.user).await?;
        self.insert_token(actor.org(), token, hash).await?;
        let details = json!({ "name": token.name, "scopes": token.scopes.names(), "expires_at": token.expires_at });
        self.audit(actor, Action::Create, Resource::ApiToken, token.uid, details).await
    }

    async fn count_tokens(&mut self, org: Option<OrgUid>, user: UserUid) -> Result<()> {
        let row = sqlx::query(
            "select cast(count(*) as bigint) as tokens from api_tokens where org_id = $1 and user_uid = $2",
        )
        .bind(org_column(org))
        .bind(user.to_string())
        .fetch_one(self.connection())
        .await
        .doing("count tokens")?;
        if row.int("tokens")? >= TOKENS_PER_USER_MAX {
            let sentence = format!("there are {TOKENS_PER_USER_MAX} tokens already: revoke one first");
            return Err(Error::new(ErrorKind::Exhausted, sentence));
        }
        Ok(())
    }

    async fn insert_token(&mut self, org: Option<OrgUid>, token: &ApiToken, hash: &str) -> Result<()> {
        sqlx::query(
            "insert into api_tokens (uid, org_id, user_uid, name, prefix, hash, scopes, expires_at, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(token.uid.to_string())
        .bind(org_column(org))
        .bind(token.user.to_string())
        .bind(&token.name)
        .bind(&token.prefix)
        .bind(hash)
        .bind(token.scopes.to_string())
        .bind(token.expires_at.as_microsecond())
        .bind(token.created_at.as_microsecond())
        .execute(self.connection())
        .await
        .doing("make a token")?;
        Ok(())
    }
}

/// Whether a program asks about the token that it uses. However little that may be used for, it may be given back.
fn is_itself(actor: &Actor, uid: TokenUid) -> bool {
    matches!(actor.who(), Who::Token(token, _) if *token == uid)
}

/// A token that begins now.
pub(crate) fn token_for(store: &Store, user: UserUid, new: &NewApiToken) -> ApiToken {
    ApiToken {
        uid: store.uid(TokenUid::new),
        user,
        name: new.name.trim().to_owned(),
        prefix: new.prefix.clone(),
        scopes: new.scopes.clone(),
        expires_at: new.expires_at,
        used_at: None,
        created_at: store.now(),
    }
}

fn token_of(row: &AnyRow) -> Result<ApiToken> {
    prefixed(row, "")
}

/// A token out of a row whose columns of the same names as a user's have a prefix.
fn prefixed(row: &AnyRow, prefix: &str) -> Result<ApiToken> {
    Ok(ApiToken {
        uid: row.parsed(&format!("{prefix}uid"))?,
        user: row.parsed("user_uid")?,
        name: row.text(&format!("{prefix}name"))?,
        prefix: row.text("prefix")?,
        scopes: row.parsed("scopes")?,
        expires_at: row.time("expires_at")?,
        used_at: row.time_opt("used_at")?,
        created_at: row.time(&format!("{prefix}created_at"))?,
    })
}
