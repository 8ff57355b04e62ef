//! A SEAM: jobs of agents in this process's memory, until the queue of the store is here. It goes away then; its calls stay.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bygone_common::job::{JobState, LogLine, Outcome, Progress};
use bygone_common::protocol::{
    AgentPlans, FinishRequest, JobLease, LogRequest, ProgressRequest, RunningJob, SpooledSnapshot, Standing, Work,
};
use bygone_common::{AgentUid, JobUid, LeaseUid};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::known::Known;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// For how long a job is an agent's without a word of it.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often an agent says a word.
const RENEW_SECONDS: u32 = 15;

/// A job of the seam.
#[derive(Debug, Clone)]
pub struct QueuedJob {
    /// Whose work it is.
    pub agent: AgentUid,
    /// What is to be done.
    pub work: Work,
    /// Where it stands.
    pub state: JobState,
    /// By which lease it is taken, and until when.
    pub lease: Option<(LeaseUid, Timestamp)>,
    /// The how many-th time.
    pub attempt: u32,
    /// Whether it is to be given up.
    pub cancel: bool,
    /// How far it has come.
    pub progress: Option<Progress>,
    /// What was said of it.
    pub log: Vec<LogLine>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// Jobs of agents.
#[derive(Debug)]
pub struct Queue {
    jobs: Mutex<BTreeMap<JobUid, QueuedJob>>,
    plans: Mutex<BTreeMap<AgentUid, AgentPlans>>,
    spooled: Mutex<BTreeMap<AgentUid, Vec<SpooledSnapshot>>>,
    woken: watch::Sender<u64>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            jobs: Mutex::default(),
            plans: Mutex::default(),
            spooled: Mutex::default(),
            woken: watch::Sender::new(0),
        }
    }
}

impl Queue {
    /// Queues work for an agent, by hand.
    pub fn push(&self, app: &App, agent: AgentUid, work: Work) -> JobUid {
        let job = app.store.uid(JobUid::new);
        let queued = QueuedJob {
            agent,
            work,
            state: JobState::Queued,
            lease: None,
            attempt: 0,
            cancel: false,
            progress: None,
            log: Vec::new(),
            outcome: None,
        };
        self.jobs().insert(job, queued);
        self.wake();
        job
    }

    /// A job as it stands.
    pub fn get(&self, job: JobUid) -> Option<QueuedJob> {
        self.jobs().get(&job).cloned()
    }

    /// Asks for a job to be given up.
    pub fn cancel(&self, job: JobUid) {
        if let Some(job) = self.jobs().get_mut(&job) {
            job.cancel = true;
        }
    }

    /// Gives an agent plans to keep.
    pub fn set_plans(&self, agent: AgentUid, plans: AgentPlans) {
        lock(&self.plans).insert(agent, plans);
    }

    /// What an agent last said of its spool.
    pub fn spooled(&self, agent: AgentUid) -> Vec<SpooledSnapshot> {
        lock(&self.spooled).get(&agent).cloned().unwrap_or_default()
    }

    pub(super) fn wakes(&self) -> watch::Receiver<u64> {
        self.woken.subscribe()
    }

