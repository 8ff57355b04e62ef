//! The thread that gives content to the kernel, and the bounds of what lies before it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SendError, Sender as ChannelSender, channel};
use std::thread::JoinHandle;

use bygone_common::{BlobId, TreeId};
use bygone_vault::{Blob, Keep, Priority, Result};
use parking_lot::Mutex;

use super::PageCache;
use super::siblings::{COMING_DIRECTORIES, Sibling, Window, first_blobs};
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
/// Files that came are handed over by so many: waking the thread for each would cost the worker that decoded it more than
/// decoding did. The first is handed over at once.
const ARRIVED_FILES: usize = 8;
/// Files of a directory that are given before its listing ends, so that its reader does not run into us.
const HEAD_START_FILES: usize = 32;
/// Windows of directories that wait to be looked at; later ones are dropped.
const WINDOWS_MAX: usize = 64;

enum Message {
    /// Get these and give them.
    Siblings(Window),
    /// The same, and call this when the first were given that are at hand.
    SiblingsThen(Window, Answer),
    /// Give this.
    Bytes { inode: Inode, offset: u64, blob: Arc<Blob> },
    /// These files came, or will not come.
    Arrived(Vec<Arrived>),
    /// Enough.
    Stop,
}

/// What whoever listed a directory waits for.
type Answer = Box<dyn FnOnce() + Send>;

/// A file that was asked for, and its content if there is any to be had.
type Arrived = (Sibling, Option<Arc<Blob>>);

/// The way to the thread.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    messages: ChannelSender<Message>,
    waiting_bytes: Arc<AtomicUsize>,
    waiting_windows: Arc<AtomicUsize>,
    /// Messages that wait, and the one that the thread is at.
    unfinished: Arc<AtomicUsize>,
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
    let sender =
        Sender { messages, waiting_bytes: Arc::default(), waiting_windows: Arc::default(), unfinished: Arc::default() };
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

    /// The same, and answers as soon as the first files are given: at once if the thread has anything else to do, as that
    /// may wait for a read, and the read for storage that hangs.
    pub(super) fn siblings_then(&self, window: Window, answer: Answer) {
        if self.unfinished.load(Ordering::Acquire) > 0 {
            answer();
            return self.siblings(window);
        }
        self.waiting_windows.fetch_add(1, Ordering::Relaxed);
        if let Some(Message::SiblingsThen(_, answer)) = self.send(Message::SiblingsThen(window, answer)) {
            answer();
        }
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

    /// Gives the message back when nobody is left to give content to the kernel.
    fn send(&self, message: Message) -> Option<Message> {
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        self.messages.send(message).err().map(|SendError(message)| message)
    }
}

impl Prepared {
    pub(super) fn start(self, cache: impl PageCache) -> Result<StoreThread> {
        let Self { core, sender, messages } = self;
        let giving = Giving {
            core,
            cache,
            sender: sender.clone(),
            queued: VecDeque::new(),
            coming: VecDeque::new(),
            asked_bytes: 0,
        };
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
    /// Directories of which the first files were decoded ahead, the last one first.
    coming: VecDeque<TreeId>,
    /// Bytes that the engine was asked for and has not brought.
    asked_bytes: usize,
}

impl<C: PageCache> Giving<C> {
    fn run(mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Stop => return,
                Message::Siblings(window) => self.queue(&window, window.files(&self.core)),
                Message::SiblingsThen(window, answer) => {
                    let mut files = window.files(&self.core);
                    let given = files.iter().take(HEAD_START_FILES).take_while(|file| self.give_at_hand(file)).count();
                    answer();
                    files.drain(..given);
                    self.queue(&window, files);
                }
                Message::Bytes { inode, offset, blob } => {
                    self.cache.store(inode, offset, &blob);
                    self.sender.waiting_bytes.fetch_sub(blob.len(), Ordering::Relaxed);
                }
                Message::Arrived(files) => {
                    for (sibling, blob) in files {
                        self.asked_bytes = self.asked_bytes.saturating_sub(bytes_of(&sibling));
                        if let Some(blob) = blob.filter(|blob| blob.len() as u64 == sibling.size) {
                            self.cache.store(sibling.inode, 0, &blob);
                        }
                    }
                }
            }
            self.ask();
            self.sender.unfinished.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Gives a file whose content is at hand; whether it was.
    fn give_at_hand(&self, file: &Sibling) -> bool {
        let blob = self.core.repository().cached_blob(file.blob).filter(|blob| blob.len() as u64 == file.size);
        if let Some(blob) = &blob {
            self.cache.store(file.inode, 0, blob);
        }
        blob.is_some()
    }

    /// Queues the files of a window, and has decoded what comes after it.
    fn queue(&mut self, window: &Window, files: Vec<Sibling>) {
        self.sender.waiting_windows.fetch_sub(1, Ordering::Relaxed);
        for (tree, directory) in window.coming(&self.core) {
            if !self.coming.contains(&tree) {
                self.core.repository().prefetch_blobs(&first_blobs(&directory), Priority::Push);
                self.coming.truncate(4 * COMING_DIRECTORIES - 1);
                self.coming.push_front(tree);
            }
        }
        self.queued.extend(files);
        // The oldest go: their reader has passed them.
        let surplus = self.queued.len().saturating_sub(QUEUED_FILES_MAX);
        self.queued.drain(..surplus);
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
            let gathering = Gathering { sender: self.sender.clone(), batch, arrived: Mutex::default() };
            let arrived = move |position: usize, blob: Result<Arc<Blob>>| gathering.add(position, blob);
            self.core.repository().fetch(&blobs, Priority::Push, Keep::Transient, Arc::new(arrived));
        }
    }
}

/// Files that were asked for together, and what came of it so far.
struct Gathering {
    sender: Sender,
    batch: Vec<Sibling>,
    /// What was not handed over yet, and how many files came in all.
    arrived: Mutex<(Vec<Arrived>, usize)>,
}

impl Gathering {
    fn add(&self, position: usize, blob: Result<Arc<Blob>>) {
        let Some(sibling) = self.batch.get(position) else { return };
        let ready = {
            let mut arrived = self.arrived.lock();
            let (files, count) = &mut *arrived;
            // A fault is told to whoever reads the file; nobody has yet.
            files.push((*sibling, blob.ok()));
            *count += 1;
            let is_time = *count == 1 || files.len() == ARRIVED_FILES || *count == self.batch.len();
            if is_time { std::mem::take(files) } else { Vec::new() }
        };
        if !ready.is_empty() {
            self.sender.send(Message::Arrived(ready));
        }
    }
}

fn bytes_of(sibling: &Sibling) -> usize {
    usize::try_from(sibling.size).unwrap_or(usize::MAX)
}
