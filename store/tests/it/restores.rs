//! Restores that people ask for, from the first word to the last.

use bygone_common::job::{Done, FailureCode, JobSpec, Outcome, RestoreSpec, Restored};
use bygone_common::{AgentUid, OrgUid, SourceUid};
use bygone_store::events::EventKind;
use bygone_store::jobs::{Claimer, Job, QueueLimits};
use bygone_store::restores::{
    Begin, COMMENT_CHARS_MAX, Followed, NewRestore, RESTORES_ACTIVE_MAX, RESTORES_KEPT, RestoreFilter, RestoreState,
    UNDO_WITHIN, Whose,
};
use bygone_store::{Actor, ErrorKind, Page, Role, Store, Who};

use super::support::{actor, on_both, org};

struct Bench {
    store: Store,
    org: OrgUid,
    anna: Actor,
    operator: Actor,
    agent: AgentUid,
}

fn spec() -> RestoreSpec {
    let spec = serde_json::json!({
        "repository": "01900000-0000-7000-8000-000000000003", "snapshot": "0a".repeat(32), "paths": ["/home/anna"],
    });
    serde_json::from_value(spec).unwrap()
}

impl Bench {
    async fn new(store: Store) -> Self {
        let org = org(&store, "one").await.uid;
        let (anna, operator) = (actor(&store, org, Role::User), actor(&store, org, Role::Operator));
        let agent = store.uid(AgentUid::new);
        Self { store, org, anna, operator, agent }
    }

    fn new_restore(&self) -> NewRestore {
        let (source, taken_at) = (self.store.uid(SourceUid::new), self.store.now());
        NewRestore { source, agent: self.agent, spec: spec(), taken_at, comment: "lost it".to_owned() }
    }

    async fn make(&self, begin: Begin) -> Followed {
        self.store.restores().create(&self.anna, self.org, self.new_restore(), begin).await.unwrap()
    }

    async fn now(&self, followed: &Followed) -> Followed {
        self.store.restores().get(&self.anna, self.org, followed.restore.uid).await.unwrap()
    }

    async fn is(&self, followed: &Followed, state: RestoreState) {
        assert_eq!(self.now(followed).await.state(), state);
    }

    /// The machine takes its next job and begins it; the job's end is told by what is returned.
    async fn work(&self) -> impl AsyncFnOnce(Outcome) {
        let machine = Actor::new(Who::Agent(self.agent), Some(self.org), Role::System);
        let limits = QueueLimits::new(1_000, None, 100, 100);
        let job = self.store.jobs().claim(&machine, Claimer::Agent(self.org, self.agent), &limits).await.unwrap();
        let job = job.expect("a job to do");
        let lease = job.lease.as_ref().unwrap().uid;
        self.store.jobs().start(&machine, self.org, job.uid, lease).await.unwrap();
        async move |outcome: Outcome| {
            self.store.jobs().finish(&machine, self.org, job.uid, lease, &outcome).await.unwrap();
        }
    }
}

fn done() -> Outcome {
    Outcome::Succeeded(Done::default())
}

