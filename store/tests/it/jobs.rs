//! The queue: who gets what, and what becomes of it.

use bygone_common::job::{
    BackupSpec, CatalogSpec, Counts, Done, FailureCode, JobKind, JobSpec, JobState, LegalHoldSpec, LogLevel, LogLine,
    Outcome, Progress, PruneSpec,
};
use bygone_common::{AgentUid, Id, JobUid, LeaseUid, OrgUid, PlanUid, RepositoryUid, SnapshotId, SourceUid};
use bygone_store::events::{EventKind, Heard};
use bygone_store::jobs::breaker::BreakerState;
use bygone_store::jobs::{Cancelled, Claimer, Job, JobFilter, NewJob, QueueLimits};
use bygone_store::{Actor, ErrorKind, Page, Role, Store, Who};
use jiff::SignedDuration;

use super::support::{actor, on_both, org};

pub(crate) fn backup_of(store: &Store, repository: RepositoryUid) -> JobSpec {
    JobSpec::Backup(Box::new(BackupSpec {
        plan: store.uid(PlanUid::new),
        plan_version: 1,
        source: store.uid(SourceUid::new),
        repository,
        paths: vec!["/home".to_owned()],
        capture: Default::default(),
        host: None,
        tags: Vec::new(),
        hooks: Vec::new(),
        limits: Default::default(),
        storage_class: Default::default(),
    }))
}

/// What a test of the queue needs.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) org: OrgUid,
    pub(crate) admin: Actor,
    repository: RepositoryUid,
    pub(crate) limits: QueueLimits,
}

impl Bench {
    pub(crate) async fn new(store: Store) -> Self {
        Self::named(store, "one").await
    }

    async fn named(store: Store, name: &str) -> Self {
        let org = org(&store, name).await.uid;
        let admin = actor(&store, org, Role::Admin);
        let repository = store.uid(RepositoryUid::new);
        Self { store, org, admin, repository, limits: QueueLimits::new(1_000, None, 100, 100) }
    }

    fn agent(&self) -> AgentUid {
        self.store.uid(AgentUid::new)
    }

    fn as_agent(&self, agent: AgentUid) -> Actor {
        Actor::new(Who::Agent(agent), Some(self.org), Role::System)
    }

    async fn create(&self, new: NewJob) -> Job {
        self.store.jobs().create(&self.admin, self.org, new).await.unwrap()
    }

    pub(crate) async fn backup(&self, agent: AgentUid) -> Job {
        self.create(NewJob::new(backup_of(&self.store, self.repository), Some(agent))).await
    }

    async fn server(&self, spec: JobSpec) -> Job {
        self.create(NewJob::new(spec, None)).await
    }

    pub(crate) async fn prune(&self) -> Job {
        self.server(JobSpec::Prune(PruneSpec::new(self.repository))).await
    }

    pub(crate) async fn claim(&self, agent: AgentUid) -> Option<Job> {
        let claimer = Claimer::Agent(self.org, agent);
        self.store.jobs().claim(&self.as_agent(agent), claimer, &self.limits).await.unwrap()
    }

    pub(crate) async fn work(&self) -> Option<Job> {
        let worker = Actor::installation("worker");
        self.store.jobs().claim(&worker, Claimer::Worker("w1"), &self.limits).await.unwrap()
    }

    async fn finish(&self, job: &Job, outcome: &Outcome) -> Job {
        let worker = Actor::system("worker", self.org);
        self.store.jobs().finish(&worker, self.org, job.uid, lease(job), outcome).await.unwrap()
    }

    async fn get(&self, uid: JobUid) -> Job {
        self.store.jobs().get(&self.admin, self.org, uid).await.unwrap()
    }

    fn wait(&self, seconds: i64) {
        self.store.clock().advance(SignedDuration::from_secs(seconds));
    }
}

pub(crate) fn lease(job: &Job) -> LeaseUid {
    job.lease.as_ref().unwrap().uid
}

fn done() -> Outcome {
    Outcome::Succeeded(Done { counts: Counts { files_new: 3, ..Counts::default() }, ..Done::default() })
}

