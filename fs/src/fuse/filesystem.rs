//! One handler for each message of the kernel. None blocks, and none is left to fuser's defaults, which complain in
//! the log. What is answered with more than a constant lies in [`metadata`] and [`content`].

mod content;
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
use super::xattrs::Switch;
use crate::core::Core;
use crate::core::fault::Fault;
use crate::core::inode::Inode;
use crate::push::Push;

/// Requests that the kernel may have under way without anybody waiting: mostly its read-ahead.
const BACKGROUND_REQUESTS: u16 = 64;

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

/// The error number, and a line in the log when it is the repository's fault. File names only in debug lines.
fn answer(core: &Core, inode: Inode, fault: &Fault) -> Errno {
    if let Fault::Repository(error) = fault {
        tracing::warn!(inode = inode.0, error = %error.chain(), "cannot answer");
        tracing::debug!(inode = inode.0, path = core.path_of(inode), "this is the file");
    }
    errno::of(fault)
}

impl Filesystem for Fuse {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
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

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.handle(Message::Lookup, || {
            if name.len() > NAME_BYTES_MAX {
                return reply.error(Errno::ENAMETOOLONG);
            }
            metadata::lookup(self, Inode(parent.0), name.as_bytes(), reply);
        });
    }

    fn forget(&self, _: &Request, _: INodeNo, _: u64) {}

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        self.handle(Message::GetAttr, || metadata::attributes(self, Inode(inode.0), reply));
    }

    fn readlink(&self, _: &Request, inode: INodeNo, reply: ReplyData) {
        self.handle(Message::ReadLink, || metadata::link_target(self, Inode(inode.0), reply));
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.handle(Message::Open, || {
            if self.opens.files_are_free {
                return reply.error(Errno::ENOSYS);
            }
            reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
        });
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.handle(Message::Read, || content::read(self, Inode(inode.0), offset, size, reply));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        self.handle(Message::Flush, || reply.error(Errno::ENOSYS));
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Release, || reply.ok());
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.handle(Message::OpenDir, || {
            if self.opens.directories_are_free {
                return reply.error(Errno::ENOSYS);
            }
            let flags = FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_CACHE_DIR;
            reply.opened(FileHandle(0), flags);
        });
    }

    fn readdir(&self, _: &Request, inode: INodeNo, _: FileHandle, offset: u64, reply: ReplyDirectory) {
        self.handle(Message::ReadDir, || metadata::list(self, Inode(inode.0), offset, reply));
    }

    fn readdirplus(&self, _: &Request, inode: INodeNo, _: FileHandle, offset: u64, reply: ReplyDirectoryPlus) {
        self.handle(Message::ReadDirPlus, || metadata::list_plus(self, Inode(inode.0), offset, reply));
    }

    fn releasedir(&self, _: &Request, _: INodeNo, _: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.handle(Message::ReleaseDir, || reply.ok());
    }

    fn statfs(&self, _: &Request, inode: INodeNo, reply: ReplyStatfs) {
        self.handle(Message::StatFs, || metadata::totals(self, Inode(inode.0), reply));
    }

    fn getxattr(&self, _: &Request, inode: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        self.handle(Message::GetXattr, || metadata::xattr(self, Inode(inode.0), name.as_bytes(), size, reply));
    }

    fn listxattr(&self, _: &Request, inode: INodeNo, size: u32, reply: ReplyXattr) {
        self.handle(Message::ListXattr, || metadata::xattr_names(self, Inode(inode.0), size, reply));
    }

    // From here on: what a file system that nobody can write to refuses, and what the kernel does better itself. The
    // kernel refuses most of it before we are asked, since the mount is read-only.

    fn setattr(
        &self,
        _: &Request,
        _: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn mknod(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, _: u32, _: u32, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn mkdir(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn unlink(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn rmdir(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn symlink(&self, _: &Request, _: INodeNo, _: &OsStr, _: &Path, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn rename(&self, _: &Request, _: INodeNo, _: &OsStr, _: INodeNo, _: &OsStr, _: RenameFlags, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn link(&self, _: &Request, _: INodeNo, _: INodeNo, _: &OsStr, reply: ReplyEntry) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn create(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, _: u32, _: i32, reply: ReplyCreate) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn setxattr(&self, _: &Request, _: INodeNo, _: &OsStr, _: &[u8], _: i32, _: u32, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn removexattr(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn fallocate(&self, _: &Request, _: INodeNo, _: FileHandle, _: u64, _: u64, _: i32, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn copy_file_range(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: u64,
        _: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        self.handle(Message::Other, || reply.error(Errno::EROFS));
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.ok());
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.handle(Message::Other, || reply.ok());
    }

    fn access(&self, _: &Request, _: INodeNo, _: AccessFlags, reply: ReplyEmpty) {
        // The kernel checks by modes and owners (default_permissions), and asks nobody.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn getlk(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: LockOwner,
        _: u64,
        _: u64,
        _: i32,
        _: u32,
        reply: ReplyLock,
    ) {
        // Locks between processes of one machine are the kernel's own business.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn setlk(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: LockOwner,
        _: u64,
        _: u64,
        _: i32,
        _: u32,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn bmap(&self, _: &Request, _: INodeNo, _: u32, _: u64, reply: ReplyBmap) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn ioctl(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: IoctlFlags,
        _: u32,
        _: &[u8],
        _: u32,
        reply: ReplyIoctl,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOTTY));
    }

    fn poll(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: PollNotifier,
        _: PollEvents,
        _: PollFlags,
        reply: ReplyPoll,
    ) {
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }

    fn lseek(&self, _: &Request, _: INodeNo, _: FileHandle, _: i64, _: i32, reply: ReplyLseek) {
        // The kernel then takes the whole file for data, which is what its blobs are.
        self.handle(Message::Other, || reply.error(Errno::ENOSYS));
    }
}
