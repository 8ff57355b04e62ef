//! From a token to an agent, in one transaction: the token is used up, the agent is made, its certificate is known.

use bygone_common::protocol::Facts;
use bygone_common::{AgentUid, EnrolmentUid, OrgUid};
use jiff::Timestamp;
use serde_json::json;

use super::{AGENT_NAME_CHARS_MAX, Agent, AgentState, Agents, audit, facts_json};
use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::certificates::{self, NewCertificate};
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::{EventKind, Happening};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// Names that are tried for a new agent: `web`, `web-2`, `web-3` …
const NAMES_TRIED_MAX: u32 = 1_000;

/// Who wants to be an agent.
#[derive(Debug, Clone)]
pub struct NewAgent<'a> {
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: &'a str,
    /// The machine.
    pub facts: &'a Facts,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// There never was such a token.
    Unknown,
    /// It came too late.
    Expired,
    /// Another machine has used it.
    Used,
    /// Somebody has withdrawn it.
    Revoked,
}

impl TokenFault {
    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "token_unknown",
            Self::Expired => "token_expired",
            Self::Used => "token_used",
            Self::Revoked => "token_revoked",
        }
    }

    /// What to tell a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "this enrolment token is not known: was it copied whole?",
            Self::Expired => "this enrolment token has expired: ask for a new one",
            Self::Used => "this enrolment token has been used: every machine needs one of its own",
            Self::Revoked => "this enrolment token was withdrawn: ask for a new one",
        }
    }
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Enrolment<C> {
    /// A new agent, and what was made for it.
    Done(Box<Agent>, C),
    /// The token is no good.
    Refused(TokenFault),
}

impl Agents<'_> {
    /// Uses up a token and makes an agent. `issue` makes the certificate of the agent it is told of; nothing of it stays if
    /// that fails.
    ///
    /// # Errors
    /// `Exhausted`: the organization has as many agents as it may; what `issue` answers; `Unavailable`.
    pub async fn enrol<C: Send>(
        &self,
        actor: &Actor,
        new: &NewAgent<'_>,
        issue: impl FnOnce(OrgUid, AgentUid) -> Result<(NewCertificate, C)> + Send,
    ) -> Result<Enrolment<C>> {
        actor.require(Action::Create, Resource::Agent)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        let uid = self.store.uid(AgentUid::new);
        let Some((token, org)) = redeem(&mut tx, new.token_hash, uid, now).await? else {
            drop(tx);
            return self.refuse(actor, new.token_hash, now).await.map(Enrolment::Refused);
        };
        check_quota(&mut tx, org).await?;
        let agent = Agent {
            uid,
            org,
            name: free_name(&mut tx, org, &new.facts.hostname).await?,
            state: AgentState::Active,
            facts: new.facts.clone(),
            last_seen_at: Some(now),
            skew_ms: None,
            address: actor.address().map(|address| address.to_string()),
            created_at: now,
            ended_at: None,
            version: 1,
        };
        insert(&mut tx, &agent).await?;
        let (certificate, made) = issue(org, uid)?;
        certificates::insert(&mut tx, org, uid, &certificate, now).await?;
        let details = json!({
            "name": agent.name,
            "hostname": agent.facts.hostname,
            "token": token,
            "fingerprint": certificate.fingerprint,
        });
        audit(&mut tx, org, actor, Action::Create, uid, details).await?;
        let data = json!({ "state": agent.state.name() });
        tx.happens(org, Happening { kind: EventKind::AgentChanged, job: None, agent: Some(uid), data }).await?;
        tx.commit().await?;
        Ok(Enrolment::Done(Box::new(agent), made))
    }

    /// Finds out why, and records that somebody tried.
    async fn refuse(&self, actor: &Actor, hash: &str, now: Timestamp) -> Result<TokenFault> {
        let row = sqlx::query("select * from enrolment_tokens where hash = $1")
            .bind(hash)
            .fetch_optional(self.store.pool())
            .await
            .doing("read an enrolment token")?;
        let Some(row) = row else { return Ok(TokenFault::Unknown) };
        let fault = match (row.time_opt("revoked_at")?, row.time_opt("used_at")?, row.time("expires_at")?) {
            (Some(_), _, _) => TokenFault::Revoked,
            (None, Some(_), _) => TokenFault::Used,
            (None, None, expires_at) if expires_at <= now => TokenFault::Expired,
            // It was withdrawn or used, and is not any more: that cannot be.
            (None, None, _) => return Err(Error::new(ErrorKind::Unavailable, "an enrolment token is being changed")),
        };
        let org: OrgUid = row.parsed("org_id")?;
        let token: EnrolmentUid = row.parsed("uid")?;
        let mut tx = self.store.begin().await?;
        let details = json!({ "code": fault.code() });
        let (action, resource) = (Action::Create, Resource::EnrolmentToken);
        tx.audit_in(Some(org), actor, action, resource, token, AuditOutcome::Refused, details).await?;
        tx.commit().await?;
        Ok(fault)
    }
}

