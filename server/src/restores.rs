//! Restores that people ask for: what they may put back, to which machine and where on it, and what of that asks for the
//! second factor or a second person. The rights are asked for anew whenever a restore goes on: when it is made, begun and
//! approved.
//!
//! Read in this order: here [`Wish`] and [`allowed`]; [`machines`] (where to), [`told`] (what is said of a restore),
//! [`report`] (its every entry, as far as one may see it), [`live`] (as it goes on).

pub(crate) mod live;
pub(crate) mod machines;
pub(crate) mod report;
pub(crate) mod told;

use bygone_common::access::Use;
use bygone_common::job::{ConflictRule, RestoreChoice, RestoreRule, RestoreSpec, RestoreTarget};
use bygone_common::plan::Limits;
use bygone_common::protocol::Capability;
use bygone_common::{AgentUid, OrgUid, SnapshotPath, SourceUid};
use bygone_portal::{At, Moment};
use bygone_store::access::SourceAccess;
use bygone_store::restores::{Begin, Restore};
use bygone_store::{Actor, Who};
use jiff::Timestamp;

use crate::app::App;
use crate::offload::offload;
use crate::problem::{Problem, ProblemCode, Result};
use machines::Machine;

/// Files and folders of one restore at most.
pub(crate) const ITEMS_MAX: usize = 1_000;
/// Conflict rules for single paths at most.
pub(crate) const CHOICES_MAX: usize = 1_000;

/// What somebody wants to be put back.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) source: SourceUid,
    /// Files and folders, each at a time.
    pub(crate) items: Vec<(At, SnapshotPath)>,
    /// The machine; the source's own if not said.
    pub(crate) agent: Option<AgentUid>,
    pub(crate) target: RestoreTarget,
    pub(crate) on_conflict: ConflictRule,
    pub(crate) choices: Vec<RestoreChoice>,
}

impl Wish {
    /// What a restore asked for, with other rules about conflicts perhaps.
    pub(crate) fn again(restore: &Restore) -> Result<Self> {
        let spec = &restore.spec;
        let unreadable = |_| Problem::new(ProblemCode::Internal, "the server failed; its log says how");
        let item = |path: &String| {
            let path = SnapshotPath::from_text(path).map_err(unreadable)?;
            Ok((At::Snapshot(spec.snapshot.to_string()), path))
        };
        Ok(Self {
            source: restore.source,
            items: spec.paths.iter().map(item).collect::<Result<_>>()?,
            agent: Some(restore.agent),
            target: spec.target.clone(),
            on_conflict: spec.on_conflict,
            choices: spec.choices.clone(),
        })
    }
}

/// What of a wish its asker may have.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) org: OrgUid,
    pub(crate) agent: AgentUid,
    pub(crate) spec: RestoreSpec,
    pub(crate) taken_at: Timestamp,
    /// The machine is somebody else's.
    pub(crate) is_elsewhere: bool,
    /// Somebody else has to agree.
    pub(crate) needs_approval: bool,
}

impl Allowed {
    /// How it begins, if it is not only to be thought through.
    pub(crate) const fn begin(&self) -> Begin {
        if self.needs_approval { Begin::Approval } else { Begin::Work }
    }

    /// Whether the asker has to show the second factor: it may take the place of what is there, or come to where somebody
    /// else finds it.
    pub(crate) fn is_grave(&self) -> bool {
        self.is_elsewhere || overwrites(&self.spec)
    }
}

/// Whether anything that is there may be replaced.
fn overwrites(spec: &RestoreSpec) -> bool {
    let replaces = |rule: ConflictRule| match rule {
        ConflictRule::Overwrite | ConflictRule::Newer | ConflictRule::SetAside => true,
        ConflictRule::Fail | ConflictRule::Skip | ConflictRule::KeepBoth => false,
    };
    let is_new = match &spec.target {
        RestoreTarget::NewFolder => true,
        RestoreTarget::Folder { .. } | RestoreTarget::Original => false,
    };
    !is_new && (replaces(spec.on_conflict) || spec.choices.iter().any(|choice| replaces(choice.rule)))
}

/// What somebody may have of what they wish.
///
/// # Errors
/// `NotFound`, `Forbidden`: what they may not put back, or a machine or folder that is not for them; `Invalid`: what cannot
/// be; what the storage answers.
pub(crate) async fn allowed(app: &App, actor: &Actor, wish: &Wish) -> Result<Allowed> {
    let source = app.portal.source(actor, wish.source).await?;
    let org = source.source().org;
    let moment = moment(app, &source, &wish.items).await?;
    let paths = look_up(&moment, &wish.items).await?;
    let agent = wish.agent.unwrap_or(source.source().agent);
    let machine = machines::usable(app, actor, org, agent).await?;
    machines::check_target(&machine, &source, &wish.target)?;
    check_choices(wish)?;
    let unreadable = |_| {
        tracing::error!(snapshot = moment.snapshot.id, "the catalog holds a snapshot's id that is none");
        Problem::new(ProblemCode::Internal, "the server failed; its log says how")
    };
    let spec = RestoreSpec {
        repository: moment.snapshot.repository,
        snapshot: moment.snapshot.id.parse().map_err(unreadable)?,
        paths,
        target: wish.target.clone(),
        on_conflict: wish.on_conflict,
        verify: true,
        dry_run: false,
        choices: wish.choices.clone(),
        within: RestoreRule::of(&moment.view),
        confined: !machine.runs_it,
        limits: Limits::default(),
        undo: None,
    };
    let server = Actor::system("restores", org);
    let needs_approval = source.source().restore_approval || app.store.orgs().get(&server, org).await?.restore_approval;
    let taken_at = moment.snapshot.taken_at;
    Ok(Allowed { org, agent, spec, taken_at, is_elsewhere: !machine.is_own, needs_approval })
}

