//! When the server or the repository is away.

use std::io::Write as _;
use std::time::Duration;

use bygone_agent::plans::Plans;
use bygone_agent::{Folder, Options};
use bygone_common::Clock;
use bygone_common::job::{JobKind, JobState, Outcome};
use bygone_common::protocol::AgentPlans;
use bygone_store::Page;
use bygone_store::jobs::JobFilter;
use bygone_store::repositories::{RepositoryChange, RepositoryState};
use bygone_store::snapshots::SnapshotQuery;
use bygone_tests::relay::Relay;
use bygone_tests::restic::Restic;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::stack::{Stack, eventually, hook, quick, run, run_with, snapshots, source, spec};

/// What stock restic says of the spool.
async fn spooled(folder: &Folder) -> Vec<serde_json::Value> {
    let (at, key) = (folder.join("spool"), folder.join("spool.key"));
    let listed = tokio::task::spawn_blocking(move || {
        let password = std::fs::read_to_string(key).unwrap().trim().to_owned();
        let restic = Restic::new(at.to_str().unwrap()).env("RESTIC_PASSWORD", &password);
        restic.run(&["check", "--read-data"]);
        restic.run(&["snapshots", "--json"])
    });
    serde_json::from_str(&listed.await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_cut_in_the_middle_ends_no_agent_and_the_job_is_done_again() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let relay = Relay::to(stack.agent_port());
    let (folder, enrolled) = stack.enrol_at(org, "one", &format!("https://127.0.0.1:{}", relay.port())).await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 4 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(512 << 10);
    let job = stack.backup(org, &enrolled, wanted).await;
    stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
    relay.cut();
    tokio::time::sleep(Duration::from_secs(3)).await;
    relay.mend();
    let ended = stack.ended(org, job).await;
    assert_eq!(ended.state, JobState::Succeeded, "{ended:?}");
    assert!(!snapshots(&repository).await.is_empty());
    agent.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_run_into_the_spool_while_the_server_is_away_and_copied_over_later() {
    let mut stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 1 << 20);
    // A first backup, so that the agent knows how the repository cuts files.
    let agent = run(&folder);
    let first = stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &path)).await).await;
    assert_eq!(first.state, JobState::Succeeded, "{first:?}");
    agent.end().await;
    stack.stop().await;
    let plan = json!({
        "name": "every minute",
        "schedule": { "rules": [{ "cron": "* * * * *" }], "missed": "once" },
        "spec": spec(&repository, &path),
    });
    let plans = AgentPlans { tag: "t".to_owned(), plans: vec![serde_json::from_value(plan).unwrap()] };
    Plans::default().replace(&folder, plans).unwrap();
    std::fs::copy(path.join("below/large"), path.join("new")).unwrap();
    std::fs::OpenOptions::new().append(true).open(path.join("new")).unwrap().write_all(&[7; 100_000]).unwrap();
    let offline = Options { offline_after: SignedDuration::from_millis(1), ..quick() };
    // The last minute has passed since the server was last heard of.
    let mut status = bygone_agent::status::Status::read(&folder).unwrap().unwrap();
    status.last_contact_at = status.last_contact_at.map(|at| at.checked_sub(SignedDuration::from_secs(61)).unwrap());
    status.write(&folder).unwrap();
    let agent = run_with(&folder, offline);
    eventually("a snapshot in the spool", async || {
        bygone_agent::status::Status::read(&folder).unwrap().unwrap().spooled > 0
    })
    .await;
    agent.end().await;
    let waiting = spooled(&folder).await;
    assert!(!waiting.is_empty() && waiting[0]["hostname"] == "alice", "{waiting:?}");
    stack.start_again().await;
    let agent = run(&folder);
    let ended = stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &path)).await).await;
    let Some(Outcome::Succeeded(done)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(done.counts.snapshots, waiting.len() as u64);
    assert!(done.counts.bytes_added < 20_000, "the copy brought what was new: {done:?}");
    agent.end().await;
    assert_eq!(snapshots(&repository).await.len(), 2 + waiting.len());
    assert!(!folder.join("spool").exists(), "nothing waits any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_away_fills_the_spool_and_a_later_run_brings_it() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let agent = run(&folder);
    let path = source(stack.folder.path(), 1_000);
    let (begun, go) = (stack.folder.path().join("begun"), stack.folder.path().join("go"));
    let mut wanted = spec(&repository, &path);
    let script = format!("touch {}; while [ ! -e {} ]; do sleep 0.05; done", begun.display(), go.display());
    wanted.hooks = vec![hook("before", &script)];
    let job = stack.backup(org, &enrolled, wanted).await;
    eventually("the hook", async || begun.exists()).await;
    let set = async |version: i64, state| {
        let change = RepositoryChange { state: Some(state), ..RepositoryChange::default() };
        let (store, admin) = (&stack.app().store, stack.admin(org));
        store.repositories().change(&admin, org, repository.uid, version, &change).await.unwrap().version
    };
    let paused = set(repository.version, RepositoryState::Paused).await;
    std::fs::write(&go, "").unwrap();
    // The storage layer asks some times before it gives up.
    let waits = async || bygone_agent::status::Status::read(&folder).unwrap().is_some_and(|status| status.spooled > 0);
    for _ in 0..4 {
        if waits().await {
            break;
        }
        tokio::time::timeout(std::time::Duration::from_secs(45), async {
            while !waits().await {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await
        .ok();
    }
    assert!(waits().await, "nothing is in the spool: {:?}", stack.job(org, job).await);
    set(paused, RepositoryState::Ready).await;
    let ended = stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &path)).await).await;
    let Some(Outcome::Succeeded(done)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(done.counts.snapshots, 1, "{ended:?}");
    agent.end().await;
    assert!(snapshots(&repository).await.len() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_due_while_the_server_was_away_comes_by_the_spool_and_is_catalogued_once() {
    // Half an hour before the plan is due. Certificates begin in the past.
    let hour = Timestamp::from_second(Timestamp::now().as_second() / 3_600 * 3_600).unwrap();
    let clock = Clock::manual(hour - SignedDuration::from_mins(90));
    let mut stack = Stack::start_with(clock.clone()).await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 1 << 20);
    let plan = stack.hourly_plan(org, &enrolled, &repository, &path).await;
    let options = || Options { clock: clock.clone(), offline_after: SignedDuration::from_mins(2), ..quick() };
    let agent = run_with(&folder, options());
    let status = || bygone_agent::status::Status::read(&folder).unwrap().unwrap_or_default();
    eventually("the plan to be with the agent", async || status().plans == 1).await;
    stack.stop().await;
    clock.advance(SignedDuration::from_mins(31));
    eventually("a snapshot in the spool", async || status().spooled == 1).await;
    let waiting = spooled(&folder).await;
    let due_at: Timestamp = waiting[0]["time"].as_str().unwrap().parse().unwrap();
    // The server is away for longer than a run may be late: it does not run it a second time by itself.
    clock.advance(SignedDuration::from_mins(20));
    stack.start_again().await;
    eventually("the spool to be empty", async || status().spooled == 0).await;
    let (admin, store) = (stack.admin(org), &stack.app().store);
    let runs = JobFilter { plan: Some(plan), kind: Some(JobKind::Backup), ..JobFilter::default() };
    let jobs = store.jobs().list(&admin, org, &runs, &Page::default()).await.unwrap().items;
    assert_eq!(jobs.len(), 1, "one job brings what waits: {jobs:?}");
    let ended = stack.ended(org, jobs[0].uid).await;
    let Some(Outcome::Succeeded(done)) = &ended.outcome else { panic!("{ended:?}") };
    assert_eq!(done.counts.snapshots, 1, "{done:?}");
    let query = SnapshotQuery { repository: Some(repository.uid), ..SnapshotQuery::default() };
    let catalog = async || store.snapshots().list(&admin, org, &query, &Page::default()).await.unwrap().items;
    eventually("the catalog", async || catalog().await.len() >= 2).await;
    agent.end().await;
    let rows = catalog().await;
    assert_eq!(rows.len(), 2, "what was spooled, and what brought it: {rows:?}");
    assert_eq!(rows.iter().filter(|row| row.taken_at == due_at).count(), 1, "when it was due: {rows:?}");
    let account = bygone_vault::capture::account();
    assert!(rows.iter().all(|row| row.username == account.name), "whose data it is: {rows:?}");
    assert_eq!(snapshots(&repository).await.len(), 2);
}
