//! Reads of one feed: what it has asked the engine for, in the order in which it is sent.

use std::ops::Range;
use std::sync::Arc;

use bygone_vault::{Error, ErrorKind, FileReader, PartRead, Pieces, Result, read_together};
use bytes::Bytes;
use tokio::sync::oneshot::{self, Receiver};

use super::Content;
use super::lanes::{Held, Lanes, Turn};
use crate::archive::cursor::Summed;

/// Files up to this size are read in one piece for their checksum.
pub(super) const SUMMED_BYTES_MAX: u64 = 4 << 20;

/// Something that is sent after what is before it.
#[derive(Debug)]
pub(super) enum Slot {
    /// Bytes.
    Bytes(Bytes),
    /// Bytes in which a checksum is missing.
    Unsummed(Unsummed),
    /// A part of a file.
    Read(Read),
}

/// Bytes in which the checksum of a file is missing.
#[derive(Debug)]
pub(super) struct Unsummed {
    pub(super) bytes: Vec<u8>,
    pub(super) at: usize,
    pub(super) cut: Range<usize>,
    pub(super) of: Summed,
    /// The whole file, when it is small.
    pub(super) read: Option<Read>,
}

impl Unsummed {
    pub(super) fn new(bytes: Vec<u8>, at: usize, cut: Range<usize>, of: Summed) -> Self {
        let size = of.reader.size();
        let read = (size <= SUMMED_BYTES_MAX).then(|| Read::new(of.reader.clone(), 0, size, None));
        Self { bytes, at, cut, of, read }
    }
}

/// A part of a file that is asked for, or will be.
#[derive(Debug)]
pub(super) struct Read {
    reader: Arc<FileReader>,
    offset: u64,
    len: usize,
    /// Its number in an archive that wants checksums.
    entry: Option<u64>,
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    answer: Answer,
    held: Option<Held>,
}

#[derive(Debug)]
enum Answer {
    Awaited(Receiver<Result<Pieces>>),
    Here(Result<Pieces>),
}

/// For what it is waited until something can go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// For whatever it takes.
    Any,
    /// For what has been asked for, or can be at once; not for others to give way.
    Answer,
}

/// What came of asking before it is needed.
pub(super) enum Early {
    /// It is here, on its way, or nothing that is read.
    Asked,
    /// This is to be read for it.
    Wanted(PartRead),
    /// There is no memory, or no turn.
    Refused,
}

/// A part of a file, read.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) reader: Arc<FileReader>,
    pub(super) offset: u64,
    pub(super) entry: Option<u64>,
    pub(super) pieces: Pieces,
    pub(super) held: Option<Held>,
}

impl Landed {
    /// A read of what comes after the first bytes; none when nothing does.
    pub(super) fn after(&self, bytes: usize) -> Option<Read> {
        let rest = self.pieces.len().checked_sub(bytes).filter(|rest| *rest > 0)?;
        Some(Read::new(self.reader.clone(), self.offset + bytes as u64, rest as u64, self.entry))
    }
}

