//! What rules of retention would keep of a repository, said without asking its storage: from the catalog.

use bygone_common::plan::RetentionPolicy;
use bygone_common::retention::{Candidate, Fate};
use bygone_common::{Id, OrgUid, RepositoryUid, SnapshotId, hold};
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_store::snapshots::{SnapshotQuery, SnapshotRow};
use bygone_store::{Actor, Page};
use jiff::tz::Offset;

use crate::app::App;
use crate::problem::{Problem, Result};

/// Snapshots that are decided on at once.
const SNAPSHOTS_MAX: usize = 100_000;

/// Which snapshots are up for choice: all of them, unless something is said.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Of these hosts.
    pub hosts: Vec<String>,
    /// With this tag.
    pub tag: Option<String>,
}

impl Choice {
    fn holds(&self, snapshot: &Candidate) -> bool {
        (self.hosts.is_empty() || self.hosts.contains(&snapshot.host))
            && self.tag.as_ref().is_none_or(|tag| snapshot.tags.contains(tag))
    }
}

/// The fate of each snapshot that is up for choice, the newest first.
///
/// # Errors
/// `NotFound`: the repository; `Invalid`: it holds too many.
pub async fn preview(
    app: &App,
    actor: &Actor,
    org: OrgUid,
    repository: RepositoryUid,
    policy: &RetentionPolicy,
    choice: &Choice,
) -> Result<Vec<(SnapshotRow, Fate)>> {
    app.store.repositories().get(actor, org, repository).await?;
    let rows = all(app, actor, org, repository).await?;
    let now = app.clock.now();
    let candidates: Vec<Candidate> = rows.iter().filter_map(|row| candidate(row, now)).collect();
    let groups = policy.keep.decide(&candidates, policy.group_by, now, |snapshot| choice.holds(snapshot));
    let mut fates: std::collections::HashMap<String, Fate> =
        groups.into_iter().flat_map(|group| group.decisions).map(|one| (one.id.to_string(), one.fate)).collect();
    Ok(rows.into_iter().filter_map(|row| fates.remove(&row.id).map(|fate| (row, fate))).collect())
}

async fn all(app: &App, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<Vec<SnapshotRow>> {
    let query = SnapshotQuery { repository: Some(repository), ..SnapshotQuery::default() };
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = Page::new(Some(PAGE_ITEMS_MAX), after.as_deref())?;
        let list = app.store.snapshots().list(actor, org, &query, &page).await?;
        rows.extend(list.items);
        after = list.next;
        if after.is_none() {
            return Ok(rows);
        }
        if rows.len() > SNAPSHOTS_MAX {
            let sentence = format!("it holds more than {SNAPSHOTS_MAX} snapshots: use `bygone forget --dry-run`");
            return Err(Problem::invalid("repository", sentence));
        }
    }
}

/// None: an id that restic would not write.
fn candidate(row: &SnapshotRow, now: jiff::Timestamp) -> Option<Candidate> {
    Some(Candidate {
        id: Id::from_hex(row.id.as_bytes()).map(SnapshotId)?,
        time: row.taken_at,
        offset: i32::try_from(row.utc_offset).ok().and_then(|seconds| Offset::from_seconds(seconds).ok())?,
        host: row.host.clone(),
        paths: row.paths.clone(),
        tags: row.tags.clone(),
        held: hold::is_held(&row.tags, now),
    })
}
