//! How much of the machine a job may take: bandwidth by the hour, the processor, the disks.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use bygone_common::Clock;
use bygone_common::plan;
use bygone_vault::backend::Limits;
use bygone_vault::capture::{IoClass, lower_priority};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How often the hour is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Bandwidth that follows the clock on the wall, for as long as it lives.
#[derive(Debug)]
pub struct Bandwidth {
    limits: Arc<Limits>,
    follower: Option<(SyncSender<()>, JoinHandle<()>)>,
}

fn positive(limit: Option<u64>) -> Option<NonZeroU64> {
    limit.and_then(NonZeroU64::new)
}

fn at(limits: &plan::Limits, now: DateTime) -> (Option<NonZeroU64>, Option<NonZeroU64>) {
    (positive(limits.upload_at(now)), positive(limits.download_at(now)))
}

impl Bandwidth {
    /// Begins to follow.
    pub fn follow(limits: &plan::Limits, clock: &Clock, zone: TimeZone) -> Self {
        let lowest = limits
            .bandwidth
            .iter()
            .flat_map(|rule| [rule.upload_bytes_per_second, rule.download_bytes_per_second])
            .chain([limits.upload_bytes_per_second, limits.download_bytes_per_second])
            .filter_map(positive)
            .min();
        let (upload, download) = at(limits, clock.now().to_zoned(zone.clone()).datetime());
        let shared = Arc::new(Limits::changing(upload, download, lowest));
        if limits.bandwidth.is_empty() {
            return Self { limits: shared, follower: None };
        }
        let (stop, stopped) = sync_channel::<()>(0);
        let (wanted, clock, following) = (limits.clone(), clock.clone(), Arc::clone(&shared));
        let follow = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let (upload, download) = at(&wanted, clock.now().to_zoned(zone.clone()).datetime());
                following.set(upload, download);
            }
        };
        let follower = std::thread::Builder::new().name("bandwidth".to_owned()).spawn(follow);
        let follower = follower.map(|thread| (stop, thread));
        if let Err(error) = &follower {
            tracing::warn!(%error, "bandwidth stays as it is now: there is no thread to follow the clock");
        }
        Self { limits: shared, follower: follower.ok() }
    }

    /// What storage is opened with.
    pub fn limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }
}

impl Drop for Bandwidth {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.follower.take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the thread that follows the clock panicked");
            }
        }
    }
}

/// Lets other programs go first, in this thread and those it will start. What the system does not know is told of and
/// passed over.
pub fn lower(limits: &plan::Limits) {
    let class = limits.io_class.map(|class| match class {
        plan::IoClass::BestEffort => IoClass::BestEffort,
        plan::IoClass::Idle => IoClass::Idle,
    });
    let nice = limits.nice.map(i32::from);
    if (nice.is_some() || class.is_some())
        && let Err(error) = lower_priority(nice, class)
    {
        tracing::warn!(error = error.chain(), "the job goes on at the usual priority");
    }
}
