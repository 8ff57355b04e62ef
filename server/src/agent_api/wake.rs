//! Claims that wait, and what wakes them: something that happened to their agents, on this replica or another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bygone_common::AgentUid;
use bygone_store::events::{EventKind, Heard};
use tokio::sync::Notify;

use crate::app::App;

/// Claims that wait, by agent.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<HashMap<AgentUid, (usize, Arc<Notify>)>>);

/// A claim's place among those that wait, for as long as it lives.
pub(crate) struct Place<'a> {
    waiting: &'a Waiting,
    agent: AgentUid,
    notify: Arc<Notify>,
}

impl Waiting {
    /// Waits from now on: what happens after this wakes it.
    pub(crate) fn enter(&self, agent: AgentUid) -> Place<'_> {
        let mut waiting = self.lock();
        let (count, notify) = waiting.entry(agent).or_default();
        *count += 1;
        Place { waiting: self, agent, notify: Arc::clone(notify) }
    }

    /// Wakes an agent's claims, should any wait.
    pub(crate) fn wake(&self, agent: AgentUid) {
        if let Some((_, notify)) = self.lock().get(&agent) {
            // One that looks at the database just now looks again.
            notify.notify_one();
            notify.notify_waiters();
        }
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn wake_all(&self) {
        for (_, notify) in self.lock().values() {
            notify.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgentUid, (usize, Arc<Notify>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Waits until something happens to the agent.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some((count, _)) = waiting.get_mut(&self.agent) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.agent);
            }
        }
    }
}

/// Passes what happens on to the claims that wait for it, until the server stops.
pub(crate) async fn pass_on(app: App) {
    let mut events = app.store.events().listen();
    loop {
        let heard = tokio::select! {
            () = app.stopping.cancelled() => return,
            heard = events.next() => heard,
        };
        match heard {
            Some(Heard::Event(event)) => match (event.kind, event.agent) {
                (
                    EventKind::JobQueued | EventKind::JobEnded | EventKind::JobCancel | EventKind::AgentChanged,
                    Some(agent),
                ) => {
                    app.agents.waiting.wake(agent);
                }
                (EventKind::PlanChanged, _) => app.agents.told.plans_changed(event.org),
                _ => {}
            },
            // Among what was missed may be anybody's.
            Some(Heard::Missed) => {
                app.agents.waiting.wake_all();
                app.agents.told.all_plans_changed();
            }
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_happens_after_entering_is_not_missed_and_nothing_is_left_behind() {
        let (waiting, agent): (_, AgentUid) =
            (Waiting::default(), "01900000-0000-7000-8000-000000000001".parse().unwrap());
        let place = waiting.enter(agent);
        waiting.wake(agent);
        place.woken().await;
        waiting.wake("01900000-0000-7000-8000-000000000002".parse().unwrap());
        let other = waiting.enter(agent);
        drop((place, other));
        assert!(waiting.lock().is_empty());
    }
}
