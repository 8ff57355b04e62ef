//! Who waits for work, and is told when there is some.
//!
//! Agents that wait have places of their own (`agent_api::wake`); here are the server's workers, the ear that listens to
//! other replicas, and the look for what nobody told, because it became due by the clock or a notification was lost: once a
//! second, with one statement for all.

use std::time::Duration;

use bygone_store::events::EventKind;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

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
    let mut events = app.store.events().listen();
    let pass_on = app.store.events().pass_on();
    tokio::pin!(pass_on);
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = &mut pass_on => {}
            event = events.recv() => match event {
                // A job that ended makes room for another.
                Ok(event) if matches!(event.kind, EventKind::JobQueued | EventKind::JobEnded) => {
                    app.wakes.workers.notify_one();
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => app.wakes.workers.notify_one(),
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => look_for_work(&app).await,
        }
    }
}

async fn look_for_work(app: &App) {
    if app.agents.waiting.is_empty() {
        return;
    }
    match app.store.jobs().agents_with_work().await {
        Ok(agents) => agents.into_iter().for_each(|agent| app.agents.waiting.wake(agent)),
        Err(error) => tracing::debug!(%error, "nobody could be told of work"),
    }
}
