//! One handler for each message of the kernel. None blocks, and none is left to fuser's defaults, which complain in
//! the log.

mod metadata;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bygone_common::snapshot_path::NAME_BYTES_MAX;
use fuser::{
    AccessFlags, BsdFileFlags, CopyFileRangeFlags, Errno, FileHandle, Filesystem, FopenFlags, INodeNo, InitFlags,
    IoctlFlags, KernelConfig, LockOwner, OpenFlags, PollEvents, PollFlags, PollNotifier, RenameFlags, ReplyAttr,
    ReplyBmap, ReplyCreate, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyIoctl,
    ReplyLock, ReplyLseek, ReplyOpen, ReplyPoll, ReplyStatfs, ReplyWrite, ReplyXattr, Request, TimeOrNow, WriteFlags,
};

use super::counters::{Counters, Message};
use super::errno;
use super::refresh::Refresher;
use super::reply::{FOREVER, attributes, bytes};
use super::xattrs::Switch;
use crate::core::Core;
use crate::core::fault::Fault;
use crate::core::inode::Inode;
use crate::core::listing::Listing;
use crate::push::Push;

/// Requests that the kernel may have under way without anybody waiting: mostly its read-ahead.
const BACKGROUND_REQUESTS: u16 = 64;
/// Subdirectories that are read ahead for each answer to a listing.
const SUBDIRECTORIES_AHEAD_MAX: usize = 512;
/// Blocks of `statfs`.
const BLOCK_BYTES: u32 = 4096;

/// The file system as fuser calls it.
#[derive(Debug)]
pub(super) struct Fuse {
    pub(super) core: Arc<Core>,
    pub(super) counters: Arc<Counters>,
    pub(super) xattrs: Arc<Switch>,
    pub(super) refresher: Option<Refresher>,
    pub(super) push: Option<Push>,
    /// Whether the kernel can do without opens, which makes them free.
    pub(super) opens: Opens,
}

/// What the kernel does with ENOSYS to an open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Opens {
    files_are_free: bool,
    directories_are_free: bool,
}

impl Fuse {
    /// Counts a message and handles it. A panic costs one answer (EIO, when the reply is dropped), not the thread.
    fn handle(&self, message: Message, handler: impl FnOnce()) {
        self.counters.add(message);
        if catch_unwind(AssertUnwindSafe(handler)).is_err() {
            tracing::error!(?message, "a handler panicked");
        }
    }
}

/// Gives the trees below to the workers before anybody asks for them.
fn look_ahead(core: &Core, listing: &Listing, from: u64, to: u64) {
    let subtrees = listing.subtrees(from, to, SUBDIRECTORIES_AHEAD_MAX);
    if !subtrees.is_empty() {
        core.repository().prefetch_directories(&subtrees);
    }
}

/// The error number, and a line in the log when it is the repository's fault. File names only in debug lines.
fn answer(core: &Core, inode: Inode, fault: &Fault) -> Errno {
    if let Fault::Repository(error) = fault {
        tracing::warn!(inode = inode.0, error = %error.chain(), "cannot answer");
        tracing::debug!(inode = inode.0, path = core.path_of(inode), "this is the file");
    }
    errno::of(fault)
}

impl Filesystem for Fuse {
    fn init(&mut self, _request: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
        // One by one: a kernel that lacks one would be given none of them.
        let mut add = |flag: InitFlags| config.add_capabilities(flag).is_ok();
        add(InitFlags::FUSE_DO_READDIRPLUS);
        add(InitFlags::FUSE_PARALLEL_DIROPS);
        add(InitFlags::FUSE_CACHE_SYMLINKS);
        self.opens = Opens {
            files_are_free: add(InitFlags::FUSE_NO_OPEN_SUPPORT),
            directories_are_free: add(InitFlags::FUSE_NO_OPENDIR_SUPPORT),
        };
        for refused in
            [config.set_max_background(BACKGROUND_REQUESTS), config.set_congestion_threshold(BACKGROUND_REQUESTS)]
        {
            if let Err(nearest) = refused {
                tracing::debug!(nearest, "the kernel wants fewer requests in the background");
            }
        }
        Ok(())
    }

    fn destroy(&mut self) {}

