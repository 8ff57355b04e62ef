//! Agents: the machines that are protected, as far as the server knows them.
//!
//! An agent is made by [`enrol`](Agents::enrol) and by nothing else, belongs to the organization of its token for ever, and
//! is known by its certificates. Once it is revoked or has left, no certificate of it is good for anything.

mod enrol;

use std::fmt;
use std::str::FromStr;

use bygone_common::protocol::Facts;
use bygone_common::{AgentUid, OrgUid};
use jiff::Timestamp;
use serde_json::json;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::{Store, Tx};
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::events::{EventKind, Happening};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

pub use enrol::{Enrolment, NewAgent, TokenFault};

/// Characters of an agent's name at most.
pub const AGENT_NAME_CHARS_MAX: usize = 100;

/// Whether an agent may still do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// It may.
    Active,
    /// Somebody has forbidden it.
    Revoked,
    /// It has left.
    Unenrolled,
}

impl AgentState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Revoked, Self::Unenrolled];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Unenrolled => "unenrolled",
        }
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AgentState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| format!("{text:?} is no agent's state"))
    }
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its uid.
    pub uid: AgentUid,
    /// Whose it is.
    pub org: OrgUid,
    /// What people call it: the machine's name, unless somebody gave it another.
    pub name: String,
    /// Whether it may still do anything.
    pub state: AgentState,
    /// What it last said of its machine.
    pub facts: Facts,
    /// When it was last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// By how many milliseconds its clock is ahead of ours.
    pub skew_ms: Option<i64>,
    /// From where it was last heard.
    pub address: Option<String>,
    /// When it enrolled.
    pub created_at: Timestamp,
    /// When it was revoked or left.
    pub ended_at: Option<Timestamp>,
    /// Changes with every change that a person makes.
    pub version: i64,
}

/// What a heartbeat brings.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// What the agent says of its machine.
    pub facts: &'a Facts,
    /// By how many milliseconds its clock is ahead of ours.
    pub skew_ms: i64,
}

/// Agents.
#[derive(Debug, Clone, Copy)]
pub struct Agents<'a> {
    store: &'a Store,
}

impl Store {
    /// Agents.
    pub const fn agents(&self) -> Agents<'_> {
        Agents { store: self }
    }
}

