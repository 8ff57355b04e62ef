//! Plans: versions, runs, and the jobs of a run.

use bygone_common::job::{Done, FailureCode, JobKind, JobState, Outcome};
use bygone_common::plan::PlanSpec;
use bygone_common::{AgentUid, OrgUid, PlanUid, RepositoryUid, SourceUid};
use bygone_store::jobs::{Claimer, Job, JobFilter, QueueLimits};
use bygone_store::plans::{NewPlan, Plan, What};
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::{Actor, ErrorKind, Page, Role, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::agents::{enrol, token};
use super::support::{actor, on_both, org};

struct Bench {
    store: Store,
    org: OrgUid,
    admin: Actor,
    agent: AgentUid,
    source: SourceUid,
    repository: RepositoryUid,
}

impl Bench {
    async fn new(store: Store) -> Self {
        Self::named(store, "one").await
    }

    async fn named(store: Store, name: &str) -> Self {
        let org = org(&store, name).await.uid;
        let admin = actor(&store, org, Role::Admin);
        let agent = store.uid(AgentUid::new);
        let repository = store.uid(RepositoryUid::new);
        let mut bench = Self { source: store.uid(SourceUid::new), store, org, admin, agent, repository };
        bench.add_agent(agent, "Europe/Berlin").await;
        bench.add_repository(repository).await;
        bench.source = bench.add_source("home", agent).await;
        bench
    }

    async fn execute(&self, statement: String) {
        let mut tx = self.store.begin().await.unwrap();
        tx.execute_for_tests(Box::leak(statement.into_boxed_str())).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn add_agent(&self, agent: AgentUid, zone: &str) {
        let org = self.org;
        self.execute(format!(
            "insert into agents (uid, org_id, name, state, facts, created_at, version) values ('{agent}', '{org}', \
             '{agent}', 'active', '{{\"time_zone\":\"{zone}\"}}', 0, 1)"
        ))
        .await;
    }

    async fn add_repository(&self, repository: RepositoryUid) {
        let org = self.org;
        self.execute(format!(
            "insert into repositories (uid, org_id, name, location, restic_id, format, class, state, password_sealed, \
             stored_bytes, created_at, version) values ('{repository}', '{org}', '{repository}', '/{repository}', 'x', 2, 'hot', \
             'ready', '', 0, 0, 1)"
        ))
        .await;
    }

    async fn add_source(&self, name: &str, agent: AgentUid) -> SourceUid {
        let new = NewSource {
            agent,
            owner: None,
            name: name.to_owned(),
            host: None,
            paths: vec!["/home".to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        self.store.sources().create(&self.admin, self.org, &new).await.unwrap().uid
    }

    fn spec(&self, more: Value) -> PlanSpec {
        let mut spec = json!({ "sources": [self.source], "repositories": [self.repository] });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    async fn plan(&self, name: &str, more: Value) -> Plan {
        let new = NewPlan { name: name.to_owned(), enabled: true, spec: self.spec(more) };
        self.store.plans().create(&self.admin, self.org, new).await.unwrap()
    }

    async fn jobs(&self, plan: PlanUid, kind: Option<JobKind>) -> Vec<Job> {
        let filter = JobFilter { plan: Some(plan), kind, ..JobFilter::default() };
        let page = Page::new(Some(500), None).unwrap();
        let mut jobs = self.store.jobs().list(&self.admin, self.org, &filter, &page).await.unwrap().items;
        jobs.reverse();
        jobs
    }

    /// Takes the next job of the agent or of the server, and ends it.
    async fn end_next(&self, outcome: &Outcome) -> Option<Job> {
        let limits = QueueLimits::new(1_000, None, 100, 100);
        let system = Actor::installation("test");
        let jobs = self.store.jobs();
        let mut job = jobs.claim(&system, Claimer::Agent(self.org, self.agent), &limits).await.unwrap();
        if job.is_none() {
            job = jobs.claim(&system, Claimer::Worker("test"), &limits).await.unwrap();
        }
        let job = job?;
        let lease = job.lease.as_ref().unwrap().uid;
        Some(jobs.finish(&system, self.org, job.uid, lease, outcome).await.unwrap())
    }

    fn wait(&self, minutes: i64) {
        self.store.clock().advance(SignedDuration::from_mins(minutes));
    }
}

fn done() -> Outcome {
    Outcome::Succeeded(Done::default())
}

fn daily(at: &str) -> Value {
    json!({ "schedule": { "rules": [{ "calendar": { "every": "day", "at": [at] } }] } })
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_version_is_kept_and_can_be_brought_back() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let plan = bench.plan("nightly", daily("02:00")).await;
        let plans = bench.store.plans();
        assert_eq!(plans.get(&bench.admin, bench.org, plan.uid).await.unwrap(), plan);
        let operator = actor(&bench.store, bench.org, Role::Operator);
        bench.wait(5);
        let new = NewPlan { name: "hourly".to_owned(), enabled: false, spec: bench.spec(json!({ "tags": ["x"] })) };
        let changed = plans.change(&operator, bench.org, plan.uid, 1, new.clone()).await.unwrap();
        assert_eq!((changed.version, changed.name.as_str()), (2, "hourly"));
        let late = plans.change(&operator, bench.org, plan.uid, 1, new).await.unwrap_err();
        assert_eq!(*late.kind(), ErrorKind::Conflict);
        let back = plans.rollback(&bench.admin, bench.org, plan.uid, 2, 1).await.unwrap();
        assert_eq!((back.version, &back.spec, back.name.as_str()), (3, &plan.spec, "nightly"));
        let versions = plans.versions(&bench.admin, bench.org, plan.uid, &Page::default()).await.unwrap().items;
        let told: Vec<_> = versions.iter().map(|one| (one.version, one.who.clone(), one.restored_from)).collect();
        let (admin, operator) = (bench.admin.who().to_string(), operator.who().to_string());
        assert_eq!(told, [(1, admin.clone(), None), (2, operator, None), (3, admin, Some(1))]);
        let none = plans.rollback(&bench.admin, bench.org, plan.uid, 3, 9).await.unwrap_err();
        assert_eq!(*none.kind(), ErrorKind::NotFound);
        plans.delete(&bench.admin, bench.org, plan.uid, 3).await.unwrap();
        assert_eq!(*plans.get(&bench.admin, bench.org, plan.uid).await.unwrap_err().kind(), ErrorKind::NotFound);
        bench.plan("nightly", daily("02:00")).await;
    });
}

#[test]
fn what_a_plan_cannot_be_is_refused_by_field() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let other = Bench::named(store, "two").await;
        let plan = bench.plan("first", json!({})).await;
        let after = bench.plan("second", json!({ "after": [{ "plan": plan.uid }] })).await;
        for (more, field) in [
            (json!({ "sources": [] }), "sources"),
            (json!({ "sources": [other.source] }), "sources"),
            (json!({ "repositories": [other.repository] }), "repositories"),
            (json!({ "repositories": [bench.repository, bench.repository] }), "repositories"),
            (json!({ "after": [{ "plan": bench.store.uid(PlanUid::new) }] }), "after"),
            (json!({ "depends_on": [{ "plan": bench.store.uid(PlanUid::new) }] }), "depends_on"),
            (json!({ "schedule": { "rules": [] } }), "schedule"),
            (json!({ "hooks": [{ "when": "before", "command": [] }] }), "hooks"),
            (json!({ "attempts_max": 0 }), "attempts_max"),
            (json!({ "retention": {} }), "retention.keep"),
        ] {
            let new = NewPlan { name: "x".to_owned(), enabled: true, spec: bench.spec(more.clone()) };
            let refused = bench.store.plans().create(&bench.admin, bench.org, new).await.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Invalid { field }, "{more}: {refused}");
        }
        let circle = NewPlan {
            name: "first".to_owned(),
            enabled: true,
            spec: bench.spec(json!({ "after": [{ "plan": after.uid }] })),
        };
        let refused = bench.store.plans().change(&bench.admin, bench.org, plan.uid, 1, circle).await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Invalid { field: "after" });
        let used = bench.store.sources().delete(&bench.admin, bench.org, bench.source).await.unwrap_err();
        assert_eq!(*used.kind(), ErrorKind::Conflict);
        for (actor, org) in [(&other.admin, bench.org), (&other.admin, other.org)] {
            let plans = bench.store.plans();
            let unseen = plans.get(actor, org, plan.uid).await.unwrap_err();
            assert_eq!(*unseen.kind(), ErrorKind::NotFound);
            let unseen = plans.run_now(actor, org, plan.uid, What::Backup).await.unwrap_err();
            assert_eq!(*unseen.kind(), ErrorKind::NotFound);
        }
    });
}

