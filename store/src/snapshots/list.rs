//! Lists of snapshots: the newest first, by what a person would ask for.

use std::fmt;
use std::str::FromStr;

use bygone_common::{OrgUid, RepositoryUid, SourceUid};
use jiff::Timestamp;

use super::{HoldRow, SnapshotRow, Snapshots, from_row, hold_from_row};
use crate::actor::Actor;
use crate::error::{Doing, Result};
use crate::page::{List, Page};
use crate::rights::{Action, Resource};

/// Which snapshots are meant; what is none does not matter.
#[derive(Debug, Clone, Default)]
pub struct SnapshotQuery {
    /// In this repository.
    pub repository: Option<RepositoryUid>,
    /// Of this source.
    pub source: Option<SourceUid>,
    /// Of this host.
    pub host: Option<String>,
    /// With this path among those saved.
    pub path: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Taken at this time or later.
    pub since: Option<Timestamp>,
    /// Taken before.
    pub before: Option<Timestamp>,
    /// Under hold, or not.
    pub held: Option<bool>,
}

/// The place of a snapshot in a list: its time, and its id among those of one time.
pub(super) struct Place {
    pub(super) taken_at: i64,
    pub(super) id: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.taken_at, self.id)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (taken_at, id) = text.split_once(':').ok_or(())?;
        Ok(Self { taken_at: taken_at.parse().map_err(|_| ())?, id: id.to_owned() })
    }
}

/// The JSON of a text, as it stands in a list of texts.
fn quoted(text: Option<&String>) -> String {
    text.map(|text| serde_json::Value::from(text.as_str()).to_string()).unwrap_or_default()
}

impl Snapshots<'_> {
    /// A page of the snapshots that are meant.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn list(
        &self,
        actor: &Actor,
        org: OrgUid,
        query: &SnapshotQuery,
        page: &Page,
    ) -> Result<List<SnapshotRow>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Snapshot)?;
        let before = page.after::<Place>()?.unwrap_or(Place { taken_at: i64::MAX, id: String::new() });
        // A list of texts that holds one is longer than without it.
        let rows = sqlx::query(
            "select * from snapshots s where s.org_id = $1 and (s.taken_at < $2 or (s.taken_at = $2 and s.id > $3)) \
             and ($4 = '' or s.repository_uid = $4) and ($5 = '' or s.source_uid = $5) and ($6 = '' or s.host = $6) \
             and ($7 = '' or replace(s.paths, $7, '') <> s.paths) and ($8 = '' or replace(s.tags, $8, '') <> s.tags) \
             and s.taken_at >= $9 and s.taken_at < $10 \
             and ($11 < 0 or $11 = (case when exists (select 1 from holds h where h.repository_uid = s.repository_uid \
             and h.snapshot_id = s.id and (h.until_at is null or h.until_at > $12)) then 1 else 0 end)) \
             order by s.taken_at desc, s.id limit $13",
        )
        .bind(org.to_string())
        .bind(before.taken_at)
        .bind(before.id)
        .bind(query.repository.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(query.source.map(|uid| uid.to_string()).unwrap_or_default())
        .bind(query.host.clone().unwrap_or_default())
        .bind(quoted(query.path.as_ref()))
        .bind(quoted(query.tag.as_ref()))
        .bind(query.since.map_or(i64::MIN, Timestamp::as_microsecond))
        .bind(query.before.map_or(i64::MAX, Timestamp::as_microsecond))
        .bind(query.held.map_or(-1, i64::from))
        .bind(self.store.now().as_microsecond())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list snapshots")?;
        let items = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(items, |item| Place { taken_at: item.taken_at.as_microsecond(), id: item.id.clone() }))
    }

    /// The holds that now keep any of these snapshots, by snapshot and case.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn holds_among(&self, actor: &Actor, org: OrgUid, ids: &[&str]) -> Result<Vec<HoldRow>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Hold)?;
        let rows = sqlx::query(
            "select * from holds where org_id = $1 and $2 like '% ' || snapshot_id || ' %' \
             and (until_at is null or until_at > $3) order by snapshot_id, hold_case",
        )
        .bind(org.to_string())
        .bind(format!(" {} ", ids.join("  ")))
        .bind(self.store.now().as_microsecond())
        .fetch_all(self.store.pool())
        .await
        .doing("look which snapshots are held")?;
        rows.iter().map(hold_from_row).collect()
    }

    /// A page of an organization's holds, by case.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`: the page.
    pub async fn holds(&self, actor: &Actor, org: OrgUid, case: Option<&str>, page: &Page) -> Result<List<HoldRow>> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Hold)?;
        let after = page.after::<String>()?.unwrap_or_default();
        let rows = sqlx::query(
            "select * from holds where org_id = $1 and ($2 = '' or hold_case = $2) \
             and repository_uid || ' ' || snapshot_id || ' ' || hold_case > $3 \
             order by repository_uid || ' ' || snapshot_id || ' ' || hold_case limit $4",
        )
        .bind(org.to_string())
        .bind(case.unwrap_or_default())
        .bind(after)
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list holds")?;
        let items = rows.iter().map(hold_from_row).collect::<Result<Vec<_>>>()?;
        Ok(page.list(items, |item| format!("{} {} {}", item.repository, item.snapshot, item.case)))
    }
}
