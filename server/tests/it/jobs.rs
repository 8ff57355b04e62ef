//! The server's own jobs, on a real repository; events; the database gone and back.

mod asked;
mod clocks;
mod far;
mod indexes;
mod interrupted;
mod legal_hold;
mod mirror;
mod replicas;

use std::path::PathBuf;
use std::time::Duration;

use bygone_common::JobUid;
use bygone_common::job::{
    CatalogSpec, FailureCode, ForgetSpec, JobSpec, JobState, Outcome, PruneSpec, VerifyDepth, VerifySpec,
};
use bygone_store::events::Heard;
use bygone_store::jobs::{Job, NewJob};
use bygone_store::{Actor, Store};
use bygone_tests::postgres::Postgres;
use bygone_tests::restic::Restic;
use reqwest::StatusCode;
use serde_json::json;

use crate::gateway::support::{Behind, admin, behind};
use crate::support::Stack;

/// How long a test waits for what must come.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A repository of the server with snapshots that restic took.
struct Bench {
    stack: Stack,
    behind: Behind,
    restic: Restic,
    folder: PathBuf,
    source: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let stack = Stack::start().await;
        let behind = behind(&stack, "acme", "main", None).await;
        let folder = PathBuf::from(behind.row.location.clone());
        let restic = Restic::new(folder.to_str().unwrap());
        restic.run(&["init"]);
        let bench = Self { stack, behind, restic, folder, source: tempfile::tempdir().unwrap() };
        for text in ["one", "two", "three"] {
            std::fs::write(bench.source.path().join("file"), text.repeat(50_000)).unwrap();
            bench.restic.run(&["backup", "--host", "alpha", bench.source.path().to_str().unwrap()]);
        }
        bench
    }

    fn store(&self) -> Store {
        self.stack.server.as_ref().unwrap().app().store.clone()
    }

    fn admin(&self) -> Actor {
        admin(&self.stack, self.behind.org)
    }

    async fn make(&self, spec: JobSpec) -> JobUid {
        self.store().jobs().create(&self.admin(), self.behind.org, NewJob::new(spec, None)).await.unwrap().uid
    }

    async fn get(&self, job: JobUid) -> Job {
        self.store().jobs().get(&self.admin(), self.behind.org, job).await.unwrap()
    }

    /// Waits until a job is over, or went back into the queue.
    async fn end(&self, job: JobUid) -> Job {
        let until = tokio::time::Instant::now() + WAIT_MAX;
        loop {
            let job = self.get(job).await;
            if job.state.is_final() || (job.state == JobState::Queued && job.outcome.is_some()) {
                return job;
            }
            assert!(tokio::time::Instant::now() < until, "it never ended: {job:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn run(&self, spec: JobSpec) -> Job {
        let job = self.make(spec).await;
        self.end(job).await
    }

    fn catalog(&self) -> JobSpec {
        JobSpec::Catalog(CatalogSpec { repository: self.behind.row.uid })
    }

    fn prune(&self) -> JobSpec {
        JobSpec::Prune(PruneSpec { grace_hours: 0, max_unused_percent: 0, ..PruneSpec::new(self.behind.row.uid) })
    }

    fn verify(&self) -> JobSpec {
        JobSpec::Verify(VerifySpec { repository: self.behind.row.uid, depth: VerifyDepth::Full })
    }
}

pub(crate) async fn wait<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(WAIT_MAX, waiting).await.expect("what was waited for never came")
}

fn counts(job: &Job) -> bygone_common::job::Counts {
    job.outcome.as_ref().and_then(Outcome::done).unwrap_or_else(|| panic!("{:?}", job.outcome)).counts
}

