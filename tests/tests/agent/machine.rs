//! A machine whose agent runs, with files to save and a repository for them.

use std::path::PathBuf;

use bygone_agent::Enrolled;
use bygone_common::OrgUid;
use bygone_common::job::BackupSpec;
use bygone_store::jobs::Job;
use bygone_store::repositories::Repository;

use crate::stack::{Running, Stack, run, source, spec};

pub(crate) struct Machine {
    pub(crate) stack: Stack,
    pub(crate) org: OrgUid,
    pub(crate) repository: Repository,
    pub(crate) enrolled: Enrolled,
    /// The folder that is saved.
    pub(crate) path: PathBuf,
    agent: Running,
}

impl Machine {
    /// With a small file, and one of so many bytes.
    pub(crate) async fn with_bytes(bytes: usize) -> Self {
        let stack = Stack::start().await;
        let org = stack.org("acme").await;
        let repository = stack.repository(org, "acme", "main").await;
        let (folder, enrolled) = stack.enrol(org, "one").await;
        let agent = run(&folder);
        let path = source(stack.folder.path(), bytes);
        Self { stack, org, repository, enrolled, path, agent }
    }

    /// A backup of the folder.
    pub(crate) fn wanted(&self) -> BackupSpec {
        spec(&self.repository, &self.path)
    }

    /// Saves, and waits for the end of it.
    pub(crate) async fn back_up(&self, wanted: BackupSpec) -> Job {
        let job = self.stack.backup(self.org, &self.enrolled, wanted).await;
        self.stack.ended(self.org, job).await
    }

    /// Ends the agent. What it left lies in the stack's folder.
    pub(crate) async fn end(self) -> Stack {
        self.agent.end().await;
        self.stack
    }
}
