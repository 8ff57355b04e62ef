//! Providers of identities (OpenID Connect), of an organization or of the whole installation, and which of their groups
//! make somebody what.

mod rules;

use bygone_common::{OrgUid, ProviderUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

pub use rules::{EVERYBODY, GroupRule, RULES_MAX, Standing, standing};

use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;
use crate::sessions::require_server;
use crate::users::{org_column, org_of, reach};

/// Bytes of an issuer, client id or claim's name at most.
const TEXT_BYTES_MAX: usize = 500;

/// Scopes at most.
const SCOPES_MAX: usize = 16;

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its uid.
    pub uid: ProviderUid,
    /// Whose it is; none: the installation's.
    pub org: Option<OrgUid>,
    /// What it is and does.
    pub settings: ProviderSettings,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What a provider is and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its name in URLs.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// The URL below which it is discovered, and which it signs with.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// What we ask it for, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// Which group makes somebody what.
    pub rules: Vec<GroupRule>,
    /// Whether somebody known here by the address it has verified is the same person.
    pub links_email: bool,
    /// Whether people sign in with it.
    pub enabled: bool,
}

/// Providers.
#[derive(Debug, Clone, Copy)]
pub struct Providers<'a> {
    store: &'a Store,
}

impl Store {
    /// Providers.
    pub const fn providers(&self) -> Providers<'_> {
        Providers { store: self }
    }
}

impl Providers<'_> {
    /// Makes a provider, with its sealed secret if it has one.
    ///
    /// # Errors
    /// `Invalid`: a setting; `Conflict`: the name is taken; `NotFound`, `Forbidden`.
    pub async fn create(
        &self,
        actor: &Actor,
        org: Option<OrgUid>,
        uid: ProviderUid,
        settings: &ProviderSettings,
        secret_sealed: Option<&[u8]>,
    ) -> Result<Provider> {
        let org = require(actor, org)?;
        check(org, settings)?;
        let provider = Provider {
            uid,
            org,
            settings: settings.clone(),
            has_secret: secret_sealed.is_some(),
            created_at: self.store.now(),
            version: 1,
        };
        let mut tx = self.store.begin().await?;
        tx.require_orgs(settings).await?;
        tx.insert_provider(&provider, secret_sealed).await?;
        tx.audit_provider(actor, Action::Create, &provider).await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// One provider.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: Option<OrgUid>, uid: ProviderUid) -> Result<Provider> {
        let org = require(actor, org)?;
        let row = sqlx::query("select * from providers where org_id = $1 and uid = $2")
            .bind(org_column(org))
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a provider")?;
        row.map_or_else(|| Err(missing(uid)), |row| provider_of(&row))
    }

    /// A page of the providers of an organization, or of the installation.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: Option<OrgUid>, page: &Page) -> Result<List<Provider>> {
        let org = require(actor, org)?;
        let rows = sqlx::query("select * from providers where org_id = $1 and uid > $2 order by uid limit $3")
            .bind(org_column(org))
            .bind(page.after::<ProviderUid>()?.map(|uid| uid.to_string()).unwrap_or_default())
            .bind(page.rows())
            .fetch_all(self.store.pool())
            .await
            .doing("list providers")?;
        let providers = rows.iter().map(provider_of).collect::<Result<Vec<_>>>()?;
        Ok(page.list(providers, |provider| provider.uid))
    }

    /// Puts other settings in place of those the caller saw. A secret of none stays as it is.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Conflict`: changed meanwhile; `Invalid`: another issuer, which would make its people
    /// somebody else's, or any other setting.
    pub async fn change(
        &self,
        actor: &Actor,
        org: Option<OrgUid>,
        uid: ProviderUid,
        version: i64,
        settings: &ProviderSettings,
        secret_sealed: Option<&[u8]>,
    ) -> Result<Provider> {
        let mut provider = self.get(actor, org, uid).await?;
        check(org, settings)?;
        if provider.settings.issuer != settings.issuer {
            return Err(Error::invalid("issuer", "another issuer is another provider: make a new one"));
        }
        provider.settings = settings.clone();
        provider.has_secret |= secret_sealed.is_some();
        let mut tx = self.store.begin().await?;
        tx.require_orgs(settings).await?;
        tx.update_provider(&provider, version, secret_sealed).await?;
        provider.version = version + 1;
        tx.audit_provider(actor, Action::Change, &provider).await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// Removes a provider, the identities it gave and the sessions it vouches for. Its people stay.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn delete(&self, actor: &Actor, org: Option<OrgUid>, uid: ProviderUid) -> Result<()> {
        let provider = self.get(actor, org, uid).await?;
        let mut tx = self.store.begin().await?;
        for text in [
            "delete from sessions where provider_uid = $1",
            "delete from identities where provider_uid = $1",
            "update users set provider_uid = null where provider_uid = $1",
            "delete from providers where uid = $1",
        ] {
            sqlx::query(text).bind(uid.to_string()).execute(tx.connection()).await.doing("remove a provider")?;
        }
        tx.audit_provider(actor, Action::Delete, &provider).await?;
        tx.commit().await
    }

    /// The providers somebody may sign in with: the installation's, and those of the organization that is named.
    ///
    /// # Errors
    /// `NotFound`: for anybody but the server; `Unavailable`, `Failed`.
    pub async fn open(&self, actor: &Actor, org: Option<&str>) -> Result<Vec<Provider>> {
        require_server(actor)?;
        let rows = sqlx::query(
            "select * from providers where enabled = 1 and (org_id = '' or org_id in (select uid from orgs where name = $1)) \
             order by uid limit 100",
        )
        .bind(org.unwrap_or_default())
        .fetch_all(self.store.pool())
        .await
        .doing("list providers to sign in with")?;
        rows.iter().map(provider_of).collect()
    }

    /// A provider with its sealed secret, while somebody signs in with it.
    ///
    /// # Errors
    /// `NotFound`: there is none, it is switched off, or for anybody but the server.
    pub async fn unlocked(&self, actor: &Actor, uid: ProviderUid) -> Result<(Provider, Option<Vec<u8>>)> {
        require_server(actor)?;
        let row = sqlx::query("select * from providers where uid = $1 and enabled = 1")
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a provider")?
            .ok_or_else(|| missing(uid))?;
        Ok((provider_of(&row)?, row.bytes_opt("client_secret_sealed")?))
    }
}

