//! One walk through what goes into an archive: adds up lengths, hashes what everything follows from, and leaves marks from
//! which a walk can begin again.

use std::collections::{HashMap, HashSet};

use bygone_common::BlobId;
use bygone_vault::walk::Entry;
use bygone_vault::{Error, ErrorKind, FileReader, Node, NodeKind, Priority, Repository, Result};
use sha2::{Digest, Sha256};

use super::report::{Finished, Report};
use super::walk::{Bookmark, Roots, Step, Walker};
use super::{Form, tar, zip, zip_record};
use crate::range::ETag;

/// Entries between two marks.
const MARK_EVERY_ENTRIES: u64 = 256;
/// Files with several names that are remembered; a name of any further one is a file of its own.
const LINKS_MAX: usize = 100_000;
/// Files and folders that may be left out because they are damaged. A repository with more needs a restore and its report.
const DAMAGED_MAX: usize = 10_000;
/// Changes whenever archives of the same files look different than before: their tags must not stay the same.
const LAYOUT: &[u8] = b"bygone archive 1";
/// Bytes of files that are read while the archive is planned: the workers are idle meanwhile, and its beginning is what is
/// mostly sent next.
const EARLY_BYTES_MAX: u64 = 8 << 20;
/// Bytes of them that are asked for together.
const EARLY_BATCH_BYTES: u64 = 1 << 20;
/// The report's name.
const REPORT_NAME: &str = "_RESTORE-REPORT.txt";

/// The parts of an entry, one after the other.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) head: Vec<u8>,
    /// Where a file's checksum belongs into the head.
    pub(super) head_crc_at: Option<usize>,
    pub(super) body: Body,
    /// Bytes of the body.
    pub(super) size: u64,
    pub(super) tail: Vec<u8>,
    /// Where a file's checksum belongs into the tail.
    pub(super) tail_crc_at: Option<usize>,
}

impl Parts {
    /// Bytes of all.
    pub(super) fn len(&self) -> u64 {
        self.head.len() as u64 + self.size + self.tail.len() as u64
    }
}

/// What is between head and tail.
#[derive(Debug)]
pub(super) enum Body {
    Empty,
    Inline(Vec<u8>),
    /// The file's content.
    File,
}

/// Why something is not in an archive.
#[derive(Debug)]
pub(super) enum Why {
    /// The form has no place for it.
    Left(&'static str),
    /// It cannot be read.
    Damaged(Error),
}

/// A place from which to begin again.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) bookmark: Bookmark,
    /// Entries before it.
    pub(super) entry: u64,
    /// Where the next entry begins.
    pub(super) offset: u64,
    /// Where its record in the list at the end begins, counted from the list's own beginning.
    pub(super) central: u64,
}

/// What is known of an archive before its first byte.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) size: u64,
    pub(super) etag: ETag,
    pub(super) entries: u64,
    /// Where the last entry, or the report, ends.
    pub(super) entries_end: u64,
    /// Bytes of a zip's list.
    pub(super) central_len: u64,
    pub(super) marks: Vec<Mark>,
    pub(super) links: Links,
    /// Names in the archive of what is damaged.
    pub(super) left_out: HashSet<Vec<u8>>,
    pub(super) report: Option<Finished>,
}

impl Plan {
    /// The last mark of which `before` says that it does not come too late.
    pub(super) fn mark(&self, before: impl Fn(&Mark) -> bool) -> Option<&Mark> {
        self.marks.partition_point(before).checked_sub(1).and_then(|at| self.marks.get(at))
    }

    /// The number of an entry not long before an offset.
    pub(super) fn entry_before(&self, offset: u64) -> u64 {
        self.mark(|mark| mark.offset <= offset).map_or(0, |mark| mark.entry)
    }

    pub(super) fn weight_bytes(&self) -> usize {
        let marks: usize = self.marks.iter().map(|mark| 32 + mark.bookmark.weight_bytes()).sum();
        let names: usize = self.left_out.iter().map(|name| 64 + name.len()).sum();
        marks + names + self.links.weight_bytes() + self.report.as_ref().map_or(0, |report| report.text.len())
    }
}

/// Files of which an archive holds several names: the first is the file, and the others are links to it.
#[derive(Debug, Default)]
pub(super) struct Links(HashMap<[u8; 32], (u64, Box<[u8]>)>);

impl Links {
    /// The name under which an earlier entry holds the same file.
    pub(super) fn earlier(&self, node: Node<'_>, root: usize, ordinal: u64) -> Option<&[u8]> {
        if node.links() < 2 || node.kind() != NodeKind::File || self.0.is_empty() {
            return None;
        }
        self.0.get(&link_key(node, root)).filter(|(first, _)| *first < ordinal).map(|(_, name)| &**name)
    }

