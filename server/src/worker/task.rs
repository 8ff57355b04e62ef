//! What a job has while it is done: its lease, its progress, and what stops it.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bygone_common::LeaseUid;
use bygone_common::job::{FailureCode, JobState, LogLevel, LogLine, Outcome, Phase, Progress};
use bygone_store::Actor;
use bygone_store::events::{EventKind, Heard, Listener};
use bygone_store::jobs::Job;
use bygone_vault::ErrorKind;
use bygone_vault::backend::CancelToken;
use bygone_vault::progress::{Progress as Watching, Unit};

use crate::app::App;
use crate::storages::StorageError;

/// How often a word is said of a job. A wish to give it up is noticed as quickly even when nobody tells it.
const SAY_EVERY: Duration = Duration::from_secs(3);

/// A job that is being done.
pub(super) struct Task {
    pub(super) app: App,
    pub(super) job: Job,
    pub(super) actor: Actor,
    lease: LeaseUid,
    pub(super) watch: Arc<Watch>,
    stop: Arc<Stop>,
}

/// How a job ends for whoever has it.
#[derive(Debug)]
pub(super) enum End {
    /// It is over, or its attempt is.
    Outcome(Outcome),
    /// The server stops in the middle of it: another replica goes on, or this one once it is back.
    GivenBack,
}

/// What stops calls into storage.
#[derive(Debug, Default)]
struct Stop {
    tokens: Mutex<Vec<CancelToken>>,
    is_pulled: AtomicBool,
    /// Somebody said so; or the lease is lost.
    is_unwanted: AtomicBool,
}

impl Stop {
    fn pull(&self) {
        self.is_pulled.store(true, Ordering::SeqCst);
        for token in self.tokens.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            token.cancel();
        }
    }
}

impl Task {
    /// A job that was taken; none when it has no lease, which cannot be.
    pub(super) fn new(app: App, job: Job) -> Option<Self> {
        let lease = job.lease.as_ref()?.uid;
        let actor = Actor::system("worker", job.org);
        Some(Self { app, job, actor, lease, watch: Arc::default(), stop: Arc::default() })
    }

    /// Lets a token be pulled when the job is to stop.
    pub(super) fn stops(&self, token: &CancelToken) {
        self.stop.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
        if self.stop.is_pulled.load(Ordering::SeqCst) {
            token.cancel();
        }
    }

    /// Whether somebody wants the job to be given up, or somebody else has it.
    pub(super) fn is_unwanted(&self) -> bool {
        self.stop.is_unwanted.load(Ordering::SeqCst)
    }

    /// Adds a line to the job's log. A log that cannot be written is no reason to stop.
    pub(super) async fn log(&self, level: LogLevel, text: impl Into<String> + Send) {
        let line = LogLine::new(self.app.clock.now(), level, text);
        let jobs = self.app.store.jobs();
        if let Err(error) = jobs.log(&self.actor, self.job.org, self.job.uid, None, &[line]).await {
            tracing::debug!(%error, "a line of a job's log is lost");
        }
    }

    /// Does the work while a word is said of it now and then.
    pub(super) async fn watched(&self, work: impl Future<Output = Outcome>) -> Outcome {
        let jobs = self.app.store.jobs();
        match jobs.start(&self.actor, self.job.org, self.job.uid, self.lease).await {
            Ok(standing) if standing.cancel => return Outcome::Cancelled,
            Ok(_) => {}
            Err(error) => return Outcome::failed(FailureCode::LeaseLost, error.to_string()),
        }
        // Beside the work, never between its steps: either may wait for a turn that the other holds.
        let saying = async {
            let mut events = self.app.store.events().listen();
            let mut say = tokio::time::interval(SAY_EVERY);
            say.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = say.tick() => {}
                    () = self.hears_of_cancel(&mut events) => {}
                }
                self.say().await;
            }
        };
        let stopping = async {
            self.app.stopping.cancelled().await;
            self.stop.pull();
            std::future::pending().await
        };
        tokio::select! {
            outcome = work => outcome,
            () = saying => unreachable!("it has no end"),
            () = stopping => unreachable!("it has no end"),
        }
    }

    /// Waits until somebody says on any replica that the job is to be given up, or may have said it unheard.
    async fn hears_of_cancel(&self, events: &mut Listener) {
        loop {
            match events.next().await {
                Some(Heard::Event(event)) if event.kind == EventKind::JobCancel && event.job == Some(self.job.uid) => {
                    return;
                }
                Some(Heard::Event(_)) => {}
                Some(Heard::Missed) => return,
                None => std::future::pending().await,
            }
        }
    }

    async fn say(&self) {
        let (org, uid) = (self.job.org, self.job.uid);
        let progress = self.watch.progress();
        match self.app.store.jobs().progress(&self.actor, org, uid, self.lease, &progress).await {
            Ok(standing) if !standing.cancel => {}
            Ok(_) => {
                self.stop.is_unwanted.store(true, Ordering::SeqCst);
                self.stop.pull();
            }
            Err(error) => match error.kind() {
                // The database is away for a while: the lease may outlast it.
                bygone_store::ErrorKind::Unavailable => tracing::debug!(%error, "a lease could not be renewed"),
                _ => {
                    tracing::warn!(job = %uid, %error, "a job is somebody else's now");
                    self.stop.is_unwanted.store(true, Ordering::SeqCst);
                    self.stop.pull();
                }
            },
        }
    }

    /// Tells how it ended.
    pub(super) async fn finish(&self, end: &End) -> bygone_store::Result<JobState> {
        let (jobs, org, uid) = (self.app.store.jobs(), self.job.org, self.job.uid);
        let job = match end {
            End::Outcome(outcome) => jobs.finish(&self.actor, org, uid, self.lease, outcome).await?,
            End::GivenBack => jobs.give_back(&self.actor, org, uid, self.lease).await?,
        };
        Ok(job.state)
    }
}

