//! Writing over SFTP: under a temporary name, to the disk where the server can, and then renamed.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::extensions::HardlinkExtension;
use russh_sftp::protocol::{FileAttributes, OpenFlags, Packet, StatusCode};

use super::Sftp;
use super::connection::Connection;
use super::failure;
use super::files::{EntryKind, step};
use crate::backend::upload::Moved;
use crate::backend::{Content, FileId, FileKind, layout};
use crate::error::{Error, ErrorKind, Result};

/// OpenSSH's rename that replaces what is there; the protocol's own refuses.
pub(super) const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// Write requests of one call under way: 4 MiB, as for reads.
const WRITES_UNDER_WAY_MAX: usize = 64;
/// Folders that are made at once.
const FOLDERS_AT_ONCE_MAX: usize = 32;
/// What follows the file's name in that of an unfinished one. No listing takes it for an id.
const UNFINISHED: &str = "-tmp-";
/// The bit of a disk's flags that says it cannot be written to.
const READ_ONLY: u64 = 1;
/// Rights of what is made, as in restic.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

impl Sftp {
    pub(super) async fn make_folders(&self, connection: &Connection, doing: &str) -> Result<()> {
        match self.make_all_folders(connection, doing).await {
            Err(error) if error.kind() == ErrorKind::Io => Err(self.why(connection, 0, error).await),
            made => made,
        }
    }

    async fn make_all_folders(&self, connection: &Connection, doing: &str) -> Result<()> {
        let root = self.location.path.as_str();
        // All that lead to the place, each from the one before.
        for (at, _) in root.match_indices('/').filter(|(at, _)| *at > 0) {
            self.make_folder(connection, doing, root.get(..at).unwrap_or(root)).await?;
        }
        self.make_folder(connection, doing, root).await?;
        for kind in [FileKind::Pack, FileKind::Key, FileKind::Lock, FileKind::Snapshot, FileKind::Index] {
            self.make_folder(connection, doing, &self.path(kind.folder())).await?;
        }
        let data = self.path(FileKind::Pack.folder());
        let shards = (0..=u8::MAX).map(|first| format!("{data}/{first:02x}"));
        let made = stream::iter(shards.map(|shard| async move { self.make_folder(connection, doing, &shard).await }));
        made.buffer_unordered(FOLDERS_AT_ONCE_MAX).try_collect().await
    }

    /// Makes a folder unless it is there.
    async fn make_folder(&self, connection: &Connection, doing: &str, path: &str) -> Result<()> {
        let attributes = FileAttributes { permissions: Some(FOLDER_MODE), ..FileAttributes::empty() };
        let made = step(&self.remote, doing, connection.sftp.mkdir(path, attributes)).await;
        match made {
            Ok(_) => Ok(()),
            Err(error) if error.kind().is_transient() => Err(error),
            // Servers do not tell "it is there" from other failures.
            Err(error) => match connection.look_at(&self.remote, doing, path).await {
                Ok(EntryKind::Folder) => Ok(()),
                Ok(EntryKind::File(_) | EntryKind::Unclear) | Err(_) => Err(error),
            },
        }
    }

    pub(super) async fn write_file(
        &self,
        connection: &Arc<Connection>,
        doing: &str,
        file: FileId,
        content: &Content,
    ) -> Result<()> {
        let path = self.path(&layout::path_of(file));
        let written = self.write_and_rename(connection, doing, &path, content).await;
        connection.files.forget(file);
        match written {
            Err(error) if error.kind() == ErrorKind::Io => Err(self.why(connection, content.len(), error).await),
            written => written,
        }
    }

    async fn write_and_rename(
        &self,
        connection: &Arc<Connection>,
        doing: &str,
        path: &str,
        content: &Content,
    ) -> Result<()> {
        let mut unfinished = self.unfinished(connection, doing, path).await?;
        self.fill(connection, doing, &unfinished, content).await?;
        if connection.offers.fsync {
            match step(&self.remote, doing, connection.sftp.fsync(unfinished.handle.as_str())).await {
                Ok(_) => {}
                // Some of the server's file systems have no such call.
                Err(error) if error.kind() == ErrorKind::Unsupported => {}
                Err(error) => return Err(error),
            }
        }
        unfinished.is_open = false;
        // The server may only now tell that the disk is full.
        step(&self.remote, doing, connection.sftp.close(unfinished.handle.as_str())).await?;
        self.rename(connection, doing, &unfinished.path, path, content.len()).await?;
        unfinished.is_there = false;
        Ok(())
    }

