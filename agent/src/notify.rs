//! What systemd is told: ready, stopping, still alive. Elsewhere nobody is told.

use std::time::Duration;

/// The agent is ready.
pub fn ready() {
    #[cfg(target_os = "linux")]
    tell(sd_notify::NotifyState::Ready);
}

/// The agent ends.
pub fn stopping() {
    #[cfg(target_os = "linux")]
    tell(sd_notify::NotifyState::Stopping);
}

/// The agent is alive.
pub fn alive() {
    #[cfg(target_os = "linux")]
    tell(sd_notify::NotifyState::Watchdog);
}

/// How often somebody wants to know that.
#[cfg(target_os = "linux")]
pub fn interval() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// How often somebody wants to know that.
#[cfg(not(target_os = "linux"))]
pub fn interval() -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
fn tell(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
