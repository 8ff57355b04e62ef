//! The jobs of one run, and which waits for which.
//!
//! A backup for each source; into further repositories one after the other, or by the server's copying. When all backups of
//! a repository are over its catalog is refreshed, and then the plan's retention is applied. All of it is made at once: what
//! ends sets going what waits for it, whichever replica it ended on.
//!
//! A machine that is away finds one backup when it comes back, not one for each run that its plan's schedule named meanwhile:
//! while a backup waits to be begun, the schedule makes no other of the same source into the same repository. And none is made
//! for a machine that does not belong to the organization any more.

use std::collections::HashSet;

use bygone_common::job::{BackupSpec, CatalogSpec, CopySpec, ForgetSpec, JobSpec, JobState, PruneSpec, VerifySpec};
use bygone_common::plan::RepositoryMode;
use bygone_common::{JobUid, OrgUid, PlanUid, RepositoryUid, RunUid, SourceUid};
use jiff::Timestamp;

use crate::actor::Actor;
use crate::database::Tx;
use crate::error::{Doing, Result};
use crate::jobs::NewJob;
use crate::row::Columns;
use crate::sources::Source;

use super::{Plan, What};

/// Unfinished jobs of another plan that a run waits for at most.
const WAITED_FOR_MAX: i64 = 256;

/// The label by which the snapshots of a plan are known.
pub fn plan_tag(plan: PlanUid) -> String {
    format!("plan:{plan}")
}

/// A run whose jobs are being made.
struct Making<'a> {
    actor: &'a Actor,
    plan: &'a Plan,
    run: RunUid,
    closes: Option<Timestamp>,
    waiting: Waiting,
    made: usize,
}

/// Backups of a plan that nobody has begun: the sources, and the repositories into which.
pub(super) type Waiting = HashSet<(SourceUid, RepositoryUid)>;

impl Making<'_> {
    fn job(&self, spec: JobSpec, source: Option<&Source>, depends_on: Vec<(JobUid, bool)>) -> NewJob {
        let mut new = NewJob::new(spec, source.map(|source| source.agent));
        new.plan = Some((self.plan.uid, self.plan.version));
        new.run = Some(self.run);
        new.source = source.map(|source| source.uid);
        new.attempts_max = i64::from(self.plan.spec.attempts_max);
        new.closes_at = self.closes;
        new.depends_on = depends_on;
        new
    }
}

impl Tx {
    /// Makes the jobs of a run; answers how many.
    pub(super) async fn make_jobs(&mut self, actor: &Actor, plan: &Plan, what: What, run: RunUid) -> Result<usize> {
        self.make_jobs_beside(actor, plan, what, run, None, Waiting::new()).await
    }

    /// The same, of a run whose window closes, and without the backups that stand for others that wait.
    pub(super) async fn make_jobs_beside(
        &mut self,
        actor: &Actor,
        plan: &Plan,
        what: What,
        run: RunUid,
        closes: Option<Timestamp>,
        waiting: Waiting,
    ) -> Result<usize> {
        let mut making = Making { actor, plan, run, closes, waiting, made: 0 };
        match what {
            What::Backup => self.make_backups(&mut making).await?,
            What::Prune | What::Verify => {
                for repository in plan.spec.repositories.clone() {
                    let spec = match what {
                        What::Verify => JobSpec::Verify(VerifySpec { repository, depth: What::depth(&plan.spec) }),
                        What::Prune | What::Backup => JobSpec::Prune(PruneSpec::new(repository)),
                    };
                    self.make(&mut making, spec, None, Vec::new()).await?;
                }
            }
        }
        Ok(making.made)
    }

    async fn make(
        &mut self,
        making: &mut Making<'_>,
        spec: JobSpec,
        source: Option<&Source>,
        depends_on: Vec<(JobUid, bool)>,
    ) -> Result<JobUid> {
        let new = making.job(spec, source, depends_on);
        let job = self.create_job(making.actor, making.plan.org, new).await?;
        making.made += 1;
        Ok(job.uid)
    }

    async fn make_backups(&mut self, making: &mut Making<'_>) -> Result<()> {
        let plan = making.plan;
        let sources = self.sources_in_use(plan).await?;
        let first = self.waits_of_plan(plan).await?;
        // Of each repository, what must be over before its catalog is read.
        let mut filled: Vec<(RepositoryUid, Vec<JobUid>)> = Vec::new();
        let by_agents = repositories_of_agents(plan);
        let mut before: Vec<Option<JobUid>> = vec![None; sources.len()];
        for repository in by_agents {
            let mut backups = Vec::new();
            for (source, before) in sources.iter().zip(&mut before) {
                if making.waiting.contains(&(source.uid, *repository)) {
                    continue;
                }
                // One repository's failure does not keep a source from being saved in the next.
                let waits = before.map_or_else(|| first.clone(), |before| vec![(before, false)]);
                let backup = self.make(making, backup_spec(plan, source, *repository), Some(source), waits).await?;
                *before = Some(backup);
                backups.push(backup);
            }
            // What only looks after a repository has no sources.
            if !backups.is_empty() || plan.spec.sources.is_empty() {
                filled.push((*repository, backups));
            }
        }
        // Windows are for the machines' own work.
        making.closes = None;
        let from = plan.spec.repositories.first().copied();
        for to in plan.spec.repositories.iter().skip(by_agents.len()).copied() {
            let (Some(from), Some((_, backups))) = (from, filled.first()) else { break };
            let waits = backups.clone();
            let spec = JobSpec::Copy(CopySpec { from, to, tag: Some(plan_tag(plan.uid)) });
            let copy = self.make(making, spec, None, waits.into_iter().map(|uid| (uid, false)).collect()).await?;
            filled.push((to, vec![copy]));
        }
        for (repository, over) in filled {
            let waits = over.iter().map(|uid| (*uid, false)).collect();
            let catalog = self.make(making, JobSpec::Catalog(CatalogSpec { repository }), None, waits).await?;
            if let Some(retention) = plan.spec.retention.clone() {
                let tag = Some(plan_tag(plan.uid));
                let spec = ForgetSpec { repository, retention, tag, hosts: Vec::new(), dry_run: false };
                self.make(making, JobSpec::Forget(Box::new(spec)), None, vec![(catalog, true)]).await?;
            }
        }
        Ok(())
    }