#[test]
fn a_plan_runs_when_it_is_due_by_the_clock_of_its_machine() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let plan = bench.plan("nightly", daily("12:00")).await;
        let next = bench.store.plans().next_runs(&bench.admin, bench.org, plan.uid, 10).await.unwrap();
        assert_eq!((next.len(), next[0].1.nominal), (10, at("2026-11-01T11:00:00Z")), "noon in Berlin");
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 0);
        bench.wait(60);
        let round = bench.store.plans().schedule().await.unwrap();
        assert_eq!((round.runs, round.jobs, round.lag), (1, 2, SignedDuration::ZERO));
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 0, "once");
        let mut jobs = bench.jobs(plan.uid, None).await;
        // Jobs that are made in one moment have no order of their own.
        jobs.sort_by_key(Job::kind);
        let told: Vec<_> = jobs.iter().map(|job| (job.kind(), job.waits, job.agent)).collect();
        assert_eq!(told, [(JobKind::Backup, 0, Some(bench.agent)), (JobKind::Catalog, 1, None)]);
        assert_eq!(jobs[0].plan_version, Some(1));
    });
}

#[test]
fn two_replicas_make_one_run() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        for name in ["a", "b", "c", "d", "e", "f"] {
            bench.plan(name, daily("12:00")).await;
        }
        bench.wait(60);
        let mut replicas = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let store = bench.store.clone();
            replicas.spawn(async move { store.plans().schedule().await.unwrap().runs });
        }
        let runs: usize = replicas.join_all().await.into_iter().sum();
        assert_eq!(runs, 6);
        let page = Page::new(Some(500), None).unwrap();
        let filter = JobFilter { kind: Some(JobKind::Backup), ..JobFilter::default() };
        assert_eq!(bench.store.jobs().list(&bench.admin, bench.org, &filter, &page).await.unwrap().items.len(), 6);
    });
}

