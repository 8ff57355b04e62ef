//! What differs between two snapshots of a source, as a stream: line by line, as it is found.

use std::ops::ControlFlow;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bygone_common::access::Use;
use bygone_common::{SnapshotPath, SourceUid};
use bygone_http::extract::{Path, Query};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_vault::{Node, Repository};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::compare::{Change, Counts, Event, Side, compare};
use crate::entries::StatBody;
use crate::moment::{At, Moment, Stand};
use crate::moves::Moves;
use crate::names::{PathBody, path_of};
use crate::portal::Portal;
use crate::reads::Read;

/// Pieces of the stream that wait for a slow reader, at most.
const WAITING_PIECES: usize = 4;
/// Bytes that are sent together.
const PIECE_BYTES: usize = 32 << 10;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(diff))
}

/// Which snapshots are compared, and what of their differences is shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The earlier snapshot, or a time.
    from: String,
    /// The later one; the newest if not said.
    to: Option<String>,
    /// Only what is at and below this path.
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    path_base64: Option<String>,
    /// Only these, between commas: `added`, `changed`, `removed`, `moved`. All if not said.
    kinds: Option<String>,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DiffKindBody {
    /// It was not there.
    Added,
    /// It was another.
    Changed,
    /// It is gone.
    Removed,
    /// It was elsewhere, with the same content.
    Moved,
    /// A folder that cannot be read: what is below it is not compared.
    Broken,
}

/// A line of the stream: something that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffLineBody {
    change: DiffKindBody,
    #[serde(flatten)]
    path: PathBody,
    /// Where it was before it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<PathBody>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<StatBody>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<StatBody>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The last line of the stream. A stream without it broke off.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffEndBody {
    end: DiffCountsBody,
}

/// How much differs: files and everything else but folders. What was moved was removed and added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffCountsBody {
    added: u64,
    added_bytes: u64,
    changed: u64,
    /// As they are after the change.
    changed_bytes: u64,
    removed: u64,
    removed_bytes: u64,
    /// Whether everything could be read.
    complete: bool,
}

impl From<Counts> for DiffCountsBody {
    fn from(counts: Counts) -> Self {
        let Counts { added, added_bytes, changed, changed_bytes, removed, removed_bytes, is_partial } = counts;
        Self { added, added_bytes, changed, changed_bytes, removed, removed_bytes, complete: !is_partial }
    }
}

/// Compares two snapshots of a source: a line of JSON for everything that differs, and one at the end.
#[utoipa::path(
    get, path = "/sources/{source}/diff", tag = "portal", params(("source" = uuid::Uuid, Path), DiffQuery),
    responses(
        (status = 200, body = DiffLineBody, content_type = "application/x-ndjson"),
        (status = "default", body = Problem)
    )
)]
async fn diff(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<SourceUid>,
    Query(query): Query<DiffQuery>,
) -> Result<Response> {
    let path = path_of(query.path.as_deref(), query.path_base64.as_deref())?;
    let kinds = Kinds::parse(query.kinds.as_deref())?;
    let source = portal.source(&actor, uid).await?;
    let before = portal.moment(&source, &At::parse(Some(&query.from))).await?;
    let after = portal.moment(&source, &At::parse(query.to.as_deref())).await?;
    if before.snapshot.repository != after.snapshot.repository {
        return Err(Problem::invalid("from", "the two snapshots lie in different repositories, and share nothing"));
    }
    let read = Read::of("diff", &source, &after.snapshot.id, &path);
    let begin = path.clone();
    let (before, after) = offload(move || {
        let sides = (side(&before, &begin)?, side(&after, &begin)?);
        match sides {
            ((_, Side { start: None, .. }), (_, Side { start: None, .. })) => {
                Err(Problem::not_found("what this path names"))
            }
            sides => Ok(sides),
        }
    })
    .await?;
    portal.reads.note(&actor, read).await?;
    let ((repository, before), (_, after)) = (before, after);
    let turn = portal.diffs.clone().acquire_owned().await;
    let turn = turn.map_err(|_| Problem::new(ProblemCode::Unavailable, "the server stops"))?;
    let (sender, receiver) = mpsc::channel(WAITING_PIECES);
    tokio::task::spawn_blocking(move || {
        tell(&repository, &before, &after, &path, kinds, Lines { sender, piece: Vec::with_capacity(PIECE_BYTES) });
        drop(turn);
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        let piece: Option<Bytes> = receiver.recv().await;
        piece.map(|piece| (Ok::<_, std::convert::Infallible>(piece), receiver))
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// A moment as one side of a comparison, from a path on.
pub(crate) fn side(moment: &Moment, path: &SnapshotPath) -> Result<(Repository, Side)> {
    let start = match moment.at(path, Use::See) {
        Ok(Stand { tree, place, .. }) => tree.map(|tree| (tree, place)),
        Err(problem) if problem.code() == ProblemCode::NotFound => None,
        Err(problem) => return Err(problem),
    };
    Ok((moment.repository.clone(), Side { view: moment.view.clone(), start }))
}

/// Which kinds are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds {
    added: bool,
    changed: bool,
    removed: bool,
    moved: bool,
}

impl Kinds {
    fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self { added: true, changed: true, removed: true, moved: true }) };
        let mut kinds = Self { added: false, changed: false, removed: false, moved: false };
        for word in text.split(',') {
            match word {
                "added" => kinds.added = true,
                "changed" => kinds.changed = true,
                "removed" => kinds.removed = true,
                "moved" => kinds.moved = true,
                _ => {
                    let sentence = format!("{word:?} is none of added, changed, removed and moved");
                    return Err(Problem::new(ProblemCode::Malformed, sentence).about("kinds"));
                }
            }
        }
        Ok(kinds)
    }
}