    fn wake(&self) {
        self.woken.send_modify(|count| *count += 1);
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn claim(&self, app: &App, known: &Known) -> Result<Option<JobLease>> {
        let now = app.clock.now();
        let mut jobs = self.jobs();
        let free = |job: &QueuedJob| match job.state {
            JobState::Queued => true,
            JobState::Leased | JobState::Running => job.lease.is_none_or(|(_, until)| until <= now),
            JobState::Succeeded | JobState::Partial | JobState::Failed | JobState::Cancelled => false,
        };
        let found = jobs.iter_mut().find(|(_, job)| job.agent == known.agent.uid && free(job));
        let Some((uid, job)) = found else { return Ok(None) };
        let (lease, expires_at) = (app.store.uid(LeaseUid::new), later(now));
        job.state = JobState::Leased;
        job.attempt += 1;
        job.lease = Some((lease, expires_at));
        Ok(Some(JobLease {
            lease,
            job: *uid,
            attempt: job.attempt,
            correlation: known.actor.correlation(),
            expires_at,
            renew_seconds: RENEW_SECONDS,
            work: job.work.clone(),
        }))
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn start(&self, app: &App, known: &Known, job: JobUid, lease: LeaseUid) -> Result<Standing> {
        self.held(app, known, job, lease, |job| job.state = JobState::Running)
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn keep(&self, app: &App, known: &Known, job: JobUid, lease: LeaseUid) -> Result<Standing> {
        self.held(app, known, job, lease, |_| {})
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn progress(
        &self,
        app: &App,
        known: &Known,
        job: JobUid,
        request: &ProgressRequest,
    ) -> Result<Standing> {
        self.held(app, known, job, request.lease, |job| job.progress = Some(request.progress))
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn log(&self, app: &App, known: &Known, job: JobUid, request: &LogRequest) -> Result<Standing> {
        self.held(app, known, job, request.lease, |job| {
            let had = u64::try_from(job.log.len()).unwrap_or(u64::MAX);
            let known = usize::try_from(had.saturating_sub(request.first)).unwrap_or(usize::MAX);
            job.log.extend(request.lines.iter().skip(known).cloned());
        })
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn finish(&self, app: &App, known: &Known, job: JobUid, request: FinishRequest) -> Result<()> {
        if self.jobs().get(&job).is_some_and(|job| job.outcome.as_ref() == Some(&request.outcome)) {
            return Ok(());
        }
        self.held(app, known, job, request.lease, |job| {
            job.state = request.outcome.state();
            job.outcome = Some(request.outcome);
            job.lease = None;
        })?;
        Ok(())
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn to_cancel(&self, _: &App, known: &Known, running: &[RunningJob]) -> Result<Vec<JobUid>> {
        let jobs = self.jobs();
        let is_over = |running: &&RunningJob| {
            jobs.get(&running.job).is_none_or(|job| {
                let is_held = job.lease.is_some_and(|(lease, _)| lease == running.lease);
                job.cancel || !is_held || job.agent != known.agent.uid
            })
        };
        Ok(running.iter().filter(is_over).map(|running| running.job).collect())
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn plans(&self, _: &App, known: &Known, tag: Option<&str>) -> Result<Option<AgentPlans>> {
        let plans = lock(&self.plans).get(&known.agent.uid).cloned();
        Ok(plans.filter(|plans| Some(plans.tag.as_str()) != tag))
    }

    #[expect(clippy::unused_async, reason = "the store's queue will be asked")]
    pub(super) async fn note_spooled(&self, _: &App, known: &Known, spooled: &[SpooledSnapshot]) -> Result<()> {
        lock(&self.spooled).insert(known.agent.uid, spooled.to_vec());
        Ok(())
    }

    fn held(
        &self,
        app: &App,
        known: &Known,
        uid: JobUid,
        lease: LeaseUid,
        change: impl FnOnce(&mut QueuedJob),
    ) -> Result<Standing> {
        let now = app.clock.now();
        let mut jobs = self.jobs();
        let missing = || Problem::not_found(format_args!("job {uid}"));
        let job = jobs.get_mut(&uid).filter(|job| job.agent == known.agent.uid).ok_or_else(missing)?;
        let lost = || Problem::new(ProblemCode::LeaseLost, format!("the lease of job {uid} is lost"));
        let (held, until) = job.lease.ok_or_else(lost)?;
        if held != lease || until <= now {
            return Err(lost());
        }
        let expires_at = later(now);
        job.lease = Some((lease, expires_at));
        change(job);
        Ok(Standing { expires_at, cancel: job.cancel })
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<JobUid, QueuedJob>> {
        lock(&self.jobs)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(Timestamp::MAX)
}
