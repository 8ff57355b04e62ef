//! What happens, told to whoever listens: in this process by a channel, between replicas by PostgreSQL's notifications.
//!
//! An event is recorded by the transaction that makes it happen, and told when that one has ended: whoever is told of a job
//! finds it. Who missed some (a slow reader, a connection that broke) reads them from the table, by their uids in order.

mod listen;

use std::fmt;
use std::str::FromStr;

use bygone_common::{AgentUid, EventUid, JobUid, OrgUid};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::AnyRow;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::actor::Actor;
use crate::database::{Dialect, Store, Tx};
use crate::error::{Doing, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// The channel of PostgreSQL's notifications.
pub(crate) const CHANNEL: &str = "bygone_events";

/// Events that a slow listener may be behind; it reads the table then.
pub const EVENTS_BEHIND_MAX: usize = 4_096;

/// For how long events are kept.
pub const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Bytes of an event in a notification: PostgreSQL takes less than 8000. A larger one is told without its data.
const NOTIFICATION_BYTES_MAX: usize = 7_000;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A job waits to be taken.
    #[serde(rename = "job.queued")]
    JobQueued,
    /// A job was taken.
    #[serde(rename = "job.leased")]
    JobLeased,
    /// A job was begun.
    #[serde(rename = "job.running")]
    JobRunning,
    /// A job is further. Not kept.
    #[serde(rename = "job.progress")]
    JobProgress,
    /// A job has ended, or goes back into the queue.
    #[serde(rename = "job.ended")]
    JobEnded,
    /// Somebody wants a job to be given up.
    #[serde(rename = "job.cancel")]
    JobCancel,
    /// A job has new lines in its log. Not kept.
    #[serde(rename = "job.log")]
    JobLog,
    /// A plan was made, changed or deleted.
    #[serde(rename = "plan.changed")]
    PlanChanged,
    /// A repository's storage does not answer: its jobs wait.
    #[serde(rename = "repository.down")]
    RepositoryDown,
    /// It answers again.
    #[serde(rename = "repository.up")]
    RepositoryUp,
    /// Snapshots came or went.
    #[serde(rename = "repository.changed")]
    RepositoryChanged,
    /// An agent was enrolled, revoked, or is no longer heard of.
    #[serde(rename = "agent.changed")]
    AgentChanged,
    /// A restore that somebody asked for was made, begun, approved, denied, given up or held up.
    #[serde(rename = "restore.changed")]
    RestoreChanged,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::JobQueued,
        Self::JobLeased,
        Self::JobRunning,
        Self::JobProgress,
        Self::JobEnded,
        Self::JobCancel,
        Self::JobLog,
        Self::PlanChanged,
        Self::RepositoryDown,
        Self::RepositoryUp,
        Self::RepositoryChanged,
        Self::AgentChanged,
        Self::RestoreChanged,
    ];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JobQueued => "job.queued",
            Self::JobLeased => "job.leased",
            Self::JobRunning => "job.running",
            Self::JobProgress => "job.progress",
            Self::JobEnded => "job.ended",
            Self::JobCancel => "job.cancel",
            Self::JobLog => "job.log",
            Self::PlanChanged => "plan.changed",
            Self::RepositoryDown => "repository.down",
            Self::RepositoryUp => "repository.up",
            Self::RepositoryChanged => "repository.changed",
            Self::AgentChanged => "agent.changed",
            Self::RestoreChanged => "restore.changed",
        }
    }

    /// Whether it is kept for those who come later: what comes every second is not.
    pub const fn is_kept(self) -> bool {
        !matches!(self, Self::JobProgress | Self::JobLog)
    }
}

impl FromStr for EventKind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| format!("{text:?} is no kind of event"))
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its uid: later ones sort after it, give or take the difference of replicas' clocks.
    pub uid: EventUid,
    /// Whose.
    pub org: OrgUid,
    /// When.
    pub at: Timestamp,
    /// What kind.
    pub kind: EventKind,
    /// The job, if it is about one.
    pub job: Option<JobUid>,
    /// The agent, if it is for or about one.
    pub agent: Option<AgentUid>,
    /// More, by kind; null when it was too large to be told.
    pub data: Value,
}

