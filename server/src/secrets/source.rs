//! Where installation keys come from: a file of ours, a variable, or a command such as a key manager's client.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bygone_common::Secret;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroize as _;

use super::{KEY_BYTES, KEYS_MAX, SecretsError};
use crate::config::SecretsConfig;

/// Bytes of a key file or of a command's answer at most.
const TEXT_BYTES_MAX: usize = 4096;

/// Raw keys, the one that seals first.
type RawKeys = Vec<Secret<[u8; KEY_BYTES]>>;

/// Where the installation keys are. Everywhere they are lines of 64 hexadecimal digits, the one that seals first.
#[derive(Clone)]
pub enum KeySource {
    /// A file that only its owner may read; made at first start.
    File(PathBuf),
    /// A command, run without a shell, that prints them.
    Command(Vec<String>),
    /// The keys themselves, which came from the environment.
    Given(RawKeys),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Command(words) => write!(f, "command {:?}", words.first()),
            Self::Given(keys) => write!(f, "{} given keys", keys.len()),
        }
    }
}

impl KeySource {
    /// What a configuration says.
    ///
    /// # Errors
    /// A given key that is none.
    pub fn of(config: &SecretsConfig) -> Result<Self, SecretsError> {
        match config {
            SecretsConfig::File(path) => Ok(Self::File(path.clone())),
            SecretsConfig::Given(text) => Self::given(text),
            SecretsConfig::Command(line) => Ok(Self::Command(line.split_whitespace().map(str::to_owned).collect())),
        }
    }

    /// Keys from the value of an environment variable: lines, or words, of 64 hexadecimal digits.
    ///
    /// # Errors
    /// It holds something else.
    pub fn given(text: &Secret<String>) -> Result<Self, SecretsError> {
        parse("the installation key given", text.expose()).map(Self::Given)
    }

    /// Whether keys can be read from there, as far as that makes nothing and runs nothing.
    ///
    /// # Errors
    /// A file that others may read, or that holds something else.
    pub fn check(&self) -> Result<(), SecretsError> {
        let Self::File(path) = self else { return Ok(()) };
        match read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("read", path)(error)),
            Ok(text) => parse(&path.display().to_string(), text.expose()).map(drop),
        }
    }

    pub(super) fn load_or_create(&self) -> Result<RawKeys, SecretsError> {
        match self {
            Self::Given(keys) => Ok(keys.clone()),
            Self::Command(words) => run(words),
            Self::File(path) => match read(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    create(path, &text_of(&[random_key()?]))?;
                    // Of two processes that start at once, one made it: what lies there now counts.
                    let text = read(path).map_err(failed("read", path))?;
                    parse(&path.display().to_string(), text.expose())
                }
                Err(error) => Err(failed("read", path)(error)),
                Ok(text) => parse(&path.display().to_string(), text.expose()),
            },
        }
    }

    pub(super) fn prepend(&self, key: &Secret<[u8; KEY_BYTES]>) -> Result<RawKeys, SecretsError> {
        let path = self.file()?;
        let mut keys = self.load_or_create()?;
        if keys.len() >= KEYS_MAX {
            let sentence =
                format!("{} holds {KEYS_MAX} keys: end the rotation that is under way first", path.display());
            return Err(SecretsError::new(sentence));
        }
        keys.insert(0, key.clone());
        replace(path, &text_of(&keys))?;
        Ok(keys)
    }

    pub(super) fn keep_first(&self) -> Result<RawKeys, SecretsError> {
        let mut keys = self.load_or_create()?;
        // Keys that others keep are theirs to drop: they go on to open.
        if let Self::File(path) = self
            && keys.len() > 1
        {
            keys.truncate(1);
            replace(path, &text_of(&keys))?;
        }
        Ok(keys)
    }

    fn file(&self) -> Result<&Path, SecretsError> {
        match self {
            Self::File(path) => Ok(path),
            Self::Command(_) | Self::Given(_) => Err(SecretsError::new(
                "the installation key is not kept in a file of ours: put a new one before the old one where it is kept, \
                 start anew, and rotate then",
            )),
        }
    }
}

pub(super) fn random_key() -> Result<Secret<[u8; KEY_BYTES]>, SecretsError> {
    let mut key = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut key).map_err(|_| SecretsError::new("the system has no randomness"))?;
    Ok(Secret::new(key))
}

fn text_of(keys: &[Secret<[u8; KEY_BYTES]>]) -> Secret<String> {
    Secret::new(keys.iter().map(|key| hex::encode(key.expose()) + "\n").collect())
}

fn parse(from: &str, text: &str) -> Result<RawKeys, SecretsError> {
    let wrong =
        || SecretsError::new(format!("{from} must hold keys of {} hexadecimal digits, one a line", KEY_BYTES * 2));
    let words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    let key = |word: &str| {
        let mut key = [0; KEY_BYTES];
        hex::decode_to_slice(word, &mut key).map_err(|_| wrong())?;
        Ok(Secret::new(key))
    };
    let keys: RawKeys = words.map(key).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(wrong()) } else { Ok(keys) }
}

fn failed(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> SecretsError {
    move |error| SecretsError::new(format!("{doing} the installation key in {}: {error}", path.display()))
}

fn read(path: &Path) -> io::Result<Secret<String>> {
    let metadata = fs::metadata(path)?;
    if usize::try_from(metadata.len()).map_or(true, |len| len > TEXT_BYTES_MAX) {
        return Err(io::Error::other("it is too long to be keys"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(io::Error::other("others may read it: chmod 600"));
        }
    }
    fs::read_to_string(path).map(Secret::new)
}

/// A file that is whole when it is there, and only its owner's.
fn write_beside(path: &Path, text: &Secret<String>) -> io::Result<PathBuf> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()?;
    Ok(beside)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Makes the file; leaves one that is there already.
fn create(path: &Path, text: &Secret<String>) -> Result<(), SecretsError> {
    let made = write_beside(path, text).and_then(|beside| {
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked.and_then(|()| sync_folder(path)),
        }
    });
    made.map_err(failed("make", path))
}

fn replace(path: &Path, text: &Secret<String>) -> Result<(), SecretsError> {
    let replaced =
        write_beside(path, text).and_then(|beside| fs::rename(beside, path)).and_then(|()| sync_folder(path));
    replaced.map_err(failed("write", path))
}

fn run(words: &[String]) -> Result<RawKeys, SecretsError> {
    let (program, arguments) = words.split_first().ok_or_else(|| SecretsError::new("the key command is empty"))?;
    let answer = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let answer = answer.map_err(|error| SecretsError::new(format!("run the key command {program}: {error}")))?;
    let mut printed = answer.stdout;
    let keys = match (answer.status.success(), std::str::from_utf8(&printed)) {
        (true, Ok(text)) if text.len() <= TEXT_BYTES_MAX => parse("what the key command printed", text),
        (true, _) => Err(SecretsError::new("the key command did not print keys")),
        (false, _) => Err(SecretsError::new(format!("the key command {program} failed: {}", answer.status))),
    };
    printed.zeroize();
    keys
}