#[test]
fn a_job_goes_from_the_queue_to_its_end() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let made = bench.backup(agent).await;
        assert_eq!(made, bench.get(made.uid).await);
        let taken = bench.claim(agent).await.unwrap();
        assert_eq!((taken.uid, taken.state, taken.attempt), (made.uid, JobState::Leased, 1));
        assert_eq!(taken, bench.get(made.uid).await);
        assert_eq!(bench.claim(agent).await, None, "it is taken");
        let me = bench.as_agent(agent);
        let jobs = bench.store.jobs();
        let standing = jobs.start(&me, bench.org, made.uid, lease(&taken)).await.unwrap();
        assert!(!standing.cancel);
        let progress = Progress { bytes_done: 5, ..Progress::default() };
        jobs.progress(&me, bench.org, made.uid, lease(&taken), &progress).await.unwrap();
        let running = bench.get(made.uid).await;
        assert_eq!((running.state, running.progress), (JobState::Running, Some(progress)));
        let over = jobs.finish(&me, bench.org, made.uid, lease(&taken), &done()).await.unwrap();
        assert_eq!((over.state, over.outcome.clone()), (JobState::Succeeded, Some(done())));
        assert_eq!(over, bench.get(made.uid).await);
        let again = jobs.finish(&me, bench.org, made.uid, lease(&taken), &done()).await.unwrap();
        assert_eq!(again, over, "told twice, it ended once");
    });
}

#[test]
fn a_lease_that_runs_out_puts_the_job_back_until_its_last_attempt() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let made = bench.backup(agent).await;
        for attempt in 1..=3 {
            let taken = bench.claim(agent).await.unwrap();
            assert_eq!(taken.attempt, attempt);
            assert_eq!(bench.store.jobs().expire().await.unwrap(), 0);
            bench.wait(91);
            assert_eq!(bench.store.jobs().expire().await.unwrap(), 1);
            let late = bench.store.jobs().renew(&bench.as_agent(agent), bench.org, made.uid, lease(&taken)).await;
            assert_eq!(*late.unwrap_err().kind(), ErrorKind::Conflict);
        }
        let over = bench.get(made.uid).await;
        assert_eq!(over.state, JobState::Failed);
        assert!(matches!(over.outcome, Some(Outcome::Failed(failure)) if failure.code == FailureCode::LeaseLost));
    });
}

#[test]
fn what_was_done_counts_when_the_lease_ran_out_and_nobody_began_anew() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        bench.backup(agent).await;
        let taken = bench.claim(agent).await.unwrap();
        bench.wait(91);
        bench.store.jobs().expire().await.unwrap();
        assert_eq!(bench.finish(&taken, &done()).await.state, JobState::Succeeded);
        bench.backup(agent).await;
        let taken = bench.claim(agent).await.unwrap();
        bench.wait(91);
        bench.store.jobs().expire().await.unwrap();
        let other = bench.claim(agent).await.unwrap();
        let worker = Actor::system("worker", bench.org);
        let late = bench.store.jobs().finish(&worker, bench.org, taken.uid, lease(&taken), &done()).await;
        assert_eq!(*late.unwrap_err().kind(), ErrorKind::Conflict, "somebody else has it");
        assert_eq!(bench.finish(&other, &done()).await.state, JobState::Succeeded);
    });
}

#[test]
fn failures_that_may_pass_are_tried_again_later_and_others_are_not() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        bench.backup(agent).await;
        let first = bench.claim(agent).await.unwrap();
        let back = bench.finish(&first, &Outcome::failed(FailureCode::RepositoryLocked, "locked")).await;
        assert_eq!(back.state, JobState::Queued);
        assert_eq!(bench.claim(agent).await, None, "not before its time");
        bench.wait(40);
        let second = bench.claim(agent).await.unwrap();
        assert_eq!(second.attempt, 2);
        let over = bench.finish(&second, &Outcome::failed(FailureCode::WrongPassword, "no key opens")).await;
        assert_eq!(over.state, JobState::Failed);
        let retried = bench.store.jobs().retry(&bench.admin, bench.org, over.uid).await.unwrap();
        assert_eq!((retried.retry_of, retried.state, retried.attempt), (Some(over.uid), JobState::Queued, 0));
    });
}

#[test]
fn a_restore_goes_before_a_backup_that_waited_longer() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        bench.backup(agent).await;
        bench.wait(60);
        let restore = JobSpec::Restore(bygone_common::job::RestoreSpec {
            repository: bench.repository,
            snapshot: Default::default(),
            paths: Vec::new(),
            target: Default::default(),
            on_conflict: Default::default(),
            verify: false,
            dry_run: false,
            choices: Vec::new(),
            within: None,
            confined: false,
            limits: Default::default(),
            undo: None,
        });
        bench.create(NewJob::new(restore, Some(agent))).await;
        assert_eq!(bench.claim(agent).await.unwrap().kind(), JobKind::Restore);
        assert_eq!(bench.claim(agent).await.unwrap().kind(), JobKind::Backup);
    });
}

