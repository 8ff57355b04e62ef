//! Folders and files over one SFTP session.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, FileType, OpenFlags};

use super::connection::Connection;
use super::failure;
use crate::backend::options::Deadlines;
use crate::backend::remote::Remote;
use crate::backend::{FileId, too_short};
use crate::error::{Error, ErrorKind, Result};

/// Bytes of one request that every server takes and serves in one packet.
pub(super) const REQUEST_BYTES_SAFE: u32 = 32 << 10;
/// Bytes of one request where the server tells that it takes as many. More would only delay other calls' answers.
const REQUEST_BYTES_MAX: u32 = 64 << 10;
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
    let slowest = deadlines.for_bytes(u64::from(REQUEST_BYTES_MAX) * READS_UNDER_WAY_MAX as u64);
    Config { request_timeout_secs: slowest.as_secs().saturating_add(1), ..Config::default() }
}

/// Bytes of one request, given what the server takes at most.
pub(super) fn request_bytes(server_max: Option<u64>) -> u32 {
    let server_max = server_max.and_then(|max| u32::try_from(max).ok()).unwrap_or(REQUEST_BYTES_MAX);
    server_max.clamp(1, REQUEST_BYTES_MAX)
}

/// The files read last, open on the server.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    files: Mutex<HashMap<FileId, (u64, Arc<ServerHandle>)>>,
    clock: AtomicU64,
}

impl OpenFiles {
    fn get(&self, file: FileId) -> Option<Arc<ServerHandle>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut files = self.files.lock();
        let (used, handle) = files.get_mut(&file)?;
        *used = now;
        Some(Arc::clone(handle))
    }

    pub(super) fn forget(&self, file: FileId) {
        self.files.lock().remove(&file);
    }

    fn keep(&self, file: FileId, handle: &Arc<ServerHandle>) {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut files = self.files.lock();
        if files.len() >= OPEN_FILES_MAX
            && let Some(oldest) = files.iter().min_by_key(|(_, (used, _))| *used).map(|(file, _)| *file)
        {
            files.remove(&oldest);
        }
        files.insert(file, (now, Arc::clone(handle)));
    }
}

/// A file or folder open on the server; closed when dropped.
pub(super) struct ServerHandle {
    sftp: Arc<RawSftpSession>,
    handle: String,
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle").finish_non_exhaustive()
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        // Outside the runtime the whole backend is being dropped, and its connection with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (sftp, handle) = (Arc::clone(&self.sftp), std::mem::take(&mut self.handle));
        // Nobody needs the answer; a session that has ended has closed everything already.
        runtime.spawn(async move { sftp.close(handle).await });
    }
}

impl Connection {
    /// Opens a file for reading, or finds it open.
    pub(super) async fn open(
        &self,
        remote: &Remote,
        doing: &str,
        file: FileId,
        path: &str,
    ) -> Result<Arc<ServerHandle>> {
        if let Some(handle) = self.files.get(file) {
            return Ok(handle);
        }
        let opened = step(remote, doing, self.sftp.open(path, OpenFlags::READ, FileAttributes::empty())).await?;
        let handle = Arc::new(ServerHandle { sftp: Arc::clone(&self.sftp), handle: opened.handle });
        self.files.keep(file, &handle);
        Ok(handle)
    }