    /// The sources of a plan whose machines belong to the organization.
    async fn sources_in_use(&mut self, plan: &Plan) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for source in self.sources_of(plan.org, &plan.spec.sources).await? {
            if self.is_active(plan.org, source.agent).await? {
                sources.push(source);
            }
        }
        Ok(sources)
    }

    /// The backups of a plan that wait to be begun.
    pub(super) async fn waiting_backups(&mut self, plan: &Plan) -> Result<Waiting> {
        let rows = sqlx::query(
            "select source_id, repository_id from jobs where org_id = $1 and plan_id = $2 and kind = 'backup' \
             and state = 'queued' and attempt = 0 and source_id is not null and (closes_at is null or closes_at > $3)",
        )
        .bind(plan.org.to_string())
        .bind(plan.uid.to_string())
        .bind(self.store().now().as_microsecond())
        .fetch_all(self.connection())
        .await
        .doing("look for backups that wait")?;
        rows.iter().map(|row| Ok((row.parsed("source_id")?, row.parsed("repository_id")?))).collect()
    }

    /// Whether a run would save nothing that is not about to be saved: each of its backups waits already, or has no machine.
    pub(super) async fn saves_nothing(&mut self, plan: &Plan, waiting: &Waiting) -> Result<bool> {
        if plan.spec.sources.is_empty() {
            return Ok(false);
        }
        let by_agents = repositories_of_agents(plan);
        let sources = self.sources_in_use(plan).await?;
        Ok(sources.iter().all(|source| by_agents.iter().all(|repository| waiting.contains(&(source.uid, *repository)))))
    }

    /// What the first jobs of a run wait for: the plans that its own depends on.
    async fn waits_of_plan(&mut self, plan: &Plan) -> Result<Vec<(JobUid, bool)>> {
        let mut waits = Vec::new();
        for dependency in &plan.spec.depends_on {
            for (uid, state) in self.last_backups(plan.org, dependency.plan).await? {
                if !state.is_final() || (dependency.must_succeed && state == JobState::Failed) {
                    waits.push((uid, dependency.must_succeed));
                }
            }
        }
        Ok(waits)
    }

    /// The backups of a plan's newest run, and where they stand.
    async fn last_backups(&mut self, org: OrgUid, plan: PlanUid) -> Result<Vec<(JobUid, JobState)>> {
        let rows = sqlx::query(
            "select uid, state from jobs where org_id = $1 and plan_id = $2 and kind = 'backup' and run_id = \
             (select max(run_id) from jobs where plan_id = $2 and kind = 'backup') order by uid limit $3",
        )
        .bind(org.to_string())
        .bind(plan.to_string())
        .bind(WAITED_FOR_MAX)
        .fetch_all(self.connection())
        .await
        .doing("look for jobs of a plan that is waited for")?;
        rows.iter().map(|row| Ok((row.parsed("uid")?, row.parsed("state")?))).collect()
    }
}

/// The repositories into which agents save; the others are copied into.
fn repositories_of_agents(plan: &Plan) -> &[RepositoryUid] {
    let all = plan.spec.repositories.as_slice();
    match plan.spec.repository_mode {
        RepositoryMode::Sequential => all,
        RepositoryMode::Copy => all.get(..1).unwrap_or_default(),
    }
}

pub(super) fn backup_spec(plan: &Plan, source: &Source, repository: RepositoryUid) -> JobSpec {
    let mut paths = source.paths.clone();
    paths.extend(plan.spec.capture.include.iter().cloned());
    let mut tags = vec![plan_tag(plan.uid)];
    tags.extend(plan.spec.tags.iter().cloned());
    JobSpec::Backup(Box::new(BackupSpec {
        plan: plan.uid,
        plan_version: u32::try_from(plan.version).unwrap_or(u32::MAX),
        source: source.uid,
        repository,
        paths,
        capture: plan.spec.capture.clone(),
        host: source.host.clone(),
        tags,
        hooks: plan.spec.hooks.clone(),
        limits: plan.spec.limits.clone(),
        storage_class: plan.spec.storage_class,
    }))
}
