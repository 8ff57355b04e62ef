//! Jobs that are left to others, and limits of how many run at one time.

use std::time::Duration;

use bygone_common::AgentUid;
use bygone_common::job::JobState;
use bygone_store::jobs::{Job, QueueLimits};
use bygone_store::orgs::{OrgChange, Quota};
use bygone_store::{Actor, ErrorKind};

use super::jobs::{Bench, lease};
use super::support::{on_both, root};

/// The next job. A transaction that was refused lets go of its row a moment after it answers: until then others pass it over.
async fn taken(bench: &Bench) -> Job {
    for _ in 0..100 {
        if let Some(job) = bench.work().await {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there is a job to take")
}

#[test]
fn a_job_that_is_given_back_costs_no_attempt() {
    on_both(|store| async move {
        let bench = Bench::new(store.clone()).await;
        let job = bench.prune().await;
        let worker = Actor::system("worker", bench.org);
        for _ in 0..5 {
            let taken = taken(&bench).await;
            assert_eq!((taken.uid, taken.attempt), (job.uid, 1));
            let back = bench.store.jobs().give_back(&worker, bench.org, job.uid, lease(&taken)).await.unwrap();
            assert_eq!((back.state, back.attempt), (JobState::Queued, 0));
            let late = bench.store.jobs().give_back(&worker, bench.org, job.uid, lease(&taken)).await;
            assert_eq!(*late.unwrap_err().kind(), ErrorKind::Conflict, "said twice, it is somebody else's");
        }
        let taken = taken(&bench).await;
        bench.store.jobs().cancel(&bench.admin, bench.org, job.uid).await.unwrap();
        let over = bench.store.jobs().give_back(&worker, bench.org, job.uid, lease(&taken)).await.unwrap();
        assert_eq!(over.state, JobState::Cancelled);
    });
}

#[test]
fn an_organization_s_quota_of_jobs_goes_before_the_limit_of_all() {
    on_both(|store| async move {
        let mut bench = Bench::new(store.clone()).await;
        bench.limits = QueueLimits::new(1_000, Some(1), 100, 100);
        let agent = store.uid(AgentUid::new);
        for _ in 0..3 {
            bench.backup(agent).await;
        }
        assert!(bench.claim(agent).await.is_some());
        assert!(bench.claim(agent).await.is_none(), "the limit of all organizations");
        let change = OrgChange { quota: Some(Quota { jobs_max: Some(2), ..Quota::default() }), ..OrgChange::default() };
        store.orgs().change(&root(&store), bench.org, 1, &change).await.unwrap();
        assert!(bench.claim(agent).await.is_some());
        assert!(bench.claim(agent).await.is_none(), "its own quota");
    });
}