#[test]
fn a_clock_that_jumps_makes_no_run_twice_and_loses_none() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let plan = bench.plan("hourly", json!({ "schedule": { "rules": [{ "cron": "0 * * * *" }] } })).await;
        let mut made = 0;
        // Forward by a day: the missed runs are made up for by one. Back: nothing is made again. On: the next ones come.
        for (minutes, expected) in
            [(60, 1), (24 * 60, 1), (-25 * 60, 0), (60, 0), (23 * 60, 0), (60, 0), (60, 1), (60, 1)]
        {
            bench.wait(minutes);
            let runs = bench.store.plans().schedule().await.unwrap().runs;
            while bench.end_next(&done()).await.is_some() {}
            assert_eq!(runs, expected, "after {minutes} minutes, at {}", bench.store.now());
            made += runs;
        }
        let runs = bench
            .store
            .plans()
            .runs(&bench.admin, bench.org, plan.uid, &Page::new(Some(500), None).unwrap())
            .await
            .unwrap();
        let mut nominal: Vec<_> = runs.items.iter().map(|run| run.nominal_at.unwrap()).collect();
        nominal.sort_unstable();
        let count = nominal.len();
        nominal.dedup();
        assert_eq!((nominal.len(), made), (count, count), "none twice");
        let last = bench.store.now();
        assert!(nominal.contains(&last), "{nominal:?} lacks {last}");
    });
}