    /// A new file beside `path`. Its folder is made if it is missing, but never the repository's.
    async fn unfinished(&self, connection: &Arc<Connection>, doing: &str, path: &str) -> Result<Unfinished> {
        let temporary = format!("{path}{UNFINISHED}{:016x}", fastrand::u64(..));
        let opened = match self.open_new(connection, doing, &temporary).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
                // A disk that is not mounted lacks everything: what would be written then would hide below its mount point.
                if folder == self.location.path || self.config_size(connection, doing).await?.is_none() {
                    return Err(self.absent(doing));
                }
                self.make_folder(connection, doing, folder).await?;
                self.open_new(connection, doing, &temporary).await
            }
            opened => opened,
        };
        let sftp = Arc::clone(&connection.sftp);
        Ok(Unfinished { sftp, handle: opened?, path: temporary, is_open: true, is_there: true })
    }

    async fn open_new(&self, connection: &Connection, doing: &str, path: &str) -> Result<String> {
        let attributes = FileAttributes { permissions: Some(FILE_MODE), ..FileAttributes::empty() };
        let flags = OpenFlags::CREATE | OpenFlags::EXCLUDE | OpenFlags::WRITE;
        Ok(step(&self.remote, doing, connection.sftp.open(path, flags, attributes)).await?.handle)
    }

    /// Sends the content by many requests that are under way together.
    async fn fill(&self, connection: &Connection, doing: &str, target: &Unfinished, content: &Content) -> Result<()> {
        let moved = Moved::of(content);
        let len = u64::from(connection.write_bytes).min(self.remote.upload_step());
        let parts = (0..content.len().div_ceil(len)).map(|number| {
            let (moved, start) = (&moved, number * len);
            async move {
                let part = content.part(start, len);
                self.remote.pace_upload(part.len()).await;
                let sent = part.len();
                let written = connection.sftp.write(target.handle.as_str(), start, part.to_vec()).await;
                written.map_err(|error| failure::sftp(doing, error))?;
                moved.note(sent);
                Ok(())
            }
        });
        let all = stream::iter(parts).buffer_unordered(WRITES_UNDER_WAY_MAX).try_collect();
        self.remote.while_moving(&moved, doing, all).await
    }

    async fn rename(&self, connection: &Connection, doing: &str, from: &str, to: &str, size: u64) -> Result<()> {
        if connection.offers.posix_rename {
            return step(&self.remote, doing, posix_rename(&connection.sftp, from, to)).await;
        }
        let plainly = step(&self.remote, doing, connection.sftp.rename(from, to)).await;
        match plainly {
            Ok(_) => Ok(()),
            Err(error) if error.kind().is_transient() => Err(error),
            Err(error) => match connection.look_at(&self.remote, doing, to).await {
                // The same file was written before.
                Ok(EntryKind::File(there)) if there == size => Ok(()),
                // What is in the way is not whole: something other than a rename of ours left it.
                Ok(EntryKind::File(_)) => {
                    step(&self.remote, doing, connection.sftp.remove(to)).await?;
                    step(&self.remote, doing, connection.sftp.rename(from, to)).await.map(drop)
                }
                Ok(EntryKind::Folder | EntryKind::Unclear) | Err(_) => Err(error),
            },
        }
    }

    /// SFTP has no word for a disk that is full or read-only: servers only say that they failed.
    async fn why(&self, connection: &Connection, len: u64, error: Error) -> Error {
        if !connection.offers.statvfs {
            return error;
        }
        let disk = step(&self.remote, "ask how full the disk is", connection.sftp.statvfs(self.location.path.as_str()));
        match disk.await {
            Ok(disk) if disk.flags & READ_ONLY != 0 => {
                Error::new(ErrorKind::Denied, format!("{error}: its disk is read-only"))
            }
            Ok(disk) if disk.blocks_avail.saturating_mul(disk.fragment_size) < len || disk.inodes_avail == 0 => {
                Error::new(ErrorKind::NoSpace, format!("{error}: its disk is full"))
            }
            Ok(_) | Err(_) => error,
        }
    }

    pub(super) async fn remove_file(&self, connection: &Connection, doing: &str, file: FileId) -> Result<()> {
        connection.files.forget(file);
        let path = self.path(&layout::path_of(file));
        match step(&self.remote, doing, connection.sftp.remove(path)).await {
            Ok(_) => Ok(()),
            // Gone already, if the repository is there.
            Err(error) if error.kind() == ErrorKind::NotFound => match file.kind {
                FileKind::Config => Ok(()),
                FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index | FileKind::Pack => {
                    self.config_size(connection, doing).await?.map(drop).ok_or_else(|| self.absent(doing))
                }
            },
            Err(error) if error.kind() == ErrorKind::Io => Err(self.why(connection, 0, error).await),
            Err(error) => Err(error),
        }
    }

    fn absent(&self, doing: &str) -> Error {
        Error::new(ErrorKind::NotARepository, format!("{doing}: no repository there, as it holds no config file"))
    }
}

/// A file under its temporary name. Removed when dropped, so that a call that fails or is given up leaves nothing.
struct Unfinished {
    sftp: Arc<RawSftpSession>,
    handle: String,
    path: String,
    is_open: bool,
    is_there: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_there {
            return;
        }
        // Outside the runtime the whole backend is being dropped, and its connection with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (sftp, is_open) = (Arc::clone(&self.sftp), self.is_open);
        let (handle, path) = (std::mem::take(&mut self.handle), std::mem::take(&mut self.path));
        // Nobody can do anything about a failure: the name is one that no listing takes for a file of the repository.
        runtime.spawn(async move {
            if is_open {
                sftp.close(handle).await.ok();
            }
            sftp.remove(path).await.ok();
        });
    }
}

async fn posix_rename(sftp: &RawSftpSession, from: &str, to: &str) -> Result<(), SftpError> {
    // It carries the same two paths as the extension for links.
    let paths = HardlinkExtension { oldpath: from.to_owned(), newpath: to.to_owned() };
    match sftp.extended(POSIX_RENAME, paths.try_into()?).await? {
        Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
        Packet::Status(status) => Err(SftpError::Status(status)),
        _ => Err(SftpError::UnexpectedPacket),
    }
}
