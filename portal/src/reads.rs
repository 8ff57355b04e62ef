//! The record of what was read: who looked at what, when. Reads are many and cheap, entries of the audit log are not: the
//! same read of one person is written down once in a while with how often it was made, and many are written together.

use std::collections::HashMap;
use std::time::Duration;

use bygone_common::{OrgUid, SnapshotPath, SourceUid};
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::access::SourceAccess;
use bygone_store::{Action, Actor, Resource, Store};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::moment::Moment;

/// Reads that wait to be written down, at most: whoever reads faster waits.
const WAITING_MAX: usize = 4_096;
/// Reads that are written down together, at most.
const TOGETHER_MAX: usize = 256;
/// How long a read waits to be written down together with others, at most.
const GATHERED: Duration = Duration::from_secs(1);
/// How often the database is asked again to take what it did not, before it is given up and said so.
const TRIES_MAX: u32 = 5;

/// Something that was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Read {
    org: OrgUid,
    /// None of what is asked of all at once.
    source: Option<SourceUid>,
    snapshot: String,
    /// Which kind of read: `tree`, `versions`, `preview` ….
    kind: &'static str,
    /// The path, or what was searched for.
    path: Vec<u8>,
    /// Whether what is in files was read, and not only that they are there.
    is_content: bool,
}

impl Read {
    /// A folder was listed.
    pub fn list(source: &SourceAccess, moment: &Moment, path: &SnapshotPath) -> Self {
        Self::of("tree", source, &moment.snapshot.id, path)
    }

    /// A path was looked at.
    pub fn of(kind: &'static str, source: &SourceAccess, snapshot: &str, path: &SnapshotPath) -> Self {
        let source = source.source();
        Self {
            org: source.org,
            source: Some(source.uid),
            snapshot: snapshot.to_owned(),
            kind,
            path: path.to_bytes(),
            is_content: false,
        }
    }

    /// Everything was searched.
    pub fn search(org: OrgUid, query: &str) -> Self {
        let path = query.as_bytes().to_vec();
        Self { org, source: None, snapshot: String::new(), kind: "search", path, is_content: false }
    }

    /// A file was looked into.
    pub fn content(kind: &'static str, source: &SourceAccess, moment: &Moment, path: &SnapshotPath) -> Self {
        Self { is_content: true, ..Self::of(kind, source, &moment.snapshot.id, path) }
    }
}

enum Message {
    Read(Box<Actor>, Read),
    /// Everything before it is written down when this is answered.
    Flush(oneshot::Sender<()>),
}

/// Takes reads to be written down. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reads {
    messages: mpsc::Sender<Message>,
}

impl Reads {
    /// Begins to write reads down. It ends when the last [`Reads`] is gone, after what waits was written.
    pub fn start(store: Store) -> Self {
        let (messages, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write_down(store, waiting));
        Self { messages }
    }

    /// Has a read written down soon.
    ///
    /// # Errors
    /// `Unavailable`: nothing is written down any more, so that nothing may be read.
    pub async fn note(&self, actor: &Actor, read: Read) -> Result<()> {
        let message = Message::Read(Box::new(actor.clone()), read);
        let gone = |_| Problem::new(ProblemCode::Unavailable, "the server stops");
        self.messages.send(message).await.map_err(gone)
    }

    /// Waits until every read before is written down.
    pub async fn flush(&self) {
        let (done, waits) = oneshot::channel();
        if self.messages.send(Message::Flush(done)).await.is_ok() {
            // It is dropped unanswered only when nothing waits any more.
            let _ = waits.await;
        }
    }
}

/// Reads of one person, gathered: who, what, and how often.
type Gathered = Vec<(Actor, Read, u64)>;

async fn write_down(store: Store, mut waiting: mpsc::Receiver<Message>) {
    while let Some(first) = waiting.recv().await {
        let mut gathered = Gathered::new();
        let mut places: HashMap<(String, Read), usize> = HashMap::new();
        let mut flushed = Vec::new();
        let until = tokio::time::Instant::now() + GATHERED;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Read(actor, read) => {
                    let key = (actor.who().to_string(), read.clone());
                    match places.get(&key).and_then(|at| gathered.get_mut(*at)) {
                        Some((_, _, times)) => *times += 1,
                        None => {
                            places.insert(key, gathered.len());
                            gathered.push((*actor, read, 1));
                        }
                    }
                }
                Message::Flush(done) => {
                    flushed.push(done);
                    break;
                }
            }
            if gathered.len() >= TOGETHER_MAX {
                break;
            }
            next = tokio::time::timeout_at(until, waiting.recv()).await.ok().flatten();
        }
        // Organizations' chains are locked in one order, so that two replicas never wait for each other in a circle.
        gathered.sort_by_key(|(_, read, _)| read.org);
        write(&store, &gathered).await;
        for done in flushed {
            // Whoever waited may be gone.
            let _ = done.send(());
        }
    }
}

async fn write(store: &Store, gathered: &Gathered) {
    let mut tries = 0;
    while !gathered.is_empty() {
        let Err(error) = insert(store, gathered).await else { return };
        tries += 1;
        if tries == TRIES_MAX {
            tracing::error!(%error, reads = gathered.len(), "reads could not be written into the audit log");
            return;
        }
        tokio::time::sleep(GATHERED).await;
    }
}

async fn insert(store: &Store, gathered: &Gathered) -> bygone_store::Result<()> {
    let mut tx = store.begin().await?;
    for (actor, read, times) in gathered {
        let action = if read.is_content { Action::Export } else { Action::See };
        let details = json!({
            "read": read.kind,
            "source": read.source,
            "path": String::from_utf8_lossy(&read.path),
            "times": times,
        });
        tx.audit(actor, action, Resource::Snapshot, &read.snapshot, details).await?;
    }
    tx.commit().await
}
