//! Asking the core and waiting for the answer: WinFsp's threads may block.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use bygone_vault::{Error, ErrorKind, Pieces};

use crate::core::Core;
use crate::core::attributes::Attributes;
use crate::core::fault::{Answer, Fault};
use crate::core::files::OpenFile;
use crate::core::inode::Inode;
use crate::core::listing::Listing;

fn wait<T: Send + 'static>(ask: impl FnOnce(Box<dyn FnOnce(Answer<T>) + Send>)) -> Answer<T> {
    let (send, receive) = sync_channel(1);
    ask(Box::new(move |answer| {
        if send.send(answer).is_err() {
            tracing::debug!("nobody waits for an answer any more");
        }
    }));
    let given_up = || Fault::Repository(Error::new(ErrorKind::Cancelled, "an answer was given up"));
    receive.recv().map_err(|_| given_up())?
}

/// What there is to know of a thing.
///
/// # Errors
/// As [`Core::attributes`].
pub fn attributes(core: &Arc<Core>, inode: Inode) -> Answer<Attributes> {
    wait(|then| core.attributes(inode, then)).map(|(attributes, _)| attributes)
}

/// A directory's lines.
///
/// # Errors
/// As [`Core::list`].
pub fn list(core: &Arc<Core>, inode: Inode) -> Answer<Listing> {
    wait(|then| core.list(inode, then))
}

/// A file, ready to be read.
///
/// # Errors
/// As [`Core::file_then`].
pub fn file(core: &Arc<Core>, inode: Inode) -> Answer<Arc<OpenFile>> {
    wait(|then| core.file_then(inode, then))
}

/// Bytes of a file.
///
/// # Errors
/// As [`OpenFile::read_then`].
pub fn read(file: &OpenFile, offset: u64, len: usize) -> Answer<Pieces> {
    wait(|then| file.read_then(offset, len, then))
}

/// Where a symbolic link points.
///
/// # Errors
/// As [`Core::link_target`].
pub fn link_target(core: &Arc<Core>, inode: Inode) -> Answer<Vec<u8>> {
    wait(|then| core.link_target(inode, move |target| then(target.map(<[u8]>::to_vec))))
}
