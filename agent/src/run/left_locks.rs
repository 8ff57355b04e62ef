//! Locks that an agent before this one left in repositories.

use std::sync::Arc;
use std::time::Duration;

use bygone_vault::backend::{BackendOptions, CancelToken};

use super::Shared;
use crate::error::Result;
use crate::reach;

/// How long to wait after a repository could not be reached.
const AGAIN: Duration = Duration::from_secs(60);

/// Removes them, whenever the server is heard of and there are some.
pub(super) async fn remove(shared: Arc<Shared>) -> Result<()> {
    let mut stop = shared.stop.clone();
    loop {
        tokio::select! {
            () = stop.stopped() => return Ok(()),
            () = shared.heard.notified() => {}
        }
        if !shared.locks.has_left() {
            continue;
        }
        let token = CancelToken::new();
        let removing = {
            let (shared, token) = (Arc::clone(&shared), token.clone());
            move || {
                let server = shared.client().url().to_owned();
                let options = reach::at_gateway(&shared.folder, BackendOptions::default());
                shared.locks.remove_left_behind(&server, &options, &token)
            }
        };
        let mut removing = tokio::task::spawn_blocking(removing);
        let removed = tokio::select! {
            removed = &mut removing => removed,
            () = stop.stopped() => {
                token.cancel();
                removing.await
            }
        };
        match removed {
            Ok(Ok(0)) => {}
            Ok(Ok(locks)) => tracing::info!(locks, "locks of an agent that ended suddenly are gone"),
            Ok(Err(error)) => {
                tracing::warn!(error = error.chain(), "locks of an agent that ended suddenly stay for now");
                tokio::select! {
                    () = stop.stopped() => return Ok(()),
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
            Err(error) => tracing::error!(%error, "the removal of locks panicked"),
        }
    }
}
