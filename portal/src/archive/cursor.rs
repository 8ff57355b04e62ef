//! The pieces of a part of an archive, in order: bytes that are made from metadata, and parts of files.

use std::collections::VecDeque;
use std::sync::Arc;

use bygone_common::ByteRange;
use bygone_vault::walk::Entry;
use bygone_vault::{Error, ErrorKind, FileReader, Node, NodeKind, Result};
use bytes::Bytes;

use super::plan::{self, Body, Mark, Parts};
use super::walk::{Step, Walker};
use super::{Archive, Form, tar, zip, zip_record};

/// A file whose checksum is wanted, and which entry it is.
#[derive(Debug, Clone)]
pub(crate) struct Summed {
    /// The file.
    pub(crate) reader: Arc<FileReader>,
    /// Its number.
    pub(crate) entry: u64,
}

/// A piece of an archive.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes.
    Bytes(Bytes),
    /// Bytes in which the checksum of a file is missing.
    Unsummed {
        /// With zeros where it belongs.
        bytes: Vec<u8>,
        /// Where that is.
        at: usize,
        /// What of the bytes is meant, once it is there.
        cut: std::ops::Range<usize>,
        /// Of which file.
        of: Summed,
    },
    /// Bytes of a file.
    File {
        /// The file.
        reader: Arc<FileReader>,
        /// Which of its bytes.
        range: ByteRange,
        /// Its number in a zip, whose checksum is to be noted when all of it has been read.
        entry: Option<u64>,
    },
}

/// What comes next.
#[derive(Debug)]
enum Stage {
    /// Has to find where to begin.
    Seek,
    Entries(Box<Walker>),
    Report,
    Central(Box<Walker>),
    CentralReport,
    End,
    Done,
}

/// Where a range of an archive has been followed to.
#[derive(Debug)]
pub(crate) struct Cursor {
    archive: Arc<Archive>,
    range: ByteRange,
    stage: Stage,
    /// The next entry's number.
    entry: u64,
    /// Where it begins.
    offset: u64,
    /// Where its record in the list at the end begins.
    central: u64,
    ready: VecDeque<Piece>,
}

impl Cursor {
    pub(super) fn new(archive: Arc<Archive>, range: ByteRange) -> Self {
        let range = range.clamp_to(archive.plan.size);
        Self { archive, range, stage: Stage::Seek, entry: 0, offset: 0, central: 0, ready: VecDeque::new() }
    }