/// What is to be told.
#[derive(Debug, Clone)]
pub struct Happening {
    /// What kind.
    pub kind: EventKind,
    /// The job.
    pub job: Option<JobUid>,
    /// The agent.
    pub agent: Option<AgentUid>,
    /// More, by kind.
    pub data: Value,
}

impl Happening {
    /// Something without a job or an agent.
    pub const fn new(kind: EventKind, data: Value) -> Self {
        Self { kind, job: None, agent: None, data }
    }
}

/// What a listener is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Something happened.
    Event(Event),
    /// More happened than could be told: the listener was slow, or replicas could not be heard for a while. The table has it.
    Missed,
}

/// Hears what happens from when it was made on.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Heard>);

impl Listener {
    /// What happens next; nothing once the store is gone. Given up while it waits, nothing is lost.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(heard) => Some(heard),
            Err(RecvError::Lagged(_)) => Some(Heard::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

/// The channel of this process.
#[derive(Clone)]
pub struct Events {
    sender: broadcast::Sender<Heard>,
    /// Where PostgreSQL is; it holds a password.
    url: Option<String>,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("listeners", &self.sender.receiver_count()).finish_non_exhaustive()
    }
}

impl Events {
    pub(crate) fn new(url: &str, dialect: Dialect) -> Self {
        let url = match dialect {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some(url.to_owned()),
        };
        Self { sender: broadcast::Sender::new(EVENTS_BEHIND_MAX), url }
    }

    /// Everything that happens from now on, of every organization: who passes it on looks at whose it is.
    pub fn listen(&self) -> Listener {
        Listener(self.sender.subscribe())
    }

    pub(crate) fn tell(&self, events: Vec<Event>) {
        for event in events {
            // Nobody may be listening.
            let _ = self.sender.send(Heard::Event(event));
        }
    }

    fn tell_missed(&self) {
        let _ = self.sender.send(Heard::Missed);
    }
}

impl Tx {
    /// Records that something happens when this transaction ends.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn happens(&mut self, org: OrgUid, what: Happening) -> Result<()> {
        let store = self.store();
        let (uid, at) = (store.uid(EventUid::new), store.now());
        let Happening { kind, job, agent, data } = what;
        let event = Event { uid, org, at, kind, job, agent, data };
        if kind.is_kept() {
            insert(self, &event).await?;
        }
        let told = serde_json::to_string(&event).unwrap_or_default();
        let told = if told.len() > NOTIFICATION_BYTES_MAX {
            serde_json::to_string(&Event { data: Value::Null, ..event.clone() }).unwrap_or_default()
        } else {
            told
        };
        if self.notify(&told).await? {
            self.events.push(event);
        }
        Ok(())
    }
}

impl Store {
    /// A page of what happened lately, the oldest first.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn happened(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<Event>> {
        actor.require(Action::See, Resource::Job)?;
        let org = actor.in_org(org)?;
        let after = page.after::<EventUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query("select * from events where org_id = $1 and uid > $2 order by uid limit $3")
            .bind(org.to_string())
            .bind(after)
            .bind(page.rows())
            .fetch_all(self.pool())
            .await
            .doing("list events")?;
        let events = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(events, |event| event.uid))
    }

    /// Removes what is older than [`EVENTS_KEPT`]; answers how many.
    ///
    /// # Errors
    /// `Unavailable`, `Failed`: the database.
    pub async fn forget_events(&self) -> Result<u64> {
        let before = self.now().checked_sub(EVENTS_KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut tx = self.begin().await?;
        let gone = sqlx::query("delete from events where at < $1")
            .bind(before.as_microsecond())
            .execute(tx.connection())
            .await
            .doing("forget events")?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

async fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    sqlx::query(
        "insert into events (uid, org_id, at, kind, job_id, agent_id, data) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(event.uid.to_string())
    .bind(event.org.to_string())
    .bind(event.at.as_microsecond())
    .bind(event.kind.name())
    .bind(event.job.map(|job| job.to_string()))
    .bind(event.agent.map(|agent| agent.to_string()))
    .bind(event.data.to_string())
    .execute(tx.connection())
    .await
    .doing("record an event")?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<Event> {
    Ok(Event {
        uid: row.parsed("uid")?,
        org: row.parsed("org_id")?,
        at: row.time("at")?,
        kind: row.parsed("kind")?,
        job: row.parsed_opt("job_id")?,
        agent: row.parsed_opt("agent_id")?,
        data: row.json("data")?,
    })
}
