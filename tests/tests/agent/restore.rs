//! Restores to a machine: planned first, by rules about what is in the way, and held up or given up in the middle.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bygone_agent::{Enrolled, Folder, Options};
use bygone_client::ApiClient;
use bygone_common::job::{ConflictRule, FailureCode, JobState, Outcome, RestoreSpec, RestoreTarget, Restored};
use bygone_common::plan::Limits;
use bygone_common::{JobUid, OrgUid, SnapshotId};
use bygone_store::Role;
use bygone_store::jobs::Job;
use bygone_store::repositories::Repository;
use serde_json::{Value, json};

use crate::stack::{Running, Stack, eventually, quick, run, run_with, source, spec};

/// A machine with a snapshot of some of its files.
struct Machine {
    stack: Stack,
    org: OrgUid,
    admin: ApiClient,
    repository: Repository,
    enrolled: Enrolled,
    folder: Folder,
    agent: Option<Running>,
    source: PathBuf,
    snapshot: SnapshotId,
}

impl Machine {
    async fn with_bytes(bytes: usize) -> Self {
        let stack = Stack::start().await;
        let org = stack.org("acme").await;
        let repository = stack.repository(org, "acme", "main").await;
        let (folder, enrolled) = stack.enrol(org, "one").await;
        let into = stack.folder.path().join("new folders");
        let agent = run_with(&folder, Options { restores_into: Some(into), ..quick() });
        let source = source(stack.folder.path(), bytes);
        let ended = stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &source)).await).await;
        let snapshot = ended.outcome.as_ref().and_then(|outcome| outcome.done()?.snapshot).unwrap();
        // A restore over what is there asks for the second factor: tokens of programs may be allowed to do without.
        let admin = stack.api(org, Role::Admin).await;
        Self { stack, org, admin, repository, enrolled, folder, agent: Some(agent), source, snapshot }
    }

    /// A restore of everything in the source into a folder, which is made.
    fn wanted(&self, target: &Path) -> RestoreSpec {
        RestoreSpec {
            repository: self.repository.uid,
            snapshot: self.snapshot,
            paths: ["small", "below"].map(|name| self.source.join(name).to_str().unwrap().to_owned()).to_vec(),
            target: RestoreTarget::Folder { path: target.to_str().unwrap().to_owned() },
            on_conflict: ConflictRule::Fail,
            verify: true,
            dry_run: false,
            choices: Vec::new(),
            within: None,
            confined: false,
            limits: Limits::default(),
            undo: None,
        }
    }

    async fn begin(&self, spec: &RestoreSpec) -> JobUid {
        let mut wanted = json!(spec);
        wanted["kind"] = json!("restore");
        let body = json!({ "spec": wanted, "agent": self.enrolled.agent });
        let made = self.admin.post::<Value>(&format!("/api/v1/orgs/{}/jobs", self.org), &body).await.unwrap().unwrap();
        made["uid"].as_str().unwrap().parse().unwrap()
    }

    async fn restore(&self, spec: &RestoreSpec) -> Job {
        let job = self.begin(spec).await;
        self.stack.ended(self.org, job).await
    }

    async fn ask(&self, job: JobUid, verb: &str) -> Value {
        let path = format!("/api/v1/orgs/{}/jobs/{job}/{verb}", self.org);
        self.admin.post::<Value>(&path, &json!({})).await.unwrap().unwrap()
    }

    fn place(&self, name: &str) -> PathBuf {
        self.stack.folder.path().join(name)
    }

    async fn end(mut self) {
        self.agent.take().unwrap().end().await;
    }
}

fn told(job: &Job) -> &Restored {
    let done = job.outcome.as_ref().and_then(Outcome::done).unwrap_or_else(|| panic!("{job:?}"));
    done.restore.as_ref().unwrap()
}