    fn note(&mut self, node: Node<'_>, root: usize, ordinal: u64, name: &[u8]) {
        if node.links() > 1 && node.kind() == NodeKind::File && self.0.len() < LINKS_MAX {
            self.0.entry(link_key(node, root)).or_insert_with(|| (ordinal, name.into()));
        }
    }

    fn weight_bytes(&self) -> usize {
        self.0.values().map(|(_, name)| 96 + name.len()).sum()
    }
}

/// What names of one file have in common. The content counts too: it may have been replaced while it was saved.
fn link_key(node: Node<'_>, root: usize) -> [u8; 32] {
    let mut hash = Sha256::new();
    for number in [root as u64, node.device_id(), node.inode(), node.size()] {
        hash.update(number.to_be_bytes());
    }
    node.content().iter().for_each(|blob| hash.update(blob.as_bytes()));
    hash.finalize().into()
}

struct Making<'a> {
    form: Form,
    plan: Plan,
    hash: Sha256,
    report: Report,
    checksums: Vec<Option<u32>>,
    is_report_name_taken: bool,
    early: Early,
    roots: &'a Roots,
}

/// The small files at the beginning, read before anybody asks for them.
#[derive(Default)]
struct Early {
    /// Of which root the batch is.
    root: usize,
    batch: Vec<BlobId>,
    batch_bytes: u64,
    bytes: u64,
}

impl Early {
    /// Notes the next file.
    fn note(&mut self, root: usize, repository: &Repository, node: Node<'_>) {
        if self.bytes >= EARLY_BYTES_MAX {
            return;
        }
        // Another root may lie in another repository.
        if std::mem::replace(&mut self.root, root) != root {
            self.batch.clear();
            self.batch_bytes = 0;
        }
        // A larger file is read ahead for when it is sent.
        if node.size() > EARLY_BATCH_BYTES {
            self.bytes = EARLY_BYTES_MAX;
        } else {
            self.batch.extend_from_slice(node.content());
            self.batch_bytes += node.size();
            self.bytes += node.size();
        }
        if self.batch_bytes >= EARLY_BATCH_BYTES || self.bytes >= EARLY_BYTES_MAX {
            repository.prefetch_blobs(&self.batch, Priority::Prefetch);
            self.batch.clear();
            self.batch_bytes = 0;
        }
    }
}

/// Plans an archive; with the checksums that follow from metadata, of all entries in order.
pub(super) async fn make(form: Form, roots: &Roots) -> Result<(Plan, Vec<Option<u32>>)> {
    let plan = Plan {
        size: 0,
        etag: ETag::of(&[]),
        entries: 0,
        entries_end: 0,
        central_len: 0,
        marks: Vec::new(),
        links: Links::default(),
        left_out: HashSet::new(),
        report: None,
    };
    let hash = Sha256::new_with_prefix(LAYOUT).chain_update(form.name());
    let mut making = Making {
        form,
        plan,
        hash,
        report: Report::default(),
        checksums: Vec::new(),
        is_report_name_taken: false,
        early: Early::default(),
        roots,
    };
    let mut walker = Walker::new(roots.clone());
    loop {
        making.mark(&walker);
        match walker.next(&making.plan.left_out).await? {
            None => return making.finish(),
            Some(Step::Entry { root, entry }) => making.entry(root, &entry, walker.name())?,
            Some(Step::Rejected(directory)) => {
                for name in directory.rejected() {
                    let full = [walker.name(), b"/", name].concat();
                    making.report.add(&full, "its name is not one that a file can have");
                }
            }
            Some(Step::Broken(error)) => making.damaged(walker.name(), &error)?,
        }
    }
}

