//! The bytes of files.

use std::sync::Arc;

use fuser::{Errno, ReplyData};

use super::{Fuse, answer};
use crate::core::inode::Inode;
use crate::fuse::reply::bytes;

/// Answers with all bytes that the file has there, up to `size`.
pub(super) fn read(fuse: &Fuse, inode: Inode, offset: u64, size: u32, reply: ReplyData) {
    let (core, push) = (Arc::clone(&fuse.core), fuse.push.clone());
    fuse.core.file_then(inode, move |file| {
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
}
