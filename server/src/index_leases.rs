//! Which replica has an organization's search index: that one alone brings it up to date, and all others ask it.
//!
//! Whoever is asked first, or hears first that a repository has changed, takes an index that nobody has. It is prolonged as
//! long as its replica lives, given up when that stops in good order, and free for everybody a few seconds after it died.
//! An index is derived: who takes one makes it anew from repositories, and says meanwhile that answers may lack something.
//!
//! On SQLite there is one process, which has all of them.

pub(crate) mod forward;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bygone_common::{LeaseUid, OrgUid};
use bygone_store::events::{EventKind, Heard};
use bygone_store::index_leases::{IndexLease, Replica};
use bygone_store::{Actor, Dialect};
use jiff::{SignedDuration, Timestamp};
use metrics::gauge;

use crate::app::App;
use crate::problem::{Result, chain};

/// For how long an index stays a replica's that says nothing more: after its death, nobody is answered for so long.
const LASTS: SignedDuration = SignedDuration::from_secs(15);

/// How often leases are prolonged.
const PROLONG_EVERY: Duration = Duration::from_secs(5);

/// Organizations of which is remembered who has their index; of those that were forgotten the database is asked again.
const KNOWN_MAX: usize = 100_000;

/// Search indexes that this replica has.
const HELD: &str = "bygone_search_indexes_held";

/// What this replica knows of who has which index.
#[derive(Default)]
pub struct IndexLeases {
    me: OnceLock<Me>,
    known: Mutex<HashMap<OrgUid, IndexLease>>,
}

/// This replica, and how it asks others.
struct Me {
    replica: Replica,
    http: reqwest::Client,
}

impl fmt::Debug for IndexLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexLeases").field("known", &self.known().len()).finish_non_exhaustive()
    }
}

/// Who answers for an organization's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// This replica.
    Here,
    /// Another one: where it is reached, if that is known, and until when it has the index at least.
    There(Option<String>, Timestamp),
    /// Nobody can be told just now.
    Unknown,
}

impl IndexLeases {
    fn known(&self) -> MutexGuard<'_, HashMap<OrgUid, IndexLease>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this process takes indexes, and is reached here by other replicas.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub(crate) fn begin(&self, app: &App, url: Option<String>) -> std::result::Result<(), String> {
        let http = forward::client(app)?;
        // Said once, by whoever starts the server.
        let _ = self.me.set(Me { replica: Replica { uid: app.store.uid(LeaseUid::new), url }, http });
        Ok(())
    }

    fn remember(&self, org: OrgUid, lease: IndexLease, now: Timestamp) {
        let mut known = self.known();
        if known.len() >= KNOWN_MAX && !known.contains_key(&org) {
            known.retain(|_, lease| lease.expires_at > now);
        }
        if known.len() < KNOWN_MAX || known.contains_key(&org) {
            known.insert(org, lease);
        }
    }

    /// Asks the database anew when it is asked next: whoever had the index does not answer.
    fn forget(&self, org: OrgUid) {
        self.known().remove(&org);
    }

    /// Whose an index is, as far as that is known without asking; none once its lease has run out.
    fn remembered(&self, org: OrgUid, me: &Me, now: Timestamp) -> Option<Holder> {
        let lease = self.known().get(&org).filter(|lease| lease.expires_at > now).cloned()?;
        Some(whose(lease, me))
    }
}

fn whose(lease: IndexLease, me: &Me) -> Holder {
    if lease.holder.uid == me.replica.uid { Holder::Here } else { Holder::There(lease.holder.url, lease.expires_at) }
}

/// Who answers for an organization's index. One that nobody has is this replica's from now on.
///
/// # Errors
/// `Unavailable`, `Failed`: the database.
pub(crate) async fn holder(app: &App, org: OrgUid) -> Result<Holder> {
    if app.store.dialect() == Dialect::Sqlite {
        return Ok(Holder::Here);
    }
    let Some(me) = app.index_leases.me.get() else { return Ok(Holder::Unknown) };
    let now = app.clock.now();
    if let Some(holder) = app.index_leases.remembered(org, me, now) {
        return Ok(holder);
    }
    let taken = app.store.index_leases().take(&server(), org, &me.replica, LASTS).await?;
    let Some(lease) = taken else { return Ok(Holder::Unknown) };
    app.index_leases.remember(org, lease.clone(), now);
    Ok(whose(lease, me))
}

/// Prolongs this replica's leases, and has its indexes brought up to date, until the server stops: then it gives them up.
pub(crate) async fn run(app: App) {
    tokio::select! {
        () = app.stopping.cancelled() => {}
        () = keep(&app) => {}
        () = follow(&app) => {}
    }
    let Some(me) = app.index_leases.me.get().filter(|_| app.store.dialect() == Dialect::Postgres) else { return };
    if let Err(error) = app.store.index_leases().give_up(&server(), &me.replica).await {
        tracing::warn!(error = chain(&error), "search indexes stay this replica's until their leases run out");
    }
}

async fn keep(app: &App) {
    let Some(me) = app.index_leases.me.get().filter(|_| app.store.dialect() == Dialect::Postgres) else {
        return std::future::pending().await;
    };
    let mut due = tokio::time::interval(PROLONG_EVERY);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let now = app.clock.now();
        match app.store.index_leases().prolong(&server(), &me.replica, LASTS).await {
            Ok(mine) => prolonged(app, me, &mine, now).await,
            // What nobody prolongs runs out; until then the database may be back.
            Err(error) => tracing::debug!(error = chain(&error), "leases of search indexes could not be prolonged"),
        }
    }
}

/// Notes which indexes are this replica's, and closes those that are not any more.
async fn prolonged(app: &App, me: &Me, mine: &[OrgUid], now: Timestamp) {
    let expires_at = now.saturating_add(LASTS).unwrap_or(Timestamp::MAX);
    let lost: Vec<OrgUid> = {
        let mut known = app.index_leases.known();
        let held = known.iter().filter(|(_, lease)| lease.holder.uid == me.replica.uid).map(|(org, _)| *org);
        // One that was taken while the database was asked is in nobody's answer yet.
        let lost = held.filter(|org| !mine.contains(org));
        let lost: Vec<OrgUid> =
            lost.filter(|org| known.get(org).is_some_and(|lease| lease.expires_at <= now)).collect();
        known.retain(|org, lease| lease.expires_at > now || mine.contains(org));
        lost
    };
    for org in mine {
        app.index_leases.remember(*org, IndexLease { holder: me.replica.clone(), expires_at }, now);
    }
    for org in lost {
        tracing::info!(%org, "another replica has this search index now");
        app.portal.indexes.close(org).await;
    }
    gauge!(HELD).set(mine.len() as f64);
}

/// Has indexes brought up to date whose catalogs change, on whichever replica that was noticed.
async fn follow(app: &App) {
    let mut events = app.store.events().listen();
    while let Some(heard) = events.next().await {
        match heard {
            Heard::Event(event) if event.kind == EventKind::RepositoryChanged => changed(app, event.org).await,
            Heard::Event(_) => {}
            Heard::Missed => app.portal.indexes.all_behind().await,
        }
    }
}

async fn changed(app: &App, org: OrgUid) {
    match holder(app, org).await {
        Ok(Holder::Here) => app.portal.indexes.behind(org),
        Ok(Holder::There(..) | Holder::Unknown) => {}
        // Who searches next finds out.
        Err(problem) => tracing::debug!(%org, problem = problem.title(), "nobody could be told of a changed catalog"),
    }
}

const fn server() -> Actor {
    Actor::installation("search")
}
