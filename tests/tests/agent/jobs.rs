//! Jobs from the queue to a snapshot.

use std::time::{Duration, Instant};

use bygone_common::job::{FailureCode, JobState, Outcome};
use bygone_store::Role;
use serde_json::{Value, json};

use crate::machine::Machine;
use crate::stack::{snapshots, spec};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_through_the_gateway_and_restic_reads_it() {
    let machine = Machine::with_bytes(3 << 20).await;
    let ended = machine.back_up(machine.wanted()).await;
    let Some(Outcome::Succeeded(done)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((done.counts.files_new, done.counts.problems), (2, 0));
    assert!(done.counts.bytes_written > 3 << 20, "{done:?}");
    let listed = snapshots(&machine.repository).await;
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
    let ended = machine.back_up(machine.wanted()).await;
    let Some(Outcome::Succeeded(done)) = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((done.counts.files_new, done.counts.files_unmodified), (0, 2));
    let stack = machine.end().await;
    let text = std::fs::read_to_string(stack.agent_folder("one").join("status.json")).unwrap();
    assert!(!text.contains("correct horse"), "no password is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_makes_a_backup_partial_and_is_told() {
    let machine = Machine::with_bytes(10).await;
    let gone = machine.stack.folder.path().join("gone");
    for missing in [gone.clone(), gone.join("above/it/too")] {
        let mut wanted = machine.wanted();
        wanted.paths.push(missing.to_str().unwrap().to_owned());
        let ended = machine.back_up(wanted).await;
        let Some(Outcome::Partial(done)) = &ended.outcome else { panic!("{ended:?}") };
        assert_eq!((ended.state, done.counts.problems), (JobState::Partial, 1));
        assert!(done.snapshot.is_some() && done.counts.files_new + done.counts.files_unmodified == 2, "{done:?}");
        let lines = machine.stack.lines(machine.org, ended.uid).await;
        assert!(lines.iter().any(|line| line.contains(missing.to_str().unwrap())), "{lines:?}");
    }
    let mut wanted = spec(&machine.repository, &gone);
    wanted.paths.push(gone.join("below").to_str().unwrap().to_owned());
    let ended = machine.back_up(wanted).await;
    let Some(Outcome::Failed(failure)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(failure.code, FailureCode::SourceMissing);
    assert!(failure.text.contains(gone.to_str().unwrap()), "it says which: {failure}");
    assert_eq!(snapshots(&machine.repository).await.len(), 2);
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_backup_ends_within_two_seconds_and_leaves_no_snapshot() {
    let machine = Machine::with_bytes(8 << 20).await;
    let mut wanted = machine.wanted();
    wanted.limits.upload_bytes_per_second = Some(64 << 10);
    let job = machine.stack.backup(machine.org, &machine.enrolled, wanted).await;
    machine.stack.job_that(machine.org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    let admin = machine.stack.api(machine.org, Role::Admin).await;
    let asked = Instant::now();
    let path = format!("/api/v1/orgs/{}/jobs/{job}/cancel", machine.org);
    let told = admin.post::<Value>(&path, &json!({})).await.unwrap().unwrap();
    assert_eq!(told["cancel_requested"], true, "{told}");
    let ended = machine.stack.ended(machine.org, job).await;
    assert_eq!((ended.state, ended.outcome), (JobState::Cancelled, Some(Outcome::Cancelled)));
    assert!(asked.elapsed() < Duration::from_secs(2), "told after a second at most: {:?}", asked.elapsed());
    assert!(snapshots(&machine.repository).await.is_empty());
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_is_taken_at_once() {
    let machine = Machine::with_bytes(10).await;
    machine.back_up(machine.wanted()).await;
    // The agent's next claim waits by now, or will find the job when it comes.
    let queued = Instant::now();
    let job = machine.stack.backup(machine.org, &machine.enrolled, machine.wanted()).await;
    machine.stack.job_that(machine.org, job, |job| job.state != JobState::Queued).await;
    assert!(queued.elapsed() < Duration::from_secs(2), "{:?}", queued.elapsed());
    machine.stack.ended(machine.org, job).await;
    machine.end().await;
}
