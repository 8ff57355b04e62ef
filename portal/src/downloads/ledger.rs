//! What was sent is written down: for its ticket, for its user's day, and in the audit log. Parts of one download that end
//! within a moment are written down together: a download manager asks for hundreds. What a drive reads is counted as it goes,
//! and written down by the session of reading.

mod readings;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bygone_common::{OrgUid, RepositoryUid, SourceUid, UserUid};
use bygone_store::audit::AuditOutcome;
use bygone_store::tickets::{Ticket, Transfer};
use bygone_store::{Action, Actor, Resource, Store};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};

use super::leases::Leases;
use crate::archive::Archive;
use crate::feed::meter::{Daily, day_of};
use readings::Readings;

/// How long parts of downloads are gathered.
const GATHERED: Duration = Duration::from_secs(1);
/// How often leases are looked through.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How often the database is asked again to take what it did not, before that is given up and said so.
const TRIES_MAX: u32 = 5;

/// Whose download it is, and of what.
#[derive(Debug, Clone)]
pub(crate) struct Receipt {
    /// Whose rights it has.
    pub(crate) actor: Actor,
    pub(crate) org: OrgUid,
    pub(crate) what: What,
}

/// By which way files leave.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// By a ticket.
    Ticket(Box<Ticket>),
    /// At once: by the API or a drive.
    Direct {
        /// `download` or `drive`.
        way: &'static str,
        snapshot: String,
        details: Value,
    },
    /// By a drive that shows a repository's snapshots: of which files, it alone knows.
    Drive { source: SourceUid, repository: RepositoryUid },
}

impl Receipt {
    /// Whose bytes are counted.
    pub(crate) fn user(&self) -> Option<UserUid> {
        self.actor.who().user()
    }

    /// What is one download, however many connections it has.
    pub(crate) fn key(&self) -> String {
        match &self.what {
            What::Ticket(ticket) => format!("ticket {}", ticket.uid),
            What::Direct { way, snapshot, details } => format!("{way} {} {snapshot} {details}", self.actor.who()),
            What::Drive { source, repository } => format!("drive {} {source} {repository}", self.actor.who()),
        }
    }
}

enum Message {
    Ended(Box<Ended>),
    /// Everything before it is written down when this is answered.
    Flush(oneshot::Sender<()>),
}

struct Ended {
    receipt: Receipt,
    transfer: Transfer,
    sources: Sources,
}

impl Ended {
    /// What was sent for the same download later.
    fn add(&mut self, later: Self) {
        self.transfer.bytes = self.transfer.bytes.saturating_add(later.transfer.bytes);
        self.transfer.requests += later.transfer.requests;
        self.transfer.fault = later.transfer.fault.or(self.transfer.fault.take());
    }
}

/// What else has to hear of it.
pub(crate) struct Sources {
    /// What counts the user's day.
    pub(crate) daily: Arc<Daily>,
    /// What may have learnt checksums.
    pub(crate) archive: Option<Arc<Archive>>,
}

/// Takes what was sent to be written down. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    /// Not bounded itself: a connection adds one message, at its end, and connections are.
    messages: mpsc::UnboundedSender<Message>,
}

impl Ledger {
    /// Begins to write down. It ends when the last [`Ledger`] is gone, after what waits was written.
    pub(crate) fn start(store: Store, leases: Arc<Leases>) -> Self {
        let (messages, waiting) = mpsc::unbounded_channel();
        tokio::spawn(write_down(store, leases, waiting));
        Self { messages }
    }

    /// Notes what was sent over one connection, and what broke it off.
    pub(crate) fn note(&self, receipt: Receipt, bytes: u64, fault: Option<String>, sources: Sources) {
        if let Some(fault) = &fault {
            tracing::error!(error = fault, download = %receipt.actor.who(), bytes, "a download broke off");
        }
        let transfer = Transfer { bytes, requests: 1, fault };
        let ended = Message::Ended(Box::new(Ended { receipt, transfer, sources }));
        if self.messages.send(ended).is_err() {
            tracing::error!(bytes, "a download could not be written down: the server stops");
        }
    }

    /// Waits until everything before is written down.
    pub(crate) async fn flush(&self) {
        let (done, waits) = oneshot::channel();
        if self.messages.send(Message::Flush(done)).is_ok() {
            // It is dropped unanswered only when nothing waits any more.
            let _ = waits.await;
        }
    }
}

