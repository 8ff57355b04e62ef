//! What is said of a restore: where it stands, in numbers. Its entries are in its report.

use bygone_common::job::{ConflictRule, Failure, Outcome, Progress, RestoreTarget, Restored};
use bygone_common::{AgentUid, RestoreUid, SnapshotPath, SourceUid, UserUid};
use bygone_store::jobs::Job;
use bygone_store::restores::{Approval, Followed, RestoreState, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::machines::is_online;
use crate::app::App;

/// What happens where something is already: it stays, and the snapshot's is put beside it; it is replaced, and kept in a
/// safety folder; it stays; it is replaced if it is older; nothing is done at all, and what is in the way is named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnConflictBody {
    #[default]
    KeepBoth,
    Replace,
    Skip,
    IfNewer,
    Ask,
}

impl From<OnConflictBody> for ConflictRule {
    fn from(body: OnConflictBody) -> Self {
        match body {
            OnConflictBody::KeepBoth => Self::KeepBoth,
            OnConflictBody::Replace => Self::SetAside,
            OnConflictBody::Skip => Self::Skip,
            OnConflictBody::IfNewer => Self::Newer,
            OnConflictBody::Ask => Self::Fail,
        }
    }
}

impl From<ConflictRule> for OnConflictBody {
    fn from(rule: ConflictRule) -> Self {
        match rule {
            ConflictRule::KeepBoth => Self::KeepBoth,
            ConflictRule::SetAside | ConflictRule::Overwrite => Self::Replace,
            ConflictRule::Skip => Self::Skip,
            ConflictRule::Newer => Self::IfNewer,
            ConflictRule::Fail => Self::Ask,
        }
    }
}

/// The rule for one thing that is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceBody {
    /// Its path in the snapshot.
    pub(crate) path: String,
    pub(crate) rule: OnConflictBody,
}

/// Where a restore stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RestoreStateBody {
    /// It is being thought through, or waits for its machine to do so.
    Checking,
    /// It was thought through, and may be begun.
    Ready,
    /// Somebody else has to agree.
    Approval,
    /// Somebody else did not agree.
    Denied,
    /// It waits for its machine.
    Queued,
    Running,
    /// It waits until it may go on.
    Paused,
    Done,
    /// It was done, but for what could not be.
    DoneWithErrors,
    Failed,
    Cancelled,
}

impl From<RestoreState> for RestoreStateBody {
    fn from(state: RestoreState) -> Self {
        match state {
            RestoreState::Checking => Self::Checking,
            RestoreState::Ready => Self::Ready,
            RestoreState::Approval => Self::Approval,
            RestoreState::Denied => Self::Denied,
            RestoreState::Queued => Self::Queued,
            RestoreState::Running => Self::Running,
            RestoreState::Paused => Self::Paused,
            RestoreState::Done => Self::Done,
            RestoreState::DoneWithErrors => Self::DoneWithErrors,
            RestoreState::Failed => Self::Failed,
            RestoreState::Cancelled => Self::Cancelled,
        }
    }
}

/// A source of a restore.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RestoreSourceBody {
    #[schema(value_type = uuid::Uuid)]
    uid: SourceUid,
    /// Null: it is not there any more.
    name: Option<String>,
}

/// A machine of a restore.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RestoreAgentBody {
    #[schema(value_type = uuid::Uuid)]
    uid: AgentUid,
    name: Option<String>,
    /// Whether it was heard of lately.
    online: bool,
}

/// A person of a restore.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RestoreUserBody {
    #[schema(value_type = uuid::Uuid)]
    uid: UserUid,
    name: Option<String>,
}

/// What the second person says.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ApprovalBody {
    /// `waits`, `approved` or `denied`.
    state: &'static str,
    by: Option<RestoreUserBody>,
    at: Option<Timestamp>,
    why: String,
}

