//! Writing into a folder of this machine: a file is there whole, for good, or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::Local;
use super::files::OpenFiles;
use crate::backend::{CancelToken, Content, FileId, FileKind, Limits, Receive};
use crate::disk;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of small pieces that are gathered into one write.
const GATHERED_BYTES: usize = 256 << 10;
/// What follows the file's name in that of an unfinished one, as in restic. No listing takes it for an id.
const UNFINISHED: &str = "-tmp-";
/// Folders inside `data/`: one for each first byte of an id.
const SHARDS: u8 = u8::MAX;

impl Local {
    pub(super) fn make_folders(&self) -> Result<()> {
        let modes = self.modes()?;
        let data = self.root.join(FileKind::Pack.folder());
        let kinds = [FileKind::Key, FileKind::Lock, FileKind::Snapshot, FileKind::Index];
        let mut folders = vec![self.root.clone(), data.clone()];
        folders.extend(kinds.map(|kind| self.root.join(kind.folder())));
        folders.extend((0..=SHARDS).map(|first| data.join(format!("{first:02x}"))));
        for folder in &folders {
            modes.make_folders(folder).map_err(|error| Error::io(format!("make {}", folder.display()), error))?;
        }
        for folder in [&data, &self.root] {
            sync_folder(folder).map_err(|error| Error::io(format!("make {} durable", folder.display()), error))?;
        }
        Ok(())
    }

    pub(super) fn write_file(&self, file: FileId, content: &Content) -> Result<()> {
        let path = self.path(file);
        let modes = self.modes()?;
        // Dropping an unfinished file removes it.
        let unfinished = self.unfinished(&path, modes)?;
        self.fill(file, unfinished.as_file(), content)?;
        Finishing { file, path, modes, files: Arc::clone(&self.files) }.finish(unfinished)
    }

    pub(super) fn receive_file(&self, file: FileId) -> Result<Box<dyn Receive>> {
        let path = self.path(file);
        let modes = self.modes()?;
        let unfinished = self.unfinished(&path, modes)?;
        let finishing = Finishing { file, path, modes, files: Arc::clone(&self.files) };
        let (limits, cancel) = (Arc::clone(&self.limits), self.cancel.clone());
        Ok(Box::new(Receiving { unfinished, finishing, limits, cancel }))
    }

    fn fill(&self, file: FileId, target: &fs::File, content: &Content) -> Result<()> {
        let failed = |error| Error::io(format!("write {}", self.path(file).display()), error);
        let step = self.limits.upload_step();
        let mut target = io::BufWriter::with_capacity(GATHERED_BYTES, target);
        for piece in content.pieces() {
            for part in piece.chunks(usize::try_from(step).unwrap_or(usize::MAX)) {
                let wait = self.limits.upload(part.len() as u64);
                if !wait.is_zero() && !self.cancel.sleep(wait) {
                    return Err(Error::new(ErrorKind::Cancelled, format!("write {file}: cancelled")));
                }
                target.write_all(part).map_err(failed)?;
            }
        }
        target.flush().map_err(failed)
    }

    /// An empty file beside `path`. Its folder is made if it is missing, but never the repository's.
    fn unfinished(&self, path: &Path, modes: Modes) -> Result<NamedTempFile> {
        let folder = path.parent().unwrap_or(&self.root);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!("{name}{UNFINISHED}");
        let make = || tempfile::Builder::new().prefix(&prefix).tempfile_in(folder);
        let made = match make() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder != self.root => {
                self.make_missing_folder(folder, modes)?;
                make()
            }
            made => made,
        };
        made.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => self.absent(),
            _ => Error::io(format!("write {}", path.display()), error),
        })
    }

    fn make_missing_folder(&self, folder: &Path, modes: Modes) -> Result<()> {
        // A disk that is not mounted lacks everything: what would be written then would hide below its mount point.
        if !self.path(FileId::CONFIG).exists() {
            return Err(self.absent());
        }
        let failed = |error| Error::io(format!("make {}", folder.display()), error);
        modes.make_folders(folder).map_err(failed)?;
        sync_folder(folder.parent().unwrap_or(&self.root)).map_err(failed)
    }

    pub(super) fn remove_file(&self, file: FileId) -> Result<()> {
        let path = self.path(file);
        self.files.forget(file);
        match remove(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.already_gone(file),
            Err(error) => return Err(Error::io(format!("remove {}", path.display()), error)),
        }
        match file.kind {
            // A pack that comes back after a power cut is in nobody's way, and there are many.
            FileKind::Pack => Ok(()),
            // An index file that comes back would name packs that are gone.
            FileKind::Config | FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => {
                let folder = path.parent().unwrap_or(&self.root);
                sync_folder(folder).map_err(|error| Error::io(format!("make {} durable", folder.display()), error))
            }
        }
    }

    /// A file that is not there was removed before, if the repository is there.
    fn already_gone(&self, file: FileId) -> Result<()> {
        match file.kind {
            FileKind::Config => Ok(()),
            _ if self.path(FileId::CONFIG).exists() => Ok(()),
            _ => Err(self.absent()),
        }
    }

    fn absent(&self) -> Error {
        let shown = self.root.display();
        Error::new(ErrorKind::NotARepository, format!("no repository at {shown}: it holds no config file"))
    }

    /// The rights of what is made: those of the config, as in restic, so that a group may share a repository.
    fn modes(&self) -> Result<Modes> {
        match fs::metadata(self.path(FileId::CONFIG)) {
            Ok(config) => Ok(Modes::like(&config)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Modes::default()),
            Err(error) => Err(Error::io(format!("look at {}", self.path(FileId::CONFIG).display()), error)),
        }
    }
}