#[test]
fn a_prune_is_alone_in_its_repository() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let (one, two) = (bench.agent(), bench.agent());
        bench.backup(one).await;
        bench.prune().await;
        bench.prune().await;
        let backup = bench.claim(one).await.unwrap();
        assert_eq!(bench.work().await, None, "a backup runs");
        bench.finish(&backup, &done()).await;
        let prune = bench.work().await.unwrap();
        bench.backup(two).await;
        assert_eq!(bench.claim(two).await, None, "a prune runs");
        assert_eq!(bench.work().await, None, "another prune runs");
        let catalog = JobSpec::Catalog(CatalogSpec { repository: bench.repository });
        bench.server(catalog).await;
        assert_eq!(bench.work().await.unwrap().kind(), JobKind::Catalog, "who only reads never waits");
        bench.finish(&prune, &done()).await;
        assert!(bench.claim(two).await.is_some());
    });
}

#[test]
fn legal_holds_of_a_repository_take_turns_beside_backups_and_never_beside_a_prune() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        bench.backup(agent).await;
        bench.claim(agent).await.unwrap();
        let follow = |repository, byte| {
            let snapshot = SnapshotId(Id::new([byte; 32]));
            JobSpec::LegalHold(LegalHoldSpec { repository, snapshot })
        };
        let [first, second] = [1, 2].map(|byte| follow(bench.repository, byte));
        bench.server(first.clone()).await;
        bench.server(second.clone()).await;
        let elsewhere = follow(bench.store.uid(RepositoryUid::new), 3);
        bench.server(elsewhere.clone()).await;
        bench.prune().await;
        let one = bench.work().await.expect("a backup is no reason to wait");
        assert_eq!(one.spec, first);
        assert_eq!(bench.work().await.unwrap().spec, elsewhere, "of another repository");
        assert_eq!(bench.work().await, None, "what one lifts the other may be about to hold");
        bench.finish(&one, &done()).await;
        assert_eq!(bench.work().await.unwrap().spec, second);
        assert_eq!(bench.work().await, None, "a prune waits for both");
    });
}

#[test]
fn a_prune_that_waited_for_long_is_let_through() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let (one, two) = (bench.agent(), bench.agent());
        bench.backup(one).await;
        let backup = bench.claim(one).await.unwrap();
        bench.prune().await;
        bench.wait(16 * 60);
        bench.backup(two).await;
        assert_eq!(bench.claim(two).await, None);
        bench.finish(&backup, &done()).await;
        assert_eq!(bench.work().await.unwrap().kind(), JobKind::Prune);
    });
}

#[test]
fn limits_hold_and_nobody_waits_for_ever_behind_another() {
    on_both(|store| async move {
        let mut one = Bench::named(store.clone(), "one").await;
        let mut two = Bench::named(store, "two").await;
        one.limits = QueueLimits::new(4, None, 100, 2);
        two.limits = QueueLimits::new(4, None, 100, 2);
        let agent = one.agent();
        for _ in 0..3 {
            one.backup(agent).await;
        }
        assert!(one.claim(agent).await.is_some() && one.claim(agent).await.is_some());
        assert_eq!(one.claim(agent).await, None, "an agent has two at most");
        let (other, theirs) = (one.agent(), two.agent());
        one.backup(other).await;
        two.backup(theirs).await;
        one.wait(1);
        assert_eq!(one.claim(other).await, None, "half of the places are another's");
        assert!(two.claim(theirs).await.is_some());
    });
}

#[test]
fn workers_take_from_the_organization_that_has_least() {
    on_both(|store| async move {
        let one = Bench::named(store.clone(), "one").await;
        let two = Bench::named(store, "two").await;
        for _ in 0..4 {
            one.server(JobSpec::Catalog(CatalogSpec { repository: one.repository })).await;
        }
        one.wait(5);
        for _ in 0..2 {
            two.server(JobSpec::Catalog(CatalogSpec { repository: two.repository })).await;
        }
        let mut turns = Vec::new();
        while let Some(job) = one.work().await {
            turns.push(if job.org == one.org { "one" } else { "two" });
        }
        assert_eq!(turns, ["one", "two", "one", "two", "one", "one"]);
    });
}

