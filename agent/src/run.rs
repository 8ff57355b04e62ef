//! What an agent does all day: it says that it is there, asks for work, does it, and follows its plans by itself while the
//! server is away.

mod left_locks;
mod offline;
mod safety;
mod stop;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bygone_client::{AgentClient, Backoff};
use bygone_common::protocol::{CLAIM_WAIT_SECONDS_MAX, HeartbeatRequest, PROTOCOL_VERSION, RunningJob};
use bygone_common::{Clock, JobUid, LeaseUid, PlanUid};
use bygone_vault::backend::CancelToken;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use crate::error::{Error, ErrorKind, Result};
use crate::locks::OwnLocks;
use crate::plans::Plans;
use crate::safety::Safety;
use crate::spool::{SPOOL_BYTES_MAX, Spool};
use crate::state::{Enrolled, Folder};
use crate::status::{RunningStatus, Status};
use crate::watch::Meter;
use crate::{enrol, facts, job, notify};

pub use stop::Stop;

/// How an agent runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time.
    pub clock: Clock,
    /// Jobs that are done at once.
    pub jobs_max: usize,
    /// How often it says that it is there, if not as the server says.
    pub heartbeat: Option<Duration>,
    /// For how long the server may be away before plans are followed without it.
    pub offline_after: SignedDuration,
    /// Bytes that the spool may take.
    pub spool_bytes_max: u64,
    /// Waits after failures.
    pub backoff: Backoff,
    /// Whether it may be told to restore files on this machine.
    pub restores: bool,
    /// Where new folders for restores are made; none: in the home of its account.
    pub restores_into: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::real(Timestamp::now),
            jobs_max: 2,
            heartbeat: None,
            offline_after: SignedDuration::from_secs(150),
            spool_bytes_max: SPOOL_BYTES_MAX,
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(30)),
            restores: true,
            restores_into: None,
        }
    }
}

/// A job that is being done.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) lease: LeaseUid,
    pub(crate) token: CancelToken,
    pub(crate) since: Timestamp,
    pub(crate) plan: Option<PlanUid>,
    pub(crate) meter: Arc<Meter>,
}

/// When the server was last heard of.
#[derive(Debug, Default)]
struct Contact {
    at: Option<Timestamp>,
    error: Option<String>,
    skew_ms: Option<i64>,
    revoked: bool,
}

/// What everything in an agent shares.
#[derive(Debug)]
pub struct Shared {
    pub(crate) folder: Folder,
    pub(crate) clock: Clock,
    pub(crate) spool: Spool,
    pub(crate) locks: Arc<OwnLocks>,
    pub(crate) safety: Safety,
    pub(crate) stop: Stop,
    options: Options,
    started_at: Timestamp,
    enrolled: Mutex<Enrolled>,
    client: Mutex<AgentClient>,
    running: Mutex<BTreeMap<JobUid, Running>>,
    plans: Mutex<Plans>,
    contact: Mutex<Contact>,
    /// Rings when the server is heard of.
    heard: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn client(&self) -> AgentClient {
        lock(&self.client).clone()
    }

    pub(crate) fn began(&self, job: JobUid, running: Running) {
        lock(&self.running).insert(job, running);
        self.write_status();
    }

    pub(crate) fn ended(&self, job: JobUid) {
        lock(&self.running).remove(&job);
        self.write_status();
    }

    /// Whether it may be told to restore files on this machine.
    pub(crate) fn restores(&self) -> bool {
        self.options.restores
    }

    /// Where new folders for restores are made.
    pub(crate) fn restores_into(&self) -> Option<&Path> {
        self.options.restores_into.as_deref()
    }

    pub(crate) fn works_at(&self, job: JobUid) -> bool {
        lock(&self.running).contains_key(&job)
    }