/// How far a job is: written by the threads that do it.
#[derive(Debug, Default)]
pub(super) struct Watch {
    is_bytes: AtomicBool,
    total: AtomicU64,
    done: AtomicU64,
    phase: AtomicU8,
}

impl Watch {
    fn progress(&self) -> Progress {
        let (total, done) = (self.total.load(Ordering::Relaxed), self.done.load(Ordering::Relaxed));
        let total = (total > 0).then_some(total);
        let phase = if self.phase.load(Ordering::Relaxed) == 0 { Phase::Preparing } else { Phase::Working };
        if self.is_bytes.load(Ordering::Relaxed) {
            Progress { phase, bytes_done: done, bytes_total: total, ..Progress::default() }
        } else {
            Progress { phase, items_done: done, items_total: total, ..Progress::default() }
        }
    }
}

impl Watching for Watch {
    fn stage(&self, _: &'static str, total: u64, unit: Unit) {
        self.is_bytes.store(matches!(unit, Unit::Bytes), Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.phase.store(1, Ordering::Relaxed);
    }

    fn advance(&self, by: u64) {
        self.done.fetch_add(by, Ordering::Relaxed);
    }
}

/// Why a job was not done.
#[derive(Debug)]
pub(super) struct Fault {
    code: FailureCode,
    text: String,
    is_cancelled: bool,
}

/// What steps of a job return.
pub(super) type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub(super) fn new(code: FailureCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), is_cancelled: false }
    }

    pub(super) fn outcome(self) -> Outcome {
        if self.is_cancelled { Outcome::Cancelled } else { Outcome::failed(self.code, self.text) }
    }
}

impl From<bygone_vault::Error> for Fault {
    fn from(error: bygone_vault::Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Unavailable | ErrorKind::TimedOut => FailureCode::StorageUnavailable,
            ErrorKind::Locked => FailureCode::RepositoryLocked,
            ErrorKind::WrongPassword => FailureCode::WrongPassword,
            ErrorKind::Damaged => FailureCode::Damaged,
            ErrorKind::NoSpace => FailureCode::NoSpace,
            ErrorKind::Denied | ErrorKind::Retained => FailureCode::Denied,
            ErrorKind::Conflict => FailureCode::Conflict,
            ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::Ambiguous => FailureCode::Invalid,
            // A folder that is not mounted holds no repository either.
            ErrorKind::NotFound | ErrorKind::NotARepository => FailureCode::StorageUnavailable,
            ErrorKind::Cancelled | ErrorKind::Io => FailureCode::Internal,
        };
        Self { code, text: error.chain(), is_cancelled: error.kind() == ErrorKind::Cancelled }
    }
}

impl From<bygone_store::Error> for Fault {
    fn from(error: bygone_store::Error) -> Self {
        let code = match error.kind() {
            bygone_store::ErrorKind::NotFound => FailureCode::Invalid,
            _ => FailureCode::Internal,
        };
        Self::new(code, crate::problem::chain(&error))
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Vault(error) => error.into(),
            StorageError::Store(error) => error.into(),
            StorageError::Secrets(_) => Self::new(FailureCode::Internal, error.to_string()),
            StorageError::Location(_) => Self::new(FailureCode::Invalid, error.to_string()),
            StorageError::Stopping => Self { code: FailureCode::Internal, text: error.to_string(), is_cancelled: true },
        }
    }
}
