//! Makes the runs of plans that are due, sees to holds that end, and puts jobs back whose leases ran out. Every replica does
//! it; rows decide which of them was first.
//!
//! Clocks: a clock that jumps forward makes plans due at once (their missed-run policy says what becomes of them) and every
//! lease and hold look as if it had run out. So no lease is taken away until those who hold one had time to say a word, and no
//! hold is let go as long. A clock that goes back names runs again that were made already; their rows are there.

use std::time::{Duration, Instant};

use bygone_common::job::{JobKind, JobState};
use bygone_store::jobs::LEASE;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;

/// How often is looked for plans that are due.
const TICK: Duration = Duration::from_millis(500);
/// Ticks between looks for leases that ran out.
const EXPIRE_TICKS: u64 = 4;
/// Ticks between looks for holds that have ended.
const HOLDS_TICKS: u64 = 20;
/// Ticks between clearing up: an hour.
const CLEAR_TICKS: u64 = 7_200;
/// By how much a clock may run ahead of the time that has passed before it counts as a jump.
const JUMP: SignedDuration = SignedDuration::from_secs(20);

/// Notices when the clock on the wall and the time that passes say different things.
#[derive(Debug, Clone, Copy)]
pub struct Jumps {
    seen: Option<(Timestamp, Duration)>,
    hold_until: Duration,
}

impl Default for Jumps {
    fn default() -> Self {
        Self { seen: None, hold_until: Duration::ZERO }
    }
}

impl Jumps {
    /// Whether leases and holds may be judged by the clock: not for a lease's length after it has jumped. `passed` counts from any
    /// moment on.
    pub fn trusts(&mut self, wall: Timestamp, passed: Duration) -> bool {
        if let Some((before_wall, before)) = self.seen.replace((wall, passed)) {
            let by_wall = wall.duration_since(before_wall);
            let by_time = SignedDuration::try_from(passed.saturating_sub(before)).unwrap_or(SignedDuration::MAX);
            if (by_wall - by_time).abs() > JUMP {
                tracing::warn!(jumped = %(by_wall - by_time), "the clock has jumped: no lease is taken away for a while");
                self.hold_until = passed + Duration::try_from(LEASE).unwrap_or_default();
            }
        }
        passed >= self.hold_until
    }
}

/// Schedules until the server stops.
pub(crate) async fn run(app: App) {
    let begun = Instant::now();
    let mut jumps = Jumps::default();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut count: u64 = 0;
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        schedule(&app).await;
        let is_clock_trusted = jumps.trusts(app.clock.now(), begun.elapsed());
        if is_clock_trusted && count.is_multiple_of(EXPIRE_TICKS) {
            expire(&app).await;
        }
        if is_clock_trusted && count.is_multiple_of(HOLDS_TICKS) {
            end_holds(&app).await;
        }
        if count.is_multiple_of(CLEAR_TICKS) {
            clear_up(&app).await;
        }
        count += 1;
    }
}

/// States of jobs that are counted: those of jobs that are not over.
const UNDERWAY: [JobState; 3] = [JobState::Queued, JobState::Leased, JobState::Running];

/// One round: what is due is made.
pub(crate) async fn schedule(app: &App) {
    match app.store.plans().schedule().await {
        Ok(round) => {
            metrics::gauge!("bygone_scheduler_lag_seconds").set(round.lag.as_secs_f64());
            metrics::counter!("bygone_scheduler_runs_total").increment(u64::try_from(round.runs).unwrap_or_default());
            if round.runs > 0 {
                tracing::info!(runs = round.runs, jobs = round.jobs, lag = %round.lag, "plans ran");
            }
        }
        // Told every half second it would fill the log: readiness says it as well.
        Err(error) => tracing::debug!(error = crate::problem::chain(&error), "plans could not be scheduled"),
    }
}

async fn expire(app: &App) {
    match app.store.jobs().expire().await {
        Ok(0) => {}
        Ok(expired) => {
            metrics::counter!("bygone_leases_expired_total").increment(u64::try_from(expired).unwrap_or_default());
            tracing::info!(expired, "jobs were put back whose leases ran out");
        }
        Err(error) => tracing::debug!(error = crate::problem::chain(&error), "leases could not be judged"),
    }
    if let Ok(age) = app.store.jobs().queue_age().await {
        metrics::gauge!("bygone_queue_age_seconds").set(age.map_or(0.0, |age| age.as_secs_f64()));
    }
    if let Ok(depths) = app.store.jobs().depths().await {
        // Also those of which there are none any more: a gauge keeps what it was set to.
        for (kind, state) in JobKind::ALL.into_iter().flat_map(|kind| UNDERWAY.map(|state| (kind.name(), state.name())))
        {
            let depth = depths.iter().find(|depth| depth.kind == kind && depth.state == state);
            let count = depth.map_or(0, |depth| u32::try_from(depth.count).unwrap_or(u32::MAX));
            metrics::gauge!("bygone_jobs", "kind" => kind, "state" => state).set(f64::from(count));
        }
    }
}

/// What a hold kept in the storage is let go when it has ended by itself.
async fn end_holds(app: &App) {
    match app.store.jobs().end_holds().await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "holds of snapshots have ended"),
        Err(error) => tracing::debug!(error = crate::problem::chain(&error), "ends of holds could not be looked for"),
    }
}

async fn clear_up(app: &App) {
    let events = app.store.forget_events().await;
    let lines = app.store.jobs().forget_lines().await;
    match (events, lines) {
        (Ok(events), Ok(lines)) => tracing::debug!(events, lines, "cleared up"),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(error = crate::problem::chain(&error), "could not clear up")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    #[test]
    fn after_a_jump_leases_are_left_alone_for_their_length() {
        let mut jumps = Jumps::default();
        let mut check = |wall, passed, expected| {
            assert_eq!(jumps.trusts(at(wall), Duration::from_secs(passed)), expected, "{wall} {passed}");
        };
        check(0, 0, true);
        check(10, 10, true);
        check(3_620, 20, false);
        check(3_700, 100, false);
        check(3_711, 111, true);
        // Backwards, and a machine that slept: its clock went on, and nothing could say a word.
        check(0, 120, false);
        check(100, 220, true);
    }
}
