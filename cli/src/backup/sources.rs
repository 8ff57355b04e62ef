//! What is to be saved: arguments, lists in files, standard input, a command.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use bygone_vault::capture::pattern_file::lines;
use bygone_vault::capture::{self, Sources, pattern};
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;

use super::piped::Piped;
use super::show::Show;

/// What is to be saved.
#[derive(Debug, Args)]
pub(super) struct SourceArgs {
    /// Files and folders; with --stdin-from-command, the command and its arguments
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Also what this file lists, one path or glob a line; - is standard input (may be repeated)
    #[arg(long, value_name = "FILE")]
    files_from: Vec<PathBuf>,
    /// Also what this file lists, one path a line and nothing else (may be repeated)
    #[arg(long, value_name = "FILE")]
    files_from_verbatim: Vec<PathBuf>,
    /// Also what this file lists, each path ended by a zero byte (may be repeated)
    #[arg(long, value_name = "FILE")]
    files_from_raw: Vec<PathBuf>,
    /// Save the only source as if it were at this path
    #[arg(long, value_name = "PATH", conflicts_with_all = ["stdin", "stdin_from_command"])]
    as_path: Option<PathBuf>,
    /// Save standard input as a file
    #[arg(long, conflicts_with_all = ["files_from", "files_from_verbatim", "files_from_raw"])]
    stdin: bool,
    /// The name of the file that standard input or a command's output is saved as
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    stdin_filename: PathBuf,
    /// Save what a command prints as a file, unless it fails
    #[arg(long, conflicts_with_all = ["stdin", "files_from", "files_from_verbatim", "files_from_raw"])]
    stdin_from_command: bool,
}

/// What is there to be saved.
pub(super) enum Found {
    /// Files and folders.
    Files(Sources),
    /// One file of what is piped.
    Piped {
        /// Where it stands in the snapshot.
        place: PathBuf,
        /// Where it comes from.
        what: Piped,
    },
}

impl Found {
    /// What the snapshot says that it holds.
    pub(super) fn paths(&self) -> Result<Vec<String>> {
        match self {
            Self::Files(sources) => capture::absolute_paths(sources),
            Self::Piped { place, .. } => Ok(vec![place.to_string_lossy().into_owned()]),
        }
    }
}

impl SourceArgs {
    /// Those that exist; others are told of.
    ///
    /// # Errors
    /// A list cannot be read; nothing was named, or nothing of it exists.
    pub(super) fn find(&self, show: &Show) -> Result<Found> {
        if self.stdin || self.stdin_from_command {
            return self.piped();
        }
        let mut paths = Vec::new();
        for file in &self.files_from {
            for line in lines(&read_list(file)?).filter(|line| !line.starts_with(b"#")) {
                let expanded = pattern::expand(&to_path(line)?)?;
                if expanded.is_empty() {
                    show.missing(&String::from_utf8_lossy(line), "it fits no file");
                }
                paths.extend(expanded);
            }
        }
        for file in &self.files_from_verbatim {
            let list = read_list(file)?;
            for line in list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                paths.push(to_path(line.strip_suffix(b"\r").unwrap_or(line))?);
            }
        }
        for file in &self.files_from_raw {
            let list = read_list(file)?;
            let Some(list) = list.strip_suffix(b"\0").or_else(|| list.is_empty().then_some(&[])) else {
                return Err(refused(format!("{} does not end with a zero byte", file.display())));
            };
            for name in list.split(|byte| *byte == 0).filter(|_| !list.is_empty()) {
                if name.is_empty() {
                    return Err(refused(format!("{} has an empty name", file.display())));
                }
                paths.push(to_path(name)?);
            }
        }
        paths.extend(self.paths.iter().map(PathBuf::from));
        if paths.is_empty() {
            return Err(refused("nothing to back up: name files or folders".to_owned()));
        }
        let named = paths.len();
        paths.retain(|path| {
            let exists = path.symlink_metadata().is_ok_and(|_| !path.as_os_str().is_empty());
            if !exists {
                show.missing(&path.to_string_lossy(), "it does not exist");
            }
            exists
        });
        if paths.is_empty() {
            let sentence = if named == 1 { "it does not exist" } else { "none of what was named exists" };
            return Err(Error::new(ErrorKind::NotFound, format!("nothing to back up: {sentence}")));
        }
        Ok(Found::Files(Sources { paths, as_path: self.as_path.clone() }))
    }

    fn piped(&self) -> Result<Found> {
        let place = Path::new("/").join(&self.stdin_filename);
        let what = match (self.stdin_from_command, self.paths.split_first()) {
            (false, None) => Piped::Stdin,
            (false, Some(_)) => return Err(refused("--stdin saves no other files".to_owned())),
            (true, None) => return Err(refused("no command: write it behind --".to_owned())),
            (true, Some((program, arguments))) => {
                Piped::Command { program: program.clone(), arguments: arguments.to_vec() }
            }
        };
        Ok(Found::Piped { place, what })
    }
}

fn read_list(file: &Path) -> Result<Vec<u8>> {
    let mut list = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut list).map(drop)
    } else {
        std::fs::read(file).map(|bytes| list = bytes)
    };
    read.map_err(|error| Error::io(format!("read the list {}", file.display()), error))?;
    Ok(list.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(list))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have names that are no bytes")]
fn to_path(bytes: &[u8]) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> Result<PathBuf> {
    let text = std::str::from_utf8(bytes).map_err(|_| refused("a name in a list is not UTF-8".to_owned()))?;
    Ok(PathBuf::from(text))
}

fn refused(sentence: String) -> Error {
    Error::new(ErrorKind::InvalidInput, sentence)
}