#[test]
fn a_breaker_opens_lets_one_try_and_closes() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let down = Outcome::failed(FailureCode::StorageUnavailable, "the storage does not answer");
        let agents: Vec<_> = (0..5).map(|_| bench.agent()).collect();
        for agent in &agents {
            bench.backup(*agent).await;
        }
        let mut events = bench.store.events().listen();
        for agent in &agents[..3] {
            let job = bench.claim(*agent).await.unwrap();
            assert_eq!(bench.finish(&job, &down).await.state, JobState::Queued);
        }
        let breaker = bench.store.jobs().breaker(&bench.admin, bench.org, bench.repository).await.unwrap();
        assert_eq!((breaker.state, breaker.failures), (BreakerState::Open, 3));
        assert_eq!(bench.claim(agents[3]).await, None, "jobs wait");
        bench.wait(16);
        let probe = bench.claim(agents[3]).await.unwrap();
        assert_eq!(bench.claim(agents[4]).await, None, "one tries, the others wait");
        assert_eq!(bench.finish(&probe, &down).await.state, JobState::Queued, "it costs no attempt");
        bench.wait(16);
        assert_eq!(bench.claim(agents[4]).await, None, "now for longer");
        bench.wait(16);
        let probe = bench.claim(agents[4]).await.unwrap();
        bench.finish(&probe, &done()).await;
        bench.wait(3_600);
        assert!(bench.claim(agents[0]).await.is_some() && bench.claim(agents[1]).await.is_some());
        let kept = bench.store.happened(&bench.admin, bench.org, &Page::new(Some(500), None).unwrap()).await.unwrap();
        let names: Vec<_> =
            kept.items.iter().map(|event| event.kind.name()).filter(|name| name.starts_with("repo")).collect();
        assert_eq!(names, ["repository.down", "repository.up"]);
        if bench.store.dialect() == bygone_store::Dialect::Sqlite {
            let heard = events.next().await;
            assert!(matches!(&heard, Some(Heard::Event(event)) if event.kind == EventKind::JobLeased), "{heard:?}");
        }
    });
}

#[test]
fn a_breaker_whose_probe_vanished_lets_another_try() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let down = Outcome::failed(FailureCode::StorageUnavailable, "the storage does not answer");
        let agent = bench.agent();
        for _ in 0..4 {
            bench.backup(agent).await;
        }
        for _ in 0..3 {
            let job = bench.claim(agent).await.unwrap();
            bench.finish(&job, &down).await;
        }
        bench.wait(20);
        assert!(bench.claim(agent).await.is_some());
        bench.wait(91);
        bench.store.jobs().expire().await.unwrap();
        assert!(bench.claim(agent).await.is_some());
    });
}

#[test]
fn jobs_wait_for_others_and_fail_with_them() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let first = bench.backup(agent).await;
        let catalog = |on: JobUid, must: bool| {
            let mut new = NewJob::new(JobSpec::Catalog(CatalogSpec { repository: bench.repository }), None);
            new.depends_on = vec![(on, must)];
            new
        };
        let strict = bench.create(catalog(first.uid, true)).await;
        let lenient = bench.create(catalog(first.uid, false)).await;
        let chained = bench.create(catalog(strict.uid, true)).await;
        assert_eq!((strict.waits, chained.waits), (1, 1));
        assert_eq!(bench.work().await, None);
        let taken = bench.claim(agent).await.unwrap();
        bench.finish(&taken, &Outcome::failed(FailureCode::SourceMissing, "nothing there")).await;
        for gone in [strict.uid, chained.uid] {
            let job = bench.get(gone).await;
            assert!(matches!(job.outcome, Some(Outcome::Failed(why)) if why.code == FailureCode::DependencyFailed));
        }
        assert_eq!(bench.work().await.unwrap().uid, lenient.uid);
        let late = bench.create(catalog(first.uid, false)).await;
        assert_eq!(late.waits, 0, "what is over is not waited for");
    });
}