/// A restore, thought through: nothing was written for it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CheckBody {
    /// The folder that everything would be in.
    target: String,
    /// Files to make where nothing is.
    create: u64,
    /// Files to put in the place of others.
    replace: u64,
    /// Files to put beside others.
    beside: u64,
    /// Files that are there already.
    same: u64,
    /// Files to leave as they are.
    skip: u64,
    /// What is in the way, and has no rule.
    conflict: u64,
    /// Folders to make.
    folders: u64,
    /// What cannot be restored at all.
    errors: u64,
    /// Bytes to write.
    bytes: u64,
    /// Bytes that are free there, if the system tells.
    bytes_free: Option<u64>,
}

impl CheckBody {
    fn of(restored: &Restored) -> Self {
        let plan = &restored.plan;
        Self {
            target: restored.target.clone(),
            create: plan.create,
            replace: plan.replace,
            beside: plan.beside,
            same: plan.unchanged,
            skip: plan.skip,
            conflict: plan.conflict,
            folders: plan.folders,
            errors: plan.errors,
            bytes: plan.bytes,
            bytes_free: plan.bytes_free,
        }
    }
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ResultBody {
    /// The folder that everything is in.
    target: String,
    files: u64,
    folders: u64,
    bytes: u64,
    /// Files that were there already.
    same: u64,
    /// Files that were left as they are.
    skipped: u64,
    /// Files that were put beside others.
    kept_beside: u64,
    /// Files that were put in the place of others.
    replaced: u64,
    /// What could not be restored.
    failed: u64,
    /// Files that were read back and are as in the snapshot.
    verified: Option<u64>,
    /// Where what was replaced lies now.
    safety_folder: Option<String>,
}

/// Putting back what a restore replaced.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct UndoBody {
    /// As of jobs: `queued`, `leased`, `running`, `succeeded`, `partial`, `failed` or `cancelled`.
    state: &'static str,
    /// Files that are back.
    files: u64,
    /// Files that could not be put back.
    failed: u64,
    /// Where what was in their places lies now.
    kept: Option<String>,
    failure: Option<RestoreFailureBody>,
    ended_at: Option<Timestamp>,
}

impl UndoBody {
    fn of(job: &Job) -> Self {
        let done = job.outcome.as_ref().and_then(Outcome::done);
        Self {
            state: job.state.name(),
            files: done.map_or(0, |done| done.counts.files_new),
            failed: done.map_or(0, |done| done.counts.problems),
            kept: restored(job).and_then(|restored| restored.safety_folder.clone()),
            failure: failure(job),
            ended_at: job.ended_at,
        }
    }
}

/// Why a restore failed; or why its last attempt did, if it is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RestoreFailureBody {
    /// For programs: as in outcomes of jobs.
    code: bygone_common::job::FailureCode,
    /// For people.
    text: String,
}

/// A restore.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RestoreBody {
    #[schema(value_type = uuid::Uuid)]
    uid: RestoreUid,
    state: RestoreStateBody,
    source: RestoreSourceBody,
    agent: RestoreAgentBody,
    /// Who asked.
    asker: RestoreUserBody,
    /// The snapshot's id.
    snapshot: String,
    taken_at: Timestamp,
    /// Paths in the snapshot.
    items: Vec<String>,
    target: RestoreTarget,
    on_conflict: OnConflictBody,
    choices: Vec<ChoiceBody>,
    comment: String,
    /// Null: nobody else has to agree.
    approval: Option<ApprovalBody>,
    /// It would go on if its machine were there.
    waits_for_agent: bool,
    /// How far it is, or the thinking.
    #[schema(value_type = Option<Progress>)]
    progress: Option<Progress>,
    /// What thinking it through has shown.
    check: Option<CheckBody>,
    result: Option<ResultBody>,
    failure: Option<RestoreFailureBody>,
    /// Whether what was replaced can be put back now: it is kept for seven days.
    undoable: bool,
    /// Putting it back, if somebody asked for that.
    undo: Option<UndoBody>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// A restore as it is said.
