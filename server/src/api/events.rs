//! What happens, as it happens: server-sent events, and a WebSocket for those who need one.
//!
//! A stream begins with what happened after `Last-Event-ID` (or `after`), as far as it is kept, and goes on live. Who reads so
//! slowly that events were dropped gets them from the table first: nothing is left out but progress.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bygone_common::{EventUid, JobUid, OrgUid};
use bygone_store::events::{EVENTS_BEHIND_MAX, Event, Heard, Listener};
use bygone_store::{Action, Actor, Page, Resource, Right};
use futures_util::stream::{Stream, unfold};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::{Path, Query};
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::Signed;

/// How often a silent stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that are read from the table at once.
const CATCH_UP_EVENTS: u32 = 200;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(org_events))
        .routes(routes!(job_events))
        .routes(routes!(org_socket))
        .routes(routes!(job_socket))
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// Give it as `Last-Event-ID`, or `after`, to go on from here.
    #[schema(value_type = uuid::Uuid)]
    uid: EventUid,
    at: jiff::Timestamp,
    /// `job.queued`, `job.leased`, `job.running`, `job.progress`, `job.log`, `job.cancel`, `job.ended`, `plan.changed`,
    /// `repository.down`, `repository.up`, `repository.changed`, `agent.changed`,
    /// `restore.changed`.
    kind: &'static str,
    #[schema(value_type = Option<uuid::Uuid>)]
    job: Option<JobUid>,
    #[schema(value_type = Option<uuid::Uuid>)]
    agent: Option<bygone_common::AgentUid>,
    /// More, by kind.
    data: serde_json::Value,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        let Event { uid, org: _, at, kind, job, agent, data } = event;
        Self { uid, at, kind: kind.name(), job, agent, data }
    }
}

/// Where a stream begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// After this event, as far as it is kept; at now when nothing is said.
    #[param(value_type = Option<uuid::Uuid>)]
    after: Option<EventUid>,
}

/// What happens in an organization, as server-sent events: `event` is the kind, `data` an object.
#[utoipa::path(
    get, path = "/orgs/{org}/events", tag = "events",
    params(("org" = uuid::Uuid, Path), EventsQuery, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = EventBody, content_type = "text/event-stream"), (status = "default", body = Problem))
)]
async fn org_events(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let after = after(&query, &headers)?;
    let story = Story::of_org(app, actor, org, after).await?;
    Ok(sse(story))
}

/// What happens to a job, as server-sent events.
#[utoipa::path(
    get, path = "/orgs/{org}/jobs/{job}/events", tag = "events",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path), EventsQuery,
        ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = EventBody, content_type = "text/event-stream"), (status = "default", body = Problem))
)]
async fn job_events(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let after = after(&query, &headers)?;
    let story = Story::of_job(app, actor, org, job, after).await?;
    Ok(sse(story))
}

/// What happens in an organization, through a WebSocket: one text message an event.
#[utoipa::path(
    get, path = "/orgs/{org}/events/socket", tag = "events", params(("org" = uuid::Uuid, Path), EventsQuery),
    responses((status = 101, body = EventBody), (status = "default", body = Problem))
)]
async fn org_socket(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(query): Query<EventsQuery>,
    upgrade: std::result::Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response> {
    let story = Story::of_org(app, actor, org, query.after).await?;
    socket(upgrade, story)
}

/// What happens to a job, through a WebSocket.
#[utoipa::path(
    get, path = "/orgs/{org}/jobs/{job}/events/socket", tag = "events",
    params(("org" = uuid::Uuid, Path), ("job" = uuid::Uuid, Path), EventsQuery),
    responses((status = 101, body = EventBody), (status = "default", body = Problem))
)]
async fn job_socket(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, job)): Path<(OrgUid, JobUid)>,
    Query(query): Query<EventsQuery>,
    upgrade: std::result::Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response> {
    let story = Story::of_job(app, actor, org, job, query.after).await?;
    socket(upgrade, story)
}

fn after(query: &EventsQuery, headers: &HeaderMap) -> Result<Option<EventUid>> {
    let Some(last) = headers.get("last-event-id") else { return Ok(query.after) };
    let uid = last.to_str().ok().and_then(|text| text.parse().ok());
    let wrong =
        || Problem::new(ProblemCode::Malformed, "Last-Event-ID is no event of this stream").about("Last-Event-ID");
    uid.map(Some).ok_or_else(wrong)
}

/// What one listener is told.
struct Story {
    app: App,
    actor: Actor,
    org: OrgUid,
    job: Option<JobUid>,
    live: Listener,
    /// Read from the table, and not told yet.
    kept: VecDeque<Event>,
    /// Whether the table has more.
    more: bool,
    /// Where to go on reading the table.
    last: EventUid,
    /// Read from the table: the channel may tell of them too.
    read: VecDeque<EventUid>,
}

