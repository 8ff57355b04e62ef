//! The folder where an agent keeps who it is: readable by its owner alone, and whole whenever it is looked at.
//!
//! | file | what |
//! |---|---|
//! | `agent.json` | who the agent is: server, uids, authority, certificate and key |
//! | `identity.pem`, `ca.pem` | the same certificates for the storage layer, written anew at every start |
//! | `plans.json` | the plans last received, and up to when they were followed |
//! | `jobs/<uid>.json` | a job that is not reported to its end |
//! | `locks.json` | lock files of this agent in repositories |
//! | `spool/`, `spool.json`, `spool.key` | snapshots that wait for the server |
//! | `safety.json` | folders of what restores replaced, until they are removed |
//! | `status.json` | what `bygone agent status` shows |
//! | `log/` | the agent's own log |
//! | `lock` | held while an agent runs |

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bygone_client::{AgentClient, Identity};
use bygone_common::protocol::secret_text;
use bygone_common::{AgentUid, OrgUid, Secret};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Bytes of a state file at most.
const STATE_BYTES_MAX: u64 = 16 << 20;

/// The folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// Who the agent is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolled {
    /// The server's URL.
    pub server: String,
    /// The agent.
    pub agent: AgentUid,
    /// Whose it is.
    pub org: OrgUid,
    /// The authority that is trusted, in PEM form.
    pub ca: String,
    /// The agent's certificate and its key, in PEM form.
    #[serde(with = "secret_text")]
    pub identity: Secret<String>,
    /// When the certificate ends.
    pub expires_at: Timestamp,
    /// From when on to ask for the next one.
    pub renew_at: Timestamp,
    /// Since when.
    pub enrolled_at: Timestamp,
}

impl Enrolled {
    /// A client that the server knows.
    ///
    /// # Errors
    /// Certificates that cannot be used.
    pub fn client(&self) -> Result<AgentClient> {
        let identity = Identity { pem: self.identity.clone() };
        Ok(AgentClient::new(&self.server, &self.ca, &identity)?)
    }
}

/// Holds the folder for as long as it lives; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "what it holds is the lock")] File);

impl Folder {
    /// A folder, made if it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        make_private(path).map_err(|error| Error::io(format_args!("make the folder {}", path.display()), &error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// A folder that is there.
    ///
    /// # Errors
    /// `NotEnrolled`: it is not.
    pub fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self { path: path.to_owned() });
        }
        let sentence = format!("there is no agent in {}: bygone agent enrol makes this machine one", path.display());
        Err(Error::new(ErrorKind::NotEnrolled, sentence))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A place in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Keeps other agents out.
    ///
    /// # Errors
    /// `Busy`: one runs.
    pub fn hold(&self) -> Result<Held> {
        let path = self.join("lock");
        let open = || File::options().create(true).truncate(false).write(true).open(&path);
        let file = open().map_err(|error| Error::io(format_args!("open {}", path.display()), &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Held(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(ErrorKind::Busy, format!("an agent runs over {} already", self.path.display())))
            }
            Err(TryLockError::Error(error)) => Err(Error::io(format_args!("lock {}", path.display()), &error)),
        }
    }

    /// Who the agent is.
    ///
    /// # Errors
    /// `NotEnrolled`; a file that cannot be read.
    pub fn enrolled(&self) -> Result<Enrolled> {
        let found = self.read("agent.json")?;
        found.ok_or_else(|| {
            let place = self.path.display();
            let sentence = format!("there is no agent in {place}: bygone agent enrol makes this machine one");
            Error::new(ErrorKind::NotEnrolled, sentence)
        })
    }

    /// Keeps who the agent is, all of it or nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_enrolled(&self, enrolled: &Enrolled) -> Result<()> {
        self.write("agent.json", enrolled)?;
        self.keep_certificates(enrolled)
    }

    /// Writes the certificates for the storage layer.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep_certificates(&self, enrolled: &Enrolled) -> Result<()> {
        self.write_bytes("identity.pem", enrolled.identity.expose().as_bytes())?;
        self.write_bytes("ca.pem", enrolled.ca.as_bytes())
    }

    /// Reads a file of JSON; `None` when it is not there.
    ///
    /// # Errors
    /// It cannot be read, or holds something else.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.join(name);
        let failed = |error: io::Error| Error::io(format_args!("read {}", path.display()), &error);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if size > STATE_BYTES_MAX {
            return Err(Error::new(
                ErrorKind::Local,
                format!("{} holds {size} bytes: that is not ours", path.display()),
            ));
        }
        let text = fs::read(&path).map_err(failed)?;
        let parsed = serde_json::from_slice(&text);
        parsed.map(Some).map_err(|error| {
            // What is wrong, and where; never what is there.
            let (line, column) = (error.line(), error.column());
            Error::new(
                ErrorKind::Local,
                format!("{}: line {line}, column {column} is not as we wrote it", path.display()),
            )
        })
    }

    /// Writes a file of JSON, all of it or nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let json = serde_json::to_vec_pretty(value)
            .map_err(|error| Error::new(ErrorKind::Local, format!("write {name}: {error}")))?;
        self.write_bytes(name, &json)
    }

    /// Writes a file, all of it or nothing: under another name, to the disk, and then in place of the old.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        let write = || {
            let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            sync_folder(folder)
        };
        write().map_err(|error| Error::io(format_args!("write {}", path.display()), &error))
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.join(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::io(format_args!("remove {}", path.display()), &error)),
        }
    }

    /// A folder in it, made if it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        make_private(&path).map_err(|error| Error::io(format_args!("make the folder {}", path.display()), &error))?;
        Ok(path)
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // Also one that somebody else made before.
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_its_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&place.path().join("agent")).unwrap();
        assert!(folder.read::<Vec<u32>>("x.json").unwrap().is_none());
        folder.write("x.json", &[1, 2]).unwrap();
        folder.write("x.json", &[3]).unwrap();
        assert_eq!(folder.read::<Vec<u32>>("x.json").unwrap().unwrap(), [3]);
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["x.json"], "nothing is left over");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(folder.path()), mode(&folder.join("x.json"))), (0o700, 0o600));
        }
    }

    #[test]
    fn one_agent_runs_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(place.path()).unwrap();
        let held = folder.hold().unwrap();
        assert_eq!(folder.hold().unwrap_err().kind(), ErrorKind::Busy);
        drop(held);
        folder.hold().unwrap();
    }

    #[test]
    fn a_machine_that_is_no_agent_says_so() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(Folder::open(&place.path().join("none")).unwrap_err().kind(), ErrorKind::NotEnrolled);
        let folder = Folder::create(place.path()).unwrap();
        assert_eq!(folder.enrolled().unwrap_err().kind(), ErrorKind::NotEnrolled);
        folder.write_bytes("agent.json", b"{\"server\": [\"whispered\"]}").unwrap();
        assert!(
            !folder.enrolled().unwrap_err().to_string().contains("whispered"),
            "what is there is nobody's business"
        );
    }
}
