//! The catalog: which snapshots lie in which repository. Derived: a refresh makes it what the repository says.

mod list;
mod of_source;
mod refresh;

use bygone_common::{OrgUid, RepositoryUid, SourceUid};
use jiff::Timestamp;
use sqlx::any::AnyRow;

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Error, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

pub use list::SnapshotQuery;
pub(crate) use of_source::AtPoint;
pub use of_source::{ID_DIGITS_MIN, SNAPSHOTS_OF_SOURCE_MAX, SourceSpan};
pub use refresh::{Catalogued, Held, Refreshed};

/// A snapshot in the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Where it lies.
    pub repository: RepositoryUid,
    /// restic's id of it, in hexadecimal digits.
    pub id: String,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The source's offset from UTC then, in seconds.
    pub utc_offset: i64,
    /// The source's name.
    pub host: String,
    /// Who took it.
    pub username: String,
    /// What was saved.
    pub paths: Vec<String>,
    /// Labels, holds among them.
    pub tags: Vec<String>,
    /// Its root directory.
    pub tree: String,
    /// The snapshot that it was compared with.
    pub parent: Option<String>,
    /// What took it.
    pub program: String,
    /// Files in it, where its writer counted.
    pub files: Option<i64>,
    /// Plain bytes of them.
    pub bytes: Option<i64>,
    /// Plain bytes that were new to the repository.
    pub added_bytes: Option<i64>,
    /// The same as stored.
    pub added_stored_bytes: Option<i64>,
    /// The source that it is of, where that is known.
    pub source: Option<SourceUid>,
}

/// A hold of a snapshot, as its tags say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Where the snapshot lies.
    pub repository: RepositoryUid,
    /// restic's id of the snapshot.
    pub snapshot: String,
    /// What the hold is for.
    pub case: String,
    /// Who put it there.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When it ends; none: when somebody releases it.
    pub until: Option<Timestamp>,
}

/// Snapshots in the catalog.
#[derive(Debug, Clone, Copy)]
pub struct Snapshots<'a> {
    store: &'a Store,
}

impl Store {
    /// Snapshots in the catalog.
    pub const fn snapshots(&self) -> Snapshots<'_> {
        Snapshots { store: self }
    }
}

impl Snapshots<'_> {
    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid, id: &str) -> Result<SnapshotRow> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Snapshot)?;
        let row = sqlx::query("select * from snapshots where org_id = $1 and repository_uid = $2 and id = $3")
            .bind(org.to_string())
            .bind(repository.to_string())
            .bind(id)
            .fetch_optional(self.store.pool())
            .await
            .doing("read a snapshot's row")?;
        row.map_or_else(|| Err(Error::not_found(format_args!("snapshot {id}"))), |row| from_row(&row))
    }

    /// How many snapshots of a repository are known.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn count(&self, actor: &Actor, org: OrgUid, repository: RepositoryUid) -> Result<i64> {
        let org = actor.in_org(org)?;
        actor.require(Action::See, Resource::Snapshot)?;
        let row = sqlx::query("select count(*) as snapshots from snapshots where org_id = $1 and repository_uid = $2")
            .bind(org.to_string())
            .bind(repository.to_string())
            .fetch_one(self.store.pool())
            .await
            .doing("count snapshots")?;
        row.int("snapshots")
    }
}

fn from_row(row: &AnyRow) -> Result<SnapshotRow> {
    Ok(SnapshotRow {
        repository: row.parsed("repository_uid")?,
        id: row.text("id")?,
        taken_at: row.time("taken_at")?,
        utc_offset: row.int("utc_offset")?,
        host: row.text("host")?,
        username: row.text("username")?,
        paths: row.json("paths")?,
        tags: row.json("tags")?,
        tree: row.text("tree")?,
        parent: row.text_opt("parent")?,
        program: row.text("program")?,
        files: row.int_opt("files")?,
        bytes: row.int_opt("bytes")?,
        added_bytes: row.int_opt("added_bytes")?,
        added_stored_bytes: row.int_opt("added_stored_bytes")?,
        source: row.parsed_opt("source_uid")?,
    })
}

fn hold_from_row(row: &AnyRow) -> Result<HoldRow> {
    Ok(HoldRow {
        repository: row.parsed("repository_uid")?,
        snapshot: row.text("snapshot_id")?,
        case: row.text("hold_case")?,
        who: row.text("who")?,
        reason: row.text("reason")?,
        until: row.time_opt("until_at")?,
    })
}