    /// The size of an open file.
    pub(super) async fn size(&self, remote: &Remote, doing: &str, open: &ServerHandle) -> Result<u64> {
        let attributes = step(remote, doing, self.sftp.fstat(open.handle.as_str())).await?;
        attributes
            .attrs
            .size
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("{doing}: the server tells no size")))
    }

    /// Fills `buffer` from `offset` on, by many requests that are under way together.
    pub(super) async fn read(
        &self,
        remote: &Remote,
        doing: &str,
        file: FileId,
        open: &ServerHandle,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<()> {
        let limit = remote.deadlines.for_bytes(buffer.len() as u64);
        let wanted = buffer.len();
        let parts = (0_u64..).zip(buffer.chunks_mut(self.read_bytes as usize)).map(|(number, part)| {
            let start = offset.saturating_add(number.saturating_mul(u64::from(self.read_bytes)));
            self.read_part(remote, doing, open, start, part)
        });
        let mut parts = stream::iter(parts).buffer_unordered(READS_UNDER_WAY_MAX);
        let all = async {
            // Invariant: some part arrives within every deadline for an answer, or the server hangs.
            while let Some(part) =
                remote.within(remote.deadlines.answer, doing, async { Ok(parts.next().await) }).await?
            {
                if let Part::EndsAt(size) = part? {
                    return Err(too_short(file, size, offset, wanted).context(doing));
                }
            }
            Ok(())
        };
        let answer = remote.within(limit, doing, all).await;
        if answer.is_err() {
            // The file may have been replaced by a whole one meanwhile: open anew next time.
            self.files.forget(file);
        }
        answer
    }

    async fn read_part(
        &self,
        remote: &Remote,
        doing: &str,
        open: &ServerHandle,
        start: u64,
        part: &mut [u8],
    ) -> Result<Part> {
        let _turn = self.reads.acquire().await;
        let mut rest = part;
        let mut at = start;
        // A server may answer with fewer bytes than it was asked for.
        while let Ok(len @ 1..) = u32::try_from(rest.len()) {
            let data = match self.sftp.read(open.handle.as_str(), at, len).await {
                Ok(answer) => answer.data,
                Err(error) if failure::is_end(&error) => return Ok(Part::EndsAt(at)),
                Err(error) => return Err(failure::sftp(doing, error)),
            };
            let Some((head, tail)) = rest.split_at_mut_checked(data.len()).filter(|_| !data.is_empty()) else {
                let context = format!("{doing}: the server sent {} bytes when asked for {len}", data.len());
                return Err(Error::new(ErrorKind::Damaged, context));
            };
            head.copy_from_slice(&data);
            remote.pace_download(data.len() as u64).await;
            at = at.saturating_add(data.len() as u64);
            rest = tail;
        }
        Ok(Part::Filled)
    }

    /// All entries of a folder but `.` and `..`.
    pub(super) async fn list(&self, remote: &Remote, doing: &str, folder: &str) -> Result<Vec<Entry>> {
        let opened = step(remote, doing, self.sftp.opendir(folder)).await?;
        let handle = ServerHandle { sftp: Arc::clone(&self.sftp), handle: opened.handle };
        let mut entries = Vec::new();
        loop {
            let page = async { Ok(self.sftp.readdir(handle.handle.as_str()).await) };
            let page = match remote.within(remote.deadlines.answer, doing, page).await? {
                Ok(page) => page.files,
                // Invariant: only the server's own word ends a listing.
                Err(error) if failure::is_end(&error) => return Ok(entries),
                Err(error) => return Err(failure::sftp(doing, error)),
            };
            entries.extend(page.into_iter().filter(|file| file.filename != "." && file.filename != "..").map(|file| {
                let kind = kind_of(&file.attrs);
                Entry { name: file.filename, kind }
            }));
        }
    }

    /// What lies at a path, links followed.
    pub(super) async fn look_at(&self, remote: &Remote, doing: &str, path: &str) -> Result<EntryKind> {
        let attributes = step(remote, doing, self.sftp.stat(path)).await?;
        match kind_of(&attributes.attrs) {
            EntryKind::Unclear => {
                Err(Error::new(ErrorKind::Unsupported, format!("{doing}: the server does not tell what {path} is")))
            }
            kind => Ok(kind),
        }
    }
}

/// How a read request ended.
enum Part {
    Filled,
    /// The file ends at this offset, before the part does.
    EndsAt(u64),
}

/// One request and its answer under the deadline for answers.
pub(super) async fn step<T>(
    remote: &Remote,
    doing: &str,
    request: impl Future<Output = Result<T, SftpError>>,
) -> Result<T> {
    let step = async { request.await.map_err(|error| failure::sftp(doing, error)) };
    remote.within(remote.deadlines.answer, doing, step).await
}

fn kind_of(attributes: &FileAttributes) -> EntryKind {
    // The type is part of the permission bits, which a server may leave out.
    let typed = attributes.permissions.is_some();
    match (attributes.file_type(), attributes.size) {
        (FileType::File, Some(size)) if typed => EntryKind::File(size),
        (FileType::Dir, _) if typed => EntryKind::Folder,
        _ => EntryKind::Unclear,
    }
}