#[test]
fn cancel_works_in_every_state() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let jobs = bench.store.jobs();
        let queued = bench.backup(agent).await;
        let Cancelled::AtOnce(over) = jobs.cancel(&bench.admin, bench.org, queued.uid).await.unwrap() else { panic!() };
        assert_eq!(over.state, JobState::Cancelled);
        assert!(matches!(jobs.cancel(&bench.admin, bench.org, queued.uid).await.unwrap(), Cancelled::AtOnce(_)));
        assert_eq!(bench.claim(agent).await, None);
        for starts in [false, true] {
            bench.backup(agent).await;
            let held = bench.claim(agent).await.unwrap();
            if starts {
                jobs.start(&bench.as_agent(agent), bench.org, held.uid, lease(&held)).await.unwrap();
            }
            assert!(matches!(jobs.cancel(&bench.admin, bench.org, held.uid).await.unwrap(), Cancelled::Asked(_)));
            let standing = jobs.renew(&bench.as_agent(agent), bench.org, held.uid, lease(&held)).await.unwrap();
            assert!(standing.cancel);
            let asked = jobs.to_give_up(&bench.as_agent(agent), bench.org, &[(held.uid, lease(&held))]).await.unwrap();
            assert_eq!(asked, [held.uid]);
            let outcome = if starts { Outcome::Cancelled } else { Outcome::failed(FailureCode::Internal, "stopped") };
            assert_eq!(bench.finish(&held, &outcome).await.state, JobState::Cancelled);
        }
        bench.backup(agent).await;
        let held = bench.claim(agent).await.unwrap();
        jobs.cancel(&bench.admin, bench.org, held.uid).await.unwrap();
        bench.wait(91);
        jobs.expire().await.unwrap();
        assert_eq!(bench.get(held.uid).await.state, JobState::Cancelled, "nobody was left to give it up");
        bench.backup(agent).await;
        let held = bench.claim(agent).await.unwrap();
        bench.finish(&held, &done()).await;
        let late = jobs.cancel(&bench.admin, bench.org, held.uid).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
    });
}

#[test]
fn what_could_not_begin_in_its_window_fails() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let mut new = NewJob::new(backup_of(&bench.store, bench.repository), Some(agent));
        new.closes_at = Some(bench.store.now().checked_add(SignedDuration::from_secs(60)).unwrap());
        let late = bench.create(new).await;
        bench.wait(1);
        let next = bench.backup(agent).await;
        bench.wait(61);
        assert_eq!(bench.claim(agent).await.unwrap().uid, next.uid);
        let job = bench.get(late.uid).await;
        assert!(matches!(job.outcome, Some(Outcome::Failed(why)) if why.code == FailureCode::WindowClosed));
    });
}

#[test]
fn nobody_touches_the_jobs_of_others() {
    on_both(|store| async move {
        let one = Bench::named(store.clone(), "one").await;
        let two = Bench::named(store, "two").await;
        let (agent, other) = (one.agent(), one.agent());
        one.backup(agent).await;
        let held = one.claim(agent).await.unwrap();
        let jobs = one.store.jobs();
        let not_found = |error: bygone_store::Error| assert_eq!(*error.kind(), ErrorKind::NotFound, "{error}");
        not_found(jobs.get(&two.admin, two.org, held.uid).await.unwrap_err());
        not_found(jobs.get(&two.admin, one.org, held.uid).await.unwrap_err());
        not_found(jobs.cancel(&two.admin, two.org, held.uid).await.unwrap_err());
        not_found(jobs.retry(&two.admin, two.org, held.uid).await.unwrap_err());
        not_found(jobs.lines(&two.admin, two.org, held.uid, &Page::default()).await.unwrap_err());
        let thief = one.as_agent(other);
        not_found(jobs.start(&thief, one.org, held.uid, lease(&held)).await.unwrap_err());
        not_found(jobs.renew(&thief, one.org, held.uid, lease(&held)).await.unwrap_err());
        not_found(jobs.finish(&thief, one.org, held.uid, lease(&held), &done()).await.unwrap_err());
        not_found(
            jobs.log(&thief, one.org, held.uid, None, &[LogLine::new(one.store.now(), LogLevel::Info, "x")])
                .await
                .unwrap_err(),
        );
        assert!(
            jobs.list(&two.admin, two.org, &JobFilter::default(), &Page::default()).await.unwrap().items.is_empty()
        );
        let user = actor(&one.store, one.org, Role::User);
        assert!(jobs.list(&user, one.org, &JobFilter::default(), &Page::default()).await.unwrap().items.is_empty());
        not_found(jobs.get(&user, one.org, held.uid).await.unwrap_err());
        let auditor = actor(&one.store, one.org, Role::Auditor);
        assert_eq!(*jobs.cancel(&auditor, one.org, held.uid).await.unwrap_err().kind(), ErrorKind::Forbidden);
    });
}