    fn lookup(&self, _request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.handle(Message::Lookup, || {
            if name.len() > NAME_BYTES_MAX {
                return reply.error(Errno::ENAMETOOLONG);
            }
            metadata::lookup(self, Inode(parent.0), name.as_bytes(), reply);
        });
    }

    fn forget(&self, _request: &Request, _inode: INodeNo, _lookups: u64) {}

    fn getattr(&self, _request: &Request, inode: INodeNo, _handle: Option<FileHandle>, reply: ReplyAttr) {
        self.handle(Message::GetAttr, || {
            let (core, inode) = (Arc::clone(&self.core), Inode(inode.0));
            self.core.attributes(inode, move |found| match found {
                Ok((of, _)) => reply.attr(&FOREVER, &attributes(&of)),
                Err(fault) => reply.error(answer(&core, inode, &fault)),
            });
        });
    }

    fn readlink(&self, _request: &Request, inode: INodeNo, reply: ReplyData) {
        self.handle(Message::ReadLink, || {
            let (core, inode) = (Arc::clone(&self.core), Inode(inode.0));
            self.core.link_target(inode, move |target| match target {
                Ok(target) => reply.data(target),
                Err(fault) => reply.error(answer(&core, inode, &fault)),
            });
        });
    }

    fn open(&self, _request: &Request, _inode: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        self.handle(Message::Open, || {
            if self.opens.files_are_free {
                return reply.error(Errno::ENOSYS);
            }
            reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
        });
    }

    fn read(
        &self,
        _request: &Request,
        inode: INodeNo,
        _handle: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.handle(Message::Read, || {
            let (core, push, inode) = (Arc::clone(&self.core), self.push.clone(), Inode(inode.0));
            self.core.file_then(inode, move |file| {
                let file = match file {
                    Ok(file) => file,
                    Err(fault) => return reply.error(answer(&core, inode, &fault)),
                };
                let len = usize::try_from(size).unwrap_or(usize::MAX);
                let expected = file.reader.size().saturating_sub(offset).min(u64::from(size));
                let is_random = push.as_ref().is_some_and(|push| push.on_read(&file, offset, u64::from(size)));
                let reader = Arc::clone(&file);
                reader.read_then(offset, len, move |pieces| match pieces {
                    // Invariant: never fewer bytes than the file has there. The kernel would cut the file short.
                    Ok(pieces) if pieces.len() as u64 == expected => {
                        bytes(reply, &pieces);
                        if let Some(push) = push.filter(|_| is_random) {
                            push.after_random_read(&file, offset, &pieces);
                        }
                    }
                    Ok(pieces) => {
                        tracing::error!(inode = inode.0, offset, expected, got = pieces.len(), "a read came out short");
                        reply.error(Errno::EIO);
                    }
                    Err(fault) => reply.error(answer(&core, inode, &fault)),
                });
            });
        });
    }

    fn flush(&self, _request: &Request, _inode: INodeNo, _handle: FileHandle, _owner: LockOwner, reply: ReplyEmpty) {
        self.handle(Message::Flush, || reply.error(Errno::ENOSYS));
    }