async fn write_down(store: Store, leases: Arc<Leases>, mut waiting: mpsc::UnboundedReceiver<Message>) {
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut readings = Readings::default();
    loop {
        let first = tokio::select! {
            message = waiting.recv() => message,
            _ = sweep.tick() => {
                leases.sweep();
                for ended in readings.over(Instant::now()) {
                    write(&store, &ended).await;
                }
                continue;
            }
        };
        let Some(first) = first else {
            for ended in readings.all() {
                write(&store, &ended).await;
            }
            return;
        };
        let mut gathered: HashMap<String, Ended> = HashMap::new();
        let mut flushed = None;
        let until = Instant::now() + GATHERED;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Ended(ended) => gather(&mut gathered, *ended),
                Message::Flush(done) => {
                    flushed = Some(done);
                    break;
                }
            }
            next = tokio::time::timeout_at(until, waiting.recv()).await.ok().flatten();
        }
        for (key, ended) in gathered {
            count(&store, &ended).await;
            match &ended.receipt.what {
                What::Drive { .. } => readings.go_on(key, ended, Instant::now()),
                What::Ticket(_) | What::Direct { .. } => write(&store, &ended).await,
            }
        }
        if let Some(done) = flushed {
            for ended in readings.all() {
                write(&store, &ended).await;
            }
            // Whoever waited may be gone.
            let _ = done.send(());
        }
    }
}

fn gather(gathered: &mut HashMap<String, Ended>, ended: Ended) {
    match gathered.get_mut(&ended.receipt.key()) {
        Some(before) => before.add(ended),
        None => {
            gathered.insert(ended.receipt.key(), ended);
        }
    }
}

async fn write(store: &Store, ended: &Ended) {
    let bytes = ended.transfer.bytes;
    let mut tries = 1;
    while let Err(error) = insert(store, ended).await {
        if tries == TRIES_MAX {
            tracing::error!(%error, bytes, "a download could not be written down");
            break;
        }
        tries += 1;
        tokio::time::sleep(GATHERED).await;
    }
    let server = Actor::system("downloads", ended.receipt.org);
    let archive = ended.sources.archive.as_ref();
    let kept = archive.and_then(|archive| Some((archive.etag().to_string(), archive.checksums().changes()?)));
    if let Some((etag, checksums)) = kept
        && let Err(error) = store.zip_checksums().put(&server, ended.receipt.org, &etag, &checksums).await
    {
        // Derived: they are found again by reading.
        tracing::warn!(%error, "checksums of an archive could not be kept");
    }
}

/// Counts what was sent towards its user's day. What the database does not take is counted by this process alone.
async fn count(store: &Store, ended: &Ended) {
    let Some(user) = ended.receipt.user() else { return };
    let (org, bytes) = (ended.receipt.org, ended.transfer.bytes);
    let server = Actor::system("downloads", org);
    match store.download_days().add(&server, org, user, day_of(store.now().as_second()), bytes).await {
        Ok(()) => ended.sources.daily.told(bytes),
        Err(error) => tracing::error!(%error, bytes, "a download could not be counted"),
    }
}

async fn insert(store: &Store, ended: &Ended) -> bygone_store::Result<()> {
    let Ended { receipt, transfer, .. } = ended;
    let server = Actor::system("downloads", receipt.org);
    match &receipt.what {
        What::Ticket(ticket) => store.tickets().sent(&server, ticket, &receipt.actor, transfer).await?,
        What::Direct { way, snapshot, details } => {
            audit(store, ended, snapshot, json!({ "way": way, "what": details })).await?;
        }
        What::Drive { source, repository } => {
            let what = json!({ "source": source, "repository": repository });
            audit(store, ended, &repository.to_string(), json!({ "way": "drive", "what": what })).await?;
        }
    }
    Ok(())
}

async fn audit(store: &Store, ended: &Ended, of: &str, mut details: Value) -> bygone_store::Result<()> {
    let Ended { receipt, transfer, .. } = ended;
    if let Some(details) = details.as_object_mut() {
        details.extend([
            ("bytes".to_owned(), json!(transfer.bytes)),
            ("requests".to_owned(), json!(transfer.requests)),
            ("fault".to_owned(), json!(transfer.fault)),
        ]);
    }
    let outcome = if transfer.fault.is_some() { AuditOutcome::Failed } else { AuditOutcome::Done };
    let mut tx = store.begin().await?;
    let (org, actor) = (Some(receipt.org), &receipt.actor);
    tx.audit_in(org, actor, Action::Export, Resource::Snapshot, of, outcome, details).await?;
    tx.commit().await
}