fn failure(job: &Job) -> FailureCode {
    match &job.outcome {
        Some(Outcome::Failed(failure)) => failure.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_finds_forgets_prunes_and_verifies_what_restic_wrote() {
    let bench = Bench::new().await;
    assert_eq!(counts(&bench.run(bench.catalog()).await).snapshots, 3);
    assert_eq!(counts(&bench.run(bench.verify()).await).snapshots, 3);
    let retention = serde_json::from_value(json!({ "keep": { "last": 1 } })).unwrap();
    let forget =
        ForgetSpec { repository: bench.behind.row.uid, retention, tag: None, hosts: Vec::new(), dry_run: true };
    let foreseen = counts(&bench.run(JobSpec::Forget(Box::new(forget.clone()))).await);
    assert_eq!((foreseen.snapshots_forgotten, foreseen.snapshots), (2, 1));
    assert_eq!(counts(&bench.run(bench.catalog()).await).snapshots, 3, "nothing went yet");
    let forgot = bench.run(JobSpec::Forget(Box::new(ForgetSpec { dry_run: false, ..forget.clone() }))).await;
    assert_eq!(counts(&forgot).snapshots_forgotten, 2);
    // Invariant 8: the last snapshot of a source stays, whatever the rules say.
    let none: serde_json::Value = json!({ "keep": { "tags": ["nobody-has-this"] } });
    let retention = serde_json::from_value(none).unwrap();
    let last = bench.run(JobSpec::Forget(Box::new(ForgetSpec { retention, dry_run: false, ..forget }))).await;
    assert_eq!(counts(&last).snapshots_forgotten, 0);
    let first = bench.run(bench.prune()).await;
    assert_eq!(first.state, JobState::Succeeded, "{:?}", first.outcome);
    bench.restic.run(&["check", "--read-data"]);
    let lines = bench.store().jobs().lines(&bench.admin(), bench.behind.org, forgot.uid, &Default::default()).await;
    assert!(lines.unwrap().items.iter().any(|line| line.line.text.contains("forgot 2 snapshots")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prune_never_follows_a_verify_that_found_damage() {
    let bench = Bench::new().await;
    // The largest pack holds contents, and nothing else is in it.
    std::fs::write(bench.source.path().join("noise"), bygone_tests::noise::noise(1, 300_000)).unwrap();
    bench.restic.run(&["backup", "--host", "alpha", bench.source.path().to_str().unwrap()]);
    let packs = bench.folder.join("data");
    let pack = walk(&packs).into_iter().max_by_key(|pack| pack.metadata().unwrap().len()).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[100] ^= 1;
    let mut permissions = std::fs::metadata(&pack).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    std::fs::set_permissions(&pack, permissions).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    let verified = bench.run(bench.verify()).await;
    assert_eq!((verified.state, failure(&verified)), (JobState::Failed, FailureCode::Damaged));
    let refused = async || {
        let pruned = bench.run(bench.prune()).await;
        assert_eq!((pruned.state, failure(&pruned)), (JobState::Failed, FailureCode::VerifyFailed));
    };
    refused().await;
    // One that reads no contents proves nothing of them.
    let spec = VerifySpec { repository: bench.behind.row.uid, depth: VerifyDepth::Metadata };
    assert_eq!(bench.run(JobSpec::Verify(spec)).await.state, JobState::Succeeded);
    refused().await;
}

fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_is_gone_makes_jobs_wait_and_loses_none() {
    let bench = Bench::new().await;
    let away = bench.folder.with_extension("away");
    std::fs::rename(&bench.folder, &away).unwrap();
    let failed = bench.run(bench.verify()).await;
    assert_eq!((failed.state, failure(&failed)), (JobState::Queued, FailureCode::StorageUnavailable));
    assert_eq!(failed.attempt, 0, "it costs no attempt");
    std::fs::rename(&away, &bench.folder).unwrap();
    assert_eq!(bench.run(bench.verify()).await.state, JobState::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_live_and_again_to_those_who_come_back() {
    let bench = Bench::new().await;
    let url = format!("{}/api/v1/orgs/{}/events", bench.stack.url(), bench.behind.org);
    let root = bench.stack.root();
    let http = reqwest::Client::new();
    let mut live = http.get(&url).bearer_auth(root.token()).send().await.unwrap();
    assert_eq!(
        (live.status(), &live.headers()["content-type"]),
        (StatusCode::OK, &"text/event-stream".parse().unwrap())
    );
    let job = bench.make(bench.catalog()).await;
    let mut told = String::new();
    while !told.contains("job.ended") {
        let chunk = tokio::time::timeout(WAIT_MAX, live.chunk()).await.unwrap().unwrap().unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let kinds: Vec<_> =
        told.lines().filter_map(|line| line.strip_prefix("event: ")).filter(|kind| *kind != "job.progress").collect();
    // A catalog that changed is told of as soon as it has.
    assert_eq!(kinds, ["job.queued", "job.leased", "job.running", "repository.changed", "job.ended"]);
    assert!(told.contains(&job.to_string()));
    let first = told.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
    let mut again = http.get(&url).bearer_auth(root.token()).header("last-event-id", first).send().await.unwrap();
    let mut told = String::new();
    while !told.contains("job.ended") {
        let chunk = tokio::time::timeout(WAIT_MAX, again.chunk()).await.unwrap().unwrap().unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(!told.contains("job.queued") && told.contains("job.leased"), "{told}");
    let wrong = http.get(&url).bearer_auth(root.token()).header("last-event-id", "x").send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let job_url = format!("/api/v1/orgs/{}/jobs/{job}", bench.behind.org);
    assert_eq!(root.get(&job_url).await.json()["state"], "succeeded");
    let list = root.get(&format!("/api/v1/orgs/{}/jobs?kind=catalog&state=succeeded", bench.behind.org)).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(root.get(&format!("/api/v1/orgs/{}/jobs?kind=nothing", bench.behind.org)).await.problem(), "malformed");
    let other = root.make_org("other").await;
    let elsewhere = root.get(&format!("/api/v1/orgs/{other}/jobs/{job}")).await;
    assert_eq!((elsewhere.status, elsewhere.problem()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_goes_and_comes_back_and_no_job_is_lost() {
    let mut cluster = Postgres::start();
    let url = cluster.database();
    let stack = Stack::start_with(&[("DATABASE__URL", &url)]).await;
    let root = stack.root();
    let behind = behind(&stack, "acme", "main", None).await;
    Restic::new(behind.row.location.clone()).run(&["init"]);
    let store = stack.server.as_ref().unwrap().app().store.clone();
    let boss = admin(&stack, behind.org);
    let catalog = || NewJob::new(JobSpec::Catalog(CatalogSpec { repository: behind.row.uid }), None);
    let mut later = catalog();
    later.available_at = Some(store.now().checked_add(jiff::SignedDuration::from_secs(3)).unwrap());
    let job = store.jobs().create(&boss, behind.org, later).await.unwrap().uid;
    cluster.stop();
    let gone = wait(async || {
        let answer = root.get("/api/v1/orgs").await;
        (answer.status == StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
    })
    .await;
    assert_eq!(gone.problem(), "unavailable");
    assert!(gone.headers.contains_key("retry-after"));
    cluster.start_again();
    wait(async || (root.get("/api/v1/orgs").await.status == StatusCode::OK).then_some(())).await;
    let over = wait(async || {
        let job = store.jobs().get(&boss, behind.org, job).await;
        let job = job.ok()?;
        job.state.is_final().then_some(job)
    })
    .await;
    assert_eq!(over.state, JobState::Succeeded, "{:?}", over.outcome);
    // The ear for other replicas listens again: who listens is told of the job, or that something was missed.
    let mut events = store.events().listen();
    let job = store.jobs().create(&boss, behind.org, catalog()).await.unwrap();
    let told = tokio::time::timeout(WAIT_MAX, events.next()).await.unwrap().unwrap();
    assert!(told == Heard::Missed || matches!(&told, Heard::Event(event) if event.job == Some(job.uid)), "{told:?}");
}
