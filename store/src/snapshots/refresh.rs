//! Making the catalog what a repository says.

use std::collections::{HashMap, HashSet};

use bygone_common::{OrgUid, RepositoryUid};
use jiff::Timestamp;
use serde_json::json;

use super::{SnapshotRow, Snapshots};
use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::events::{EventKind, Happening};
use crate::rights::{Action, Resource};
use crate::row::Columns;

/// A hold as a snapshot's tags say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What the hold is for.
    pub case: String,
    /// Who put it there.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub until: Option<Timestamp>,
}

/// A snapshot as a repository has it.
#[derive(Debug, Clone)]
pub struct Catalogued {
    /// The row of it.
    pub row: SnapshotRow,
    /// Its holds.
    pub holds: Vec<Held>,
}

/// What a refresh found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Snapshots that were not known.
    pub added: Vec<String>,
    /// Snapshots that are gone.
    pub removed: Vec<String>,
    /// Snapshots in all.
    pub total: u64,
}

impl Snapshots<'_> {
    /// Makes the catalog of a repository what it says: all of its snapshots, and no others. Files that lie there and cannot
    /// be read are named by `unreadable`: what is known of them stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn replace(
        &self,
        actor: &Actor,
        org: OrgUid,
        repository: RepositoryUid,
        found: &[Catalogued],
        unreadable: &[String],
    ) -> Result<Refreshed> {
        let org = actor.in_org(org)?;
        actor.require(Action::Run, Resource::Repository)?;
        self.store.repositories().get(actor, org, repository).await?;
        let mut tx = self.store.begin().await?;
        // First: two replicas that refresh one repository take turns at its row, and the second sees what the first wrote.
        note(&mut tx, org, repository).await?;
        let known = known(&mut tx, org, repository).await?;
        let there: HashSet<&str> =
            found.iter().map(|one| one.row.id.as_str()).chain(unreadable.iter().map(String::as_str)).collect();
        let mut refreshed = Refreshed { total: found.len() as u64, ..Refreshed::default() };
        let mut has_links = false;
        for one in found {
            match known.get(&one.row.id) {
                // A snapshot never changes: its id is its hash. What it is linked to may.
                Some(source) if *source == one.row.source.map(|uid| uid.to_string()) => {}
                Some(_) => {
                    link(&mut tx, org, &one.row).await?;
                    has_links = true;
                }
                None => {
                    insert(&mut tx, org, &one.row).await?;
                    for hold in &one.holds {
                        insert_hold(&mut tx, org, &one.row, hold).await?;
                    }
                    refreshed.added.push(one.row.id.clone());
                }
            }
        }
        for id in known.into_keys().filter(|id| !there.contains(id.as_str())) {
            remove(&mut tx, org, repository, &id).await?;
            refreshed.removed.push(id);
        }
        refreshed.removed.sort_unstable();
        let (added, removed) = (refreshed.added.len(), refreshed.removed.len());
        // Holds are in a snapshot's tags: who puts one there, or releases it, makes another snapshot of it.
        if has_links || added > 0 || removed > 0 {
            let data = json!({ "repository": repository, "added": added, "removed": removed });
            tx.happens(org, Happening::new(EventKind::RepositoryChanged, data)).await?;
        }
        tx.commit().await?;
        Ok(refreshed)
    }
}

async fn known(tx: &mut Tx, org: OrgUid, repository: RepositoryUid) -> Result<HashMap<String, Option<String>>> {
    let rows = sqlx::query("select id, source_uid from snapshots where org_id = $1 and repository_uid = $2")
        .bind(org.to_string())
        .bind(repository.to_string())
        .fetch_all(tx.connection())
        .await
        .doing("read the catalog")?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text_opt("source_uid")?))).collect()
}

async fn insert(tx: &mut Tx, org: OrgUid, row: &SnapshotRow) -> Result<()> {
    let seen_at = tx.store().now().as_microsecond();
    sqlx::query(
        "insert into snapshots (org_id, repository_uid, id, taken_at, utc_offset, host, username, paths, tags, tree, parent, \
         program, files, bytes, added_bytes, added_stored_bytes, source_uid, seen_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(org.to_string())
    .bind(row.repository.to_string())
    .bind(&row.id)
    .bind(row.taken_at.as_microsecond())
    .bind(row.utc_offset)
    .bind(&row.host)
    .bind(&row.username)
    .bind(serde_json::Value::from(row.paths.clone()).to_string())
    .bind(serde_json::Value::from(row.tags.clone()).to_string())
    .bind(&row.tree)
    .bind(&row.parent)
    .bind(&row.program)
    .bind(row.files)
    .bind(row.bytes)
    .bind(row.added_bytes)
    .bind(row.added_stored_bytes)
    .bind(row.source.map(|uid| uid.to_string()))
    .bind(seen_at)
    .execute(tx.connection())
    .await
    .doing("catalog a snapshot")?;
    Ok(())
}

async fn insert_hold(tx: &mut Tx, org: OrgUid, row: &SnapshotRow, hold: &Held) -> Result<()> {
    // Two tags of one case are one hold to whoever releases it.
    sqlx::query(
        "insert into holds (org_id, repository_uid, snapshot_id, hold_case, who, reason, until_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (repository_uid, snapshot_id, hold_case) do nothing",
    )
    .bind(org.to_string())
    .bind(row.repository.to_string())
    .bind(&row.id)
    .bind(&hold.case)
    .bind(&hold.who)
    .bind(&hold.reason)
    .bind(hold.until.map(Timestamp::as_microsecond))
    .execute(tx.connection())
    .await
    .doing("catalog a hold")?;
    Ok(())
}

async fn link(tx: &mut Tx, org: OrgUid, row: &SnapshotRow) -> Result<()> {
    sqlx::query("update snapshots set source_uid = $4 where org_id = $1 and repository_uid = $2 and id = $3")
        .bind(org.to_string())
        .bind(row.repository.to_string())
        .bind(&row.id)
        .bind(row.source.map(|uid| uid.to_string()))
        .execute(tx.connection())
        .await
        .doing("link a snapshot to its source")?;
    Ok(())
}

async fn remove(tx: &mut Tx, org: OrgUid, repository: RepositoryUid, id: &str) -> Result<()> {
    sqlx::query("delete from snapshots where org_id = $1 and repository_uid = $2 and id = $3")
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(id)
        .execute(tx.connection())
        .await
        .doing("take a snapshot out of the catalog")?;
    Ok(())
}

async fn note(tx: &mut Tx, org: OrgUid, repository: RepositoryUid) -> Result<()> {
    let now = tx.store().now().as_microsecond();
    sqlx::query("update repositories set refreshed_at = $3 where org_id = $1 and uid = $2")
        .bind(org.to_string())
        .bind(repository.to_string())
        .bind(now)
        .execute(tx.connection())
        .await
        .doing("note a refresh of the catalog")?;
    Ok(())
}
