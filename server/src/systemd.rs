//! What systemd is told: ready, stopping, still alive.

use sd_notify::NotifyState;

use crate::app::App;

/// Says that the server is ready.
pub fn ready() {
    notify(NotifyState::Ready);
}

/// Says that the server is about to stop.
pub fn stopping() {
    notify(NotifyState::Stopping);
}

fn notify(state: NotifyState<'_>) {
    // Without a socket to tell it to, this does nothing.
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}

/// Says twice in each of systemd's intervals that the server is alive, as long as it is: a process whose runtime or whose
/// database pool hangs falls silent, and is restarted.
pub(crate) async fn watchdog(app: App) {
    let Some(interval) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval(interval / 2);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // A database that is away is no reason to restart us: only an answer that never comes is.
        let answered = tokio::time::timeout(interval / 2, app.store.ping()).await;
        match answered {
            Ok(_) => notify(NotifyState::Watchdog),
            Err(_) => tracing::error!(wait = ?(interval / 2), "the database pool hangs"),
        }
    }
}