    fn write_status(&self) {
        let running = lock(&self.running);
        let of = |(job, running): (&JobUid, &Running)| RunningStatus {
            job: *job,
            plan: running.plan,
            since: running.since,
            progress: running.meter.progress(),
        };
        let running = running.iter().map(of).collect();
        let contact = lock(&self.contact);
        let status = Status {
            pid: std::process::id(),
            started_at: Some(self.started_at),
            last_contact_at: contact.at,
            last_error: contact.error.clone(),
            clock_skew_ms: contact.skew_ms,
            revoked: contact.revoked,
            running,
            plans: lock(&self.plans).all().len(),
            spooled: self.spool.waiting().len(),
        };
        drop(contact);
        if let Err(error) = status.write(&self.folder) {
            tracing::warn!(%error, "the status is not up to date");
        }
    }

    fn failed(&self, error: &Error) {
        let mut contact = lock(&self.contact);
        contact.revoked = error.kind() == ErrorKind::Revoked;
        if contact.error.is_none() {
            tracing::warn!(%error, "the server is not to be had");
        }
        contact.error = Some(error.to_string());
        drop(contact);
        self.write_status();
    }
}

/// Runs an agent until it is told to stop, or the server does not want it any more.
///
/// # Errors
/// `NotEnrolled`; `Busy`: another one runs over the same folder; `Revoked`.
pub async fn run(folder: Folder, options: Options, stop: Stop) -> Result<()> {
    let _held = folder.hold()?;
    let enrolled = folder.enrolled()?;
    // They may be of before a renewal that was cut off.
    folder.keep_certificates(&enrolled)?;
    let before = Status::read(&folder).unwrap_or_default().unwrap_or_default();
    let shared = Arc::new(Shared {
        clock: options.clock.clone(),
        spool: Spool::new(folder.clone(), options.spool_bytes_max),
        locks: Arc::new(OwnLocks::of(folder.clone())),
        safety: Safety::of(folder.clone()),
        heard: Notify::new(),
        stop,
        started_at: options.clock.now(),
        client: Mutex::new(enrolled.client()?),
        running: Mutex::default(),
        plans: Mutex::new(Plans::read(&folder)?),
        contact: Mutex::new(Contact { at: before.last_contact_at, ..Contact::default() }),
        enrolled: Mutex::new(enrolled),
        options,
        folder,
    });
    tracing::info!(server = shared.client().url(), agent = %lock(&shared.enrolled).agent, "the agent runs");
    notify::ready();
    let mut tasks = JoinSet::new();
    tasks.spawn(heartbeats(Arc::clone(&shared)));
    tasks.spawn(claims(Arc::clone(&shared)));
    tasks.spawn(offline::follow(Arc::clone(&shared)));
    tasks.spawn(left_locks::remove(Arc::clone(&shared)));
    tasks.spawn(safety::remove(Arc::clone(&shared)));
    tasks.spawn(alive(Arc::clone(&shared)));
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                outcome = Err(error);
                shared.stop.stop();
            }
            Err(error) => {
                outcome = Err(Error::new(ErrorKind::Local, format!("a part of the agent panicked: {error}")));
                shared.stop.stop();
            }
        }
    }
    notify::stopping();
    shared.write_status();
    outcome
}

