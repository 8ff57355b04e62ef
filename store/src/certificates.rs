//! Certificates of agents, by which they are known; and the authority that signs them, its key sealed.

use bygone_common::{AgentUid, OrgUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::agents::{self, Agent, AgentState};
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// A certificate that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it, in hexadecimal.
    pub fingerprint: String,
    /// Whose agent's it is.
    pub org: OrgUid,
    /// Which agent's.
    pub agent: AgentUid,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// When it begins.
    pub not_before: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What is kept of a certificate that is being issued.
#[derive(Debug, Clone)]
pub struct NewCertificate {
    /// SHA-256 of it, in hexadecimal.
    pub fingerprint: String,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// When it begins.
    pub not_before: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A certificate authority of the installation.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Its own certificate, in PEM form.
    pub certificate_pem: String,
    /// Its key, sealed.
    pub sealed_key: Vec<u8>,
}

/// Certificates.
#[derive(Debug, Clone, Copy)]
pub struct Certificates<'a> {
    store: &'a Store,
}

impl Store {
    /// Certificates.
    pub const fn certificates(&self) -> Certificates<'_> {
        Certificates { store: self }
    }
}

impl Certificates<'_> {
    /// Who comes with a certificate. The TLS layer has found out that the authority signed it and that its key is theirs.
    ///
    /// # Errors
    /// `Forbidden`: it is not known, was revoked or has ended, or its agent has; `NotFound` for actors that have no business
    /// here.
    pub async fn holder(&self, actor: &Actor, fingerprint: &str) -> Result<(Agent, Certificate)> {
        actor.require(Action::See, Resource::Certificate)?;
        let row = sqlx::query("select * from certificates where fingerprint = $1")
            .bind(fingerprint)
            .fetch_optional(self.store.pool())
            .await
            .doing("read a certificate")?;
        let refused = |why: &str| Error::new(ErrorKind::Forbidden, format!("this certificate {why}"));
        let certificate = from_row(&row.ok_or_else(|| refused("is not known here"))?)?;
        let row = sqlx::query("select * from agents where org_id = $1 and uid = $2")
            .bind(certificate.org.to_string())
            .bind(certificate.agent.to_string())
            .fetch_one(self.store.pool())
            .await
            .doing("read the agent of a certificate")?;
        let agent = agents::from_row(&row)?;
        match agent.state {
            AgentState::Revoked => return Err(refused("was revoked with its agent")),
            AgentState::Unenrolled => return Err(refused("is of an agent that has left")),
            AgentState::Active => {}
        }
        if certificate.revoked_at.is_some() {
            return Err(refused("was revoked"));
        }
        if certificate.expires_at <= self.store.now() {
            return Err(refused("has ended"));
        }
        Ok((agent, certificate))
    }

    /// Keeps a certificate that was issued to an agent in place of one that ends soon.
    ///
    /// # Errors
    /// `NotFound`: there is no such agent any more.
    pub async fn add(&self, actor: &Actor, agent: &Agent, certificate: &NewCertificate) -> Result<()> {
        actor.require(Action::Create, Resource::Certificate)?;
        let org = actor.in_org(agent.org)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        let row = sqlx::query("update agents set state = state where org_id = $1 and uid = $2 and state = 'active'")
            .bind(org.to_string())
            .bind(agent.uid.to_string())
            .execute(tx.connection())
            .await
            .doing("look for an agent")?;
        if row.rows_affected() == 0 {
            return Err(Error::not_found(format_args!("agent {}", agent.uid)));
        }
        insert(&mut tx, org, agent.uid, certificate, now).await?;
        let details = json!({ "agent": agent.uid, "expires_at": certificate.expires_at.to_string() });
        let (action, resource) = (Action::Create, Resource::Certificate);
        let done = AuditOutcome::Done;
        tx.audit_in(Some(org), actor, action, resource, &certificate.fingerprint, done, details).await?;
        tx.commit().await
    }

    /// A page of an agent's certificates, by fingerprint.
    ///
    /// # Errors
    /// `NotFound`: the organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, agent: AgentUid, page: &Page) -> Result<List<Certificate>> {
        actor.require(Action::See, Resource::Certificate)?;
        let org = actor.in_org(org)?;
        let rows = sqlx::query(
            "select * from certificates where org_id = $1 and agent_id = $2 and fingerprint > $3 \
             order by fingerprint limit $4",
        )
        .bind(org.to_string())
        .bind(agent.to_string())
        .bind(page.after::<String>()?.unwrap_or_default())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list certificates")?;
        let certificates = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(certificates, |certificate| certificate.fingerprint.clone()))
    }

    /// The authority of a name, if it was made.
    ///
    /// # Errors
    /// `NotFound` for actors that have no business here.
    pub async fn authority(&self, actor: &Actor, name: &str) -> Result<Option<Authority>> {
        actor.require(Action::Change, Resource::Installation)?;
        let row = sqlx::query("select certificate_pem, sealed_key from authorities where name = $1")
            .bind(name)
            .fetch_optional(self.store.pool())
            .await
            .doing("read a certificate authority")?;
        let read = |row: AnyRow| {
            Ok(Authority { certificate_pem: row.text("certificate_pem")?, sealed_key: row.bytes("sealed_key")? })
        };
        row.map(read).transpose()
    }

    /// Keeps a new authority, unless another replica was first; answers the one that counts.
    ///
    /// # Errors
    /// As [`authority`](Self::authority).
    pub async fn keep_authority(&self, actor: &Actor, name: &str, new: &Authority) -> Result<Authority> {
        actor.require(Action::Change, Resource::Installation)?;
        let mut tx = self.store.begin().await?;
        let inserted = sqlx::query(
            "insert into authorities (name, certificate_pem, sealed_key, created_at) values ($1, $2, $3, $4) \
             on conflict (name) do nothing",
        )
        .bind(name)
        .bind(&new.certificate_pem)
        .bind(new.sealed_key.clone())
        .bind(self.store.now().as_microsecond())
        .execute(tx.connection())
        .await
        .doing("keep a certificate authority")?;
        if inserted.rows_affected() > 0 {
            let details = json!({ "authority": name });
            let (action, resource) = (Action::Create, Resource::Installation);
            tx.audit_in(None, actor, action, resource, name, AuditOutcome::Done, details).await?;
        }
        tx.commit().await?;
        let kept = self.authority(actor, name).await?;
        kept.ok_or_else(|| Error::new(ErrorKind::Failed, format!("certificate authority {name} is gone")))
    }

    /// Keeps an authority's key sealed anew: for when the installation key changes.
    ///
    /// # Errors
    /// As [`authority`](Self::authority).
    pub async fn reseal_authority(&self, actor: &Actor, name: &str, sealed_key: &[u8]) -> Result<()> {
        actor.require(Action::Change, Resource::Installation)?;
        sqlx::query("update authorities set sealed_key = $2 where name = $1")
            .bind(name)
            .bind(sealed_key.to_vec())
            .execute(self.store.pool())
            .await
            .doing("seal a certificate authority's key anew")?;
        Ok(())
    }
}

pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgUid,
    agent: AgentUid,
    certificate: &NewCertificate,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "insert into certificates (fingerprint, org_id, agent_id, serial, not_before, expires_at, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&certificate.fingerprint)
    .bind(org.to_string())
    .bind(agent.to_string())
    .bind(&certificate.serial)
    .bind(certificate.not_before.as_microsecond())
    .bind(certificate.expires_at.as_microsecond())
    .bind(now.as_microsecond())
    .execute(tx.connection())
    .await
    .doing("keep a certificate")?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Certificate> {
    Ok(Certificate {
        fingerprint: row.text("fingerprint")?,
        org: row.parsed("org_id")?,
        agent: row.parsed("agent_id")?,
        serial: row.text("serial")?,
        not_before: row.time("not_before")?,
        expires_at: row.time("expires_at")?,
        created_at: row.time("created_at")?,
        revoked_at: row.time_opt("revoked_at")?,
    })
}
