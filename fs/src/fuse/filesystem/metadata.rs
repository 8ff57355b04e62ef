//! Names, attributes, links, listings, extended attributes and totals.

use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use bygone_common::snapshot_path::NAME_BYTES_MAX;
use fuser::{
    Errno, Generation, INodeNo, ReplyAttr, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEntry, ReplyStatfs,
    ReplyXattr,
};

use super::{Fuse, answer};
use crate::core::fault::{Answer, Fault};
use crate::core::inode::Inode;
use crate::core::listing::{Listing, Row};
use crate::core::{Core, Found, Lifetime, Opened};
use crate::fuse::reply::{self, FOREVER};
use crate::push::Push;

/// Numbers are never used for two things, so one generation will do.
const GENERATION: Generation = Generation(0);
/// Subdirectories that are read ahead for each answer to a listing.
const SUBDIRECTORIES_AHEAD_MAX: usize = 512;
/// Blocks of `statfs`.
const BLOCK_BYTES: u32 = 4096;

pub(super) fn lookup(fuse: &Fuse, parent: Inode, name: &[u8], reply: ReplyEntry) {
    let core = Arc::clone(&fuse.core);
    let refresher = fuse.refresher.clone();
    let kept: Box<[u8]> = name.into();
    fuse.core.lookup(parent, name, move |found| match (found, refresher) {
        // It may have come since the last refresh.
        (Ok(Found::Nothing(Lifetime::UntilRefresh)), Some(refresher)) => {
            refresher.after_refresh(move || {
                let again = Arc::clone(&core);
                core.lookup(parent, &kept, move |found| entry(&again, parent, found, reply));
            });
        }
        (found, _) => entry(&core, parent, found, reply),
    });
}

fn entry(core: &Core, parent: Inode, found: Answer<Found>, reply: ReplyEntry) {
    match found {
        Ok(Found::Thing(of, Lifetime::Forever | Lifetime::UntilRefresh)) => {
            // The layout too: a refresh tells the kernel what to forget.
            reply.entry(&FOREVER, &reply::attributes(&of), GENERATION);
        }
        Ok(Found::Nothing(Lifetime::Forever)) => reply.entry(&FOREVER, &reply::nothing(), GENERATION),
        Ok(Found::Nothing(Lifetime::UntilRefresh)) => reply.error(Errno::ENOENT),
        Err(fault) => reply.error(answer(core, parent, &fault)),
    }
}

pub(super) fn attributes(fuse: &Fuse, inode: Inode, reply: ReplyAttr) {
    let core = Arc::clone(&fuse.core);
    fuse.core.attributes(inode, move |found| match found {
        Ok((of, _)) => reply.attr(&FOREVER, &reply::attributes(&of)),
        Err(fault) => reply.error(answer(&core, inode, &fault)),
    });
}

pub(super) fn link_target(fuse: &Fuse, inode: Inode, reply: ReplyData) {
    let core = Arc::clone(&fuse.core);
    fuse.core.link_target(inode, move |target| match target {
        Ok(target) => reply.data(target),
        Err(fault) => reply.error(answer(&core, inode, &fault)),
    });
}

pub(super) fn list(fuse: &Fuse, inode: Inode, from: u64, mut reply: ReplyDirectory) {
    let (core, push) = (Arc::clone(&fuse.core), fuse.push.clone());
    fuse.core.list(inode, move |listing| match listing {
        Err(fault) => reply.error(answer(&core, inode, &fault)),
        Ok(listing) => {
            let to = fill(&listing, from, |row| {
                let of = row.attributes;
                reply.add(INodeNo(of.inode.0), row.next, reply::kind(of.kind), OsStr::from_bytes(row.name))
            });
            look_ahead(&core, push.as_ref(), &listing, from..to, move || reply.ok());
        }
    });
}