impl Story {
    async fn of_org(app: App, actor: Actor, org: OrgUid, after: Option<EventUid>) -> Result<Self> {
        let org = actor.in_org(org)?;
        // Who sees only their own jobs follows them one by one.
        actor.require(Action::See, Resource::Job)?;
        Ok(Self::begin(app, actor, org, None, after))
    }

    async fn of_job(app: App, actor: Actor, org: OrgUid, job: JobUid, after: Option<EventUid>) -> Result<Self> {
        let job = app.store.jobs().get(&actor, org, job).await?;
        let reader = match actor.right(Action::See, Resource::Job) {
            Right::Own => Actor::system("events", job.org),
            Right::Allowed | Right::Denied => actor,
        };
        Ok(Self::begin(app, reader, job.org, Some(job.uid), after))
    }

    fn begin(app: App, actor: Actor, org: OrgUid, job: Option<JobUid>, after: Option<EventUid>) -> Self {
        // Before the table is read, so that nothing falls between.
        let live = app.store.events().listen();
        let last = after.unwrap_or_else(|| app.store.uid(EventUid::new));
        let more = after.is_some();
        Self { app, actor, org, job, live, kept: VecDeque::new(), more, last, read: VecDeque::new() }
    }

    /// The next event; none when the server stops or the database cannot be read. Given up while it waits, nothing is lost.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.kept.pop_front() {
                return Some(event);
            }
            if self.more {
                self.read().await?;
                continue;
            }
            tokio::select! {
                () = self.app.stopping.cancelled() => return None,
                heard = self.live.next() => match heard? {
                    Heard::Event(event) if self.is_news(&event) => return Some(event),
                    Heard::Event(_) => {}
                    Heard::Missed => self.more = true,
                },
            }
        }
    }

    fn is_meant(&self, event: &Event) -> bool {
        event.org == self.org && self.job.is_none_or(|job| event.job == Some(job))
    }

    /// What was told from the table already comes by the channel too.
    fn is_news(&mut self, event: &Event) -> bool {
        if !self.is_meant(event) {
            return false;
        }
        if let Some(at) = self.read.iter().position(|uid| *uid == event.uid) {
            self.read.drain(..=at);
            return false;
        }
        if event.kind.is_kept() {
            self.last = event.uid;
        }
        true
    }

    async fn read(&mut self) -> Option<()> {
        let after = hex::encode(self.last.to_string());
        let page = Page::new(Some(CATCH_UP_EVENTS), Some(&after)).ok()?;
        match self.app.store.happened(&self.actor, self.org, &page).await {
            Ok(list) => {
                self.more = list.next.is_some();
                self.last = list.items.last().map_or(self.last, |event| event.uid);
                self.kept = list.items.into_iter().filter(|event| self.is_meant(event)).collect();
                self.read.extend(self.kept.iter().map(|event| event.uid));
                let forgotten = self.read.len().saturating_sub(EVENTS_BEHIND_MAX);
                self.read.drain(..forgotten);
                Some(())
            }
            Err(error) => {
                tracing::debug!(%error, "a stream of events ends");
                None
            }
        }
    }
}

fn sse(story: Story) -> Response {
    let stream = unfold(story, |mut story| async move {
        let event = story.next().await?;
        let sent = Sent::default().id(event.uid.to_string()).event(event.kind.name());
        // A value of ours is always JSON.
        let sent = sent.json_data(EventBody::from(event)).ok()?;
        Some((Ok::<_, Infallible>(sent), story))
    });
    stream_of(stream)
}

fn stream_of(stream: impl Stream<Item = std::result::Result<Sent, Infallible>> + Send + 'static) -> Response {
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

fn socket(
    upgrade: std::result::Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
    story: Story,
) -> Result<Response> {
    let upgrade = upgrade.map_err(|why| Problem::new(ProblemCode::Malformed, why.to_string()).about("Upgrade"))?;
    Ok(upgrade.on_upgrade(|socket| tell(socket, story)))
}

/// Tells until the listener hangs up. What a listener says is not listened to.
async fn tell(mut socket: WebSocket, mut story: Story) {
    let mut ping = tokio::time::interval(KEEP_ALIVE);
    loop {
        tokio::select! {
            event = story.next() => {
                let Some(event) = event else { break };
                let Ok(text) = serde_json::to_string(&EventBody::from(event)) else { break };
                if socket.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            said = socket.recv() => match said {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => {
                if socket.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
                    return;
                }
            }
        }
    }
}
