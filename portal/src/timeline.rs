//! The snapshots of a source along time, with how much each differs from the one before it: as far as the asker sees it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::extract::State;
use bygone_common::access::{Use, View};
use bygone_common::hold::is_held;
use bygone_common::{RepositoryUid, SnapshotPath, SourceUid};
use bygone_http::extract::{Json, Path, Query};
use bygone_http::offload::offload;
use bygone_http::page::page;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::access::SourceAccess;
use bygone_store::snapshot_changes::SnapshotChanges;
use bygone_store::snapshots::SnapshotRow;
use bygone_store::{Action, Resource, Right};
use bygone_vault::backend::object_lock::retained_until;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::compare::{CountKey, Counts, count};
use crate::diff::{DiffCountsBody, side};
use crate::moment::{Moment, sees_nothing};
use crate::names::path_of;
use crate::portal::Portal;
use crate::reads::Read;
use crate::thin::thinned;

/// How long one answer counts differences that nobody asked for before: what is left then is counted by the next.
const COUNTING_MAX: Duration = Duration::from_secs(2);
/// Differences that are counted between two looks at the clock.
const COUNTED_AT_ONCE: usize = 100;
/// Points of a thinned timeline at most.
pub(crate) const POINTS_MAX: u32 = 1_000;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(timeline))
}

/// Which snapshots are meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Taken at this time or later.
    since: Option<Timestamp>,
    /// Taken before.
    before: Option<Timestamp>,
    /// Differences are counted at and below this path only.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// Thinned to so many points at most, evenly in time: each stands for the snapshots of its time. Not with `limit` or
    /// `after`.
    #[param(minimum = 1, maximum = 1000)]
    points: Option<u32>,
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A snapshot on the timeline, or several of one time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PointBody {
    /// restic's id of the newest.
    pub(crate) id: String,
    /// When it was taken.
    pub(crate) taken_at: Timestamp,
    /// The source's offset from UTC then, in seconds.
    pub(crate) utc_offset: i64,
    /// How many snapshots the point stands for.
    pub(crate) snapshots: usize,
    /// Files in it and their bytes, where its writer counted and all of it may be seen.
    pub(crate) files: Option<i64>,
    pub(crate) bytes: Option<i64>,
    /// Whether a hold keeps it, or one of several; null: holds are not for the asker to see.
    pub(crate) held: Option<bool>,
    /// Until when storage keeps what was written with it from being removed by anybody, as its repository's rule says; of
    /// several, the last. Not there where nothing is kept so any more. What it shares with older snapshots becomes free
    /// with them, unless `bygone worm extend` prolongs that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locked_until: Option<Timestamp>,
    /// How it differs from the snapshot before it: null while that is not counted, and where there is none before it. Of
    /// several snapshots, the sum of what is counted.
    pub(crate) changes: Option<DiffCountsBody>,
}

/// A page of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineBody {
    /// The newest first.
    items: Vec<PointBody>,
    /// Whether every difference is counted: if not, ask again.
    counted: bool,
    /// Where the next page begins: give it as `after`. Null on the last page.
    next: Option<String>,
}

/// A snapshot, the one before it, and what may be seen in it.
pub(crate) struct Step {
    pub(crate) row: SnapshotRow,
    previous: Option<SnapshotRow>,
    is_whole: bool,
    pub(crate) is_held: Option<bool>,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) counts: Option<Counts>,
}