/// Says that we are there, and hears what there is to hear.
async fn heartbeats(shared: Arc<Shared>) -> Result<()> {
    let mut backoff = shared.options.backoff.clone();
    let mut stop = shared.stop.clone();
    loop {
        let wait = match heartbeat(&shared).await {
            Ok(interval) => {
                backoff.reset();
                shared.options.heartbeat.unwrap_or(interval)
            }
            Err(error) => {
                shared.failed(&error);
                if error.kind() == ErrorKind::Revoked {
                    // Nothing that we do is wanted any more: jobs end now, not when their leases do.
                    lock(&shared.running).values().for_each(|running| running.token.cancel());
                    return Err(error);
                }
                backoff.wait(None)
            }
        };
        tokio::select! {
            () = stop.stopped() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn heartbeat(shared: &Arc<Shared>) -> Result<Duration> {
    let of = |(job, running): (&JobUid, &Running)| RunningJob { job: *job, lease: running.lease };
    let request = HeartbeatRequest {
        version: PROTOCOL_VERSION,
        now: shared.clock.now(),
        facts: facts::gather(shared.options.restores),
        running: lock(&shared.running).iter().map(of).collect(),
        plans_tag: lock(&shared.plans).tag().map(str::to_owned),
        spooled: shared.spool.waiting(),
    };
    let told = shared.client().heartbeat(&request).await?;
    let was_away = {
        let mut contact = lock(&shared.contact);
        contact.at = Some(shared.clock.now());
        contact.skew_ms = Some(told.skew_ms);
        contact.error.take().is_some()
    };
    if was_away {
        tracing::info!("the server is there again");
    }
    shared.heard.notify_one();
    for job in told.cancel {
        if let Some(running) = lock(&shared.running).get(&job) {
            tracing::info!(%job, "the server gives a job up");
            running.token.cancel();
        }
    }
    if let Some(plans) = told.plans {
        tracing::info!(plans = plans.plans.len(), "plans for when the server is away");
        lock(&shared.plans).replace(&shared.folder, plans)?;
    }
    job::report_late(shared).await;
    let enrolled = lock(&shared.enrolled).clone();
    // By the server's clock: ours may be wrong.
    if told.renew || enrolled.renew_at <= told.now {
        renew(shared, &enrolled).await;
    }
    shared.write_status();
    Ok(Duration::from_secs(told.interval_seconds.max(1).into()))
}

/// Gets the next certificate. If that fails, it is tried again with the next heartbeat.
async fn renew(shared: &Shared, enrolled: &Enrolled) {
    let renewed = enrol::renew(&shared.folder, enrolled).await.and_then(|renewed| Ok((renewed.client()?, renewed)));
    match renewed {
        Ok((client, renewed)) => {
            tracing::info!(expires_at = %renewed.expires_at, "the certificate was renewed");
            *lock(&shared.client) = client;
            *lock(&shared.enrolled) = renewed;
        }
        Err(error) => {
            tracing::warn!(%error, expires_at = %enrolled.expires_at, "the certificate could not be renewed");
        }
    }
}

/// Asks for work, and sees to it that it is done.
async fn claims(shared: Arc<Shared>) -> Result<()> {
    let turns = Arc::new(Semaphore::new(shared.options.jobs_max.max(1)));
    let mut jobs = JoinSet::new();
    let mut backoff = shared.options.backoff.clone();
    let mut stop = shared.stop.clone();
    while !shared.stop.is_stopped() {
        let turn = tokio::select! {
            () = stop.stopped() => break,
            turn = Arc::clone(&turns).acquire_owned() => turn,
        };
        // Nobody closes it.
        let Ok(turn) = turn else { break };
        let client = shared.client();
        let claimed = tokio::select! {
            () = stop.stopped() => break,
            claimed = client.claim(CLAIM_WAIT_SECONDS_MAX / 2) => claimed,
        };
        while jobs.try_join_next().is_some() {}
        match claimed {
            Ok(Some(lease)) => {
                backoff.reset();
                let shared = Arc::clone(&shared);
                jobs.spawn(async move {
                    let _turn = turn;
                    job::work(shared, lease).await;
                });
            }
            Ok(None) => backoff.reset(),
            Err(error) => {
                let wait = backoff.wait(error.retry_after());
                tracing::debug!(%error, ?wait, "no work can be asked for");
                tokio::select! {
                    () = stop.stopped() => break,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }
    // Jobs know that the agent ends, and report it.
    while jobs.join_next().await.is_some() {}
    Ok(())
}

/// Says to systemd that we are alive, as long as we are.
async fn alive(shared: Arc<Shared>) -> Result<()> {
    let Some(interval) = notify::interval() else { return Ok(()) };
    let mut stop = shared.stop.clone();
    let mut ticks = tokio::time::interval(interval / 2);
    loop {
        tokio::select! {
            () = stop.stopped() => return Ok(()),
            _ = ticks.tick() => notify::alive(),
        }
    }
}