pub(crate) fn told(app: &App, followed: &Followed) -> RestoreBody {
    let Followed { restore, names, check, job, undo, .. } = followed;
    let state = followed.state();
    let online = is_online(app, followed.agent_seen_at);
    let at_work = job.as_ref().or(check.as_ref());
    let is_waiting = matches!(state, RestoreState::Checking | RestoreState::Queued);
    let choice =
        |choice: &bygone_common::job::RestoreChoice| ChoiceBody { path: choice.path.clone(), rule: choice.rule.into() };
    RestoreBody {
        uid: restore.uid,
        state: state.into(),
        source: RestoreSourceBody { uid: restore.source, name: names.source.clone() },
        agent: RestoreAgentBody { uid: restore.agent, name: names.agent.clone(), online },
        asker: RestoreUserBody { uid: restore.user, name: names.user.clone() },
        snapshot: restore.spec.snapshot.to_string(),
        taken_at: restore.taken_at,
        items: restore.spec.paths.iter().map(|path| shown(path)).collect(),
        target: restore.spec.target.clone(),
        on_conflict: restore.spec.on_conflict.into(),
        choices: restore.spec.choices.iter().map(choice).collect(),
        comment: restore.comment.clone(),
        approval: restore.approval.as_ref().map(|approval| approval_body(approval, names.approver.clone())),
        waits_for_agent: is_waiting && !online,
        progress: at_work.and_then(|job| job.progress),
        check: check.as_ref().and_then(restored).map(CheckBody::of),
        result: job.as_ref().and_then(result),
        failure: at_work.and_then(failure),
        undoable: followed.undoable(app.clock.now()).is_some(),
        undo: undo.as_ref().map(UndoBody::of),
        created_at: restore.created_at,
        ended_at: ended_at(followed, state),
    }
}

/// A path for people: what is not UTF-8 has a sign in its place.
fn shown(text: &str) -> String {
    SnapshotPath::from_text(text).map_or_else(|_| text.to_owned(), |path| path.to_string())
}

fn approval_body(approval: &Approval, name: Option<String>) -> ApprovalBody {
    ApprovalBody {
        state: approval.verdict.name(),
        by: approval.by.map(|uid| RestoreUserBody { uid, name }),
        at: approval.at,
        why: approval.why.clone(),
    }
}

/// What a job tells of a restore at its end.
pub(super) fn restored(job: &Job) -> Option<&Restored> {
    job.outcome.as_ref().and_then(Outcome::done)?.restore.as_deref()
}

fn result(job: &Job) -> Option<ResultBody> {
    let done = job.outcome.as_ref().and_then(Outcome::done)?;
    let restored = done.restore.as_ref()?;
    Some(ResultBody {
        target: restored.target.clone(),
        files: done.counts.files_new,
        folders: done.counts.dirs,
        bytes: done.counts.bytes_written,
        same: done.counts.files_unmodified,
        skipped: restored.skipped,
        kept_beside: restored.plan.beside,
        replaced: restored.plan.replace,
        failed: done.counts.problems,
        verified: restored.verified,
        safety_folder: restored.safety_folder.clone(),
    })
}

fn failure(job: &Job) -> Option<RestoreFailureBody> {
    match &job.outcome {
        Some(Outcome::Failed(Failure { code, text })) => Some(RestoreFailureBody { code: *code, text: text.clone() }),
        Some(Outcome::Succeeded(_) | Outcome::Partial(_) | Outcome::Cancelled) | None => None,
    }
}

fn ended_at(followed: &Followed, state: RestoreState) -> Option<Timestamp> {
    if !state.is_final() {
        return None;
    }
    let denied = followed.restore.approval.as_ref().filter(|approval| approval.verdict == Verdict::Denied);
    let denied_at = denied.and_then(|approval| approval.at);
    let job = followed.job.as_ref().or(followed.check.as_ref());
    followed.restore.cancelled_at.or(denied_at).or_else(|| job.and_then(|job| job.ended_at))
}
