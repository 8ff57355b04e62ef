//! The agent's own log: files of bounded size, of which there is a bounded number.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of one file.
pub const FILE_BYTES_MAX: u64 = 5 << 20;
/// Files: `agent.log`, `agent.log.1` and so on, the newest first.
pub const FILES_MAX: u32 = 4;

/// A log in files. Clones write to the same.
#[derive(Debug, Clone)]
pub struct RotatingLog(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    folder: PathBuf,
    file: File,
    written: u64,
    bytes_max: u64,
}

impl RotatingLog {
    /// Goes on with the log in a folder.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Self::with(folder, FILE_BYTES_MAX)
    }

    fn with(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        let file = open(folder)?;
        let written = file.metadata()?.len();
        Ok(Self(Arc::new(Mutex::new(Open { folder: folder.to_owned(), file, written, bytes_max }))))
    }
}

fn name(folder: &Path, number: u32) -> PathBuf {
    folder.join(if number == 0 { "agent.log".to_owned() } else { format!("agent.log.{number}") })
}

fn open(folder: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(name(folder, 0))
}

impl Open {
    fn rotate(&mut self) -> io::Result<()> {
        for number in (0..FILES_MAX - 1).rev() {
            match fs::rename(name(&self.folder, number), name(&self.folder, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = open(&self.folder)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for RotatingLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.written >= open.bytes_max {
            open.rotate()?;
        }
        open.file.write_all(bytes)?;
        open.written += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).file.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_are_only_so_many_files_of_only_so_many_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingLog::with(folder.path(), 100).unwrap();
        for number in 0..100 {
            writeln!(log, "line {number:>5}").unwrap();
        }
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, FILES_MAX as usize);
        for number in 0..FILES_MAX {
            assert!(fs::metadata(name(folder.path(), number)).unwrap().len() < 120);
        }
        assert!(fs::read_to_string(name(folder.path(), 0)).unwrap().ends_with("line    99\n"));
        drop(log);
        let mut log = RotatingLog::with(folder.path(), 100).unwrap();
        writeln!(log, "after a restart").unwrap();
        let last = fs::read_to_string(name(folder.path(), 0)).unwrap();
        assert!(last.contains("line    99\n") && last.ends_with("after a restart\n"));
    }
}
