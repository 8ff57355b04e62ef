//! The real server, ended by `kill -9` in the middle of an agent's job, and of its own.

use std::collections::HashMap;
use std::time::Duration;

use bygone_client::{ApiClient, Trust};
use bygone_common::job::{CatalogSpec, JobSpec, JobState};
use bygone_common::{Clock, JobUid, OrgUid, RepositoryUid};
use bygone_server::Roles;
use bygone_store::events::EventKind;
use bygone_store::jobs::NewJob;
use bygone_store::{Actor, Page, Store};
use serde_json::Value;

use crate::binary::Program;
use crate::stack::{Stack, eventually, run, snapshots, source, spec};

/// Jobs of the server, each with one that waits for it.
const PAIRS: usize = 20;
/// How often the server is killed meanwhile.
const KILLS: u64 = 6;

/// A job, as a server says that it is.
async fn job(api: &ApiClient, org: OrgUid, uid: JobUid) -> Value {
    api.get(&format!("/api/v1/orgs/{org}/jobs/{uid}")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_when_its_server_was_killed_and_is_there_again() {
    let mut stack = Stack::start().await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let (folder, enrolled) = stack.enrol(org, "one").await;
    let path = source(stack.folder.path(), 6 << 20);
    let mut wanted = spec(&repository, &path);
    wanted.limits.upload_bytes_per_second = Some(512 << 10);
    let backup = stack.backup(org, &enrolled, wanted).await;
    stack.stop().await;

    let port = bygone_tests::ports::free();
    let api = ApiClient::new(&format!("http://127.0.0.1:{port}"), &Trust::Plain, Some(stack.root_token())).unwrap();
    let is_up = async || api.get::<Value>("/api/v1/me").await.is_ok();
    let server = Program::server(&stack, port);
    eventually("the server to answer", is_up).await;
    let agent = run(&folder);
    eventually("the backup to get on", async || {
        job(&api, org, backup).await["progress"]["bytes_done"].as_u64() > Some(0)
    })
    .await;
    server.kill();
    let server = Program::server(&stack, port);
    eventually("the server to be there again", is_up).await;

    eventually("the backup to end", async || job(&api, org, backup).await["ended_at"].is_string()).await;
    let ended = job(&api, org, backup).await;
    assert_eq!(ended["state"], JobState::Succeeded.to_string(), "{ended}");
    assert_eq!(snapshots(&repository).await.len(), 1, "what was done is done once");
    let audited: Value = api.get("/api/v1/audit/verdict").await.unwrap();
    assert_eq!(audited["state"], "intact", "the log has no gap: {audited}");
    agent.end().await;
    server.end();
}

/// Jobs of the server's own: the second of each pair waits for the first.
async fn pairs(store: &Store, org: OrgUid, repository: RepositoryUid) -> Vec<(JobUid, JobUid)> {
    let system = Actor::system("test", org);
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let new = || NewJob { attempts_max: 20, ..NewJob::new(JobSpec::Catalog(CatalogSpec { repository }), None) };
        let first = store.jobs().create(&system, org, new()).await.unwrap().uid;
        let waits = NewJob { depends_on: vec![(first, true)], ..new() };
        pairs.push((first, store.jobs().create(&system, org, waits).await.unwrap().uid));
    }
    pairs
}

/// What a server that was killed has left: of each end all that belongs to it, or nothing. Answers how many jobs are over.
async fn left_whole(store: &Store, org: OrgUid, pairs: &[(JobUid, JobUid)]) -> usize {
    let system = Actor::system("test", org);
    let mut ends: HashMap<JobUid, usize> = HashMap::new();
    let mut page = Page::new(Some(500), None).unwrap();
    loop {
        let list = store.happened(&system, org, &page).await.unwrap();
        for event in list.items.iter().filter(|event| event.kind == EventKind::JobEnded) {
            *ends.entry(event.job.unwrap()).or_default() += 1;
        }
        let Some(next) = list.next else { break };
        page = Page::new(Some(500), Some(&next)).unwrap();
    }
    for (first, waiting) in pairs {
        let jobs = store.jobs();
        let (first, waiting) =
            (jobs.get(&system, org, *first).await.unwrap(), jobs.get(&system, org, *waiting).await.unwrap());
        for job in [&first, &waiting] {
            let is_over = job.state.is_final();
            assert_eq!(
                (job.ended_at.is_some(), ends.get(&job.uid).copied()),
                (is_over, is_over.then_some(1)),
                "{job:?}"
            );
            assert!(!is_over || job.state == JobState::Succeeded, "{job:?}");
        }
        assert_eq!(
            waiting.waits == 0,
            first.state.is_final(),
            "what waits is let go with the end: {first:?} {waiting:?}"
        );
    }
    ends.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_ends_each_of_its_own_jobs_once() {
    let clock = Clock::real(jiff::Timestamp::now);
    let mut stack = Stack::start_as(clock.clone(), Roles { worker: false, ..Roles::ALL }).await;
    let org = stack.org("acme").await;
    let repository = stack.repository(org, "acme", "main").await;
    let url = stack.app().config.database.clone();
    let jobs = pairs(&stack.app().store, org, repository.uid).await;
    stack.stop().await;

    let port = bygone_tests::ports::free();
    let api = ApiClient::new(&format!("http://127.0.0.1:{port}"), &Trust::Plain, Some(stack.root_token())).unwrap();
    let over = async || {
        let path = format!("/api/v1/orgs/{org}/jobs?kind=catalog&state=succeeded&limit=500");
        api.get::<Value>(&path).await.ok().and_then(|list| Some(list["items"].as_array()?.len())).unwrap_or_default()
    };
    let mut before = 0;
    for kill in 0..KILLS {
        let server = Program::server(&stack, port);
        eventually("some jobs to be over", async || over().await > before).await;
        // At another moment each time.
        tokio::time::sleep(Duration::from_millis(kill * 3)).await;
        server.kill();
        let store = Store::open(&url, clock.clone()).await.unwrap();
        before = left_whole(&store, org, &jobs).await;
        // As if a minute and a half had passed: whoever had a job has said no word since.
        let mut tx = store.begin().await.unwrap();
        let ran_out = "update jobs set lease_expires_at = 1 where state in ('leased', 'running')";
        tx.execute_for_tests(ran_out).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
    }
    let server = Program::server(&stack, port);
    eventually("all jobs to be over", async || over().await == 2 * PAIRS).await;
    let audited: Value = api.get("/api/v1/audit/verdict").await.unwrap();
    assert_eq!(audited["state"], "intact", "the log has no gap: {audited}");
    server.end();
    let store = Store::open(&url, clock).await.unwrap();
    assert_eq!(left_whole(&store, org, &jobs).await, 2 * PAIRS);
    store.close().await;
}