#[test]
fn lists_are_filtered_and_the_newest_comes_first() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        let mut made = Vec::new();
        for _ in 0..5 {
            made.insert(0, bench.backup(agent).await.uid);
            bench.wait(1);
        }
        let prune = bench.prune().await;
        let filter = JobFilter { kind: Some(JobKind::Backup), agent: Some(agent), ..JobFilter::default() };
        let jobs = bench.store.jobs();
        let mut seen = Vec::new();
        let mut next = None;
        loop {
            let page = Page::new(Some(2), next.as_deref()).unwrap();
            let list = jobs.list(&bench.admin, bench.org, &filter, &page).await.unwrap();
            seen.extend(list.items.into_iter().map(|job| job.uid));
            next = list.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, made);
        let filter =
            JobFilter { repository: Some(bench.repository), states: vec![JobState::Queued], ..JobFilter::default() };
        let all = jobs.list(&bench.admin, bench.org, &filter, &Page::default()).await.unwrap().items;
        assert_eq!((all.len(), all.first().unwrap().uid), (6, prune.uid));
    });
}

#[test]
fn a_log_keeps_its_order_and_has_an_end() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        bench.backup(agent).await;
        let held = bench.claim(agent).await.unwrap();
        let (me, jobs) = (bench.as_agent(agent), bench.store.jobs());
        let lines: Vec<_> =
            (0..3).map(|at| LogLine::new(bench.store.now(), LogLevel::Info, format!("line {at}\0"))).collect();
        jobs.log(&me, bench.org, held.uid, None, &lines).await.unwrap();
        jobs.log(&me, bench.org, held.uid, Some(2), &lines).await.unwrap();
        jobs.log(&me, bench.org, held.uid, Some(2), &lines).await.unwrap();
        let page = Page::new(Some(4), None).unwrap();
        let list = jobs.lines(&bench.admin, bench.org, held.uid, &page).await.unwrap();
        let texts: Vec<_> = list.items.iter().map(|line| (line.seq, line.line.text.as_str())).collect();
        assert_eq!(texts, [(1, "line 0\u{fffd}"), (2, "line 1\u{fffd}"), (3, "line 2\u{fffd}"), (4, "line 1\u{fffd}")]);
        let rest = jobs
            .lines(&bench.admin, bench.org, held.uid, &Page::new(Some(4), list.next.as_deref()).unwrap())
            .await
            .unwrap();
        assert_eq!((rest.items.len(), rest.next), (1, None));
    });
}

#[test]
fn two_replicas_that_claim_at_once_never_get_the_same() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let agent = bench.agent();
        for _ in 0..24 {
            bench.backup(agent).await;
        }
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, org, actor) = (bench.store.clone(), bench.org, bench.as_agent(agent));
            tasks.spawn(async move {
                let limits = QueueLimits::new(1_000, None, 100, 20);
                let mut taken = Vec::new();
                while let Some(job) = store.jobs().claim(&actor, Claimer::Agent(org, agent), &limits).await.unwrap() {
                    taken.push(job.uid);
                }
                taken
            });
        }
        let mut all = tasks.join_all().await.concat();
        all.sort_unstable();
        let taken = all.len();
        all.dedup();
        assert_eq!((taken, all.len()), (20, 20), "each once, and no more than the agent may have");
    });
}

#[test]
fn a_server_killed_between_any_two_writes_of_a_jobs_end_has_written_none_or_all() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let worker = Actor::system("worker", bench.org);
        let mut statements = 0;
        loop {
            let agent = bench.agent();
            let made = bench.backup(agent).await;
            let mut new = NewJob::new(JobSpec::Catalog(CatalogSpec { repository: bench.repository }), None);
            new.depends_on = vec![(made.uid, true)];
            let waiting = bench.create(new).await;
            let held = bench.claim(agent).await.unwrap();
            let jobs = bench.store.jobs();
            bench.store.die_after(statements);
            let ended = jobs.finish(&worker, bench.org, made.uid, lease(&held), &done()).await;
            bench.store.die_after(-1);
            let (job, next) = (bench.get(made.uid).await, bench.get(waiting.uid).await);
            match job.state {
                JobState::Leased => assert_eq!((job.outcome, next.waits, ended.is_err()), (None, 1, true)),
                JobState::Succeeded => assert_eq!((job.outcome, next.waits, ended.is_ok()), (Some(done()), 0, true)),
                state => panic!("{state} after {statements} statements"),
            }
            if ended.is_ok() {
                break;
            }
            statements += 1;
            // Told again, as an agent tells until it has an answer.
            assert_eq!(bench.finish(&held, &done()).await.state, JobState::Succeeded);
            assert_eq!(bench.get(waiting.uid).await.waits, 0);
        }
        assert!(statements >= 8, "only {statements} places to be killed at");
    });
}
