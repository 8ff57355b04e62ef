//! One job from claim to end: it is done in a thread of its own, while the server is told how far it has come and says
//! whether to go on.
//!
//! A note of it lies in the folder until the server has taken its end. An agent that was ended in the middle reports that
//! when it starts again, so that the server need not wait for the lease to run out.

use std::sync::Arc;
use std::time::Duration;

use bygone_client::retry::{TRIES_MAX, repeatedly};
use bygone_client::{Backoff, ErrorKind};
use bygone_common::job::{Failure, FailureCode, LogLevel, Outcome};
use bygone_common::protocol::{FinishRequest, JobLease, LogRequest, ProgressRequest, Standing, StartRequest, Work};
use bygone_common::{JobUid, LeaseUid, PlanUid};
use bygone_vault::backend::CancelToken;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::context::Context;
use crate::pause::Pause;
use crate::run::{Running, Shared};
use crate::state::Folder;
use crate::watch::{JobLog, Meter};
use crate::{backup, restore};

/// How often the server is told, and asked whether to go on.
const TELL: Duration = Duration::from_secs(1);
/// How long a job may take to unwind once it is to end.
const UNWIND_MAX: Duration = Duration::from_secs(30);
/// Stack of the thread of a job.
const STACK_BYTES: usize = 8 << 20;

/// The note of a job.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    job: JobUid,
    lease: LeaseUid,
    since: Timestamp,
    /// How it ended; none while it runs.
    outcome: Option<Outcome>,
}

impl Note {
    fn name(job: JobUid) -> String {
        format!("jobs/{job}.json")
    }

    fn keep(&self, folder: &Folder) {
        let kept = folder.subfolder("jobs").and_then(|_| folder.write(&Self::name(self.job), self));
        if let Err(error) = kept {
            tracing::warn!(%error, "there is no note of a job, should the agent be ended in the middle of it");
        }
    }

    /// Removes it, unless another attempt at the job has one of its own by now.
    fn drop(&self, folder: &Folder) {
        let name = Self::name(self.job);
        let is_mine = folder.read::<Self>(&name).ok().flatten().is_none_or(|kept| kept.lease == self.lease);
        if is_mine && let Err(error) = folder.remove(&name) {
            tracing::warn!(%error, "the note of a job stays");
        }
    }
}

/// Why a job's token was pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The server says so.
    Cancelled,
    /// It is somebody else's by now.
    Lost,
    /// It takes longer than it may.
    TooLong,
    /// The agent ends.
    Stopping,
}

/// Does a job, and reports its end. Every line that is logged meanwhile leads back to the request that the job came from.
pub(crate) async fn work(shared: Arc<Shared>, lease: JobLease) {
    let correlation = lease.correlation.map(tracing::field::display);
    // As a fault would be: what is said of one names its job, however little else is logged.
    let span = tracing::error_span!("job", uid = %lease.job, correlation);
    done(shared, lease).instrument(span).await;
}

async fn done(shared: Arc<Shared>, lease: JobLease) {
    let (job, now) = (lease.job, shared.clock.now());
    let note = Note { job, lease: lease.lease, since: now, outcome: None };
    let token = CancelToken::new();
    let meter = Arc::new(Meter::default());
    let plan = plan_of(&lease.work);
    let running = Running { lease: lease.lease, token: token.clone(), since: now, plan, meter: Arc::clone(&meter) };
    // Before there is a note: what has one and is not worked at was left by an agent before.
    shared.began(job, running);
    note.keep(&shared.folder);
    tracing::info!(attempt = lease.attempt, "a job begins");
    let (log, pause) = (JobLog::new(shared.clock.clone()), Pause::default());
    let outcome = Watched { shared: &shared, lease: &lease, token, pause, meter, log }.run().await;
    match outcome {
        Some(outcome) => {
            tracing::info!(state = %outcome.state(), "a job ended");
            let note = Note { outcome: Some(outcome), ..note };
            note.keep(&shared.folder);
            report(&shared, &note).await;
        }
        None => {
            tracing::warn!("a job is somebody else's by now");
            note.drop(&shared.folder);
        }
    }
    shared.ended(job);
}

fn perform(work: &Work, context: &Context<'_>) -> Outcome {
    match work {
        Work::Backup(work) => backup::perform(work, context),
        Work::Restore(work) => restore::perform(work, context),
        Work::Unknown => Outcome::failed(FailureCode::Invalid, "this agent does not know such jobs"),
    }
}

fn plan_of(work: &Work) -> Option<PlanUid> {
    match work {
        Work::Backup(work) => Some(work.spec.plan),
        Work::Restore(_) | Work::Unknown => None,
    }
}

