//! Walks through what is mounted, once, in the background: to learn whether anything in it has extended attributes.
//!
//! It never finds that out for free, so it starts when it pays: at once for one snapshot, whose directories it reads
//! ahead that way, and for a layout when somebody first asks for an extended attribute.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use bygone_common::TreeId;
use bygone_vault::Result;

use crate::core::Core;
use crate::threads;

/// Different trees that are walked through before giving up; what is remembered of each takes 16 bytes.
const TREES_MAX: usize = 1 << 20;
/// Trees that are read ahead together.
const BATCH_TREES: usize = 64;

/// What a walk found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing has extended attributes.
    None,
    /// Something has.
    Some,
    /// Some directories could not be read, or there are too many.
    Unknown,
}

/// The way to the walker's thread.
#[derive(Debug, Clone)]
pub(crate) struct Walker {
    requests: Sender<Request>,
}

#[derive(Debug)]
enum Request {
    /// Walk through what is shown now, as far as that was not done.
    Walk,
    /// Enough.
    Stop,
}

/// The walker's thread. Dropping it ends it, in the middle of a walk if need be.
#[derive(Debug)]
pub(crate) struct Walking {
    walker: Walker,
    stop: Arc<std::sync::atomic::AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Walker {
    /// Asks for a walk through what is shown now.
    pub(crate) fn walk(&self) {
        if self.requests.send(Request::Walk).is_err() {
            tracing::trace!("the walker has gone");
        }
    }
}

/// Starts a walker that waits for requests and tells `found` what it found, at the end of each walk.
///
/// # Errors
/// The system gives no thread.
pub(crate) fn start(core: Arc<Core>, found: impl Fn(Found) + Send + 'static) -> Result<(Walker, Walking)> {
    // One request by whoever mounts or first asks, and one to stop: nobody can fill it.
    let (requests, receiver) = channel();
    let walker = Walker { requests };
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let walk = Walk { core, stop: Arc::clone(&stop), seen: HashSet::new(), found: Found::None };
    let thread = threads::start("bygone-walk", move || walk.run(&receiver, &found))?;
    Ok((walker.clone(), Walking { walker, stop, thread: Some(thread) }))
}

impl Drop for Walking {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        if self.walker.requests.send(Request::Stop).is_err() {
            tracing::trace!("the walker has gone already");
        }
        threads::end(self.thread.take());
    }
}

struct Walk {
    core: Arc<Core>,
    stop: Arc<std::sync::atomic::AtomicBool>,
    /// The beginnings of the ids of trees that were walked through.
    seen: HashSet<u64>,
    found: Found,
}

impl Walk {
    fn run(mut self, requests: &Receiver<Request>, found: &impl Fn(Found)) {
        for request in requests {
            match request {
                Request::Stop => return,
                Request::Walk if self.found == Found::None => {
                    self.found = self.through_all();
                    if self.is_stopped() {
                        return;
                    }
                    tracing::debug!(trees = self.seen.len(), found = ?self.found, "looked for extended attributes");
                    found(self.found);
                }
                // What was found once stays true of the whole.
                Request::Walk => found(self.found),
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn through_all(&mut self) -> Found {
        // Newest first: that is where people look.
        let mut left: Vec<TreeId> = self.core.roots();
        let mut batch = Vec::with_capacity(BATCH_TREES);
        loop {
            while batch.len() < BATCH_TREES
                && let Some(tree) = left.pop()
            {
                if self.seen.insert(beginning(tree)) {
                    batch.push(tree);
                }
            }
            if batch.is_empty() {
                return Found::None;
            }
            if self.seen.len() > TREES_MAX {
                return Found::Unknown;
            }
            self.core.repository().prefetch_directories(&batch);
            for tree in batch.drain(..) {
                if self.is_stopped() {
                    return Found::Unknown;
                }
                match self.core.repository().directory(tree) {
                    Ok(directory) if directory.has_xattrs() => return Found::Some,
                    // Last first, so that the next batch goes on where listings go on.
                    Ok(directory) => {
                        let before = left.len();
                        left.extend(directory.iter().filter_map(|node| node.subtree()));
                        if let Some(added) = left.get_mut(before..) {
                            added.reverse();
                        }
                    }
                    // Whoever looks into it hears why.
                    Err(error) => {
                        tracing::debug!(error = %error.chain(), "cannot look for extended attributes");
                        return Found::Unknown;
                    }
                }
            }
        }
    }
}

fn beginning(tree: TreeId) -> u64 {
    tree.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