#[test]
fn a_machine_that_is_away_comes_back_to_one_backup_and_one_that_left_to_none() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        token(&bench.store, bench.org, "beside").await;
        let beside = enrol(&bench.store, "beside", "laptop").await.unwrap().uid;
        let other = bench.add_source("work", beside).await;
        let hourly = |sources: &[SourceUid], missed: Value| {
            let rules = json!([{ "cron": "0 * * * *" }]);
            json!({ "sources": sources, "schedule": { "rules": rules, "missed": missed } })
        };
        let plan = bench.plan("hourly", hourly(&[bench.source, other], json!("once"))).await.uid;
        let every = bench.plan("every", hourly(&[other], json!({ "all": 24 }))).await.uid;
        let (store, system) = (&bench.store, Actor::installation("test"));
        let hour = async || {
            bench.wait(60);
            store.plans().schedule().await.unwrap();
            // The one machine is there, the other is not.
            while bench.end_next(&done()).await.is_some() {}
        };
        for _ in 0..10 {
            hour().await;
        }
        let backups = async |plan, agent, state| {
            let jobs = bench.jobs(plan, Some(JobKind::Backup)).await;
            jobs.iter().filter(|job| job.agent == Some(agent) && job.state == state).count()
        };
        assert_eq!(backups(plan, bench.agent, JobState::Succeeded).await, 10);
        assert_eq!(backups(plan, beside, JobState::Queued).await, 1);
        assert_eq!(backups(every, beside, JobState::Queued).await, 10, "each is wanted");
        // It comes back, and the next run is made again.
        let limits = QueueLimits::new(1_000, None, 100, 100);
        let claimed = store.jobs().claim(&system, Claimer::Agent(bench.org, beside), &limits).await.unwrap().unwrap();
        let lease = claimed.lease.as_ref().unwrap().uid;
        store.jobs().finish(&system, bench.org, claimed.uid, lease, &done()).await.unwrap();
        hour().await;
        let of_both = backups(plan, beside, JobState::Queued).await + backups(every, beside, JobState::Queued).await;
        assert_eq!(of_both, if claimed.plan == Some(plan) { 12 } else { 11 });
        assert_eq!(backups(plan, beside, JobState::Queued).await, 1);
        // It leaves: what it was to do is given up, and nothing more is made for it.
        store.agents().revoke(&bench.admin, bench.org, beside).await.unwrap();
        hour().await;
        for plan in [plan, every] {
            assert_eq!(backups(plan, beside, JobState::Queued).await, 0);
        }
        assert_eq!(backups(plan, bench.agent, JobState::Succeeded).await, 12);
        assert_eq!(store.jobs().queue_age().await.unwrap(), None, "nothing waits for ever");
    });
}

