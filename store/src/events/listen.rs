//! PostgreSQL's notifications: what other replicas tell. The only place that speaks to one database by its own protocol.

use std::time::Duration;

use sqlx::postgres::PgListener;

use super::{CHANNEL, Event, Events};

/// How long is waited before listening again to a database that went away.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

impl Events {
    /// Passes on what replicas tell, for as long as it is polled. On SQLite, where there are none, it waits for ever.
    ///
    /// What is told while the connection is broken is lost: listeners hear that, and find it in the table.
    pub async fn pass_on(&self) {
        let Some(url) = &self.url else {
            std::future::pending::<()>().await;
            return;
        };
        loop {
            if let Err(error) = self.pass_on_from(url).await {
                tracing::warn!(%error, "no longer told what other replicas do: trying again");
            }
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    }

    async fn pass_on_from(&self, url: &str) -> sqlx::Result<()> {
        let mut listener = PgListener::connect(url).await?;
        listener.listen(CHANNEL).await?;
        tracing::debug!("listening to other replicas");
        // What happened before, nobody told us.
        self.tell_missed();
        loop {
            // None: the connection broke, and the listener has one again.
            let Some(told) = listener.try_recv().await? else {
                self.tell_missed();
                continue;
            };
            match serde_json::from_str::<Event>(told.payload()) {
                Ok(event) => self.tell(vec![event]),
                Err(error) => tracing::debug!(%error, "a replica tells something else"),
            }
        }
    }
}
