//! Telling an agent to end.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends an agent. Clones end the same.
#[derive(Debug, Clone)]
pub struct Stop {
    sender: Arc<watch::Sender<bool>>,
    receiver: watch::Receiver<bool>,
}

impl Default for Stop {
    fn default() -> Self {
        let (sender, receiver) = watch::channel(false);
        Self { sender: Arc::new(sender), receiver }
    }
}

impl Stop {
    /// Ends it: jobs are given up in order.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it is to end.
    pub fn is_stopped(&self) -> bool {
        *self.receiver.borrow()
    }

    /// Waits until it is to end.
    pub async fn stopped(&mut self) {
        // The sender is ours: it cannot be gone.
        self.receiver.wait_for(|stopped| *stopped).await.ok();
    }
}
