//! Folders and files over one SFTP session.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, FileType, OpenFlags};

use super::connection::Connection;
use super::failure;
use crate::backend::options::Deadlines;
use crate::backend::remote::Remote;
use crate::backend::{FileId, too_short};
use crate::error::{Error, ErrorKind, Result};

/// Bytes of one read request that every server serves in one answer.
pub(super) const READ_BYTES_SAFE: u32 = 32 << 10;
/// Bytes of one read request where the server tells that it serves as many. More would only delay other calls' answers.
const READ_BYTES_MAX: u32 = 64 << 10;
/// Read requests under way on one connection: 4 MiB, which fills 40 MB/s over 100 ms of latency.
pub(super) const READS_UNDER_WAY_MAX: usize = 64;
/// Files kept open on the server between reads, since opening costs a round trip. Servers allow a hundred and more.
const OPEN_FILES_MAX: usize = 32;

/// An entry of a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// A file of this many bytes.
    File(u64),
    /// A folder, or something else that holds no bytes.
    Folder,
    /// A link, or the server does not tell.
    Unclear,
}

/// How the session waits and takes packets.
pub(super) fn config(deadlines: &Deadlines) -> Config {
    // The library's own deadline only backs ours, which see the progress of the whole call.
    let slowest = deadlines.for_bytes(u64::from(READ_BYTES_MAX) * READS_UNDER_WAY_MAX as u64);
    Config { request_timeout_secs: slowest.as_secs().saturating_add(1), ..Config::default() }
}

/// Bytes of one read request, given what the server serves at most.
pub(super) fn read_bytes(server_max: Option<u64>) -> u32 {
    let server_max = server_max.and_then(|max| u32::try_from(max).ok()).unwrap_or(READ_BYTES_MAX);
    server_max.clamp(1, READ_BYTES_MAX)
}

/// The files read last, open on the server.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    files: Mutex<HashMap<FileId, (u64, Arc<OpenFile>)>>,
    clock: AtomicU64,
}

/// A file open on the server; closed when dropped.
pub(super) struct OpenFile {
    connection: Arc<Connection>,
    file: FileId,
    handle: ServerHandle,
}
