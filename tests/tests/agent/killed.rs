//! The real program, ended by `kill -9` in the middle of a job.

use std::path::Path;

use bygone_agent::{Enrolled, Folder};
use bygone_common::job::JobState;
use bygone_common::{JobUid, OrgUid};
use bygone_store::Actor;
use bygone_store::repositories::Repository;

use crate::binary::Program;
use crate::stack::{Stack, eventually, snapshots, source, spec};

/// Names of the lock files in a repository.
fn locks(repository: &Repository) -> Vec<String> {
    let folder = Path::new(&repository.location).join("locks");
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A stack with an agent that was killed in the middle of a backup.
struct Killed {
    stack: Stack,
    org: OrgUid,
    repository: Repository,
    folder: Folder,
    enrolled: Enrolled,
    job: JobUid,
    /// The lock that it left.
    lock: String,
}

impl Killed {
    async fn in_a_backup() -> Self {
        let stack = Stack::start().await;
        let org = stack.org("acme").await;
        let repository = stack.repository(org, "acme", "main").await;
        let (folder, enrolled) = stack.enrol(org, "one").await;
        let path = source(stack.folder.path(), 4 << 20);
        let mut wanted = spec(&repository, &path);
        wanted.limits.upload_bytes_per_second = Some(256 << 10);
        let job = stack.backup(org, &enrolled, wanted).await;
        let agent = Program::agent(folder.path());
        stack.job_that(org, job, |job| job.progress.is_some_and(|progress| progress.bytes_done > 0)).await;
        agent.kill();
        assert_eq!(stack.job(org, job).await.state, JobState::Running, "nobody knows yet");
        let left = locks(&repository);
        assert_eq!(left.len(), 1, "it held restic's lock: {left:?}");
        Self { lock: left.into_iter().next().unwrap(), stack, org, repository, folder, enrolled, job }
    }

    async fn lock_goes(&self) {
        eventually("the lock to go", async || !locks(&self.repository).contains(&self.lock)).await;
    }

    /// Nobody has to wait for anything to become stale: neither in the storage nor in the rows.
    async fn nothing_is_left(&self) {
        eventually("no lock to be there", async || locks(&self.repository).is_empty()).await;
        let (leases, gateway) = (self.stack.app().store.repository_leases(), Actor::system("gateway", self.org));
        let live = async || leases.live(&gateway, self.org, self.repository.uid).await.unwrap();
        eventually("no lease to be there", async || live().await.is_empty()).await;
        let noted = || std::fs::read_to_string(self.folder.join("locks.json")).unwrap();
        eventually("no lock to be noted", async || noted().trim() == "[]").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_was_killed_reports_it_and_does_the_job_again() {
    let killed = Killed::in_a_backup().await;
    let (stack, org, job) = (&killed.stack, killed.org, killed.job);
    let agent = Program::agent(killed.folder.path());
    // It says so itself: nobody waits for the lease to run out.
    let again = stack.job_that(org, job, |job| job.state != JobState::Running || job.attempt > 1).await;
    assert!(again.state != JobState::Failed, "{again:?}");
    let ended = stack.ended(org, job).await;
    assert_eq!((ended.state, ended.attempt), (JobState::Succeeded, 2), "{ended:?}");
    killed.lock_goes().await;
    killed.nothing_is_left().await;
    assert_eq!(snapshots(&killed.repository).await.len(), 1);
    agent.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_an_agent_that_was_killed_goes_when_it_is_there_again_though_it_has_nothing_to_do() {
    let killed = Killed::in_a_backup().await;
    let (stack, org, job) = (&killed.stack, killed.org, killed.job);
    stack.app().store.jobs().cancel(&stack.admin(org), org, job).await.unwrap();
    let agent = Program::agent(killed.folder.path());
    assert_eq!(stack.ended(org, job).await.state, JobState::Cancelled);
    killed.lock_goes().await;
    killed.nothing_is_left().await;
    // restic's check wants the repository to itself.
    assert!(snapshots(&killed.repository).await.is_empty());
    agent.end();
    assert_eq!(killed.enrolled.agent, killed.folder.enrolled().unwrap().agent);
}
