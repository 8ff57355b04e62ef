//! A repository in a folder of this machine.

mod files;
mod write;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{
    Backend, BackendOptions, CancelToken, Content, FileId, FileKind, Limits, Listed, Receive, Storage, layout,
    too_short,
};
use crate::disk;
use crate::error::{Error, ErrorKind, Result};
use files::OpenFiles;

/// A folder that holds a repository.
#[derive(Debug)]
pub(super) struct Local {
    root: PathBuf,
    files: Arc<OpenFiles>,
    limits: Arc<Limits>,
    cancel: CancelToken,
}

impl Local {
    /// The folder need not exist.
    pub(super) fn new(root: &Path, options: &BackendOptions, cancel: CancelToken) -> Self {
        Self { root: root.to_owned(), files: Arc::default(), limits: Arc::clone(&options.bandwidth), cancel }
    }

    /// # Errors
    /// `NotARepository` when there is no such folder.
    pub(super) fn look_for(root: &Path) -> Result<()> {
        let shown = root.display();
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => {
                Err(Error::new(ErrorKind::NotARepository, format!("no repository at {shown}: it is not a folder")))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::new(
                ErrorKind::NotARepository,
                format!("no repository at {shown}: the folder does not exist"),
            )),
            Err(error) => Err(Error::io(format!("open repository {shown}"), error)),
        }
    }

    /// Waits until the bytes that were read are within the limits.
    fn pace(&self, file: FileId, bytes: usize) -> Result<()> {
        let wait = self.limits.download(bytes as u64);
        if wait.is_zero() || self.cancel.sleep(wait) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Cancelled, format!("read {file}: cancelled")))
    }

    fn path(&self, file: FileId) -> PathBuf {
        self.root.join(layout::path_of(file))
    }

    /// The lines of one folder. `id` says which id a file's name stands for, if any.
    fn list_folder(
        &self,
        folder: &Path,
        id: impl Fn(&str) -> Option<bygone_common::Id>,
        lines: &mut Vec<Listed>,
    ) -> Result<()> {
        let Some(entries) = self.entries(folder)? else { return Ok(()) };
        for entry in entries {
            let entry = entry.map_err(|error| Error::io(format!("list {}", folder.display()), error))?;
            let name = entry.file_name();
            let Some(id) = name.to_str().and_then(&id) else { continue };
            let metadata = match entry.metadata() {
                Ok(link) if link.is_symlink() => fs::metadata(entry.path()),
                metadata => metadata,
            };
            match metadata {
                Ok(metadata) if metadata.is_file() => lines.push(Listed { id, size: metadata.len() }),
                Ok(_) => {}
                // Removed by somebody's prune since the folder was read: a later listing would not name it either.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !entry.path().is_symlink() => {}
                Err(error) => return Err(Error::io(format!("look at {}", entry.path().display()), error)),
            }
        }
        Ok(())
    }

    /// The entries of a folder; `None` when it does not exist but the repository does.
    fn entries(&self, folder: &Path) -> Result<Option<fs::ReadDir>> {
        match fs::read_dir(folder) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // An unmounted disk also has no such folder. That repository is away, not empty.
                match fs::metadata(self.path(FileId::CONFIG)) {
                    Ok(_) => Ok(None),
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => Err(Error::new(
                        ErrorKind::NotARepository,
                        format!("no repository at {}: it holds no config file", self.root.display()),
                    )),
                    Err(cause) => Err(Error::io(format!("look for a repository at {}", self.root.display()), cause)),
                }
            }
            Err(error) => Err(Error::io(format!("list {}", folder.display()), error)),
        }
    }

    fn list_packs(&self) -> Result<Vec<Listed>> {
        let data = self.root.join(FileKind::Pack.folder());
        let mut lines = Vec::new();
        let Some(shards) = self.entries(&data)? else { return Ok(lines) };
        for shard in shards {
            let shard = shard.map_err(|error| Error::io(format!("list {}", data.display()), error))?;
            let name = shard.file_name();
            let Some(name) = name.to_str().filter(|name| layout::is_shard(name)) else { continue };
            self.list_folder(&shard.path(), |file| layout::pack_id_of(name, file), &mut lines)?;
        }
        Ok(lines)
    }

    fn list_config(&self) -> Result<Vec<Listed>> {
        let path = self.path(FileId::CONFIG);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(vec![Listed { id: FileId::CONFIG.id, size: metadata.len() }]),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::io(format!("look at {}", path.display()), error)),
        }
    }
}

impl Backend for Local {
    fn location(&self) -> String {
        self.root.display().to_string()
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn list(&self, kind: FileKind) -> Result<Vec<Listed>> {
        match kind {
            FileKind::Config => self.list_config(),
            FileKind::Pack => self.list_packs(),
            FileKind::Key | FileKind::Lock | FileKind::Snapshot | FileKind::Index => {
                let mut lines = Vec::new();
                self.list_folder(&self.root.join(kind.folder()), layout::id_of, &mut lines)?;
                Ok(lines)
            }
        }
    }

    fn read(&self, file: FileId) -> Result<Vec<u8>> {
        let path = self.path(file);
        let content = fs::read(&path).map_err(|error| Error::io(format!("read {}", path.display()), error))?;
        self.pace(file, content.len())?;
        Ok(content)
    }

    fn read_at(&self, file: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let open = self.files.get(file, || {
            let path = self.path(file);
            fs::File::open(&path).map_err(|error| Error::io(format!("open {}", path.display()), error))
        })?;
        match disk::read_full_at(&open, offset, buffer) {
            Ok(filled) if filled == buffer.len() => self.pace(file, filled),
            Ok(filled) => {
                // The file may have been replaced by a whole one meanwhile: open anew next time.
                self.files.forget(file);
                Err(too_short(file, offset.saturating_add(filled as u64), offset, buffer.len()))
            }
            Err(error) => {
                // The descriptor may be what is broken (a stale handle of a network file system): open anew next time.
                self.files.forget(file);
                Err(Error::io(format!("read {}", self.path(file).display()), error))
            }
        }
    }

    fn size(&self, file: FileId) -> Result<u64> {
        let path = self.path(file);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
            Ok(_) => Err(super::absent(file)),
            Err(error) => Err(Error::io(format!("look at {}", path.display()), error)),
        }
    }
}

impl Storage for Local {
    fn receive(&self, file: FileId) -> Result<Option<Box<dyn Receive>>> {
        self.receive_file(file).map(Some)
    }

    fn create(&self) -> Result<()> {
        self.make_folders()
    }

    fn write(&self, file: FileId, content: &Content) -> Result<()> {
        self.write_file(file, content)
    }

    fn remove(&self, file: FileId) -> Result<()> {
        self.remove_file(file)
    }
}

#[cfg(test)]
mod tests;