#[test]
fn a_restore_is_thought_through_and_begun_and_done() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let made = bench.make(Begin::Check).await;
        assert_eq!(made.state(), RestoreState::Checking);
        let happened = store.happened(&bench.operator, bench.org, &Page::default()).await.unwrap();
        let told = happened.items.iter().filter(|event| event.kind == EventKind::RestoreChanged);
        let told: Vec<_> = told.map(|event| event.data["restore"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told, [made.restore.uid.to_string()]);
        let early = store.restores().start(&bench.anna, bench.org, made.restore.uid, spec(), Begin::Work).await;
        assert_eq!(early.unwrap_err().kind(), &ErrorKind::Conflict, "nobody has thought it through yet");
        let end = bench.work().await;
        bench.is(&made, RestoreState::Checking).await;
        end(done()).await;
        bench.is(&made, RestoreState::Ready).await;
        let others = store.restores().start(&bench.operator, bench.org, made.restore.uid, spec(), Begin::Work).await;
        assert_eq!(others.unwrap_err().kind(), &ErrorKind::NotFound, "it is its asker's to begin");
        let begun =
            store.restores().start(&bench.anna, bench.org, made.restore.uid, spec(), Begin::Work).await.unwrap();
        assert_eq!(begun.state(), RestoreState::Queued);
        let is_dry = |job: &Option<Job>| match &job.as_ref().unwrap().spec {
            JobSpec::Restore(spec) => spec.dry_run,
            other => panic!("{other:?}"),
        };
        assert!(is_dry(&begun.check) && !is_dry(&begun.job), "the first one writes nothing");
        let held = store.restores().pause(&bench.anna, bench.org, made.restore.uid, true).await.unwrap();
        assert_eq!(held.state(), RestoreState::Paused);
        store.restores().pause(&bench.anna, bench.org, made.restore.uid, false).await.unwrap();
        let end = bench.work().await;
        bench.is(&made, RestoreState::Running).await;
        end(done()).await;
        bench.is(&made, RestoreState::Done).await;
        let late = store.restores().cancel(&bench.anna, bench.org, made.restore.uid).await;
        assert_eq!(late.unwrap_err().kind(), &ErrorKind::Conflict);
        // Its jobs are the server's: whoever asked does not see what they tell.
        let jobs = store.jobs().list(&bench.anna, bench.org, &Default::default(), &Page::default()).await.unwrap();
        assert!(jobs.items.is_empty(), "{jobs:?}");
    });
}

/// What a restore tells that replaced something.
fn replaced() -> Outcome {
    let restored = Restored {
        target: "/home/anna".to_owned(),
        safety_folder: Some("/home/anna/replaced (restored then)".to_owned()),
        ..Restored::default()
    };
    Outcome::Succeeded(Done { restore: Some(Box::new(restored)), ..Done::default() })
}

#[test]
fn what_was_replaced_is_put_back_once_by_who_asked_and_for_a_week() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let undo = async |actor: &Actor, of: &Followed| {
            let undone = store.restores().undo(actor, bench.org, of.restore.uid, true).await;
            undone.map_err(|error| error.kind().clone())
        };
        let [made, late, plain] =
            [bench.make(Begin::Work).await, bench.make(Begin::Work).await, bench.make(Begin::Work).await];
        assert_eq!(undo(&bench.anna, &made).await.unwrap_err(), ErrorKind::Conflict, "nothing is done yet");
        for outcome in [replaced(), replaced(), done()] {
            (bench.work().await)(outcome).await;
        }
        assert_eq!(undo(&bench.operator, &made).await.unwrap_err(), ErrorKind::NotFound);
        assert_eq!(undo(&bench.anna, &plain).await.unwrap_err(), ErrorKind::Conflict, "it replaced nothing");
        let begun = undo(&bench.anna, &made).await.unwrap();
        let JobSpec::Restore(spec) = &begun.undo.as_ref().unwrap().spec else { panic!("{begun:?}") };
        let wanted = spec.undo.as_ref().unwrap();
        assert_eq!((wanted.target.as_str(), wanted.safety_folder.as_str()), ("/home/anna", "replaced (restored then)"));
        assert!(spec.confined && !spec.dry_run);
        assert_eq!(begun.state(), RestoreState::Done, "what the restore did stays done");
        assert_eq!(undo(&bench.anna, &made).await.unwrap_err(), ErrorKind::Conflict, "it is being put back");
        (bench.work().await)(Outcome::failed(FailureCode::Conflict, "a restore is writing there")).await;
        undo(&bench.anna, &made).await.unwrap();
        (bench.work().await)(done()).await;
        assert_eq!(undo(&bench.anna, &made).await.unwrap_err(), ErrorKind::Conflict, "it is back");
        assert!(bench.now(&late).await.undoable(store.now()).is_some());
        store.clock().advance(UNDO_WITHIN);
        assert_eq!(undo(&bench.anna, &late).await.unwrap_err(), ErrorKind::Conflict, "it is not kept any more");
    });
}

