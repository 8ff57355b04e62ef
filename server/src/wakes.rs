//! Who waits for work, and is told when there is some.
//!
//! Thousands of agents wait at one time, each for its own jobs: one task listens to what happens and wakes the one that is
//! meant. What nobody told, because it became due by the clock or a notification was lost, is looked for once a second, with
//! one statement for all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bygone_common::AgentUid;
use bygone_store::events::{Event, EventKind};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// How often is looked for what nobody told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who waits for work.
#[derive(Debug, Default)]
pub struct Wakes {
    agents: Mutex<HashMap<AgentUid, Arc<Notify>>>,
    workers: Notify,
}

/// A place in the list of those who wait; given up when it is dropped.
#[derive(Debug)]
pub struct Waiting<'a> {
    wakes: &'a Wakes,
    agent: AgentUid,
    notify: Arc<Notify>,
}

impl Waiting<'_> {
    /// Waits until there may be work. What came since this place was taken, or since it was last asked, counts.
    pub async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut agents = self.wakes.agents.lock().unwrap_or_else(PoisonError::into_inner);
        // Two: the list's own and this one.
        if Arc::strong_count(&self.notify) <= 2 {
            agents.remove(&self.agent);
        }
    }
}

impl Wakes {
    /// Takes a place for an agent: before looking for a job, so that none is missed.
    pub fn wait(&self, agent: AgentUid) -> Waiting<'_> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        let notify = Arc::clone(agents.entry(agent).or_default());
        Waiting { wakes: self, agent, notify }
    }

    /// Wakes an agent that waits.
    pub fn wake(&self, agent: AgentUid) {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = agents.get(&agent) {
            notify.notify_one();
        }
    }

    /// How many agents wait.
    pub fn waiting(&self) -> usize {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits until there may be work for the server itself.
    pub(crate) async fn worker_woken(&self) {
        self.workers.notified().await;
    }

    fn pass(&self, event: &Event) {
        match (event.kind, event.agent) {
            // A job that ended makes room for another.
            (EventKind::JobQueued | EventKind::JobEnded, Some(agent)) => self.wake(agent),
            (EventKind::JobQueued | EventKind::JobEnded, None) => self.workers.notify_one(),
            _ => {}
        }
    }

    fn everybody(&self) {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.values().for_each(|notify| notify.notify_one());
        self.workers.notify_one();
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
                Ok(event) => app.wakes.pass(&event),
                Err(RecvError::Lagged(_)) => app.wakes.everybody(),
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => look_for_work(&app).await,
        }
    }
}

async fn look_for_work(app: &App) {
    if app.wakes.waiting() == 0 {
        return;
    }
    match app.store.jobs().agents_with_work().await {
        Ok(agents) => agents.into_iter().for_each(|agent| app.wakes.wake(agent)),
        Err(error) => tracing::debug!(%error, "nobody could be told of work"),
    }
}
