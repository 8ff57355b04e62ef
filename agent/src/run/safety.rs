//! Removing what restores replaced, when its time is over.

use std::sync::Arc;

use super::Shared;
use crate::error::Result;
use crate::safety::LOOK;

/// Looks for it as long as the agent runs, whether the server is there or not.
pub(super) async fn remove(shared: Arc<Shared>) -> Result<()> {
    let mut stop = shared.stop.clone();
    let mut ticks = tokio::time::interval(shared.options.heartbeat.map_or(LOOK, |often| often.min(LOOK)));
    loop {
        tokio::select! {
            () = stop.stopped() => return Ok(()),
            _ = ticks.tick() => {}
        }
        let at_work = Arc::clone(&shared);
        if let Err(error) = tokio::task::spawn_blocking(move || at_work.safety.remove_due(&at_work.clock)).await {
            tracing::error!(%error, "the removal of what restores replaced panicked");
        }
    }
}