/// A job while it runs.
struct Watched<'a> {
    shared: &'a Arc<Shared>,
    lease: &'a JobLease,
    token: CancelToken,
    pause: Pause,
    meter: Arc<Meter>,
    log: JobLog,
}

impl Watched<'_> {
    /// Answers how it ended; `None`: it is not ours any more.
    async fn run(&self) -> Option<Outcome> {
        let (client, job, lease) = (self.shared.client(), self.lease.job, self.lease.lease);
        let request = StartRequest { lease };
        match repeatedly(TRIES_MAX, Backoff::default(), || client.start(job, &request)).await {
            Ok(Standing { cancel: true, .. }) => return Some(Outcome::Cancelled),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => return None,
            // The lease is ours, and the storage may well be there.
            Err(error) => self.log.say(LogLevel::Warn, format!("the job begins, but the server was not told: {error}")),
        }
        let mut done = match self.begin() {
            Ok(done) => done,
            Err(failure) => return Some(Outcome::Failed(failure)),
        };
        let mut why = None;
        let mut until = self.expires();
        let begun = Instant::now();
        let mut unwound_by = None;
        let mut stop = self.shared.stop.clone();
        let outcome = loop {
            tokio::select! {
                outcome = &mut done => break outcome.unwrap_or_else(|_| {
                    Outcome::failed(FailureCode::Internal, "the thread of the job panicked; the agent's log says how")
                }),
                () = tokio::time::sleep(TELL) => {}
                () = stop.stopped(), if why.is_none() => why = self.pull(Why::Stopping),
            }
            if why.is_none() && self.longest().is_some_and(|most| begun.elapsed() >= most) {
                why = self.pull(Why::TooLong);
            }
            if unwound_by.is_none() && self.token.is_cancelled() {
                unwound_by = Some(Instant::now() + UNWIND_MAX);
            }
            if unwound_by.is_some_and(|by| Instant::now() >= by) {
                break Outcome::failed(FailureCode::Internal, "the job does not end although it is to");
            }
            match self.tell().await {
                Some(Told::Standing(standing)) => {
                    until = Instant::now() + remaining(self.shared.clock.now(), standing.expires_at);
                    if standing.cancel && why.is_none() {
                        why = self.pull(Why::Cancelled);
                    }
                    if self.pause.set(standing.pause) {
                        let text = if standing.pause { "the job waits until it may go on" } else { "the job goes on" };
                        self.log.say(LogLevel::Info, text);
                    }
                }
                Some(Told::Lost) if why.is_none() => why = self.pull(Why::Lost),
                Some(Told::Lost) | None => {}
            }
            // A server that is away does not end a job: what is captured is captured. Its lease may be lost, though.
            if why.is_none() && Instant::now() >= until {
                tracing::debug!("the lease has run out while the server does not answer");
                until = Instant::now() + TELL * 60;
            }
        };
        self.tell().await;
        match (why, outcome) {
            (Some(Why::Lost), _) => None,
            // What is saved is saved, whatever was wanted meanwhile.
            (_, done @ (Outcome::Succeeded(_) | Outcome::Partial(_))) => Some(done),
            (Some(Why::Stopping), _) => {
                Some(Outcome::failed(FailureCode::LeaseLost, "the agent was stopped in the middle of it"))
            }
            (Some(Why::TooLong), _) => {
                Some(Outcome::failed(FailureCode::TimedOut, "it took longer than its plan allows, and was ended"))
            }
            (Some(Why::Cancelled), _) => Some(Outcome::Cancelled),
            (None, outcome) => Some(outcome),
        }
    }

    fn pull(&self, why: Why) -> Option<Why> {
        tracing::info!(?why, "a job is to end");
        self.token.cancel();
        Some(why)
    }

    fn expires(&self) -> Instant {
        Instant::now() + remaining(self.shared.clock.now(), self.lease.expires_at)
    }

    fn longest(&self) -> Option<Duration> {
        let limits = match &self.lease.work {
            Work::Backup(work) => &work.spec.limits,
            Work::Restore(work) => &work.spec.limits,
            Work::Unknown => return None,
        };
        limits.duration_minutes_max.map(|minutes| Duration::from_secs(60 * u64::from(minutes)))
    }

    /// Begins the work in a thread of its own.
    fn begin(&self) -> Result<oneshot::Receiver<Outcome>, Failure> {
        let refused = |code, text| Err(Failure::new(code, text));
        match &self.lease.work {
            Work::Restore(_) if !self.shared.restores() => {
                return refused(FailureCode::Denied, "this machine's agent was told to restore nothing");
            }
            Work::Unknown => {
                let text = "this agent does not know such jobs: it is older than the server";
                return refused(FailureCode::Invalid, text);
            }
            Work::Backup(_) | Work::Restore(_) => {}
        }
        let (work, shared, job) = (self.lease.work.clone(), Arc::clone(self.shared), self.lease.job);
        let (token, pause) = (self.token.clone(), self.pause.clone());
        let (meter, log) = (Arc::clone(&self.meter), self.log.clone());
        let (ended, done) = oneshot::channel();
        let span = tracing::Span::current();
        let run = move || {
            let _within = span.enter();
            let context = Context {
                folder: &shared.folder,
                clock: &shared.clock,
                token: &token,
                pause: &pause,
                log: &log,
                meter: &meter,
                spool: &shared.spool,
                locks: &shared.locks,
                safety: &shared.safety,
                restores_into: shared.restores_into(),
                server: shared.client().url().to_owned(),
                job: Some(job),
            };
            // Nobody waits any more when the job did not end in time.
            ended.send(perform(&work, &context)).ok();
        };
        let thread = std::thread::Builder::new().name("job".to_owned()).stack_size(STACK_BYTES);
        match thread.spawn(run) {
            Ok(_) => Ok(done),
            Err(error) => Err(Failure::new(FailureCode::Internal, format!("there is no thread for the job: {error}"))),
        }
    }

    /// Says how far it has come, and what there is to say.
    async fn tell(&self) -> Option<Told> {
        let (client, job, lease) = (self.shared.client(), self.lease.job, self.lease.lease);
        if let Some((first, lines)) = self.log.waiting() {
            let up_to = first + lines.len() as u64;
            match client.log(job, &LogRequest { lease, first, lines }).await {
                Ok(_) => self.log.arrived(up_to),
                Err(error) => return told(&error),
            }
        }
        let request = ProgressRequest { lease, progress: self.meter.progress() };
        match client.progress(job, &request).await {
            Ok(standing) => Some(Told::Standing(standing)),
            Err(error) => told(&error),
        }
    }
}