/// Lists the snapshots of a source with how much each differs from the one before it.
#[utoipa::path(
    get, path = "/sources/{source}/timeline", tag = "portal", params(("source" = uuid::Uuid, Path), TimelineQuery),
    responses((status = 200, body = TimelineBody), (status = "default", body = Problem))
)]
async fn timeline(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<TimelineBody>> {
    let path = path_of(query.path.as_deref(), query.path_base64.as_deref())?;
    let shown = page(query.limit, query.after.as_deref())?;
    let refused = |why: &str| Problem::new(ProblemCode::Malformed, why).about("points");
    if query.points.is_some_and(|points| !(1..=POINTS_MAX).contains(&points)) {
        return Err(refused("a timeline is thinned to 1 to 1000 points"));
    }
    if query.points.is_some() && (query.limit.is_some() || query.after.is_some()) {
        return Err(refused("a thinned timeline has one page"));
    }
    let source = portal.source(&actor, uid).await?;
    let oldest = crate::sources::oldest(&portal, &source);
    let since = [query.since, oldest].into_iter().flatten().max();
    let snapshots = portal.store.snapshots();
    let (rows, next) = match query.points {
        Some(_) => (snapshots.newest_of(&source, since, query.before).await?.0, None),
        None => {
            let list = snapshots.page_of(&source, since, query.before, &shown).await?;
            (list.items, list.next)
        }
    };
    let sees_holds = actor.right(Action::See, Resource::Hold) == Right::Allowed;
    let kept = Keeping { now: portal.clock.now(), sees_holds, days: snapshots.retained_days(&source).await? };
    let steps = portal.steps(&source, rows, &kept).await?;
    let (steps, counted) = portal.counted(&source, steps, &path).await?;
    portal.reads.note(&actor, Read::of("timeline", &source, "", &path)).await?;
    let items = match query.points {
        Some(points) => thinned(steps, points as usize),
        None => steps.into_iter().map(PointBody::from).collect(),
    };
    Ok(Json(TimelineBody { items, counted, next }))
}

impl From<Step> for PointBody {
    fn from(step: Step) -> Self {
        let Step { row, previous: _, is_whole, is_held, locked_until, counts } = step;
        Self {
            id: row.id,
            taken_at: row.taken_at,
            utc_offset: row.utc_offset,
            snapshots: 1,
            files: row.files.filter(|_| is_whole),
            bytes: row.bytes.filter(|_| is_whole),
            held: is_held,
            locked_until,
            changes: counts.map(DiffCountsBody::from),
        }
    }
}

/// What keeps snapshots from being removed, at a time.
struct Keeping {
    now: Timestamp,
    /// Whether the asker may know of holds.
    sees_holds: bool,
    /// Days for which the storage of a repository keeps what is written to it.
    days: HashMap<RepositoryUid, u32>,
}

impl Keeping {
    fn is_held(&self, row: &SnapshotRow) -> Option<bool> {
        self.sees_holds.then(|| is_held(&row.tags, self.now))
    }

    fn locked_until(&self, row: &SnapshotRow) -> Option<Timestamp> {
        // It was written when it was taken or later, whatever its time says.
        let written_at = row.taken_at.min(self.now);
        let until = retained_until(written_at, *self.days.get(&row.repository)?);
        Some(until).filter(|until| *until > self.now)
    }
}

impl Portal {
    /// Each snapshot that shows anything, with the one before it, and what keeps it.
    async fn steps(&self, source: &SourceAccess, rows: Vec<SnapshotRow>, kept: &Keeping) -> Result<Vec<Step>> {
        let before_all =
            match rows.last().and_then(|last| last.taken_at.checked_sub(SignedDuration::from_micros(1)).ok()) {
                Some(time) => self.store.snapshots().nearest(source, time).await?,
                None => None,
            };
        let mut steps: Vec<Step> = Vec::with_capacity(rows.len());
        let mut later: Option<Step> = None;
        for row in rows.into_iter().map(Some).chain([before_all]) {
            if let Some(mut step) = later.take() {
                step.previous = row.clone();
                steps.push(step);
            }
            let Some(row) = row else { break };
            let view = self.view_of(source.access(), &row);
            let is_whole = view.is_everything();
            let (is_held, locked_until) = (kept.is_held(&row), kept.locked_until(&row));
            // The last one is there only to be compared with.
            later = (!sees_nothing(&view)).then_some(Step {
                row,
                previous: None,
                is_whole,
                is_held,
                locked_until,
                counts: None,
            });
        }
        // What is left is the one before all.
        Ok(steps)
    }

    /// Counts what differs, as far as it is not known, and whether all of it is.
    async fn counted(
        &self,
        source: &SourceAccess,
        mut steps: Vec<Step>,
        path: &SnapshotPath,
    ) -> Result<(Vec<Step>, bool)> {
        let mut known: HashMap<(String, String), SnapshotChanges> = HashMap::new();
        if path.is_root() && steps.iter().any(|step| step.is_whole) {
            let kept = self.store.snapshot_changes().of(source).await?;
            known.extend(kept.into_iter().map(|one| ((one.repository.to_string(), one.snapshot.clone()), one)));
        }
        let mut work = Vec::new();
        for (at, step) in steps.iter_mut().enumerate() {
            let Some(previous) = step.previous.clone().filter(|previous| previous.repository == step.row.repository)
            else {
                continue;
            };
            let key = (step.row.repository.to_string(), step.row.id.clone());
            match known.get(&key).filter(|kept| step.is_whole && kept.previous == previous.id) {
                Some(kept) => step.counts = Some(kept.into()),
                None => work.push((at, step.row.clone(), previous)),
            }
        }
        let (until, mut fresh, mut is_complete) = (Instant::now() + COUNTING_MAX, Vec::new(), true);
        while is_complete && !work.is_empty() {
            if Instant::now() > until {
                is_complete = false;
                break;
            }
            let mut moments = Vec::with_capacity(work.len().min(COUNTED_AT_ONCE));
            for (at, row, previous) in work.drain(..work.len().min(COUNTED_AT_ONCE)) {
                let (after, before) = (self.open(source, row).await, self.open(source, previous).await);
                // Of one that shows nothing there is nothing to count.
                match (before, after) {
                    (Ok(before), Ok(after)) => moments.push((at, before, after)),
                    (Err(problem), _) | (_, Err(problem)) if problem.code() == ProblemCode::NotFound => {}
                    (Err(problem), _) | (_, Err(problem)) => return Err(problem),
                }
            }
            let looked = moments.len();
            let (portal, path) = (self.clone(), path.clone());
            let counted = offload(move || portal.count_all(moments, &path, until)).await?;
            is_complete = counted.len() == looked;
            fresh.extend(counted);
        }
        let mut kept = Vec::new();
        for (at, counts, is_to_keep) in fresh {
            let Some(step) = steps.get_mut(at) else { continue };
            step.counts = Some(counts);
            if is_to_keep && let Some(previous) = &step.previous {
                kept.push(counts.kept(&step.row, previous));
            }
        }
        if !kept.is_empty() {
            self.store.snapshot_changes().keep(source.source().org, &kept).await?;
        }
        Ok((steps, is_complete))
    }

    /// Counts until the time is up: by position, what differs, and whether that is worth a row. Blocks.
    fn count_all(
        &self,
        moments: Vec<(usize, Moment, Moment)>,
        path: &SnapshotPath,
        until: Instant,
    ) -> Result<Vec<(usize, Counts, bool)>> {
        let mut counted = Vec::with_capacity(moments.len());
        for (at, before, after) in moments {
            if Instant::now() > until && !counted.is_empty() {
                break;
            }
            let everything = |view: &View| view.is_everything() && view.root().uses(view).has(Use::See);
            let is_whole = path.is_root() && everything(&before.view) && everything(&after.view);
            let ((repository, before), (_, after)) = (side(&before, path)?, side(&after, path)?);
            let key = CountKey::new(&before, &after);
            let counts = match self.counted.get(&key) {
                Some(known) => *known,
                None => *self.counted.put(key, count(&repository, &before, &after), 1),
            };
            counted.push((at, counts, is_whole && !counts.is_partial));
        }
        Ok(counted)
    }
}

impl Counts {
    fn kept(&self, row: &SnapshotRow, previous: &SnapshotRow) -> SnapshotChanges {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        SnapshotChanges {
            repository: row.repository,
            snapshot: row.id.clone(),
            previous: previous.id.clone(),
            added: number(self.added),
            added_bytes: number(self.added_bytes),
            changed: number(self.changed),
            changed_bytes: number(self.changed_bytes),
            removed: number(self.removed),
            removed_bytes: number(self.removed_bytes),
        }
    }
}

impl From<&SnapshotChanges> for Counts {
    fn from(kept: &SnapshotChanges) -> Self {
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        Self {
            added: number(kept.added),
            added_bytes: number(kept.added_bytes),
            changed: number(kept.changed),
            changed_bytes: number(kept.changed_bytes),
            removed: number(kept.removed),
            removed_bytes: number(kept.removed_bytes),
            is_partial: false,
        }
    }
}