pub(super) fn list_plus(fuse: &Fuse, inode: Inode, from: u64, mut reply: ReplyDirectoryPlus) {
    let (core, push) = (Arc::clone(&fuse.core), fuse.push.clone());
    fuse.core.list(inode, move |listing| match listing {
        Err(fault) => reply.error(answer(&core, inode, &fault)),
        Ok(listing) => {
            let to = fill(&listing, from, |row| {
                let of = reply::attributes(&row.attributes);
                reply.add(of.ino, row.next, OsStr::from_bytes(row.name), &FOREVER, &of, GENERATION)
            });
            look_ahead(&core, push.as_ref(), &listing, from..to, move || reply.ok());
        }
    });
}

/// Gives lines to `add` until it says that the reply is full; answers up to where they went in.
fn fill(listing: &Listing, from: u64, mut add: impl FnMut(&Row<'_>) -> bool) -> u64 {
    let mut to = from;
    listing.each(from, |row| {
        let is_full = add(&row);
        if !is_full {
            to = row.next;
        }
        is_full
    });
    to
}

/// Answers, and prepares for what will be asked after these lines of a listing.
fn look_ahead(
    core: &Core,
    push: Option<&Push>,
    listing: &Listing,
    lines: Range<u64>,
    answer: impl FnOnce() + Send + 'static,
) {
    // The last answer is empty: by now the kernel knows every entry, and can be given content.
    if let (true, Some(push), Opened::Tree { directory, id, visited }) = (lines.is_empty(), push, listing.opened()) {
        return push.on_listed(directory, *id, *visited, answer);
    }
    answer();
    let subtrees = listing.subtrees(lines.start, lines.end, SUBDIRECTORIES_AHEAD_MAX);
    if !subtrees.is_empty() {
        core.repository().prefetch_directories(&subtrees);
    }
}

pub(super) fn xattr(fuse: &Fuse, inode: Inode, name: &[u8], size: u32, reply: ReplyXattr) {
    if fuse.xattrs.is_off() {
        return reply.error(Errno::ENOSYS);
    }
    let core = Arc::clone(&fuse.core);
    let name: Box<[u8]> = name.into();
    fuse.core.xattrs(inode, move |xattrs| match xattrs {
        Err(fault) => reply.error(answer(&core, inode, &fault)),
        Ok(xattrs) => match xattrs.iter().find(|xattr| xattr.name == name) {
            Some(xattr) => send(&xattr.value, size, reply),
            None => reply.error(answer(&core, inode, &Fault::NoXattr)),
        },
    });
}

pub(super) fn xattr_names(fuse: &Fuse, inode: Inode, size: u32, reply: ReplyXattr) {
    if fuse.xattrs.is_off() {
        return reply.error(Errno::ENOSYS);
    }
    let core = Arc::clone(&fuse.core);
    fuse.core.xattrs(inode, move |xattrs| match xattrs {
        Err(fault) => reply.error(answer(&core, inode, &fault)),
        Ok(xattrs) => {
            let names: Vec<u8> = xattrs.iter().flat_map(|xattr| xattr.name.iter().copied().chain([0])).collect();
            send(&names, size, reply);
        }
    });
}

/// The protocol's way: how large it is when there is no room, else all of it.
fn send(bytes: &[u8], size: u32, reply: ReplyXattr) {
    match u32::try_from(bytes.len()) {
        Ok(len) if size == 0 => reply.size(len),
        Ok(len) if len <= size => reply.data(bytes),
        Ok(_) | Err(_) => reply.error(Errno::ERANGE),
    }
}

pub(super) fn totals(fuse: &Fuse, inode: Inode, reply: ReplyStatfs) {
    let totals = fuse.core.totals(inode);
    let blocks = totals.bytes.div_ceil(u64::from(BLOCK_BYTES));
    let name_bytes = u32::try_from(NAME_BYTES_MAX).unwrap_or(u32::MAX);
    reply.statfs(blocks, 0, 0, totals.entries, 0, BLOCK_BYTES, name_bytes, BLOCK_BYTES);
}
