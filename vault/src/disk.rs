//! Small duties towards a disk that the standard library leaves open.

use std::path::Path;

/// Makes a rename in `folder` durable. Windows has no such call, and does not need it.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        std::fs::File::open(folder)?.sync_all()
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(())
    }
}

/// Writes a file under a temporary name beside it and renames it. Not synced: for caches, whose content proves itself.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Fills `buffer` from `offset` on, without moving a file position that others share.
pub(crate) fn read_exact_at(file: &std::fs::File, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::FileExt as _;
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            match file.seek_read(rest, at)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => {
                    at += count as u64;
                    rest = rest.split_at_mut(count).1;
                }
            }
        }
        Ok(())
    }
}
