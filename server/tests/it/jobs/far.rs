//! A repository that lies behind a narrow way: what works on it takes as long as a test likes.

use std::path::Path;

use bygone_common::job::{CopySpec, JobSpec, JobState, VerifyDepth, VerifySpec};
use bygone_common::{JobUid, OrgUid, RepositoryUid};
use bygone_server::repositories::{self, Begin, Wanted};
use bygone_store::jobs::{Job, NewJob};
use bygone_store::{Actor, Store};
use bygone_tests::narrow::Narrow;
use bygone_tests::noise::noise;
use bygone_tests::rest::{Reach, RestServer};
use bygone_tests::restic::Restic;

use super::wait;
use crate::gateway::support::admin;
use crate::repositories::{blocking, wanted};
use crate::support::Stack;

/// Bytes of the one file: several packs of the smallest size.
const FILE_BYTES: usize = 20 << 20;
/// Bytes a second of each connection: a pack takes longer than any test waits.
pub(super) const NARROW: u64 = 64 << 10;
/// As many as there are.
pub(super) const WIDE: u64 = 1 << 32;

/// A repository behind a narrow way, and an empty one beside it.
pub(super) struct Far {
    pub(super) org: OrgUid,
    pub(super) full: RepositoryUid,
    pub(super) empty: RepositoryUid,
    pub(super) way: Narrow,
    server: RestServer,
}

impl Far {
    /// Adopts the repositories for an organization of the stack, which has to be allowed to reach this machine.
    pub(super) async fn new(stack: &Stack) -> Self {
        let server = blocking(|| {
            let server = RestServer::start(Reach::Open);
            let source = tempfile::tempdir().unwrap();
            std::fs::write(source.path().join("file"), noise(1, FILE_BYTES)).unwrap();
            server.restic("full").init_and_back_up(source.path());
            server.restic("empty").run(&["init"]);
            server
        })
        .await;
        let way = Narrow::to(server.port(), WIDE);
        let org: OrgUid = stack.root().make_org("acme").await.parse().unwrap();
        let (app, actor) = (stack.server.as_ref().unwrap().app().clone(), admin(stack, org));
        let mut rows = Vec::new();
        for name in ["full", "empty"] {
            let location = Some(format!("rest:http://127.0.0.1:{}/{name}/", way.port()));
            let adopted = Wanted { location, ..wanted(name, Begin::Adopt) };
            rows.push(repositories::add(&app, &actor, org, adopted).await.unwrap().uid);
        }
        Self { org, full: rows[0], empty: rows[1], way, server }
    }

    pub(super) fn verify(&self) -> JobSpec {
        JobSpec::Verify(VerifySpec { repository: self.full, depth: VerifyDepth::Full })
    }

    pub(super) fn copy(&self) -> JobSpec {
        JobSpec::Copy(CopySpec { from: self.full, to: self.empty, tag: None })
    }

    pub(super) fn actor(&self) -> Actor {
        Actor::system("test", self.org)
    }

    pub(super) async fn make(&self, store: &Store, spec: JobSpec) -> JobUid {
        store.jobs().create(&self.actor(), self.org, NewJob::new(spec, None)).await.unwrap().uid
    }

    pub(super) async fn get(&self, store: &Store, job: JobUid) -> Job {
        store.jobs().get(&self.actor(), self.org, job).await.unwrap()
    }

    /// Waits until it works at contents, as far as its progress tells.
    pub(super) async fn in_the_middle(&self, store: &Store, job: JobUid) -> Job {
        wait(async || {
            let job = self.get(store, job).await;
            assert!(!job.state.is_final(), "it was not slow enough: {:?}", job.outcome);
            let is_at_it =
                job.progress.is_some_and(|progress| progress.bytes_total.is_some_and(|total| total > 1 << 20));
            (job.state == JobState::Running && is_at_it).then_some(job)
        })
        .await
    }

    pub(super) async fn over(&self, store: &Store, job: JobUid) -> Job {
        wait(async || Some(self.get(store, job).await).filter(|job| job.state.is_final())).await
    }

    /// restic itself, past the narrow way.
    pub(super) fn restic(&self, name: &str) -> Restic {
        self.server.restic(name)
    }

    /// Nothing is broken, and nobody has locked it.
    pub(super) async fn is_sound(&self, name: &str) {
        let restic = self.restic(name);
        let folder = self.server.served().join(name).join("locks");
        blocking(move || restic.run(&["check", "--read-data", "--no-lock"])).await;
        let is_empty = |folder: &Path| std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        assert!(is_empty(&folder), "a lock stays in {name}");
    }
}
