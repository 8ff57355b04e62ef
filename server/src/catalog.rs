//! The catalog: rows that say which snapshots lie in a repository, and how much it holds. Derived: whoever wrote a snapshot,
//! the next refresh finds it.

mod sources;

use bygone_common::hold::HoldTag;
use bygone_common::{OrgUid, RepositoryUid};
use bygone_store::Actor;
use bygone_store::repositories::{Repository as Row, Usage};
use bygone_store::snapshots::{Catalogued, Held, Refreshed, SnapshotRow};
use bygone_vault::{Repository, Snapshot, hold, stats};
use jiff::SignedDuration;

use crate::app::App;
use crate::storages::{Result, StorageError, blocking};
use sources::Sources;

/// A repository is measured at most so often by refreshes: its packs have to be listed for it.
const MEASURED_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// Makes the catalog of a repository what it says, and measures it when that is due.
///
/// # Errors
/// `NotFound`; whatever its storage answers: the catalog then stays as it was.
pub async fn refresh(app: &App, org: OrgUid, uid: RepositoryUid) -> Result<Refreshed> {
    let actor = Actor::system("catalog", org);
    let row = app.store.repositories().get(&actor, org, uid).await?;
    let outcome = read(app, &actor, &row).await;
    let fault = outcome.as_ref().err().map(ToString::to_string);
    if fault.is_some() || row.fault.is_some() {
        app.store.repositories().note_check(&actor, org, uid, fault.as_deref()).await?;
    }
    outcome
}

async fn read(app: &App, actor: &Actor, row: &Row) -> Result<Refreshed> {
    let repository = app.storages.repository(row).await?;
    let fresh = repository.clone();
    blocking(move || fresh.refresh()).await?;
    let sources = Sources::of(app, actor, row.org).await?;
    let found: Vec<Catalogued> = repository.snapshots().iter().map(|one| catalogued(row.uid, one, &sources)).collect();
    let unreadable: Vec<String> = repository.damaged_snapshots().iter().map(|(id, _)| id.to_string()).collect();
    let refreshed = app.store.snapshots().replace(actor, row.org, row.uid, &found, &unreadable).await?;
    if is_due(app, actor, row).await? {
        let restored = found.iter().filter_map(|one| one.row.bytes).fold(0_i64, i64::saturating_add);
        measure(app, actor, row, repository, restored, refreshed.total).await?;
    }
    Ok(refreshed)
}

async fn is_due(app: &App, actor: &Actor, row: &Row) -> Result<bool> {
    let last = app.store.repositories().usage(actor, row.org, row.uid, 1).await?;
    let now = app.clock.now();
    Ok(last.first().is_none_or(|last| now.duration_since(last.measured_at).abs() >= MEASURED_EVERY))
}

/// Counts what a repository holds, and keeps it as the day's measurement.
async fn measure(
    app: &App,
    actor: &Actor,
    row: &Row,
    repository: Repository,
    restored_bytes: i64,
    snapshots: u64,
) -> Result<()> {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let counted = blocking(move || {
        let stored = stats::stored(&repository)?;
        let mut plain = 0_u64;
        repository.for_each_blob(|_, place| {
            plain = plain.saturating_add(u64::from(place.plain_bytes()));
            std::ops::ControlFlow::Continue(())
        });
        let stored = stored.iter().map(|files| files.bytes).fold(0_u64, u64::saturating_add);
        Ok::<_, bygone_vault::Error>((stored, plain, repository.blob_map_stats()))
    });
    let (stored, plain, blobs) = counted.await?;
    let usage = Usage {
        stored_bytes: number(stored),
        plain_bytes: number(plain),
        restored_bytes,
        snapshots: number(snapshots),
        packs: number(blobs.packs),
        blobs: number(blobs.blobs),
        measured_at: app.clock.now(),
    };
    Ok(app.store.repositories().note_usage(actor, row.org, row.uid, &usage).await?)
}

/// Measures a repository now.
///
/// # Errors
/// As for [`refresh`].
pub async fn measure_now(app: &App, org: OrgUid, uid: RepositoryUid) -> Result<()> {
    let actor = Actor::system("catalog", org);
    let row = app.store.repositories().get(&actor, org, uid).await?;
    let repository = app.storages.repository(&row).await?;
    let fresh = repository.clone();
    blocking(move || fresh.refresh()).await?;
    let snapshots = repository.snapshots();
    let bytes =
        |one: &std::sync::Arc<Snapshot>| one.summary.as_ref().map_or(0, |summary| summary.total_bytes_processed);
    let restored = snapshots.iter().map(bytes).fold(0_u64, u64::saturating_add);
    let restored = i64::try_from(restored).unwrap_or(i64::MAX);
    measure(app, &actor, &row, repository, restored, snapshots.len() as u64).await
}

fn catalogued(repository: RepositoryUid, snapshot: &Snapshot, sources: &Sources) -> Catalogued {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let summary = snapshot.summary.as_ref();
    let row = SnapshotRow {
        repository,
        id: snapshot.id.to_string(),
        taken_at: truncated(snapshot.time),
        utc_offset: i64::from(snapshot.offset.seconds()),
        host: snapshot.hostname.clone(),
        username: snapshot.username.clone(),
        paths: snapshot.paths.clone(),
        tags: snapshot.tags.clone(),
        tree: snapshot.tree.to_string(),
        parent: snapshot.parent.map(|parent| parent.to_string()),
        program: snapshot.program_version.clone(),
        files: summary.map(|summary| number(summary.total_files_processed)),
        bytes: summary.map(|summary| number(summary.total_bytes_processed)),
        added_bytes: summary.map(|summary| number(summary.data_added)),
        added_stored_bytes: summary.map(|summary| number(summary.data_added_packed)),
        source: sources.source_of(&snapshot.hostname, &snapshot.paths),
    };
    Catalogued { row, holds: hold::of(snapshot).into_iter().map(held).collect() }
}

/// Rows keep microseconds.
fn truncated(time: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

fn held(tag: HoldTag) -> Held {
    match tag {
        HoldTag::Read(hold) => Held {
            case: hold.case().to_owned(),
            who: hold.who().to_owned(),
            reason: hold.reason().to_owned(),
            until: hold.until(),
        },
        // It holds all the same, and is released by the whole of it.
        HoldTag::Unreadable(tag) => Held { case: tag, who: String::new(), reason: String::new(), until: None },
    }
}

/// The open repository of a row, for other parts of the server.
///
/// # Errors
/// As for [`refresh`].
pub async fn open(app: &App, org: OrgUid, uid: RepositoryUid) -> Result<(Row, Repository), StorageError> {
    let actor = Actor::system("catalog", org);
    let row = app.store.repositories().get(&actor, org, uid).await?;
    let repository = app.storages.repository(&row).await?;
    Ok((row, repository))
}
