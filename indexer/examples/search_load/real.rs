//! A real repository.

use std::path::Path;
use std::time::Instant;

use bygone_common::Secret;
use bygone_indexer::{Index, Limits, Page, Query, Scope};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::{Result, ingest, snapshot};

/// Each name is looked for so often; the fastest counts.
const ROUNDS: usize = 5;

pub(crate) fn run(folder: &Path, repository: &str, names: &[&str]) -> Result<Value> {
    let backend = backend::open(&repository.parse()?, &BackendOptions::default())?.backend;
    let unlock = Unlock::Password(Secret::new(std::env::var("RESTIC_PASSWORD")?));
    let engine = Engine::start(EngineOptions::default())?;
    let repository = Repository::open(&engine, backend, unlock, OpenOptions::default())?;
    let mut snapshots = repository.snapshots().to_vec();
    snapshots.sort_by_key(|snapshot| snapshot.time);
    let index = Index::open(folder, Limits::default())?;
    let mut seconds = Vec::new();
    for (day, one) in (0..).zip(&snapshots) {
        let made = snapshot(0, day, one.tree)?;
        seconds.push(ingest(&index, &repository, &bygone_indexer::SnapshotRef { time: one.time, ..made })?);
    }
    let mut found = Vec::new();
    for name in names {
        let query = Query::parse(&format!("name:{name}"), Timestamp::UNIX_EPOCH, &TimeZone::UTC)?;
        let (mut best, mut total) = (f64::MAX, 0);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            total = index.search(&query, &Scope::everything(), &Page::default())?.total;
            best = best.min(start.elapsed().as_secs_f64());
        }
        found.push(json!({ "name": name, "seconds": best, "total": total }));
    }
    let status = index.status();
    Ok(json!({
        "snapshots": snapshots.len(), "versions": status.versions, "first_s": seconds.first(),
        "all_s": seconds.iter().sum::<f64>(), "bytes_per_version": status.bytes as f64 / status.versions as f64,
        "found": found,
    }))
}