#[test]
fn repositories_are_filled_one_after_the_other_or_by_copy() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let second = bench.store.uid(RepositoryUid::new);
        bench.add_repository(second).await;
        let keep = json!({ "keep": { "last": 3 } });
        let both = json!([bench.repository, second]);
        let one = bench.plan("sequential", json!({ "repositories": both, "retention": keep })).await;
        bench.store.plans().run_now(&bench.admin, bench.org, one.uid, What::Backup).await.unwrap();
        let told: Vec<_> =
            bench.jobs(one.uid, None).await.iter().map(|job| (job.kind(), job.repository(), job.waits)).collect();
        let first = bench.repository;
        use JobKind::{Backup, Catalog, Copy, Forget};
        let expected = [
            (Backup, first, 0),
            (Backup, second, 1),
            (Catalog, first, 1),
            (Forget, first, 1),
            (Catalog, second, 1),
            (Forget, second, 1),
        ];
        assert_eq!(sorted(told), sorted(expected.to_vec()));
        let two = bench.plan("copy", json!({ "repositories": both, "repository_mode": "copy" })).await;
        bench.store.plans().run_now(&bench.admin, bench.org, two.uid, What::Backup).await.unwrap();
        let told: Vec<_> =
            bench.jobs(two.uid, None).await.iter().map(|job| (job.kind(), job.repository(), job.waits)).collect();
        let expected = [(Backup, first, 0), (Copy, second, 1), (Catalog, first, 1), (Catalog, second, 1)];
        assert_eq!(sorted(told), sorted(expected.to_vec()));
    });
}

/// Jobs that are made in one moment have no order of their own.
fn sorted(mut told: Vec<(JobKind, RepositoryUid, i64)>) -> Vec<(JobKind, RepositoryUid, i64)> {
    told.sort_unstable();
    told
}

#[test]
fn a_run_goes_from_backup_to_catalog_to_forget_and_sets_others_going() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let keep = json!({ "retention": { "keep": { "last": 3 } } });
        let first = bench.plan("first", keep).await;
        let good = bench.plan("good", json!({ "after": [{ "plan": first.uid }] })).await;
        let bad = bench.plan("bad", json!({ "after": [{ "plan": first.uid, "when": "failed" }] })).await;
        let plans = bench.store.plans();
        let run = plans.run_now(&bench.admin, bench.org, first.uid, What::Backup).await.unwrap();
        let mut kinds = Vec::new();
        while let Some(job) = bench.end_next(&done()).await {
            kinds.push(job.kind());
        }
        assert_eq!(kinds, [JobKind::Backup, JobKind::Catalog, JobKind::Forget]);
        plans.schedule().await.unwrap();
        assert_eq!(bench.jobs(good.uid, Some(JobKind::Backup)).await.len(), 1);
        assert_eq!(bench.jobs(bad.uid, None).await.len(), 0);
        let runs = plans.runs(&bench.admin, bench.org, good.uid, &Page::default()).await.unwrap().items;
        assert_eq!(runs[0].cause, Some(run.uid.to_string()));
        plans.schedule().await.unwrap();
        assert_eq!(bench.jobs(good.uid, Some(JobKind::Backup)).await.len(), 1, "once");
        while bench.end_next(&done()).await.is_some() {}
        plans.run_now(&bench.admin, bench.org, first.uid, What::Backup).await.unwrap();
        bench.end_next(&Outcome::failed(FailureCode::SourceMissing, "gone")).await.unwrap();
        plans.schedule().await.unwrap();
        assert_eq!(bench.jobs(bad.uid, Some(JobKind::Backup)).await.len(), 1);
        assert_eq!(bench.jobs(good.uid, Some(JobKind::Backup)).await.len(), 1);
    });
}

#[test]
fn a_plan_waits_for_those_that_it_depends_on() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let dump = bench.plan("dump", json!({})).await;
        let more = json!({ "depends_on": [{ "plan": dump.uid, "must_succeed": true }] });
        let files = bench.plan("files", more).await;
        let plans = bench.store.plans();
        plans.run_now(&bench.admin, bench.org, dump.uid, What::Backup).await.unwrap();
        bench.wait(1);
        plans.run_now(&bench.admin, bench.org, files.uid, What::Backup).await.unwrap();
        assert_eq!(bench.jobs(files.uid, Some(JobKind::Backup)).await[0].waits, 1);
        bench.end_next(&Outcome::failed(FailureCode::HookFailed, "no")).await.unwrap();
        let job = bench.jobs(files.uid, Some(JobKind::Backup)).await.remove(0);
        assert!(matches!(job.outcome, Some(Outcome::Failed(why)) if why.code == FailureCode::DependencyFailed));
        bench.wait(1);
        plans.run_now(&bench.admin, bench.org, files.uid, What::Backup).await.unwrap();
        let states: Vec<_> = bench.jobs(files.uid, Some(JobKind::Backup)).await.iter().map(|job| job.state).collect();
        assert_eq!(states, [JobState::Failed, JobState::Failed], "its last run failed, and no other was since");
    });
}

