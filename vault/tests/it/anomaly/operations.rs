//! The operations.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::Secret;
use bygone_common::hold::Hold;
use bygone_tests::noise::noise;
use bygone_tests::restic::Restic;
use bygone_vault::backend::CancelToken;
use bygone_vault::capture::save::{complete, save};
use bygone_vault::capture::{Capture, Draft, Options, Problem, Sources, Watcher, absolute_paths};
use bygone_vault::copy::{Copy, CopyOptions};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::mirror::{self, Delete, MirrorOptions, MirrorPlan};
use bygone_vault::progress::Unwatched;
use bygone_vault::prune::{MaxUnused, PruneOptions, PrunePlan};
use bygone_vault::{BlobKind, Result, Snapshot, WriteOptions, Writer, forget, hold, key};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Attempt, KIND, Place};
use crate::cheap::storage_at;

/// All but the newest.
fn old(attempt: &Attempt) -> Vec<Arc<Snapshot>> {
    let newest = newest();
    attempt.repository.snapshots().iter().filter(|snapshot| snapshot.time < newest).cloned().collect()
}

fn newest() -> Timestamp {
    "2026-11-03T10:00:00Z".parse().unwrap()
}

fn is_newest(snapshot: &Snapshot) -> bool {
    snapshot.time == newest()
}

fn remove_old(attempt: &Attempt) -> Result<()> {
    forget::remove(attempt.storage.as_ref(), &old(attempt), &CancelToken::new(), |_| {})
}

fn prune(attempt: &Attempt, options: PruneOptions) -> Result<()> {
    let token = CancelToken::new();
    let plan = PrunePlan::make(&attempt.repository, options, &token, &Unwatched)?;
    plan.execute(&attempt.repository, &attempt.storage, &token, &Unwatched).map(drop)
}

fn at_once() -> PruneOptions {
    PruneOptions { grace: Duration::ZERO, max_unused: MaxUnused::Bytes(0), ..PruneOptions::new(Timestamp::now()) }
}

struct Nobody;

impl Watcher for Nobody {
    fn problem(&self, problem: &Problem) {
        // Without a folder of the snapshot before, everything in it is read again; that is told, and no more.
        assert_eq!(problem.error.kind(), KIND, "{problem:?}");
    }
}

fn back_up(attempt: &Attempt) -> Result<()> {
    let sources = Sources { paths: vec![attempt.source.clone()], as_path: None };
    let parent = attempt.repository.snapshots().iter().next_back().cloned();
    let options = Options { before: parent.as_ref().map(|it| it.tree), zone: TimeZone::UTC, ..Options::default() };
    let writer = Writer::start(&attempt.repository, attempt.storage.clone(), &WriteOptions::default())?;
    let (repository, token) = (&attempt.repository, CancelToken::new());
    let capture = Capture { repository, writer: &writer, options: &options, watcher: &Nobody, token: &token };
    let captured = capture.files(&sources)?;
    let draft = Draft {
        time: Timestamp::now(),
        zone: TimeZone::UTC,
        parent: parent.map(|it| it.id),
        paths: absolute_paths(&sources)?,
        host: "host".to_owned(),
        tags: Vec::new(),
        excludes: Vec::new(),
        begun: Timestamp::now(),
    };
    let summary = complete(&writer, &captured, &draft)?;
    save(repository, &writer, &captured, &draft, &summary).map(drop)
}

#[test]
fn backing_up() {
    let place = Place::new();
    place.prepare(|attempt| {
        fs::write(attempt.source.join("new"), noise(300, 700_000)).unwrap();
        Ok(())
    });
    place.fail_every_call(|_| true, back_up);
}

#[test]
fn mirroring_with_deletion() {
    let place = Place::new();
    // The mirror has three snapshots. At the source the first is gone, and one is new.
    let ahead = place.copy_to("ahead");
    let from = storage_at(&ahead);
    let restic = Restic::new(ahead.to_str().unwrap()).arguments(&["--no-cache", "--quiet"]);
    place.prepare(|attempt| {
        let first = attempt.repository.snapshots()[0].id.to_string();
        fs::write(attempt.source.join("new"), noise(300, 700_000)).unwrap();
        restic.run(&["backup", "--host", "host", attempt.source.to_str().unwrap()]);
        restic.run(&["forget", "--prune", &first]);
        Ok(())
    });
    let second: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
    place.fail_every_call(
        |snapshot| snapshot.time >= second,
        |attempt| {
            let seen = attempt.repository.snapshots().iter().map(|snapshot| snapshot.id).collect();
            let options = MirrorOptions { verify: false, delete: Delete::Gone, seen };
            let plan = MirrorPlan::make(from.as_ref(), attempt.storage.as_ref(), &options)?;
            mirror::execute(&plan, from.as_ref(), attempt.storage.as_ref(), &CancelToken::new(), &Unwatched).map(drop)
        },
    );
}