/// Compares twice: what was moved is known only when all of it was seen, and nothing is kept but its identity.
fn tell(repository: &Repository, before: &Side, after: &Side, path: &SnapshotPath, kinds: Kinds, mut lines: Lines) {
    let mut moves = Moves::default();
    let mut gone = false;
    compare(repository, before, after, path, &mut |event| {
        if let Event::Change { path, change, before, after } = event {
            moves.add(path, change, before, after);
        }
        gone = lines.sender.is_closed();
        if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if gone {
        return;
    }
    let pairs = moves.pair();
    let mut counts = Counts::default();
    let mut is_sent = ControlFlow::Continue(());
    compare(repository, before, after, path, &mut |event| {
        is_sent = match event {
            Event::Broken { path, error } => {
                counts.is_partial = true;
                lines.send(&broken(path, &error))
            }
            Event::Change { path, change, before, after } => {
                counts.add(change, before, after);
                match (change, pairs.from(path), pairs.is_source(path)) {
                    (Change::Added, Some(from), _) if kinds.moved => {
                        let line = line(DiffKindBody::Moved, path, None, after);
                        lines.send(&DiffLineBody { from: Some(from.into()), ..line })
                    }
                    (Change::Added, None, _) if kinds.added => {
                        lines.send(&line(DiffKindBody::Added, path, None, after))
                    }
                    (Change::Removed, _, false) if kinds.removed => {
                        lines.send(&line(DiffKindBody::Removed, path, before, None))
                    }
                    (Change::Changed, _, _) if kinds.changed => {
                        lines.send(&line(DiffKindBody::Changed, path, before, after))
                    }
                    (Change::Added | Change::Removed | Change::Changed, _, _) => ControlFlow::Continue(()),
                }
            }
        };
        is_sent
    });
    if is_sent.is_continue() {
        // Whoever is gone misses nothing.
        let _ = lines.send(&DiffEndBody { end: counts.into() }).is_continue() && lines.flush().is_continue();
    }
}

fn line(change: DiffKindBody, path: &[u8], before: Option<Node<'_>>, after: Option<Node<'_>>) -> DiffLineBody {
    DiffLineBody {
        change,
        path: path.into(),
        from: None,
        before: before.map(StatBody::without_content),
        after: after.map(StatBody::without_content),
        error: None,
    }
}

fn broken(path: &[u8], error: &bygone_vault::Error) -> DiffLineBody {
    let path = if path.is_empty() { b"/" } else { path };
    DiffLineBody { error: Some(error.to_string()), ..line(DiffKindBody::Broken, path, None, None) }
}

/// Lines on their way to a client.
struct Lines {
    sender: mpsc::Sender<Bytes>,
    piece: Vec<u8>,
}

impl Lines {
    /// Sends a line, with others; breaks when nobody reads any more.
    fn send(&mut self, line: &impl Serialize) -> ControlFlow<()> {
        if let Err(error) = serde_json::to_writer(&mut self.piece, line) {
            // A stream without its last line broke off.
            tracing::error!(%error, "a line of a difference cannot be written");
            return ControlFlow::Break(());
        }
        self.piece.push(b'\n');
        if self.piece.len() < PIECE_BYTES { ControlFlow::Continue(()) } else { self.flush() }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let piece = Bytes::from(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES)));
        match self.sender.blocking_send(piece) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
