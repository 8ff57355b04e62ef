//! A restore as it goes on, as server-sent events. Each holds all that is said of it: the first one comes at once, so that
//! whoever connects anew has missed nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, RestoreUid};
use bygone_store::Actor;
use bygone_store::events::{Event, EventKind, Heard, Listener};
use bygone_store::restores::Followed;
use futures_util::FutureExt as _;
use futures_util::stream::unfold;
use tokio::time::{Instant, sleep_until};

use super::told::{RestoreBody, told};
use crate::app::App;

/// How often a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Between two events of one stream at least.
const EVERY: Duration = Duration::from_millis(250);

struct Live {
    app: App,
    actor: Actor,
    org: OrgUid,
    uid: RestoreUid,
    listener: Listener,
    /// As it was read last.
    followed: Followed,
    said: Option<(RestoreBody, Instant)>,
}

/// Tells of a restore from now on.
pub(crate) fn stream(app: App, actor: Actor, followed: Followed) -> Response {
    let (org, uid) = (followed.restore.org, followed.restore.uid);
    let listener = app.store.events().listen();
    let live = Live { app, actor, org, uid, listener, followed, said: None };
    let events = unfold(live, |mut live| async move {
        let body = live.next().await?;
        // A value of ours is always JSON.
        let sent = Sent::default().event("restore").json_data(body).ok()?;
        Some((Ok::<_, Infallible>(sent), live))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

impl Live {
    /// What is said next; nothing when the server stops, or the restore may not be seen any more.
    async fn next(&mut self) -> Option<RestoreBody> {
        loop {
            if let Some((_, said_at)) = &self.said {
                let next = *said_at + EVERY;
                self.heard().await?;
                tokio::select! {
                    () = self.app.stopping.cancelled() => return None,
                    () = sleep_until(next) => {}
                }
            }
            // What happened meanwhile is in what is read now.
            while self.listener.next().now_or_never().flatten().is_some() {}
            // The first time too: something may have happened between its reading and the listening.
            match self.app.store.restores().get(&self.actor, self.org, self.uid).await {
                Ok(followed) => self.followed = followed,
                Err(error) => {
                    tracing::debug!(%error, "a stream of a restore ends");
                    return None;
                }
            }
            let body = told(&self.app, &self.followed);
            if self.said.as_ref().is_none_or(|(said, _)| *said != body) {
                self.said = Some((body.clone(), Instant::now()));
                return Some(body);
            }
        }
    }

    /// Waits until something happens to the restore.
    async fn heard(&mut self) -> Option<()> {
        loop {
            tokio::select! {
                () = self.app.stopping.cancelled() => return None,
                heard = self.listener.next() => match heard? {
                    Heard::Event(event) if !self.is_meant(&event) => {}
                    Heard::Event(_) | Heard::Missed => return Some(()),
                },
            }
        }
    }

    fn is_meant(&self, event: &Event) -> bool {
        let restore = &self.followed.restore;
        let is_job = event.job.is_some() && [restore.job, restore.check, restore.undo].contains(&event.job);
        let is_restore = event.kind == EventKind::RestoreChanged
            && event.data.get("restore").and_then(|uid| uid.as_str()) == Some(&self.uid.to_string());
        event.org == self.org && (is_job || is_restore)
    }
}