/// What the server said to what it was told; nothing when it does not answer.
enum Told {
    Standing(Standing),
    Lost,
}

fn told(error: &bygone_client::Error) -> Option<Told> {
    match error.kind() {
        ErrorKind::Conflict | ErrorKind::NotFound => Some(Told::Lost),
        ErrorKind::Denied => Some(Told::Lost),
        ErrorKind::Unreachable
        | ErrorKind::TimedOut
        | ErrorKind::Busy
        | ErrorKind::Untrusted
        | ErrorKind::Invalid
        | ErrorKind::Protocol => {
            tracing::debug!(%error, "the server was not told how far a job is");
            None
        }
    }
}

fn remaining(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(until).max(SignedDuration::ZERO)).unwrap_or_default()
}

/// Reports the end of a job; the note stays until the server has it.
async fn report(shared: &Shared, note: &Note) {
    let Some(outcome) = note.outcome.clone() else { return };
    let request = FinishRequest { lease: note.lease, outcome };
    let client = shared.client();
    match repeatedly(TRIES_MAX, Backoff::default(), || client.finish(note.job, &request)).await {
        Ok(()) => note.drop(&shared.folder),
        Err(error) if error.kind().is_transient() => {
            tracing::warn!(job = %note.job, %error, "the end of a job is reported later");
        }
        Err(error) => {
            tracing::warn!(job = %note.job, %error, "the server does not want the end of a job");
            note.drop(&shared.folder);
        }
    }
}

/// Reports the ends of jobs that the server does not know: of those that the agent was ended in the middle of, and of those
/// that it could not report at their time.
pub(crate) async fn report_late(shared: &Shared) {
    for job in notes(&shared.folder) {
        if shared.works_at(job) {
            continue;
        }
        match shared.folder.read::<Note>(&Note::name(job)) {
            // It was begun since we looked.
            Ok(Some(_)) if shared.works_at(job) => {}
            Ok(Some(note)) => {
                let outcome = note.outcome.unwrap_or_else(|| {
                    Outcome::failed(FailureCode::LeaseLost, "the agent was ended in the middle of it")
                });
                report(shared, &Note { outcome: Some(outcome), ..note }).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the note of a job cannot be read, and is dropped");
                if let Err(error) = shared.folder.remove(&Note::name(job)) {
                    tracing::warn!(%error, "the note of a job stays");
                }
            }
        }
    }
}

fn notes(folder: &Folder) -> Vec<JobUid> {
    let Ok(entries) = std::fs::read_dir(folder.join("jobs")) else { return Vec::new() };
    let uid = |name: std::ffi::OsString| name.to_str()?.strip_suffix(".json")?.parse().ok();
    entries.filter_map(|entry| uid(entry.ok()?.file_name())).collect()
}
