//! The body of a download: from decoded blobs to frames of HTTP, with as little memory as clients allow.
//!
//! A feed is polled by the connection that sends it, and does nothing else than be polled: no thread and no task stands behind
//! a client that does not read, and one that goes drops its feed. Reads run in the engine's workers, and call back.
//!
//! Read in this order: [`lanes`] (what all feeds share: memory, turns at the workers), [`reads`] (reads that are under way), [`ahead`] (what comes next),
//! [`frame`] (bytes on their way out), [`meter`] (how fast, how much).

mod ahead;
pub(crate) mod frame;
pub(crate) mod lanes;
pub(crate) mod meter;
mod reads;
mod sums;

use std::collections::VecDeque;
use std::sync::Arc;

use bygone_common::ByteRange;
use bygone_vault::{FileReader, Result};
use bytes::Bytes;
use futures_util::FutureExt as _;

use crate::archive::{Archive, Cursor, Piece};
use ahead::Ahead;
use frame::{Frames, Outgoing};
use lanes::{Held, Lanes};
use meter::Meter;
use reads::{Read, Slot, Wait};

/// Small pieces are put together up to this.
const FRAME_BYTES: usize = 128 << 10;
/// Pieces larger than this are sent as they lie in the cache.
const COPIED_BYTES_MAX: usize = 32 << 10;

/// What a feed takes its bytes from.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A file.
    File(Arc<FileReader>),
    /// An archive.
    Archive(Arc<Archive>),
}

impl Content {
    /// Bytes of it.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(reader) => reader.size(),
            Self::Archive(archive) => archive.size(),
        }
    }
}

/// A part of a body.
#[derive(Debug)]
pub(crate) enum Span {
    /// Bytes as they are.
    Bytes(Bytes),
    /// A range of the content.
    Content(ByteRange),
}

/// Where the next piece comes from.
#[derive(Debug)]
enum Source {
    None,
    /// The rest of a file.
    File {
        reader: Arc<FileReader>,
        at: u64,
        end: u64,
        entry: Option<u64>,
    },
}

/// A body that is being sent.
#[derive(Debug)]
pub(crate) struct Feed {
    content: Content,
    spans: VecDeque<Span>,
    cursor: Option<Box<Cursor>>,
    source: Source,
    ahead: Ahead,
    sums: sums::Sums,
    frames: Frames,
    lanes: Arc<Lanes>,
    meter: Meter,
}

impl Feed {
    /// The body made of these spans.
    pub(crate) fn new(content: Content, spans: Vec<Span>, lanes: Arc<Lanes>, meter: Meter) -> Self {
        Self {
            content,
            spans: spans.into(),
            cursor: None,
            source: Source::None,
            ahead: Ahead::default(),
            sums: sums::Sums::default(),
            frames: Frames::new(lanes.clone()),
            lanes,
            meter,
        }
    }

