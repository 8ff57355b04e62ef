//! Jobs from the queue to a snapshot.

use std::time::{Duration, Instant};

use bygone_common::job::{FailureCode, JobState, Outcome};
use bygone_store::Role;
use serde_json::{Value, json};

use crate::stack::{Stack, run, snapshots, source, spec};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_through_the_gateway_and_restic_reads_it() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 3 << 20);
    let job = stack.backup(org, &enrolled, spec(&repository, &path)).await;
    let ended = stack.ended(org, job).await;
    let Some(Outcome::Succeeded(done)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((done.counts.files_new, done.counts.problems), (2, 0));
    assert!(done.counts.bytes_written > 3 << 20, "{done:?}");
    let listed = snapshots(&repository).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], done.snapshot.unwrap().to_string());
    assert_eq!(listed[0]["hostname"], "alice");
    // Whose data it is.
    let account = bygone_vault::capture::account();
    assert_eq!(listed[0]["username"], account.name);
    assert_eq!(listed[0]["uid"].as_u64().unwrap_or(0), u64::from(account.uid), "restic leaves out that of root");
    assert_eq!(listed[0]["gid"].as_u64().unwrap_or(0), u64::from(account.gid));
    let tags: Vec<_> = listed[0]["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
    assert_eq!(tags, ["daily", "plan:01900000-0000-7000-8000-000000000001"]);
    // The next one reads nothing anew.
    let job = stack.backup(org, &enrolled, spec(&repository, &path)).await;
    let ended = stack.ended(org, job).await;
    let Some(Outcome::Succeeded(done)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((done.counts.files_new, done.counts.files_unmodified), (0, 2));
    agent.end().await;
    let text = std::fs::read_to_string(folder.join("status.json")).unwrap();
    assert!(!text.contains("correct horse"), "no password is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_makes_a_backup_partial_and_is_told() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 10);
    let gone = stack.folder.path().join("gone");
    for missing in [gone.clone(), gone.join("above/it/too")] {
        let mut wanted = spec(&repository, &path);
        wanted.paths.push(missing.to_str().unwrap().to_owned());
        let ended = stack.ended(org, stack.backup(org, &enrolled, wanted).await).await;
        let Some(Outcome::Partial(done)) = &ended.outcome else { panic!("{ended:?}") };
        assert_eq!((ended.state, done.counts.problems), (JobState::Partial, 1));
        assert!(done.snapshot.is_some() && done.counts.files_new + done.counts.files_unmodified == 2, "{done:?}");
        let lines = stack.lines(org, ended.uid).await;
        assert!(lines.iter().any(|line| line.contains(missing.to_str().unwrap())), "{lines:?}");
    }
    let mut wanted = spec(&repository, &gone);
    wanted.paths.push(gone.join("below").to_str().unwrap().to_owned());
    let ended = stack.ended(org, stack.backup(org, &enrolled, wanted).await).await;
    let Some(Outcome::Failed(failure)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(failure.code, FailureCode::SourceMissing);
    assert!(failure.text.contains(gone.to_str().unwrap()), "it says which: {failure}");
    assert_eq!(snapshots(&repository).await.len(), 2);
    agent.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_backup_ends_within_two_seconds_and_leaves_no_snapshot() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 8 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(64 << 10);
    let job = stack.backup(org, &enrolled, wanted).await;
    stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    let admin = stack.api(org, Role::Admin).await;
    let asked = Instant::now();
    let told =
        admin.post::<Value>(&format!("/api/v1/orgs/{org}/jobs/{job}/cancel"), &json!({})).await.unwrap().unwrap();
    assert_eq!(told["cancel_requested"], true, "{told}");
    let ended = stack.ended(org, job).await;
    assert_eq!((ended.state, ended.outcome), (JobState::Cancelled, Some(Outcome::Cancelled)));
    assert!(asked.elapsed() < Duration::from_secs(2), "told after a second at most: {:?}", asked.elapsed());
    assert!(snapshots(&repository).await.is_empty());
    agent.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_is_taken_at_once() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 10);
    stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &path)).await).await;
    // The agent's next claim waits by now, or will find the job when it comes.
    let queued = Instant::now();
    let job = stack.backup(org, &enrolled, spec(&repository, &path)).await;
    stack.job_that(org, job, |job| job.state != JobState::Queued).await;
    assert!(queued.elapsed() < Duration::from_secs(2), "{:?}", queued.elapsed());
    stack.ended(org, job).await;
    agent.end().await;
}