impl Agents<'_> {
    /// One agent of an organization.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, uid: AgentUid) -> Result<Agent> {
        actor.require(Action::See, Resource::Agent)?;
        let org = actor.in_org(org)?;
        let row = sqlx::query("select * from agents where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read an agent")?;
        row.map_or_else(|| Err(Error::not_found(format_args!("agent {uid}"))), |row| from_row(&row))
    }

    /// A page of an organization's agents; of one state, if one is named.
    ///
    /// # Errors
    /// `NotFound`: the organization; `Invalid`: the page.
    pub async fn list(
        &self,
        actor: &Actor,
        org: OrgUid,
        state: Option<AgentState>,
        page: &Page,
    ) -> Result<List<Agent>> {
        actor.require(Action::See, Resource::Agent)?;
        let org = actor.in_org(org)?;
        let after = page.after::<AgentUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query(
            "select * from agents where org_id = $1 and uid > $2 and ($3 = '' or state = $3) order by uid limit $4",
        )
        .bind(org.to_string())
        .bind(after)
        .bind(state.map_or("", AgentState::name))
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list agents")?;
        let agents = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(agents, |agent| agent.uid))
    }

    /// Gives an agent that is still as the caller saw it another name.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: it was changed meanwhile, or another has that name; `Invalid`: the name.
    pub async fn rename(&self, actor: &Actor, org: OrgUid, uid: AgentUid, version: i64, name: &str) -> Result<Agent> {
        actor.require(Action::Change, Resource::Agent)?;
        check_name(name)?;
        let mut agent = self.get(actor, org, uid).await?;
        let mut tx = self.store.begin().await?;
        let updated = sqlx::query(
            "update agents set name = $4, version = version + 1 where org_id = $1 and uid = $2 and version = $3",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(version)
        .bind(name)
        .execute(tx.connection())
        .await
        .doing(&format!("call an agent {name:?}"))?;
        if updated.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::Conflict, format!("agent {uid} was changed meanwhile")));
        }
        let details = json!({ "name": name, "was": agent.name });
        audit(&mut tx, org, actor, Action::Change, uid, details).await?;
        tx.commit().await?;
        name.clone_into(&mut agent.name);
        agent.version = version + 1;
        Ok(agent)
    }

    /// Ends an agent, and every certificate of it, at once: it is refused from its next request on. Done twice, it is as
    /// done once.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`.
    pub async fn revoke(&self, actor: &Actor, org: OrgUid, uid: AgentUid) -> Result<Agent> {
        actor.require(Action::Delete, Resource::Agent)?;
        self.end(actor, org, uid, AgentState::Revoked).await
    }

    /// The same, by the agent itself: it leaves.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn unenrol(&self, actor: &Actor, org: OrgUid, uid: AgentUid) -> Result<Agent> {
        actor.require(Action::Delete, Resource::Agent)?;
        self.end(actor, org, uid, AgentState::Unenrolled).await
    }

    async fn end(&self, actor: &Actor, org: OrgUid, uid: AgentUid, state: AgentState) -> Result<Agent> {
        let org = actor.in_org(org)?;
        let now = self.store.now();
        let mut tx = self.store.begin().await?;
        let ended = sqlx::query(
            "update agents set state = $3, ended_at = $4, version = version + 1 \
             where org_id = $1 and uid = $2 and state = 'active'",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(state.name())
        .bind(now.as_microsecond())
        .execute(tx.connection())
        .await
        .doing("end an agent")?;
        if ended.rows_affected() > 0 {
            sqlx::query(
                "update certificates set revoked_at = $3 where org_id = $1 and agent_id = $2 and revoked_at is null",
            )
            .bind(org.to_string())
            .bind(uid.to_string())
            .bind(now.as_microsecond())
            .execute(tx.connection())
            .await
            .doing("revoke an agent's certificates")?;
            tx.cancel_jobs_of(org, uid).await?;
            audit(&mut tx, org, actor, Action::Delete, uid, json!({ "state": state.name() })).await?;
            let data = json!({ "state": state.name() });
            tx.happens(org, Happening { kind: EventKind::AgentChanged, job: None, agent: Some(uid), data }).await?;
            tx.commit().await?;
        }
        self.get(actor, org, uid).await
    }

    /// Notes that an agent was heard of. Not audited: it says so every half minute.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn seen(&self, actor: &Actor, org: OrgUid, uid: AgentUid, seen: &Seen<'_>) -> Result<()> {
        let org = actor.in_org(org)?;
        sqlx::query(
            "update agents set facts = $3, last_seen_at = $4, skew_ms = $5, address = $6 \
             where org_id = $1 and uid = $2 and state = 'active'",
        )
        .bind(org.to_string())
        .bind(uid.to_string())
        .bind(facts_json(seen.facts)?)
        .bind(self.store.now().as_microsecond())
        .bind(seen.skew_ms)
        .bind(actor.address().map(|address| address.to_string()))
        .execute(self.store.pool())
        .await
        .doing("note a heartbeat")?;
        Ok(())
    }
}

/// A name for people.
///
/// # Errors
/// `Invalid`, with the field `name`.
pub fn check_name(name: &str) -> Result<()> {
    let is_sound =
        !name.trim().is_empty() && name.chars().count() <= AGENT_NAME_CHARS_MAX && !name.chars().any(char::is_control);
    let sentence =
        || format!("an agent's name has 1 to {AGENT_NAME_CHARS_MAX} characters, none of them a control character");
    if is_sound { Ok(()) } else { Err(Error::invalid("name", sentence())) }
}

/// Records in the chain of the organization, also what the server itself does there.
pub(crate) async fn audit(
    tx: &mut Tx,
    org: OrgUid,
    actor: &Actor,
    action: Action,
    uid: impl fmt::Display + Send,
    details: serde_json::Value,
) -> Result<()> {
    let done = crate::audit::AuditOutcome::Done;
    tx.audit_in(Some(org), actor, action, Resource::Agent, uid, done, details).await
}

impl Tx {
    /// Whether an agent belongs to the organization.
    pub(crate) async fn is_active(&mut self, org: OrgUid, agent: AgentUid) -> Result<bool> {
        let row = sqlx::query("select uid from agents where org_id = $1 and uid = $2 and state = 'active'")
            .bind(org.to_string())
            .bind(agent.to_string())
            .fetch_optional(self.connection())
            .await
            .doing("look for an agent")?;
        Ok(row.is_some())
    }
}

fn facts_json(facts: &Facts) -> Result<String> {
    serde_json::to_string(facts)
        .map_err(|error| Error::new(ErrorKind::Failed, format!("write an agent's facts: {error}")))
}

pub(crate) fn from_row(row: &AnyRow) -> Result<Agent> {
    Ok(Agent {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        name: row.text("name")?,
        state: row.parsed("state")?,
        facts: row.json("facts")?,
        last_seen_at: row.time_opt("last_seen_at")?,
        skew_ms: row.int_opt("skew_ms")?,
        address: row.text_opt("address")?,
        created_at: row.time("created_at")?,
        ended_at: row.time_opt("ended_at")?,
        version: row.int("version")?,
    })
}
