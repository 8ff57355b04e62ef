//! Files and folders of snapshots as one archive that is never made: every byte of it follows from tree metadata and file
//! content, so that its length and tag are known before its first byte, and any part of it can be sent without what lies
//! before.
//!
//! Read in this order: [`walk`] (which entries, in which order, from any place on), [`tar`] and [`zip`] (what an entry looks
//! like), [`plan`] (one walk that adds up lengths and leaves marks to begin again from), [`cursor`] (the pieces of a range).
//!
//! What cannot be in an archive, or cannot be read, is left out and told in a report at its end. What turns out damaged
//! while it is sent ends the transfer: an archive is never filled up with something else.

pub(crate) mod checksums;
pub(crate) mod cursor;
mod plan;
mod report;
mod tar;
mod walk;
mod zip;
mod zip_name;
mod zip_record;

use std::sync::Arc;

use bygone_common::ByteRange;
use bygone_vault::Result;

pub(crate) use cursor::{Cursor, Piece};
pub(crate) use walk::{Root, Roots, Top};

use crate::range::ETag;
use checksums::Checksums;
use plan::Plan;

/// Bytes of files that are read for a zip's part without being sent, at most: those before it whose checksums it needs. That is
/// a moment; more would be a client that waits and gives up.
const CATCH_UP_BYTES_MAX: u64 = 64 << 20;

/// The form of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// POSIX tar, with owners, permissions, links and attributes.
    Tar,
    /// Zip for any system: stored, with names that every system takes.
    Zip,
}

impl Form {
    /// The word for it, which is also the end of a file name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::Zip => "zip",
        }
    }

    /// Its content type.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Tar => "application/x-tar",
            Self::Zip => "application/zip",
        }
    }
}

/// An archive.
#[derive(Debug)]
pub(crate) struct Archive {
    form: Form,
    roots: Roots,
    plan: Plan,
    checksums: Checksums,
}

impl Archive {
    /// Plans the archive of some files and folders: reads all their directories, and no content.
    ///
    /// # Errors
    /// What the storage answers; `Damaged` when too much is.
    pub(crate) async fn plan(form: Form, roots: Roots) -> Result<Self> {
        let (plan, checksums) = plan::make(form, &roots).await?;
        Ok(Self { form, roots, plan, checksums: Checksums::new(checksums) })
    }

    /// Bytes of it.
    pub(crate) const fn size(&self) -> u64 {
        self.plan.size
    }

    /// Its tag: the same for the same archive.
    pub(crate) const fn etag(&self) -> &ETag {
        &self.plan.etag
    }

    /// What is known of its files' checksums. A tar needs none.
    pub(crate) const fn checksums(&self) -> &Checksums {
        &self.checksums
    }

    /// Whether parts of it can be sent as fast as the whole: a zip's list at the end holds the checksums of all files before.
    pub(crate) fn is_random_access(&self) -> bool {
        match self.form {
            Form::Tar => true,
            Form::Zip => self.checksums.are_complete(),
        }
    }

    /// Whether a part can be sent without reading much of what lies before it.
    pub(crate) fn can_begin_at(&self, range: ByteRange) -> bool {
        self.is_random_access()
            || range.end() <= self.plan.entries_end
            || range.start() <= CATCH_UP_BYTES_MAX
            || self.checksums.are_known_before(self.plan.entry_before(range.start()))
    }

    /// The pieces of a range.
    pub(crate) fn cursor(self: &Arc<Self>, range: ByteRange) -> Cursor {
        Cursor::new(self.clone(), range)
    }

    /// Bytes of memory held, about.
    pub(crate) fn weight_bytes(&self) -> usize {
        self.plan.weight_bytes() + self.checksums.weight_bytes()
    }
}

#[cfg(all(test, unix))]
mod tests;
