//! Whether a directory can become a mount point.

use std::path::{Path, PathBuf};

use bygone_vault::{Error, ErrorKind, Result};

/// The mount point as an absolute path without links, if a mount there makes sense.
///
/// # Errors
/// One line each for a directory that is missing, no directory, a mount already, not empty, not permitted, or over or
/// under one of the folders in `keep_clear`.
pub(crate) fn check(mountpoint: &Path, keep_clear: &[PathBuf]) -> Result<PathBuf> {
    let shown = mountpoint.display();
    let path = absolute(mountpoint)?;
    refuse_mounts(&path)?;
    let metadata = std::fs::metadata(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, format!("mount point {shown} does not exist: create the directory first"))
        }
        _ => Error::io(format!("mount point {shown} cannot be used"), error),
    })?;
    if !metadata.is_dir() {
        return Err(Error::new(ErrorKind::InvalidInput, format!("mount point {shown} is no directory")));
    }
    for folder in keep_clear {
        refuse_overlap(&path, folder)?;
    }
    let mut entries =
        std::fs::read_dir(&path).map_err(|error| Error::io(format!("mount point {shown} cannot be listed"), error))?;
    if entries.next().is_some() {
        return Err(Error::new(ErrorKind::Conflict, format!("mount point {shown} is not empty")));
    }
    Ok(path)
}

/// The path without links and dots. The last name is kept as it is where the system cannot look at it: a dead mount.
///
/// # Errors
/// The directory above does not exist or cannot be reached.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    let failed = |error| Error::io(format!("find {}", path.display()), error);
    match path.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) => {
            let Some(name) = path.file_name() else { return Err(failed(error)) };
            let above = match path.parent() {
                Some(above) if above != Path::new("") => above.to_owned(),
                Some(_) | None => PathBuf::from("."),
            };
            Ok(above.canonicalize().map_err(failed)?.join(name))
        }
    }
}

#[cfg(target_os = "linux")]
fn refuse_mounts(path: &Path) -> Result<()> {
    let Some(line) = super::mount_table::at(path)? else { return Ok(()) };
    let shown = path.display();
    let text = match (line.is_ours(), line.is_dead()) {
        (true, true) => {
            format!("mount point {shown} holds a mount whose program was killed: clear it with `bygone umount {shown}`")
        }
        (true, false) => {
            format!("mount point {shown} is in use by another mount of bygone: end it with `bygone umount {shown}`")
        }
        (false, true) => format!("mount point {shown} holds a dead {} mount: unmount it first", line.kind),
        (false, false) => format!("mount point {shown} is in use: {} is mounted there ({})", line.source, line.kind),
    };
    Err(Error::new(ErrorKind::Conflict, text))
}

#[cfg(not(target_os = "linux"))]
fn refuse_mounts(_path: &Path) -> Result<()> {
    Ok(())
}

/// A mount over the repository hides what it reads; a mount inside it, seen through itself, would wait for itself.
fn refuse_overlap(mountpoint: &Path, folder: &Path) -> Result<()> {
    let Ok(folder) = folder.canonicalize() else { return Ok(()) };
    let (mounted, kept) = (mountpoint.display(), folder.display());
    let text = if folder.starts_with(mountpoint) {
        format!("mount point {mounted} would cover {kept}, which the mount reads from")
    } else if mountpoint.starts_with(&folder) {
        format!("mount point {mounted} lies inside {kept}, which the mount reads from")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidInput, text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refusal(mountpoint: &Path, keep_clear: &[PathBuf]) -> (ErrorKind, String) {
        let error = check(mountpoint, keep_clear).unwrap_err();
        (error.kind(), error.to_string())
    }

    #[test]
    fn an_empty_directory_will_do() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(check(folder.path(), &[]).unwrap(), folder.path().canonicalize().unwrap());
    }

    #[test]
    fn whatever_cannot_be_a_mount_point_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let (kind, text) = refusal(&missing, &[]);
        assert_eq!(kind, ErrorKind::NotFound);
        assert_eq!(text, format!("mount point {} does not exist: create the directory first", missing.display()));

        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(refusal(&file, &[]).1, format!("mount point {} is no directory", file.display()));
        assert_eq!(
            refusal(folder.path(), &[]),
            (ErrorKind::Conflict, format!("mount point {} is not empty", folder.path().display()))
        );
    }

    #[test]
    fn a_mount_point_over_or_under_the_repository_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let inside = base.join("repository/inside");
        std::fs::create_dir_all(&inside).unwrap();
        let repository = base.join("repository");
        let (kind, text) = refusal(&inside, std::slice::from_ref(&repository));
        assert_eq!(kind, ErrorKind::InvalidInput);
        assert_eq!(
            text,
            format!(
                "mount point {} lies inside {}, which the mount reads from",
                inside.display(),
                repository.display()
            )
        );
        let text = refusal(&base, std::slice::from_ref(&inside)).1;
        assert_eq!(
            text,
            format!("mount point {} would cover {}, which the mount reads from", base.display(), inside.display())
        );
        assert!(refusal(&repository, std::slice::from_ref(&repository)).1.contains("would cover"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_directory_that_is_a_mount_point_already_is_refused() {
        let (kind, text) = refusal(Path::new("/proc"), &[]);
        assert_eq!(kind, ErrorKind::Conflict);
        assert_eq!(text, "mount point /proc is in use: proc is mounted there (proc)");
    }
}