impl Making<'_> {
    fn mark(&mut self, walker: &Walker) {
        let due = self.plan.marks.last().is_none_or(|mark| mark.entry + MARK_EVERY_ENTRIES <= self.plan.entries);
        if due {
            self.plan.marks.push(Mark {
                bookmark: walker.bookmark(),
                entry: self.plan.entries,
                offset: self.plan.entries_end,
                central: self.plan.central_len,
            });
        }
    }

    fn entry(&mut self, root: usize, entry: &Entry, name: &[u8]) -> Result<()> {
        let Some((node, chosen)) = entry.node().zip(self.roots.get(root)) else { return Ok(()) };
        let ordinal = self.plan.entries;
        let made = match self.form {
            Form::Tar => tar::parts(node, root, name, ordinal, &self.plan.links),
            Form::Zip => zip::parts(node, name).map(|parts| (parts, Vec::new())),
        };
        let (parts, attributes) = match made {
            Ok(made) => made,
            Err(Why::Left(why)) => {
                self.report.add(name, why);
                return Ok(());
            }
            Err(Why::Damaged(error)) => return self.damaged(name, &error),
        };
        if matches!(parts.body, Body::File) {
            if let Err(error) = open(&chosen.repository, node) {
                return self.damaged(name, &error);
            }
            self.early.note(root, &chosen.repository, node);
        }
        for attribute in attributes {
            self.report.add(&[name, b": ", &attribute].concat(), "an archive has no place for this attribute's name");
        }
        if self.form == Form::Tar {
            self.plan.links.note(node, root, ordinal, name);
        }
        self.is_report_name_taken |= name.eq_ignore_ascii_case(REPORT_NAME.as_bytes());
        self.add(node, &parts, name);
        Ok(())
    }

    fn add(&mut self, node: Node<'_>, parts: &Parts, name: &[u8]) {
        // Each field is preceded by its length, so that no two archives hash alike.
        self.hash.update((parts.head.len() as u64).to_be_bytes());
        self.hash.update(&parts.head);
        match &parts.body {
            Body::Empty => self.checksums.push(Some(0)),
            Body::Inline(bytes) => {
                self.checksums.push(Some(crc32fast::hash(bytes)));
                self.hash.update((bytes.len() as u64).to_be_bytes());
                self.hash.update(bytes);
            }
            Body::File => {
                self.checksums.push(None);
                self.hash.update((node.content().len() as u64).to_be_bytes());
                node.content().iter().for_each(|blob| self.hash.update(blob.as_bytes()));
            }
        }
        if self.form == Form::Zip {
            // Its length does not depend on its checksum, and a name that was taken above is taken here.
            let record = zip::central(node, name, self.plan.entries_end);
            self.plan.central_len += record.map_or(0, |(bytes, _)| bytes.len() as u64);
        }
        self.plan.entries_end += parts.len();
        self.plan.entries += 1;
    }

    fn damaged(&mut self, name: &[u8], error: &Error) -> Result<()> {
        if self.plan.left_out.len() == DAMAGED_MAX {
            return Err(Error::new(ErrorKind::Damaged, format!("more than {DAMAGED_MAX} files cannot be read")));
        }
        tracing::warn!(error = error.chain(), "something is left out of an archive");
        self.plan.left_out.insert(name.to_vec());
        self.report.add(name, &error.chain());
        Ok(())
    }

    fn finish(mut self) -> Result<(Plan, Vec<Option<u32>>)> {
        let name = if self.is_report_name_taken { "_RESTORE-REPORT (2).txt" } else { REPORT_NAME };
        self.plan.report = std::mem::take(&mut self.report).finish(name)?;
        if let Some(report) = &self.plan.report {
            self.hash.update(&report.text);
            if let Some(node) = report.entry.node() {
                let parts = report_parts(self.form, node, &report.text)?;
                if self.form == Form::Zip {
                    let record = zip::central(node, node.name(), self.plan.entries_end).map_err(unplaced)?;
                    self.plan.central_len += record.0.len() as u64;
                }
                self.plan.entries_end += parts.len();
            }
        }
        let plan = &mut self.plan;
        plan.size = plan.entries_end
            + match self.form {
                Form::Tar => tar::END_BYTES,
                Form::Zip => {
                    let entries = plan.entries + u64::from(plan.report.is_some());
                    plan.central_len + zip_record::end_len(entries, plan.entries_end, plan.central_len)
                }
            };
        plan.etag = ETag::of(&self.hash.finalize());
        // A tar's files need none.
        let checksums = if self.form == Form::Zip { self.checksums } else { Vec::new() };
        Ok((self.plan, checksums))
    }
}

/// The parts of the report, whose content is at hand.
pub(super) fn report_parts(form: Form, node: Node<'_>, text: &[u8]) -> Result<Parts> {
    let mut parts = match form {
        Form::Tar => tar::parts(node, 0, node.name(), 0, &Links::default()).map(|(parts, _)| parts),
        Form::Zip => zip::parts(node, node.name()),
    }
    .map_err(unplaced)?;
    if let Some(at) = parts.head_crc_at.take() {
        zip::patch(&mut parts.head, at, crc32fast::hash(text));
    }
    if let Some(at) = parts.tail_crc_at.take() {
        zip::patch(&mut parts.tail, at, crc32fast::hash(text));
    }
    parts.body = Body::Inline(text.to_vec());
    Ok(parts)
}

/// What cannot be: a report always has a place.
pub(super) fn unplaced(why: Why) -> Error {
    match why {
        Why::Left(why) => Error::new(ErrorKind::Io, why),
        Why::Damaged(error) => error,
    }
}

/// Opens a file, and does not believe its size.
pub(super) fn open(repository: &Repository, node: Node<'_>) -> Result<FileReader> {
    repository.file(node)
}