    /// The next frame; none at the end.
    ///
    /// # Errors
    /// What reading answers: then the connection is to be cut, as the length that was promised will not come.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let frame = match self.frames.large() {
            Some(frame) => Some(frame),
            None => {
                let room = self.frames.room(FRAME_BYTES).await;
                self.frame(room).await?
            }
        };
        if let Some(frame) = &frame {
            self.meter.pass(frame.len()).await?;
        }
        Ok(frame.map(Outgoing::into_bytes))
    }

    /// What was sent so far, and how.
    pub(crate) fn meter_mut(&mut self) -> &mut Meter {
        &mut self.meter
    }

    async fn frame(&mut self, room: Option<Held>) -> Result<Option<Outgoing>> {
        let limit = if room.is_some() { FRAME_BYTES } else { frame::SQUEEZED_BYTES };
        let mut small = Vec::new();
        loop {
            self.fill(small.is_empty()).await?;
            let joined = COPIED_BYTES_MAX.min(limit - small.len());
            let is_ready = match self.ahead.first() {
                None => break,
                // It goes out by itself, after what is at hand.
                Some(Slot::Read(read)) if !small.is_empty() && read.len() > joined => break,
                // What is at hand goes out before others are given way; what is on its way is waited for: sent by the file, a
                // folder of small ones would take the connection longer than the workers.
                Some(slot) => {
                    let wait = if small.is_empty() { Wait::Any } else { Wait::Answer };
                    slot.is_ready(&self.lanes, &self.content, wait).await
                }
            };
            if !is_ready || small.len() >= limit {
                break;
            }
            match self.ahead.pop() {
                None => break,
                Some(Slot::Bytes(bytes)) => {
                    let (now, later) = bytes.split_at(bytes.len().min(limit - small.len()));
                    small.extend_from_slice(now);
                    if !later.is_empty() {
                        self.ahead.put_back(Slot::Bytes(bytes.slice(now.len()..)));
                    }
                }
                Some(Slot::Unsummed(unsummed)) => {
                    let bytes = self.sums.resolve(unsummed, &self.content, &self.lanes).await?;
                    self.ahead.put_back(Slot::Bytes(bytes));
                }
                Some(Slot::Read(read)) if read.len() <= joined => {
                    let landed = read.land().await?;
                    self.sums.note(&landed, landed.pieces.len(), &self.content);
                    landed.pieces.copy_to(&mut small);
                }
                Some(Slot::Read(read)) => return self.large(read, room).await,
            }
        }
        Ok((!small.is_empty()).then(|| self.frames.small(small, room)))
    }

    /// A large piece: as it lies in memory, if that may be held; otherwise a small copy of its beginning, and the rest later.
    async fn large(&mut self, read: Read, room: Option<Held>) -> Result<Option<Outgoing>> {
        let mut landed = read.land().await?;
        if let Some(held) = landed.held.take().or_else(|| self.frames.hold(&landed.pieces)) {
            self.sums.note(&landed, landed.pieces.len(), &self.content);
            self.frames.land(&landed.pieces, held);
            return Ok(self.frames.large());
        }
        let now = landed.pieces.len().min(frame::SQUEEZED_BYTES);
        self.sums.note(&landed, now, &self.content);
        let copied = reads::head(&landed.pieces, now);
        if let Some(rest) = landed.after(now) {
            self.ahead.put_back(Slot::Read(rest));
        }
        Ok(Some(self.frames.small(copied, room)))
    }

    /// Looks ahead as far as may be, and asks for what is seen. Waits only when nothing is ahead, and `may_wait`.
    async fn fill(&mut self, may_wait: bool) -> Result<()> {
        while self.ahead.has_room() {
            let pulled = if self.ahead.is_empty() && may_wait {
                self.pull().await?
            } else {
                match self.pull().now_or_never() {
                    Some(pulled) => pulled?,
                    None => break,
                }
            };
            let Some(slot) = pulled else { break };
            self.ahead.push(slot);
        }
        self.ahead.ask(&self.lanes);
        Ok(())
    }

    /// The next piece; none at the end. May be dropped while it waits.
    async fn pull(&mut self) -> Result<Option<Slot>> {
        loop {
            if let Source::File { reader, at, end, entry } = &mut self.source {
                if let Some(blob) = reader.span_at(*at).filter(|_| *at < *end) {
                    let until = blob.end.min(*end);
                    let read = Read::new(reader.clone(), *at, until - *at, *entry);
                    *at = until;
                    return Ok(Some(Slot::Read(read)));
                }
                self.source = Source::None;
            }
            if let Some(cursor) = &mut self.cursor {
                match cursor.next().await? {
                    Some(Piece::Bytes(bytes)) => return Ok(Some(Slot::Bytes(bytes))),
                    Some(Piece::Unsummed { bytes, at, cut, of }) => {
                        return Ok(Some(Slot::Unsummed(reads::Unsummed::new(bytes, at, cut, of))));
                    }
                    Some(Piece::File { reader, range, entry }) => {
                        self.source = Source::File { reader, at: range.start(), end: range.end(), entry };
                    }
                    None => self.cursor = None,
                }
                continue;
            }
            match (self.spans.pop_front(), &self.content) {
                (None, _) => return Ok(None),
                (Some(Span::Bytes(bytes)), _) => return Ok(Some(Slot::Bytes(bytes))),
                (Some(Span::Content(range)), Content::File(reader)) => {
                    let (at, end) = (range.start(), range.end());
                    self.source = Source::File { reader: reader.clone(), at, end, entry: None };
                }
                (Some(Span::Content(range)), Content::Archive(archive)) => {
                    self.cursor = Some(Box::new(archive.cursor(range)));
                }
            }
        }
    }
}