impl Tx {
    /// The organizations that rules name must be there.
    async fn require_orgs(&mut self, settings: &ProviderSettings) -> Result<()> {
        for org in settings.rules.iter().filter_map(|rule| rule.org) {
            let row = sqlx::query("select uid from orgs where uid = $1")
                .bind(org.to_string())
                .fetch_optional(self.connection())
                .await
                .doing("read an organization")?;
            if row.is_none() {
                return Err(Error::invalid("rules", format!("organization {org} does not exist")));
            }
        }
        Ok(())
    }

    async fn insert_provider(&mut self, provider: &Provider, secret_sealed: Option<&[u8]>) -> Result<()> {
        let settings = &provider.settings;
        sqlx::query(
            "insert into providers (uid, org_id, name, title, issuer, client_id, client_secret_sealed, scopes, \
             groups_claim, rules, links_email, enabled, created_at, version) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(provider.uid.to_string())
        .bind(org_column(provider.org))
        .bind(&settings.name)
        .bind(&settings.title)
        .bind(&settings.issuer)
        .bind(&settings.client_id)
        .bind(secret_sealed.map(<[u8]>::to_vec))
        .bind(json!(settings.scopes).to_string())
        .bind(&settings.groups_claim)
        .bind(json!(settings.rules).to_string())
        .bind(i64::from(settings.links_email))
        .bind(i64::from(settings.enabled))
        .bind(provider.created_at.as_microsecond())
        .bind(provider.version)
        .execute(self.connection())
        .await
        .doing(&format!("create provider {:?}", settings.name))?;
        Ok(())
    }

    async fn update_provider(&mut self, provider: &Provider, version: i64, secret: Option<&[u8]>) -> Result<()> {
        let settings = &provider.settings;
        let updated = sqlx::query(
            "update providers set name = $4, title = $5, client_id = $6, \
             client_secret_sealed = coalesce($7, client_secret_sealed), scopes = $8, groups_claim = $9, rules = $10, \
             links_email = $11, enabled = $12, version = version + 1 where org_id = $1 and uid = $2 and version = $3",
        )
        .bind(org_column(provider.org))
        .bind(provider.uid.to_string())
        .bind(version)
        .bind(&settings.name)
        .bind(&settings.title)
        .bind(&settings.client_id)
        .bind(secret.map(<[u8]>::to_vec))
        .bind(json!(settings.scopes).to_string())
        .bind(&settings.groups_claim)
        .bind(json!(settings.rules).to_string())
        .bind(i64::from(settings.links_email))
        .bind(i64::from(settings.enabled))
        .execute(self.connection())
        .await
        .doing("change a provider")?;
        if updated.rows_affected() == 0 {
            let sentence = format!("provider {} was changed meanwhile", settings.name);
            return Err(Error::new(ErrorKind::Conflict, sentence));
        }
        Ok(())
    }

    async fn audit_provider(&mut self, actor: &Actor, action: Action, provider: &Provider) -> Result<()> {
        let details = json!({
            "name": provider.settings.name,
            "issuer": provider.settings.issuer,
            "rules": provider.settings.rules,
            "enabled": provider.settings.enabled,
        });
        let done = AuditOutcome::Done;
        self.audit_in(provider.org, actor, action, Resource::Identity, provider.uid, done, details).await
    }
}

/// Who runs an organization says who vouches for its people.
fn require(actor: &Actor, org: Option<OrgUid>) -> Result<Option<OrgUid>> {
    match org {
        Some(org) => {
            actor.in_org(org)?;
            actor.require(Action::Change, Resource::Org)?;
            Ok(Some(org))
        }
        None => {
            actor.require(Action::Change, Resource::Installation)?;
            reach(actor, None)
        }
    }
}

fn check(org: Option<OrgUid>, settings: &ProviderSettings) -> Result<()> {
    crate::orgs::check_name(&settings.name)?;
    crate::orgs::check_title(&settings.title)?;
    let texts =
        [("issuer", &settings.issuer), ("client_id", &settings.client_id), ("groups_claim", &settings.groups_claim)];
    for (field, text) in texts {
        if text.is_empty() || text.len() > TEXT_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(Error::invalid(field, format!("{field} has 1 to {TEXT_BYTES_MAX} bytes")));
        }
    }
    let is_scope = |scope: &String| {
        !scope.is_empty() && scope.len() <= TEXT_BYTES_MAX && scope.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if settings.scopes.len() > SCOPES_MAX || !settings.scopes.iter().all(is_scope) {
        return Err(Error::invalid("scopes", format!("there are up to {SCOPES_MAX} scopes, each a word")));
    }
    rules::check(org, &settings.rules)
}

fn missing(uid: ProviderUid) -> Error {
    Error::not_found(format_args!("provider {uid}"))
}

fn provider_of(row: &AnyRow) -> Result<Provider> {
    Ok(Provider {
        uid: row.parsed("uid")?,
        org: org_of(row)?,
        settings: ProviderSettings {
            name: row.text("name")?,
            title: row.text("title")?,
            issuer: row.text("issuer")?,
            client_id: row.text("client_id")?,
            scopes: row.json("scopes")?,
            groups_claim: row.text("groups_claim")?,
            rules: row.json("rules")?,
            links_email: row.flag("links_email")?,
            enabled: row.flag("enabled")?,
        },
        has_secret: row.bytes_opt("client_secret_sealed")?.is_some(),
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}
