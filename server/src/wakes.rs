//! Who waits for work, and is told when there is some.
//!
//! Agents that wait have places of their own (`agent_api::wake`); here are the server's workers, the ear that listens to
//! other replicas, and the look for what nobody told, because it became due by the clock or a notification was lost: once a
//! second, with one statement for all.

use std::time::Duration;

use bygone_store::events::{EventKind, Heard};
use tokio::sync::Notify;

use crate::app::App;

/// How often is looked for what nobody told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Workers that wait.
#[derive(Debug, Default)]
pub struct Wakes {
    workers: Notify,
}

impl Wakes {
    /// Waits until there may be work for the server itself.
    pub(crate) async fn worker_woken(&self) {
        self.workers.notified().await;
    }
}

/// Wakes whoever is meant, until the server stops.
pub(crate) async fn run(app: App) {
    // Side by side: each may wait for a connection that another holds.
    tokio::select! {
        () = app.stopping.cancelled() => {}
        () = app.store.events().pass_on() => {}
        () = wake_workers(&app) => {}
        () = look_for_agents(&app) => {}
    }
}

async fn wake_workers(app: &App) {
    let mut events = app.store.events().listen();
    while let Some(heard) = events.next().await {
        match heard {
            // A job that ended makes room for another.
            Heard::Event(event) if !matches!(event.kind, EventKind::JobQueued | EventKind::JobEnded) => {}
            Heard::Event(_) | Heard::Missed => app.wakes.workers.notify_one(),
        }
    }
}

async fn look_for_agents(app: &App) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if app.agents.waiting.is_empty() {
            continue;
        }
        match app.store.jobs().agents_with_work().await {
            Ok(agents) => agents.into_iter().for_each(|agent| app.agents.waiting.wake(agent)),
            Err(error) => tracing::debug!(%error, "nobody could be told of work"),
        }
    }
}