/// Uses a token up; of two who try, one does.
async fn redeem(tx: &mut Tx, hash: &str, agent: AgentUid, now: Timestamp) -> Result<Option<(EnrolmentUid, OrgUid)>> {
    let row = sqlx::query(
        "update enrolment_tokens set used_at = $2, used_by = $3 \
         where hash = $1 and used_at is null and revoked_at is null and expires_at > $2 returning uid, org_id",
    )
    .bind(hash)
    .bind(now.as_microsecond())
    .bind(agent.to_string())
    .fetch_optional(tx.connection())
    .await
    .doing("use an enrolment token")?;
    row.map(|row| Ok((row.parsed("uid")?, row.parsed("org_id")?))).transpose()
}

/// Nobody else makes agents of the organization until this transaction ends.
async fn check_quota(tx: &mut Tx, org: OrgUid) -> Result<()> {
    let row = sqlx::query("update orgs set agents_max = agents_max where uid = $1 returning agents_max")
        .bind(org.to_string())
        .fetch_one(tx.connection())
        .await
        .doing("read a quota of agents")?;
    let Some(most) = row.int_opt("agents_max")? else { return Ok(()) };
    let row = sqlx::query("select count(*) as count from agents where org_id = $1 and state = 'active'")
        .bind(org.to_string())
        .fetch_one(tx.connection())
        .await
        .doing("count agents")?;
    if row.int("count")? < most {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Exhausted, format!("the organization has the {most} agents that it may have")))
}

/// The machine's name, or with a number if another has it.
async fn free_name(tx: &mut Tx, org: OrgUid, hostname: &str) -> Result<String> {
    let plain: String = hostname.chars().filter(|char| !char.is_control()).take(AGENT_NAME_CHARS_MAX - 5).collect();
    let base = if plain.trim().is_empty() { "agent".to_owned() } else { plain };
    for number in 1..=NAMES_TRIED_MAX {
        let name = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let row = sqlx::query("select uid from agents where org_id = $1 and name = $2 and state = 'active'")
            .bind(org.to_string())
            .bind(&name)
            .fetch_optional(tx.connection())
            .await
            .doing("look for an agent's name")?;
        if row.is_none() {
            return Ok(name);
        }
    }
    Err(Error::new(ErrorKind::Conflict, format!("there are {NAMES_TRIED_MAX} agents called {base:?} already")))
}

async fn insert(tx: &mut Tx, agent: &Agent) -> Result<()> {
    sqlx::query(
        "insert into agents (uid, org_id, name, state, facts, last_seen_at, address, created_at, version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(agent.uid.to_string())
    .bind(agent.org.to_string())
    .bind(&agent.name)
    .bind(agent.state.name())
    .bind(facts_json(&agent.facts)?)
    .bind(agent.last_seen_at.map(Timestamp::as_microsecond))
    .bind(agent.address.as_deref())
    .bind(agent.created_at.as_microsecond())
    .bind(agent.version)
    .execute(tx.connection())
    .await
    .doing("make an agent")?;
    Ok(())
}
