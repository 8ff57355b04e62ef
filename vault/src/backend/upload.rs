//! Content on its way into an HTTP request: in small steps, by the limits, and seen to move.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::{Content, Limits};

/// How far an upload has come, for whoever watches it.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    sent: Arc<AtomicU64>,
    /// Bytes in all.
    pub(super) len: u64,
}

impl Moved {
    /// Of an upload of `content`.
    pub(super) fn of(content: &Content) -> Self {
        Self { sent: Arc::default(), len: content.len() }
    }

    /// Bytes that were given to the connection.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Notes that `bytes` more were given to the connection.
    pub(super) fn note(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// The body of a request.
#[derive(Debug, Default)]
pub(super) struct Upload {
    content: Content,
    /// The next byte: its piece, and its place in it.
    piece: usize,
    at: usize,
    left: u64,
    moved: Moved,
    limits: Arc<Limits>,
    /// Bytes that the limits are being waited for.
    waiting: Option<(Bytes, Pin<Box<Sleep>>)>,
}

impl Upload {
    pub(super) fn new(content: &Content, moved: &Moved, limits: &Arc<Limits>) -> Self {
        Self {
            content: content.clone(),
            left: content.len(),
            moved: moved.clone(),
            limits: Arc::clone(limits),
            ..Self::default()
        }
    }

    /// Cuts the next bytes off.
    fn step(&mut self) -> Option<Bytes> {
        let most = usize::try_from(self.limits.upload_step()).unwrap_or(usize::MAX);
        loop {
            let piece = self.content.pieces().get(self.piece)?;
            let end = piece.len().min(self.at.saturating_add(most));
            if end > self.at {
                let step = piece.slice(self.at..end);
                self.at = end;
                return Some(step);
            }
            self.piece += 1;
            self.at = 0;
        }
    }

    fn give(&mut self, step: Bytes) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let len = step.len() as u64;
        self.left = self.left.saturating_sub(len);
        self.moved.note(len);
        Poll::Ready(Some(Ok(Frame::data(step))))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some((_, sleep)) = &mut self.waiting {
            ready!(sleep.as_mut().poll(context));
        }
        if let Some((step, _)) = self.waiting.take() {
            return self.give(step);
        }
        let Some(step) = self.step() else { return Poll::Ready(None) };
        let wait = self.limits.upload(step.len() as u64);
        if wait.is_zero() {
            return self.give(step);
        }
        let mut sleep = Box::pin(tokio::time::sleep(wait));
        // Polled here, so that it knows whom to wake.
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => self.give(step),
            Poll::Pending => {
                self.waiting = Some((step, sleep));
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