/// Rules for single paths are about what is put back.
fn check_choices(wish: &Wish) -> Result<()> {
    let wrong = |why: String| Err(Problem::invalid("choices", why));
    if wish.choices.len() > CHOICES_MAX {
        return wrong(format!("a restore has at most {CHOICES_MAX} rules for single paths"));
    }
    for choice in &wish.choices {
        let path = match SnapshotPath::from_text(&choice.path) {
            Ok(path) => path,
            Err(error) => return wrong(error.to_string()),
        };
        let is_below = |item: &SnapshotPath| item.names().eq(path.names().take(item.names().len()));
        if path.is_root() || !wish.items.iter().any(|(_, item)| is_below(item)) {
            return wrong(format!("{} is not among what is put back", choice.path));
        }
    }
    Ok(())
}

/// The one snapshot that all items are of.
async fn moment(app: &App, source: &SourceAccess, items: &[(At, SnapshotPath)]) -> Result<Moment> {
    let mut known: Vec<(&At, Moment)> = Vec::new();
    for (at, _) in items {
        if known.iter().any(|(other, _)| *other == at) {
            continue;
        }
        let moment = app.portal.moment(source, at).await?;
        let is_same = |(_, other): &(&At, Moment)| other.snapshot.id == moment.snapshot.id;
        if !known.iter().all(is_same) {
            let sentence = "files of several snapshots are put back by a restore for each snapshot";
            return Err(Problem::invalid("items", sentence));
        }
        known.push((at, moment));
    }
    let first = known.into_iter().next().map(|(_, moment)| moment);
    first.ok_or_else(|| Problem::invalid("items", format!("a restore has 1 to {ITEMS_MAX} files and folders")))
}

/// The paths of what may be put back, in part at least.
async fn look_up(moment: &Moment, items: &[(At, SnapshotPath)]) -> Result<Vec<String>> {
    let (moment, items) = (moment.clone(), items.to_vec());
    offload(move || {
        let path = |(_, path): &(At, SnapshotPath)| {
            moment.reach(path, Use::Restore)?;
            Ok::<_, Problem>(path.to_text())
        };
        items.iter().map(path).collect::<Result<Vec<_>>>()
    })
    .await
}

/// The same for whoever asked for a restore, as they may do it now: with today's role and grants.
///
/// # Errors
/// `Conflict`: they may not any more, or it is not there any more.
pub(crate) async fn still_allowed(app: &App, restore: &Restore) -> Result<Allowed> {
    let asker = asker(app, restore).await?;
    allowed(app, &asker, &Wish::again(restore)?).await.map_err(withdrawn)
}

/// Who asked for a restore, as they are now.
async fn asker(app: &App, restore: &Restore) -> Result<Actor> {
    let server = Actor::system("restores", restore.org);
    let user = app.store.users().get(&server, Some(restore.org), restore.user).await.map_err(withdrawn)?;
    if user.disabled {
        return Err(withdrawn(Problem::not_found("who asked for this restore")));
    }
    Ok(Actor::new(Who::User(user.uid), user.org, user.role))
}

/// The machine of a restore whose asker may still put files where it put them, and which knows how to take that back.
///
/// # Errors
/// `Conflict`: the machine's agent is too old; `NotFound`, `Forbidden`, `Invalid`: as for a new restore.
pub(crate) async fn may_undo(app: &App, actor: &Actor, restore: &Restore) -> Result<Machine> {
    let source = app.portal.source(actor, restore.source).await?;
    let machine = machines::usable(app, actor, restore.org, restore.agent).await?;
    machines::check_target(&machine, &source, &restore.spec.target)?;
    if machine.knows(Capability::UNDO) {
        return Ok(machine);
    }
    let sentence = "the agent of this machine does not know how to put back what was replaced: bring it up to date";
    Err(Problem::new(ProblemCode::Conflict, sentence))
}

/// The same for whoever asked for the restore, as they may do it now.
///
/// # Errors
/// `Conflict`: they may not any more, or the machine cannot.
pub(crate) async fn may_still_undo(app: &App, restore: &Restore) -> Result<Machine> {
    let asker = asker(app, restore).await?;
    may_undo(app, &asker, restore).await.map_err(withdrawn)
}

/// What was asked for, and may not be had any more.
pub(crate) fn withdrawn(problem: impl Into<Problem>) -> Problem {
    let problem = problem.into();
    match problem.code() {
        ProblemCode::NotFound | ProblemCode::Forbidden => {
            let title = "what this restore is for is not there any more, or may not be put back by who asked";
            Problem::new(ProblemCode::Conflict, title)
        }
        _ => problem,
    }
}