    /// The next piece; none at the end of the range. May be dropped while it waits, and asked again.
    ///
    /// # Errors
    /// What the storage answers; `Damaged` when a directory is not what it was when the archive was planned.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            let archive = self.archive.clone();
            let plan = &archive.plan;
            match &mut self.stage {
                Stage::Seek => self.seek().await?,
                Stage::Entries(walker) => match walker.next(&plan.left_out).await? {
                    Some(Step::Entry { root, entry }) => {
                        let name = walker.name().to_vec();
                        self.entry(root, &entry, &name)?;
                    }
                    Some(Step::Rejected(_)) => {}
                    Some(Step::Broken(error)) => return Err(error),
                    None => self.stage = Stage::Report,
                },
                Stage::Report => self.report()?,
                Stage::Central(walker) => match walker.next(&plan.left_out).await? {
                    Some(Step::Entry { root, entry }) => {
                        let name = walker.name().to_vec();
                        self.record(root, &entry, &name)?;
                    }
                    Some(Step::Rejected(_)) => {}
                    Some(Step::Broken(error)) => return Err(error),
                    None => self.stage = Stage::CentralReport,
                },
                Stage::CentralReport => self.report_record()?,
                Stage::End => self.end()?,
                Stage::Done => return Ok(None),
            }
        }
    }

    /// Goes to the last mark before the range.
    async fn seek(&mut self) -> Result<()> {
        let archive = self.archive.clone();
        let plan = &archive.plan;
        let start = self.range.start();
        self.stage = if self.range.is_empty() {
            Stage::Done
        } else if start < plan.entries_end || archive.form == Form::Tar {
            let walker = self.walk_from(plan.mark(|mark| mark.offset <= start)).await?;
            Stage::Entries(Box::new(walker))
        } else {
            let walker = self.walk_from(plan.mark(|mark| plan.entries_end + mark.central <= start)).await?;
            Stage::Central(Box::new(walker))
        };
        Ok(())
    }

    async fn walk_from(&mut self, mark: Option<&Mark>) -> Result<Walker> {
        let roots = self.archive.roots.clone();
        let Some(mark) = mark else { return Ok(Walker::new(roots)) };
        let walker = Walker::from(roots, &mark.bookmark).await?;
        (self.entry, self.offset, self.central) = (mark.entry, mark.offset, mark.central);
        Ok(walker)
    }

    /// The parts of an entry; none when it is not in the archive.
    fn parts(&self, root: usize, node: Node<'_>, name: &[u8]) -> Option<Parts> {
        if node.kind() == NodeKind::File && self.archive.plan.left_out.contains(name) {
            return None;
        }
        match self.archive.form {
            Form::Tar => {
                tar::parts(node, root, name, self.entry, &self.archive.plan.links).ok().map(|(parts, _)| parts)
            }
            Form::Zip => zip::parts(node, name).ok(),
        }
    }

    fn entry(&mut self, root: usize, entry: &Entry, name: &[u8]) -> Result<()> {
        let Some((node, parts)) = entry.node().and_then(|node| Some((node, self.parts(root, node, name)?))) else {
            return Ok(());
        };
        let (ordinal, len) = (self.entry, parts.len());
        self.entry += 1;
        if self.offset + len > self.range.start() {
            let file = match parts.body {
                Body::File => Some(self.open(root, node)?),
                Body::Empty | Body::Inline(_) => None,
            };
            self.pieces(parts, file, ordinal);
        } else {
            self.offset += len;
        }
        Ok(())
    }

    /// Opens a file, which was there when the archive was planned.
    fn open(&self, root: usize, node: Node<'_>) -> Result<Arc<FileReader>> {
        let gone = || Error::new(ErrorKind::Damaged, "a file is not what it was");
        let root = self.archive.roots.get(root).ok_or_else(gone)?;
        let reader = plan::open(&root.repository, node)?;
        if reader.size() == node.size() { Ok(Arc::new(reader)) } else { Err(gone()) }
    }

    /// Makes ready what of an entry lies in the range.
    fn pieces(&mut self, parts: Parts, file: Option<Arc<FileReader>>, ordinal: u64) {
        let Parts { head, head_crc_at, body, size, tail, tail_crc_at } = parts;
        let summed = |at: Option<usize>| Some((at?, Summed { reader: file.clone()?, entry: ordinal }));
        self.put(head, summed(head_crc_at));
        match (body, &file) {
            (Body::Inline(bytes), _) => self.put(bytes, None),
            (Body::File, Some(reader)) => {
                let wanted = self.clip(size);
                let is_summed = self.archive.form == Form::Zip;
                if let Some(range) = wanted {
                    let entry = is_summed.then_some(ordinal);
                    self.ready.push_back(Piece::File { reader: reader.clone(), range, entry });
                }
                self.offset += size;
            }
            (Body::Empty, _) | (Body::File, None) => {}
        }
        self.put(tail, summed(tail_crc_at));
        if self.offset >= self.range.end() {
            self.stage = Stage::Done;
        }
    }

    /// What of the next `len` bytes lies in the range, counted from where they begin.
    fn clip(&self, len: u64) -> Option<ByteRange> {
        let start = self.range.start().max(self.offset).min(self.offset + len);
        let end = self.range.end().min(self.offset + len).max(start);
        (start < end).then(|| ByteRange::new(start - self.offset, end - start)).flatten()
    }

    /// Makes ready what of these bytes lies in the range, and goes behind them.
    fn put(&mut self, bytes: Vec<u8>, sum: Option<(usize, Summed)>) {
        let wanted = self.clip(bytes.len() as u64);
        self.offset += bytes.len() as u64;
        let Some(wanted) = wanted else { return };
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let cut = place(wanted.start())..place(wanted.end());
        self.ready.push_back(match sum.filter(|(at, _)| *at < cut.end && at + 4 > cut.start) {
            Some((at, of)) => Piece::Unsummed { bytes, at, cut, of },
            None => Piece::Bytes(Bytes::from(bytes).slice(cut)),
        });
    }

    fn report(&mut self) -> Result<()> {
        let archive = self.archive.clone();
        if let Some((report, node)) =
            archive.plan.report.as_ref().and_then(|report| Some((report, report.entry.node()?)))
        {
            let parts = plan::report_parts(archive.form, node, &report.text)?;
            self.stage = Stage::Report;
            self.pieces(parts, None, self.entry);
        }
        self.expect(archive.plan.entries_end)?;
        if !matches!(self.stage, Stage::Done) {
            // The list at the end is made by walking once more.
            (self.entry, self.central) = (0, 0);
            self.stage = match archive.form {
                Form::Tar => Stage::End,
                Form::Zip => Stage::Central(Box::new(Walker::new(archive.roots.clone()))),
            };
            if archive.form == Form::Zip {
                self.offset = 0;
            }
        }
        Ok(())
    }

    /// An entry's record in the list at the end of a zip. Here `offset` is where the entry itself is.
    fn record(&mut self, root: usize, entry: &Entry, name: &[u8]) -> Result<()> {
        let Some((node, parts)) = entry.node().and_then(|node| Some((node, self.parts(root, node, name)?))) else {
            return Ok(());
        };
        let (bytes, at) = zip::central(node, name, self.offset).map_err(plan::unplaced)?;
        let checksum = self.archive.checksums.get(self.entry);
        let sum = match (at, checksum) {
            (Some(_), None) if self.is_in_central(bytes.len()) => {
                at.zip(Some(Summed { reader: self.open(root, node)?, entry: self.entry }))
            }
            (Some(_), None) | (None, _) | (Some(_), Some(_)) => None,
        };
        let mut bytes = bytes;
        if let (Some(at), Some(checksum)) = (at, checksum) {
            zip::patch(&mut bytes, at, checksum);
        }
        self.put_central(bytes, sum);
        self.offset += parts.len();
        self.entry += 1;
        Ok(())
    }

    fn is_in_central(&self, len: usize) -> bool {
        self.archive.plan.entries_end + self.central + len as u64 > self.range.start()
    }

    /// Like `put`, for the list at the end, where entries are counted besides.
    fn put_central(&mut self, bytes: Vec<u8>, sum: Option<(usize, Summed)>) {
        let len = bytes.len() as u64;
        let entry_offset = std::mem::replace(&mut self.offset, self.archive.plan.entries_end + self.central);
        self.put(bytes, sum);
        if self.offset >= self.range.end() {
            self.stage = Stage::Done;
        }
        self.central += len;
        self.offset = entry_offset;
    }

    fn report_record(&mut self) -> Result<()> {
        let archive = self.archive.clone();
        if let Some((report, node)) =
            archive.plan.report.as_ref().and_then(|report| Some((report, report.entry.node()?)))
        {
            let (mut bytes, at) = zip::central(node, node.name(), self.offset).map_err(plan::unplaced)?;
            if let Some(at) = at {
                zip::patch(&mut bytes, at, crc32fast::hash(&report.text));
            }
            self.put_central(bytes, None);
        }
        self.offset = archive.plan.entries_end + self.central;
        self.expect(archive.plan.entries_end + archive.plan.central_len)?;
        if !matches!(self.stage, Stage::Done) {
            self.stage = Stage::End;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let archive = self.archive.clone();
        let plan = &archive.plan;
        let entries = plan.entries + u64::from(plan.report.is_some());
        let bytes = match archive.form {
            Form::Tar => vec![0; usize::try_from(tar::END_BYTES).unwrap_or_default()],
            Form::Zip => zip_record::end(entries, plan.entries_end, plan.central_len),
        };
        self.put(bytes, None);
        self.expect(plan.size)?;
        self.stage = Stage::Done;
        Ok(())
    }

    /// Whether lengths came out as they were planned: if not, something of the snapshot is not what it was.
    fn expect(&self, offset: u64) -> Result<()> {
        if self.offset == offset || matches!(self.stage, Stage::Done) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Damaged,
            format!("the archive came to byte {} where {offset} was planned", self.offset),
        ))
    }
}