#[test]
fn copying_snapshots() {
    let (place, other) = (Place::new(), Place::new());
    let source = other.attempt(&other.cheap.storage()).unwrap().repository;
    place.fail_every_call(
        |_| true,
        |attempt| {
            let copy = Copy {
                source: &source,
                destination: &attempt.repository,
                storage: attempt.storage.clone(),
                options: CopyOptions::default(),
                token: &CancelToken::new(),
                progress: &Unwatched,
            };
            copy.run(&source.snapshots(), &mut |_, _| Ok(())).map(drop)
        },
    );
}

#[test]
fn adding_a_snapshot() {
    let place = Place::new();
    let met = place.fail_every_call(
        |_| true,
        |attempt| {
            let options = WriteOptions { pack_bytes: 4 << 20, ..WriteOptions::default() };
            let writer = Writer::start(&attempt.repository, attempt.storage.clone(), &options)?;
            // More than one pack.
            let blobs = (200..206).map(|seed| writer.add(BlobKind::Data, &noise(seed, 1_000_000)).map(|blob| blob.id));
            let blobs = blobs.collect::<Result<Vec<_>>>()?;
            let time = "2026-11-20T10:00:00Z";
            let mut tree = json!({ "nodes": [{
                "name": "file", "type": "file", "mode": 0o644, "mtime": time, "atime": time, "ctime": time, "uid": 0,
                "gid": 0, "size": 6_000_000, "content": blobs,
            }] });
            tree["nodes"][0]["mode"] = 0o600.into();
            let tree = writer.add(BlobKind::Tree, format!("{tree}\n").as_bytes())?.id;
            writer.save_snapshot(&json!({
                "time": time, "tree": tree, "paths": ["/x"], "hostname": "host", "username": "user",
            }))?;
            Ok(())
        },
    );
    assert!(met > 12, "{met}");
}

#[test]
fn forgetting_snapshots() {
    Place::new().fail_every_call(is_newest, remove_old);
}

#[test]
fn holding_a_snapshot_and_releasing_it() {
    let place = Place::new();
    let case = Hold::new("4711", "the court", "evidence", None).unwrap();
    let first = |attempt: &Attempt| attempt.repository.snapshots()[0].id;
    let add = |attempt: &Attempt| hold::add(&attempt.repository, attempt.storage.as_ref(), first(attempt), &case);
    place.fail_every_call(|_| true, |attempt| add(attempt).map(drop));
    place.prepare(|attempt| add(attempt).map(drop));
    place.fail_every_call(
        |_| true,
        |attempt| hold::release(&attempt.repository, attempt.storage.as_ref(), first(attempt), case.case()).map(drop),
    );
}

#[test]
fn adding_and_removing_a_key() {
    let place = Place::new();
    let cost = KeyCost { log_n: 1, ..KeyCost::default() };
    let new = NewKey { cost, ..NewKey::new(Secret::new("another".to_owned())) };
    place.fail_every_call(
        |_| true,
        |attempt| {
            let added = key::add(attempt.storage.as_ref(), attempt.repository.master_key(), &new)?;
            key::remove(attempt.storage.as_ref(), added, None)
        },
    );
}

#[test]
fn pruning_in_its_first_phase() {
    let place = Place::new();
    place.prepare(remove_old);
    place.fail_every_call(is_newest, |attempt| {
        let options = PruneOptions { max_unused: MaxUnused::Bytes(0), ..PruneOptions::new(Timestamp::now()) };
        prune(attempt, options)
    });
}

#[test]
fn pruning_in_its_second_phase() {
    let place = Place::new();
    place.prepare(remove_old);
    place.prepare(|attempt| prune(attempt, PruneOptions::new(Timestamp::now())));
    place.fail_every_call(is_newest, |attempt| {
        let later = Timestamp::now() + SignedDuration::from_hours(48);
        prune(attempt, PruneOptions { max_unused: MaxUnused::Bytes(0), ..PruneOptions::new(later) })
    });
}

#[test]
fn pruning_at_once() {
    let place = Place::new();
    place.prepare(remove_old);
    place.fail_every_call(is_newest, |attempt| prune(attempt, at_once()));
}