fn same(left: &Path, right: &Path) {
    for name in ["small", "below/large"] {
        assert!(fs::read(left.join(name)).unwrap() == fs::read(right.join(name)).unwrap(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_planned_without_a_trace_and_then_done_and_read_back() {
    let machine = Machine::with_bytes(2 << 20).await;
    let target = machine.place("target");
    let planned = machine.restore(&RestoreSpec { dry_run: true, ..machine.wanted(&target) }).await;
    assert_eq!(planned.state, JobState::Succeeded, "{planned:?}");
    let plan = &told(&planned).plan;
    assert_eq!((plan.create, plan.conflict, plan.bytes), (2, 0, (2 << 20) + 7), "{plan:?}");
    assert!(plan.bytes_free.is_some_and(|free| free > plan.bytes));
    let mut entries: Vec<_> = plan.entries.iter().map(|entry| (entry.path.as_str(), entry.action.as_str())).collect();
    entries.sort_unstable();
    assert_eq!(entries, [("/below", "create"), ("/below/large", "create"), ("/small", "create")]);
    assert!(!target.exists(), "a plan writes nothing");
    let done = machine.restore(&machine.wanted(&target)).await;
    assert_eq!((done.state, told(&done).verified), (JobState::Succeeded, Some(2)), "{done:?}");
    assert_eq!(done.outcome.as_ref().unwrap().done().unwrap().counts.files_new, 2);
    same(&machine.source, &target);
    // Once more: it is all there.
    let again = machine.restore(&machine.wanted(&target)).await;
    assert_eq!((again.state, told(&again).plan.unchanged), (JobState::Succeeded, 2), "{again:?}");
    // By itself it goes where nothing is.
    let new = machine.restore(&RestoreSpec { target: RestoreTarget::NewFolder, ..machine.wanted(&target) }).await;
    let folder = PathBuf::from(&told(&new).target);
    same(&machine.source, &folder);
    assert_eq!(folder.parent().unwrap(), machine.place("new folders"));
    // And where it was.
    fs::remove_file(machine.source.join("small")).unwrap();
    let original = RestoreSpec { target: RestoreTarget::Original, ..machine.wanted(&target) };
    let back = machine.restore(&original).await;
    assert_eq!((back.state, told(&back).plan.create), (JobState::Succeeded, 1), "{back:?}");
    same(&machine.source, &target);
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_dealt_with_as_the_rule_says() {
    let machine = Machine::with_bytes(1_000).await;
    let target = machine.place("target");
    fs::create_dir(&target).unwrap();
    let small = target.join("small");
    for (rule, state, content) in [
        (ConflictRule::Fail, JobState::Failed, "mine"),
        (ConflictRule::Skip, JobState::Succeeded, "mine"),
        (ConflictRule::KeepBoth, JobState::Succeeded, "mine"),
        (ConflictRule::SetAside, JobState::Succeeded, "content"),
    ] {
        fs::write(&small, "mine").unwrap();
        let ended = machine.restore(&RestoreSpec { on_conflict: rule, ..machine.wanted(&target) }).await;
        assert_eq!(ended.state, state, "{rule:?}: {ended:?}");
        assert_eq!(fs::read_to_string(&small).unwrap(), content, "{rule:?}");
        match (rule, &ended.outcome) {
            (ConflictRule::Fail, Some(Outcome::Failed(failure))) => {
                assert_eq!(failure.code, FailureCode::Conflict, "{failure}");
                assert!(!target.join("below").exists(), "nothing is begun");
            }
            (ConflictRule::Skip, _) => assert_eq!(told(&ended).skipped, 1),
            (ConflictRule::KeepBoth, _) => {
                let names = fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().path());
                let beside: Vec<_> =
                    names.filter(|path| path.to_str().unwrap().contains("small (restored 20")).collect();
                assert_eq!(beside.len(), 1);
                assert_eq!(fs::read_to_string(&beside[0]).unwrap(), "content");
            }
            (ConflictRule::SetAside, _) => {
                let safety = PathBuf::from(told(&ended).safety_folder.as_ref().unwrap());
                assert!(safety.starts_with(&target), "{}", safety.display());
                assert_eq!(fs::read_to_string(safety.join("small")).unwrap(), "mine", "nothing is lost");
            }
            (rule, outcome) => panic!("{rule:?}: {outcome:?}"),
        }
    }
    let missing = RestoreSpec { paths: vec!["/no/such/file".to_owned()], ..machine.wanted(&target) };
    let Some(Outcome::Failed(failure)) = machine.restore(&missing).await.outcome else { panic!("it is not there") };
    assert!(failure.text.contains("/no"), "{failure}");
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_waits_when_told_to_and_goes_on_and_ends_within_two_seconds_when_given_up() {
    let machine = Machine::with_bytes(6 << 20).await;
    let (stack, org) = (&machine.stack, machine.org);
    let slow = |target: &Path| {
        let limits = Limits { download_bytes_per_second: Some(512 << 10), ..Limits::default() };
        RestoreSpec { limits, ..machine.wanted(target) }
    };
    let has_begun = |job: &Job| job.progress.is_some_and(|progress| progress.bytes_total.is_some());
    let target = machine.place("target");
    let job = machine.begin(&slow(&target)).await;
    stack.job_that(org, job, has_begun).await;
    assert_eq!(machine.ask(job, "pause").await["pause_requested"], true);
    let said = async |text: &str| stack.lines(org, job).await.iter().any(|line| line.contains(text));
    eventually("it to wait", async || said("the job waits").await).await;
    // It keeps the job, for longer than it would have taken to its end.
    let kept_until = |job: &Job| job.lease.as_ref().and_then(|lease| lease.expires_at).unwrap();
    let seen = kept_until(&stack.job(org, job).await);
    let still = stack.job_that(org, job, |job| kept_until(job).duration_since(seen).as_secs() >= 10).await;
    assert_eq!(still.state, JobState::Running, "{still:?}");
    assert!(!target.join("below/large").exists(), "it writes nothing");
    assert_eq!(machine.ask(job, "resume").await["pause_requested"], false);
    let ended = stack.ended(org, job).await;
    assert_eq!((ended.state, told(&ended).verified), (JobState::Succeeded, Some(2)), "{ended:?}");
    same(&machine.source, &target);

    let target = machine.place("other");
    let job = machine.begin(&slow(&target)).await;
    stack.job_that(org, job, has_begun).await;
    let asked = Instant::now();
    machine.ask(job, "cancel").await;
    let ended = stack.ended(org, job).await;
    assert_eq!(ended.state, JobState::Cancelled, "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(!target.join("below/large").exists(), "no half of a file has its name");
    // The same again goes on from there.
    let again = machine.restore(&machine.wanted(&target)).await;
    assert_eq!(again.state, JobState::Succeeded, "{again:?}");
    same(&machine.source, &target);
    machine.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_waits_for_a_machine_that_is_away_and_one_that_restores_nothing_says_so() {
    let mut machine = Machine::with_bytes(1_000).await;
    machine.agent.take().unwrap().end().await;
    let target = machine.place("target");
    let job = machine.begin(&machine.wanted(&target)).await;
    assert_eq!(machine.stack.job(machine.org, job).await.state, JobState::Queued);
    machine.agent = Some(run(&machine.folder));
    assert_eq!(machine.stack.ended(machine.org, job).await.state, JobState::Succeeded);
    same(&machine.source, &target);
    machine.agent.take().unwrap().end().await;
    machine.agent = Some(run_with(&machine.folder, Options { restores: false, ..quick() }));
    let Some(Outcome::Failed(failure)) = machine.restore(&machine.wanted(&machine.place("other"))).await.outcome else {
        panic!("it restores nothing")
    };
    assert_eq!(failure.code, FailureCode::Denied, "{failure}");
    machine.end().await;
}