impl Read {
    /// A read that is yet to be asked for. Its length is that of a blob at most.
    pub(super) fn new(reader: Arc<FileReader>, offset: u64, len: u64, entry: Option<u64>) -> Self {
        Self { reader, offset, len: usize::try_from(len).unwrap_or(usize::MAX), entry, asked: None }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes what is decoded already.
    fn take_cached(&mut self, held: Option<Held>) -> Option<Held> {
        match self.reader.try_read(self.offset, self.len) {
            Some(pieces) => {
                self.asked = Some(Asked { answer: Answer::Here(Ok(pieces)), held });
                None
            }
            None => held,
        }
    }

    /// What is to be read for it, with a turn that its end gives back.
    fn ask(&mut self, turn: Option<Arc<Turn>>, held: Option<Held>) -> PartRead {
        let (send, receive) = oneshot::channel();
        self.asked = Some(Asked { answer: Answer::Awaited(receive), held });
        let then = Box::new(move |pieces| {
            drop(turn);
            // Nobody waits any more when the client is gone.
            let _ = send.send(pieces);
        });
        PartRead { reader: self.reader.clone(), offset: self.offset, len: self.len, then }
    }

    /// Asks, if there are memory and a turn to spare: `turn`, or one that is put there.
    pub(super) fn ask_ahead(&mut self, lanes: &Lanes, turn: &mut Option<Arc<Turn>>) -> Early {
        if self.asked.is_some() {
            return Early::Asked;
        }
        let Some(held) = lanes.try_hold(self.len) else { return Early::Refused };
        if turn.is_none() {
            *turn = lanes.try_turn().map(Arc::new);
        }
        // With a turn, the engine finds what is decoded already as well as we do.
        if let Some(turn) = turn {
            return Early::Wanted(self.ask(Some(turn.clone()), Some(held)));
        }
        self.take_cached(Some(held));
        if self.asked.is_some() { Early::Asked } else { Early::Refused }
    }

    /// Waits for the answer; whether it is here.
    async fn is_ready(&mut self, lanes: &Lanes, wait: Wait) -> bool {
        if self.asked.is_none() {
            self.take_cached(None);
        }
        if self.asked.is_none() {
            let turn = match wait {
                Wait::Any => lanes.turn().await,
                Wait::Answer => match lanes.try_turn() {
                    Some(turn) => Some(turn),
                    None => return false,
                },
            };
            let part = self.ask(turn.map(Arc::new), None);
            read_together(vec![part]);
        }
        let Some(asked) = &mut self.asked else { return false };
        if let Answer::Awaited(receiver) = &mut asked.answer {
            asked.answer = Answer::Here(receiver.await.unwrap_or_else(|_| Err(given_up())));
        }
        true
    }

    /// The bytes: all of them, or an error.
    pub(super) async fn land(self) -> Result<Landed> {
        let Self { reader, offset, len, entry, asked } = self;
        let (pieces, held) = match asked {
            Some(Asked { answer: Answer::Here(pieces), held }) => (pieces?, held),
            Some(Asked { answer: Answer::Awaited(receiver), held }) => (receiver.await.map_err(|_| given_up())??, held),
            None => return Err(given_up()),
        };
        if pieces.len() != len {
            let sentence =
                format!("the file ends at byte {} where {} were promised", offset + pieces.len() as u64, len);
            return Err(Error::new(ErrorKind::Damaged, sentence));
        }
        Ok(Landed { reader, offset, entry, pieces, held })
    }
}

impl Slot {
    /// Bytes that it will hold.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Unsummed(unsummed) => (unsummed.bytes.len() + unsummed.read.as_ref().map_or(0, Read::len)) as u64,
            Self::Read(read) => read.len as u64,
        }
    }

    /// Asks for what it needs, as [`Read::ask_ahead`].
    pub(super) fn ask_ahead(&mut self, lanes: &Lanes, turn: &mut Option<Arc<Turn>>) -> Early {
        match self {
            Self::Bytes(_) | Self::Unsummed(Unsummed { read: None, .. }) => Early::Asked,
            Self::Unsummed(Unsummed { read: Some(read), .. }) | Self::Read(read) => read.ask_ahead(lanes, turn),
        }
    }

    /// Waits until it can go out; whether it can.
    pub(super) async fn is_ready(&mut self, lanes: &Lanes, content: &Content, wait: Wait) -> bool {
        match self {
            Self::Bytes(_) => true,
            Self::Unsummed(unsummed) if super::sums::known(content, unsummed.of.entry).is_some() => true,
            Self::Unsummed(unsummed) => match &mut unsummed.read {
                Some(read) => read.is_ready(lanes, wait).await,
                None => wait == Wait::Any,
            },
            Self::Read(read) => read.is_ready(lanes, wait).await,
        }
    }
}

/// The first bytes of what was read.
pub(super) fn head(pieces: &Pieces, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    for slice in pieces.slices() {
        let rest = len - bytes.len();
        bytes.extend_from_slice(slice.get(..rest).unwrap_or(slice));
    }
    bytes
}

/// Reads a part of a file, when it is one's turn.
pub(super) async fn read(lanes: &Lanes, reader: &Arc<FileReader>, range: Range<u64>) -> Result<Pieces> {
    let mut read = Read::new(reader.clone(), range.start, range.end - range.start, None);
    read.is_ready(lanes, Wait::Any).await;
    read.land().await.map(|landed| landed.pieces)
}

fn given_up() -> Error {
    Error::new(ErrorKind::Cancelled, "reading was given up")
}