    fn release(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Release, || reply.ok());
    }

    fn opendir(&self, _request: &Request, _inode: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        self.handle(Message::OpenDir, || {
            if self.opens.directories_are_free {
                return reply.error(Errno::ENOSYS);
            }
            let flags = FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_CACHE_DIR;
            reply.opened(FileHandle(0), flags);
        });
    }

    fn readdir(&self, _request: &Request, inode: INodeNo, _handle: FileHandle, offset: u64, reply: ReplyDirectory) {
        self.handle(Message::ReadDir, || metadata::list(self, Inode(inode.0), offset, reply));
    }

    fn readdirplus(
        &self,
        _request: &Request,
        inode: INodeNo,
        _handle: FileHandle,
        offset: u64,
        reply: ReplyDirectoryPlus,
    ) {
        self.handle(Message::ReadDirPlus, || metadata::list_plus(self, Inode(inode.0), offset, reply));
    }

    fn releasedir(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _flags: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::ReleaseDir, || reply.ok());
    }

    fn statfs(&self, _request: &Request, inode: INodeNo, reply: ReplyStatfs) {
        self.handle(Message::StatFs, || {
            let totals = self.core.totals(Inode(inode.0));
            let blocks = totals.bytes.div_ceil(u64::from(BLOCK_BYTES));
            let name_bytes = u32::try_from(NAME_BYTES_MAX).unwrap_or(u32::MAX);
            reply.statfs(blocks, 0, 0, totals.entries, 0, BLOCK_BYTES, name_bytes, BLOCK_BYTES);
        });
    }

    fn getxattr(&self, _request: &Request, inode: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        self.handle(Message::GetXattr, || metadata::xattr(self, Inode(inode.0), name.as_bytes(), size, reply));
    }

    fn listxattr(&self, _request: &Request, inode: INodeNo, size: u32, reply: ReplyXattr) {
        self.handle(Message::ListXattr, || metadata::xattr_names(self, Inode(inode.0), size, reply));
    }

    // From here on: what a file system that nobody can write to refuses, and what the kernel does better itself. The
    // kernel refuses most of it before we are asked, since the mount is read-only.

    fn setattr(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _mode: Option<u32>,
        _uid: Option<u32>,
        _gid: Option<u32>,
        _size: Option<u64>,
        _atime: Option<TimeOrNow>,
        _mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        _handle: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn mknod(
        &self,
        _request: &Request,
        _parent: INodeNo,
        _name: &OsStr,
        _mode: u32,
        _umask: u32,
        _device: u32,
        reply: ReplyEntry,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn mkdir(&self, _request: &Request, _parent: INodeNo, _name: &OsStr, _mode: u32, _umask: u32, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn unlink(&self, _request: &Request, _parent: INodeNo, _name: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn rmdir(&self, _request: &Request, _parent: INodeNo, _name: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn symlink(&self, _request: &Request, _parent: INodeNo, _name: &OsStr, _target: &Path, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn rename(
        &self,
        _request: &Request,
        _parent: INodeNo,
        _name: &OsStr,
        _new_parent: INodeNo,
        _new_name: &OsStr,
        _flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn link(&self, _request: &Request, _inode: INodeNo, _new_parent: INodeNo, _new_name: &OsStr, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn write(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _offset: u64,
        _data: &[u8],
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn create(
        &self,
        _request: &Request,
        _parent: INodeNo,
        _name: &OsStr,
        _mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn setxattr(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _name: &OsStr,
        _value: &[u8],
        _flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn removexattr(&self, _request: &Request, _inode: INodeNo, _name: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn fallocate(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _offset: u64,
        _length: u64,
        _mode: i32,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn copy_file_range(
        &self,
        _request: &Request,
        _inode_in: INodeNo,
        _handle_in: FileHandle,
        _offset_in: u64,
        _inode_out: INodeNo,
        _handle_out: FileHandle,
        _offset_out: u64,
        _len: u64,
        _flags: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn fsync(&self, _request: &Request, _inode: INodeNo, _handle: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.ok());
    }

    fn fsyncdir(&self, _request: &Request, _inode: INodeNo, _handle: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.ok());
    }

    fn access(&self, _request: &Request, _inode: INodeNo, _mask: AccessFlags, reply: ReplyEmpty) {
        // The kernel checks by modes and owners (default_permissions), and asks nobody.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn getlk(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _owner: LockOwner,
        _start: u64,
        _end: u64,
        _kind: i32,
        _process: u32,
        reply: ReplyLock,
    ) {
        // Locks between processes of one machine are the kernel's own business.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn setlk(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _owner: LockOwner,
        _start: u64,
        _end: u64,
        _kind: i32,
        _process: u32,
        _sleep: bool,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn bmap(&self, _request: &Request, _inode: INodeNo, _block_bytes: u32, _index: u64, reply: ReplyBmap) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn ioctl(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _flags: IoctlFlags,
        _command: u32,
        _data: &[u8],
        _out_bytes: u32,
        reply: ReplyIoctl,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOTTY));
    }

    fn poll(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _notifier: PollNotifier,
        _events: PollEvents,
        _flags: PollFlags,
        reply: ReplyPoll,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn lseek(
        &self,
        _request: &Request,
        _inode: INodeNo,
        _handle: FileHandle,
        _offset: i64,
        _whence: i32,
        reply: ReplyLseek,
    ) {
        // The kernel then takes the whole file for data, which is what its blobs are.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }
}