/// What a written file still needs before it is there.
struct Finishing {
    file: FileId,
    path: PathBuf,
    modes: Modes,
    files: Arc<OpenFiles>,
}

impl Finishing {
    fn finish(self, mut unfinished: NamedTempFile) -> Result<()> {
        let path = &self.path;
        let failed = |error| Error::io(format!("write {}", path.display()), error);
        match unfinished.as_file().sync_all() {
            Ok(()) => {}
            Err(error) if cannot_sync(&error) => {}
            Err(error) => return Err(failed(error)),
        }
        self.modes.protect(&mut unfinished).map_err(failed)?;
        unfinished.persist(path).map_err(|error| failed(error.error))?;
        // Readers of a damaged file that was replaced must open the new one.
        self.files.forget(self.file);
        let folder = path.parent().unwrap_or(path);
        sync_folder(folder).map_err(|error| Error::io(format!("make {} durable", path.display()), error))
    }
}

/// A file that comes piece by piece. Dropped, it never was.
struct Receiving {
    unfinished: NamedTempFile,
    finishing: Finishing,
    limits: Arc<Limits>,
    cancel: CancelToken,
}

impl Receive for Receiving {
    fn write(&mut self, piece: &[u8]) -> Result<()> {
        let file = self.finishing.file;
        let wait = self.limits.upload(piece.len() as u64);
        if !wait.is_zero() && !self.cancel.sleep(wait) {
            return Err(Error::new(ErrorKind::Cancelled, format!("write {file}: cancelled")));
        }
        let written = self.unfinished.as_file_mut().write_all(piece);
        written.map_err(|error| Error::io(format!("write {}", self.finishing.path.display()), error))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.finishing.finish(self.unfinished)
    }
}

/// Who may read what is made.
#[derive(Debug, Clone, Copy, Default)]
struct Modes {
    /// The owner's group, too.
    #[cfg(unix)]
    group: bool,
}

#[cfg(unix)]
impl Modes {
    fn like(config: &fs::Metadata) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        Self { group: config.permissions().mode() & 0o040 != 0 }
    }

    fn make_folders(self, folder: &Path) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(if self.group { 0o750 } else { 0o700 }).create(folder)
    }

    /// Nobody shall change a finished file, not even by mistake.
    fn protect(self, file: &mut NamedTempFile) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::Permissions::from_mode(if self.group { 0o440 } else { 0o400 });
        match file.as_file().set_permissions(mode) {
            // File systems without rights of their own, such as exFAT.
            Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {
                Ok(())
            }
            set => set,
        }
    }
}

#[cfg(not(unix))]
impl Modes {
    fn like(_config: &fs::Metadata) -> Self {
        Self::default()
    }

    fn make_folders(self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn protect(self, _file: &mut NamedTempFile) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests;

fn remove(path: &Path) -> io::Result<()> {
    // Windows removes no file that is marked read-only, as older versions of restic left them.
    #[cfg(windows)]
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().readonly()
    {
        let mut permissions = metadata.permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        permissions.set_readonly(false);
        fs::set_permissions(path, permissions)?;
    }
    fs::remove_file(path)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    match disk::sync_folder(folder) {
        Err(error) if cannot_sync(&error) => Ok(()),
        synced => synced,
    }
}

/// Whether a file system has no such call: some network file systems do not.
fn cannot_sync(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}