#[test]
fn a_restore_is_given_up_wherever_it_stands() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let cancel = async |followed: &Followed| {
            store.restores().cancel(&bench.anna, bench.org, followed.restore.uid).await.unwrap().state()
        };
        for begin in [Begin::Check, Begin::Work, Begin::Approval] {
            let made = bench.make(begin).await;
            assert_eq!(cancel(&made).await, RestoreState::Cancelled, "{begin:?}");
            assert_eq!(cancel(&made).await, RestoreState::Cancelled, "wished twice");
        }
        let running = bench.make(Begin::Work).await;
        let end = bench.work().await;
        assert_eq!(cancel(&running).await, RestoreState::Running, "its machine has to hear of it first");
        end(Outcome::Cancelled).await;
        bench.is(&running, RestoreState::Cancelled).await;
        let failed = bench.make(Begin::Work).await;
        let end = bench.work().await;
        end(Outcome::failed(FailureCode::Conflict, "something is in the way")).await;
        bench.is(&failed, RestoreState::Failed).await;
    });
}

#[test]
fn a_second_person_agrees_or_not_and_nobody_else() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let restores = store.restores();
        let made = bench.make(Begin::Approval).await;
        let uid = made.restore.uid;
        let waiting = RestoreFilter { whose: Whose::All, waiting: true };
        let list = async |actor: &Actor| {
            let list = restores.list(actor, bench.org, waiting, &Page::default()).await.unwrap();
            list.items.into_iter().map(|followed| followed.restore.uid).collect::<Vec<_>>()
        };
        assert_eq!(list(&bench.operator).await, [uid]);
        let bob = actor(&store, bench.org, Role::User);
        assert!(list(&bob).await.is_empty(), "others see their own alone");
        let approve = async |actor: &Actor| {
            restores.approve(actor, bench.org, uid, spec(), "").await.map_err(|error| error.kind().clone())
        };
        assert_eq!(approve(&bench.anna).await.unwrap_err(), ErrorKind::Forbidden);
        assert_eq!(approve(&bob).await.unwrap_err(), ErrorKind::NotFound);
        assert_eq!(approve(&actor(&store, bench.org, Role::Auditor)).await.unwrap_err(), ErrorKind::Forbidden);
        let long = "x".repeat(COMMENT_CHARS_MAX + 1);
        let refused = restores.deny(&bench.operator, bench.org, uid, &long).await.unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::Invalid { field: "why" });
        assert_eq!(approve(&bench.operator).await.unwrap().state(), RestoreState::Queued);
        assert_eq!(approve(&bench.operator).await.unwrap_err(), ErrorKind::Conflict, "it is begun once");
        assert!(list(&bench.operator).await.is_empty());
        let other = bench.make(Begin::Approval).await;
        let denied = restores.deny(&bench.operator, bench.org, other.restore.uid, "no").await.unwrap();
        assert_eq!(denied.state(), RestoreState::Denied);
        assert_eq!(denied.restore.approval.unwrap().by, bench.operator.who().user());
    });
}

#[test]
fn restores_are_bounded_and_forgotten_in_time() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let restores = store.restores();
        let first = bench.make(Begin::Check).await;
        for _ in 1..RESTORES_ACTIVE_MAX {
            bench.make(Begin::Work).await;
        }
        let full = restores.create(&bench.anna, bench.org, bench.new_restore(), Begin::Work).await;
        assert_eq!(full.unwrap_err().kind(), &ErrorKind::Exhausted);
        restores.cancel(&bench.anna, bench.org, first.restore.uid).await.unwrap();
        bench.make(Begin::Work).await;
        store.clock().advance(RESTORES_KEPT);
        store.clock().advance(jiff::SignedDuration::from_secs(1));
        let bob = actor(&store, bench.org, Role::User);
        restores.create(&bob, bench.org, bench.new_restore(), Begin::Check).await.unwrap();
        let gone = restores.get(&bench.anna, bench.org, first.restore.uid).await.unwrap_err();
        assert_eq!(gone.kind(), &ErrorKind::NotFound);
        let page = Page::new(Some(500), None).unwrap();
        let left = restores.list(&bench.anna, bench.org, RestoreFilter::default(), &page).await.unwrap();
        assert_eq!(i64::try_from(left.items.len()), Ok(RESTORES_ACTIVE_MAX), "what is not over is kept");
    });
}
