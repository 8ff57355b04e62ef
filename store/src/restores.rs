//! Restores that people ask for: what is to be put back where, whether somebody has to agree, and the jobs that come of it.
//!
//! A restore may be thought through first (a job that writes nothing), and is then begun; where an organization or a source
//! says so, somebody else has to agree before. What one may put back is for the caller to decide, by grants.
//!
//! Read in this order: here [`Restore`] and [`Followed`] (with its jobs), [`state`] (where it stands), [`create`] and
//! [`begin`], [`approve`] (the second person), [`hold`] (give up, wait, go on), [`undo`] (put back what was replaced), [`list`].

mod approve;
mod begin;
mod create;
mod hold;
mod list;
mod rows;
pub mod state;
mod undo;

use bygone_common::job::RestoreSpec;
use bygone_common::{AgentUid, JobUid, OrgUid, RestoreUid, SourceUid, UserUid};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::actor::{Actor, Who};
use crate::audit::AuditOutcome;
use crate::database::{Store, Tx};
use crate::error::{Error, ErrorKind, Result};
use crate::events::{EventKind, Happening};
use crate::jobs::Job;
use crate::rights::{Action, Resource, Right};

pub use begin::Begin;
pub use create::NewRestore;
pub use list::{RestoreFilter, Whose};
pub use state::RestoreState;
pub use undo::UNDO_WITHIN;

/// Restores of one person that are not over, at most.
pub const RESTORES_ACTIVE_MAX: i64 = 20;
/// How long a restore is remembered after it was asked for, if it is over.
pub const RESTORES_KEPT: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Characters of what somebody says about a restore, at most.
pub const COMMENT_CHARS_MAX: usize = 500;

/// A restore.
#[derive(Debug, Clone, PartialEq)]
pub struct Restore {
    /// Its uid.
    pub uid: RestoreUid,
    /// Whose files.
    pub org: OrgUid,
    /// Who asked.
    pub user: UserUid,
    /// Of which source.
    pub source: SourceUid,
    /// To which machine.
    pub agent: AgentUid,
    /// What is to be done.
    pub spec: RestoreSpec,
    /// When the snapshot was taken.
    pub taken_at: Timestamp,
    /// Why, in the words of who asked; may be empty.
    pub comment: String,
    /// Whether somebody else has to agree, and what they said.
    pub approval: Option<Approval>,
    /// The job that thinks it through.
    pub check: Option<JobUid>,
    /// The job that does it.
    pub job: Option<JobUid>,
    /// The job that puts back what it replaced.
    pub undo: Option<JobUid>,
    /// When it was given up before anybody did anything.
    pub cancelled_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Changes with every change.
    pub version: i64,
}

/// What the second person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Waits,
    /// It may be done.
    Approved,
    /// It may not.
    Denied,
}

impl Verdict {
    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Approved => "approved",
            Self::Denied => "denied",
        }
    }
}

/// The approval of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What was said.
    pub verdict: Verdict,
    /// By whom.
    pub by: Option<UserUid>,
    /// When.
    pub at: Option<Timestamp>,
    /// Why; may be empty.
    pub why: String,
}

/// What people call those whom a restore names; none where they are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Who asked.
    pub user: Option<String>,
    /// The source.
    pub source: Option<String>,
    /// The machine.
    pub agent: Option<String>,
    /// Who agreed, or did not.
    pub approver: Option<String>,
}

/// A restore and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// What was asked for.
    pub restore: Restore,
    /// What those whom it names are called.
    pub names: Names,
    /// When its machine was last heard of.
    pub agent_seen_at: Option<Timestamp>,
    /// The job that thinks it through, or thought.
    pub check: Option<Job>,
    /// The job that does it, or did.
    pub job: Option<Job>,
    /// The job that puts back what it replaced, or did.
    pub undo: Option<Job>,
}

impl Followed {
    /// Where it stands.
    pub fn state(&self) -> RestoreState {
        RestoreState::of(&self.restore, self.check.as_ref(), self.job.as_ref())
    }
}

/// Restores.
#[derive(Debug, Clone, Copy)]
pub struct Restores<'a> {
    store: &'a Store,
}

impl Store {
    /// Restores that people ask for.
    pub const fn restores(&self) -> Restores<'_> {
        Restores { store: self }
    }
}

pub(crate) fn missing(uid: RestoreUid) -> Error {
    Error::not_found(format_args!("restore {uid}"))
}

/// One's own restores are seen, and those of everybody by who sees all jobs.
fn may_see(actor: &Actor, restore: &Restore) -> Result<()> {
    match actor.right(Action::See, Resource::Job) {
        Right::Allowed => Ok(()),
        Right::Own if is_own(actor, restore) => Ok(()),
        Right::Own | Right::Denied => Err(missing(restore.uid)),
    }
}

/// One's own restores are given up and held up, and those of everybody by who may change all jobs.
fn may_change(actor: &Actor, restore: &Restore) -> Result<()> {
    may_see(actor, restore)?;
    let may_restore = actor.right(Action::Create, Resource::Job) != Right::Denied;
    if is_own(actor, restore) && may_restore { Ok(()) } else { actor.require(Action::Change, Resource::Job) }
}

fn is_own(actor: &Actor, restore: &Restore) -> bool {
    actor.who().user() == Some(restore.user)
}

/// Jobs of restores are the server's: what they tell is shown by the rights of whoever looks, and by the restore alone.
fn server(actor: &Actor, org: OrgUid) -> Actor {
    let server = Actor::new(Who::System("restores"), Some(org), crate::rights::Role::System);
    match actor.correlation() {
        Some(correlation) => server.from_request(correlation, actor.address()),
        None => server,
    }
}

fn not_in_state(followed: &Followed, wanted: &str) -> Error {
    let sentence = format!("restore {} is {}: it cannot be {wanted}", followed.restore.uid, followed.state());
    Error::new(ErrorKind::Conflict, sentence)
}

fn check_comment(field: &'static str, text: &str) -> Result<()> {
    let is_control = |character: char| character.is_control() && character != '\n';
    if text.chars().count() <= COMMENT_CHARS_MAX && !text.contains(is_control) {
        return Ok(());
    }
    let sentence = format!("{field} has {COMMENT_CHARS_MAX} characters at most, and no control characters");
    Err(Error::invalid(field, sentence))
}

impl Tx {
    /// Records something of a restore, as its job's.
    async fn audit_restore(
        &mut self,
        actor: &Actor,
        action: Action,
        restore: &Restore,
        mut details: Value,
    ) -> Result<()> {
        if let Some(details) = details.as_object_mut() {
            details.insert("restore".to_owned(), json!(restore.uid));
        }
        let (org, done) = (Some(restore.org), AuditOutcome::Done);
        self.audit_in(org, actor, action, Resource::Job, restore.uid, done, details).await
    }

    /// Tells listeners that a restore stands elsewhere.
    async fn restore_changes(&mut self, restore: &Restore) -> Result<()> {
        let data = json!({ "restore": restore.uid });
        let (job, agent) = (restore.job.or(restore.check), Some(restore.agent));
        self.happens(restore.org, Happening { kind: EventKind::RestoreChanged, job, agent, data }).await
    }
}
