//! The thread that gives content to the kernel, and the bounds of what lies before it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender as ChannelSender, channel};
use std::thread::JoinHandle;

use bygone_common::BlobId;
use bygone_vault::{Blob, Keep, Priority, Result};

use super::PageCache;
use super::siblings::{Sibling, Window};
use crate::core::Core;
use crate::core::inode::Inode;
use crate::threads;

/// Decoded bytes that wait for the kernel, or are being decoded for it.
const WAITING_BYTES_MAX: usize = 16 << 20;
/// Files that wait to be asked for: the oldest are dropped, since their reader has gone on already.
const QUEUED_FILES_MAX: usize = 8192;
/// Bytes of files that are asked of the engine together.
const BATCH_BYTES: usize = 1 << 20;
/// Files that are asked of the engine together.
const BATCH_FILES: usize = 64;
/// Windows of directories that wait to be looked at; later ones are dropped.
const WINDOWS_MAX: usize = 64;

enum Message {
    /// Get these and give them.
    Siblings(Window),
    /// Give this.
    Bytes { inode: Inode, offset: u64, blob: Arc<Blob> },
    /// One file came, or will not come.
    Arrived { sibling: Sibling, blob: Option<Arc<Blob>> },
    /// Enough.
    Stop,
}

/// The way to the thread.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    messages: ChannelSender<Message>,
    waiting_bytes: Arc<AtomicUsize>,
    waiting_windows: Arc<AtomicUsize>,
}

/// What the thread starts with.
#[derive(Debug)]
pub(super) struct Prepared {
    core: Arc<Core>,
    sender: Sender,
    messages: Receiver<Message>,
}

/// The thread.
#[derive(Debug)]
pub(super) struct StoreThread {
    sender: Sender,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn prepare(core: Arc<Core>) -> (Sender, Prepared) {
    let (messages, receiver) = channel();
    let sender = Sender { messages, waiting_bytes: Arc::default(), waiting_windows: Arc::default() };
    (sender.clone(), Prepared { core, sender, messages: receiver })
}

impl Sender {
    /// Gets the files of a window and gives them.
    pub(super) fn siblings(&self, window: Window) {
        if self.waiting_windows.fetch_add(1, Ordering::Relaxed) >= WINDOWS_MAX {
            self.waiting_windows.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        self.send(Message::Siblings(window));
    }

    /// Gives a blob, if there is room; whether there is.
    pub(super) fn blob(&self, inode: Inode, offset: u64, blob: Arc<Blob>) -> bool {
        let bytes = blob.len();
        if self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > WAITING_BYTES_MAX {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.send(Message::Bytes { inode, offset, blob });
        true
    }

    fn send(&self, message: Message) {
        if self.messages.send(message).is_err() {
            tracing::trace!("nobody is left to give content to the kernel");
        }
    }
}

impl Prepared {
    pub(super) fn start(self, cache: impl PageCache) -> Result<StoreThread> {
        let Self { core, sender, messages } = self;
        let giving = Giving { core, cache, sender: sender.clone(), queued: VecDeque::new(), asked_bytes: 0 };
        let thread = threads::start("bygone-push", move || giving.run(&messages))?;
        Ok(StoreThread { sender, thread: Some(thread) })
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.sender.send(Message::Stop);
        threads::end(self.thread.take());
    }
}

/// The thread's own things.
struct Giving<C> {
    core: Arc<Core>,
    cache: C,
    sender: Sender,
    /// Files not asked for yet.
    queued: VecDeque<Sibling>,
    /// Bytes that the engine was asked for and has not brought.
    asked_bytes: usize,
}

impl<C: PageCache> Giving<C> {
    fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Stop => return,
                Message::Siblings(window) => {
                    self.sender.waiting_windows.fetch_sub(1, Ordering::Relaxed);
                    self.queued.extend(window.files(&self.core));
                    // The oldest go: their reader has passed them.
                    let surplus = self.queued.len().saturating_sub(QUEUED_FILES_MAX);
                    self.queued.drain(..surplus);
                }
                Message::Bytes { inode, offset, blob } => {
                    self.cache.store(inode, offset, &blob);
                    self.sender.waiting_bytes.fetch_sub(blob.len(), Ordering::Relaxed);
                }
                Message::Arrived { sibling, blob } => {
                    self.asked_bytes = self.asked_bytes.saturating_sub(bytes_of(&sibling));
                    if let Some(blob) = blob.filter(|blob| blob.len() as u64 == sibling.size) {
                        self.cache.store(sibling.inode, 0, &blob);
                    }
                }
            }
            self.ask();
        }
    }

    /// Asks the engine for more, as long as little is under way.
    fn ask(&mut self) {
        while self.asked_bytes < WAITING_BYTES_MAX / 2 && !self.queued.is_empty() {
            let mut batch = Vec::new();
            let mut bytes = 0;
            while let Some(sibling) = self.queued.front().copied() {
                if !batch.is_empty() && (bytes + bytes_of(&sibling) > BATCH_BYTES || batch.len() >= BATCH_FILES) {
                    break;
                }
                bytes += bytes_of(&sibling);
                batch.push(sibling);
                self.queued.pop_front();
            }
            self.asked_bytes += bytes;
            let blobs: Vec<BlobId> = batch.iter().map(|sibling| sibling.blob).collect();
            let sender = self.sender.clone();
            let arrived = move |position: usize, blob: Result<Arc<Blob>>| {
                if let Some(sibling) = batch.get(position).copied() {
                    // A fault is told to whoever reads the file; nobody has yet.
                    sender.send(Message::Arrived { sibling, blob: blob.ok() });
                }
            };
            self.core.repository().fetch(&blobs, Priority::Push, Keep::Transient, Arc::new(arrived));
        }
    }
}

fn bytes_of(sibling: &Sibling) -> usize {
    usize::try_from(sibling.size).unwrap_or(usize::MAX)
}