#[test]
fn an_event_runs_the_plans_that_name_it() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let deploy = bench.plan("deploy", json!({ "events": ["deploy"] })).await;
        bench.plan("other", json!({ "events": ["deployed"] })).await;
        let runs = bench.store.plans().on_event(&bench.admin, bench.org, "deploy").await.unwrap();
        assert_eq!(runs.iter().map(|run| run.plan).collect::<Vec<_>>(), [deploy.uid]);
        assert_eq!(bench.jobs(deploy.uid, Some(JobKind::Backup)).await.len(), 1);
        let user = actor(&bench.store, bench.org, Role::User);
        let refused = bench.store.plans().on_event(&user, bench.org, "deploy").await.unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn plans_that_are_disabled_or_deleted_make_no_runs() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let one = bench.plan("one", daily("12:00")).await;
        let two = bench.plan("two", daily("12:00")).await;
        let plans = bench.store.plans();
        let off = NewPlan { name: one.name.clone(), enabled: false, spec: one.spec.clone() };
        plans.change(&bench.admin, bench.org, one.uid, 1, off).await.unwrap();
        plans.delete(&bench.admin, bench.org, two.uid, 1).await.unwrap();
        bench.wait(24 * 60);
        assert_eq!(plans.schedule().await.unwrap().runs, 0);
        plans.run_now(&bench.admin, bench.org, one.uid, What::Prune).await.unwrap();
        assert_eq!(bench.jobs(one.uid, None).await[0].kind(), JobKind::Prune, "by hand it runs all the same");
    });
}

#[test]
fn a_plan_whose_runs_cannot_be_made_holds_nobody_up() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let broken = bench.plan("broken", daily("12:00")).await;
        bench.wait(1);
        let sound = bench.plan("sound", daily("12:00")).await;
        // A zone that the database of zones had once, say.
        let zone = |from: &str, to: &str| {
            format!("update plans set spec = replace(spec, '{from}', '{to}') where name = 'broken'")
        };
        let (good, bad) = (r#""zone":"agent""#, r#""zone":{"named":"No/Where"}"#);
        bench.execute(zone(good, bad)).await;
        bench.wait(60);
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 1);
        assert_eq!(bench.jobs(sound.uid, Some(JobKind::Backup)).await.len(), 1);
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 0, "it is not looked at each time");
        bench.execute(zone(bad, good)).await;
        bench.wait(11);
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 1, "what it missed is made up for");
        assert_eq!(bench.jobs(broken.uid, Some(JobKind::Backup)).await.len(), 1);
    });
}

#[test]
fn a_run_that_cannot_be_made_after_another_holds_nobody_up() {
    on_both(|store| async move {
        let bench = Bench::new(store).await;
        let first = bench.plan("first", json!({})).await;
        let after = json!({ "after": [{ "plan": first.uid }] });
        bench.plan("broken", after.clone()).await;
        let sound = bench.plan("sound", after).await;
        bench.store.plans().run_now(&bench.admin, bench.org, first.uid, What::Backup).await.unwrap();
        while bench.end_next(&done()).await.is_some() {}
        // Of another version, say.
        bench.execute("update plans set spec = '{}' where name = 'broken'".to_owned()).await;
        bench.store.plans().schedule().await.unwrap();
        assert_eq!(bench.jobs(sound.uid, Some(JobKind::Backup)).await.len(), 1);
        assert_eq!(bench.store.plans().schedule().await.unwrap().runs, 0);
    });
}
