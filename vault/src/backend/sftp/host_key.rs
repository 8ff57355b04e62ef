//! Is this the server it claims to be? Strictly by `known_hosts`: a server that no file knows is refused.
//!
//! Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT": markers, wildcards, negation, hashed names, `[host]:port`.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use russh::keys::{Algorithm, HashAlg, PublicKey, parse_public_key_base64};
use russh::{Preferred, client};

use crate::error::{Error, ErrorKind, Result};

const SSH_PORT: u16 = 22;

/// What the files say about one server.
#[derive(Debug)]
pub(super) struct HostKeys {
    host: String,
    port: u16,
    files: Vec<PathBuf>,
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    key: PublicKey,
    /// File and line, for people.
    place: String,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Recorded for this host and port.
    Trusted,
    /// Recorded for the host on SSH's own port: the same key is good enough, another one says nothing.
    TrustedOnSshPort,
    /// Never to be accepted.
    Revoked,
}

impl HostKeys {
    /// Reads what the files know of `host`. Files that do not exist are passed over.
    ///
    /// # Errors
    /// A file that exists and cannot be read.
    pub(super) fn load(files: &[PathBuf], given: Option<&str>, host: &str, port: u16) -> Result<Self> {
        let mut keys = Self { host: host.to_lowercase(), port, files: files.to_vec(), known: Vec::new() };
        for path in files {
            match fs::read(path) {
                Ok(text) => keys.add(path, &String::from_utf8_lossy(&text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io(format!("read known hosts from {}", path.display()), error)),
            }
        }
        if let Some(given) = given {
            keys.add(Path::new("the known hosts given"), given);
        }
        Ok(keys)
    }

    fn add(&mut self, path: &Path, text: &str) {
        let own = if self.port == SSH_PORT { self.host.clone() } else { format!("[{}]:{}", self.host, self.port) };
        for (number, line) in (1..).zip(text.lines()) {
            let mut words = line.split_whitespace().peekable();
            let marker = words.next_if(|word| word.starts_with('@'));
            let (Some(hosts), Some(_), Some(key)) = (words.next(), words.next(), words.next()) else { continue };
            if hosts.starts_with('#') {
                continue;
            }
            let standing = match marker {
                Some("@revoked") if names(hosts, &own) || names(hosts, &self.host) => Standing::Revoked,
                None if names(hosts, &own) => Standing::Trusted,
                None if names(hosts, &self.host) => Standing::TrustedOnSshPort,
                // Certificates are never asked for, so their authorities do not matter.
                _ => continue,
            };
            let place = format!("{}:{number}", path.display());
            match parse_public_key_base64(key) {
                Ok(key) => self.known.push(Known { key, place, standing }),
                // A kind of key that we cannot use is one that the server is not asked for either.
                Err(error) => tracing::debug!(place, %error, "a known host's key is of an unknown kind"),
            }
        }
    }

    /// The algorithms to agree on: those whose keys we know first, so that a server with several keys shows that one.
    pub(super) fn preferred(&self) -> Preferred {
        let knows = |algorithm: &Algorithm| {
            self.known.iter().any(|known| known.key.algorithm().with_hash(None) == algorithm.clone().with_hash(None))
        };
        let mut key: Vec<Algorithm> = Preferred::DEFAULT.key.to_vec();
        key.sort_by_key(|algorithm| !knows(algorithm));
        // AES has instructions of its own on every machine that matters; ChaCha20 stays for the others.
        let mut cipher = Preferred::DEFAULT.cipher.to_vec();
        cipher.sort_by_key(|name| *name != russh::cipher::AES_256_GCM);
        Preferred { key: Cow::Owned(key), cipher: Cow::Owned(cipher), ..Preferred::DEFAULT }
    }

    /// # Errors
    /// `Denied` for a key that is not known, not the known one, or revoked.
    pub(super) fn check(&self, shown: &PublicKey) -> Result<()> {
        let same = |known: &&Known| known.key.key_data() == shown.key_data();
        let at = |standing| move |known: &&Known| known.standing == standing;
        let server = format!("{} port {}", self.host, self.port);
        let print = shown.fingerprint(HashAlg::Sha256);
        let algorithm = shown.algorithm();
        if let Some(known) = self.known.iter().filter(at(Standing::Revoked)).find(same) {
            return Err(denied(format!(
                "the host key of {server} ({algorithm} {print}) is revoked in {}",
                known.place
            )));
        }
        if self.known.iter().any(|known| known.standing != Standing::Revoked && same(&known)) {
            return Ok(());
        }
        let other = self.known.iter().filter(at(Standing::Trusted)).find(|known| known.key.algorithm() == algorithm);
        if let Some(known) = other {
            return Err(denied(format!(
                "THE HOST KEY OF {server} HAS CHANGED: it shows {algorithm} {print}, but {} holds {}. Somebody may be \
                 listening in, or the server was set up anew; ask its administrator before removing that line",
                known.place,
                known.key.fingerprint(HashAlg::Sha256)
            )));
        }
        let files: Vec<_> = self.files.iter().map(|path| path.display().to_string()).collect();
        let files = if files.is_empty() { "no file of known hosts".to_owned() } else { files.join(", ") };
        Err(denied(format!(
            "the host key of {server} is not known: {algorithm} {print} (looked in {files}). If this is the server's \
             fingerprint, connect to it once with ssh, or add the line that `ssh-keyscan -p {} {}` prints",
            self.port, self.host
        )))
    }
}

fn denied(why: String) -> Error {
    Error::new(ErrorKind::Denied, why)
}

/// Whether the first field of a line names `host`.
fn names(hosts: &str, host: &str) -> bool {
    if let Some(hashed) = hosts.strip_prefix("|1|") {
        return hashed.split_once('|').is_some_and(|(salt, hash)| is_hash_of(salt, hash, host));
    }
    let mut found = false;
    for pattern in hosts.split(',') {
        match pattern.strip_prefix('!') {
            // One pattern that excludes the host takes the whole line away from it.
            Some(pattern) if fits(pattern.to_lowercase().as_bytes(), host.as_bytes()) => return false,
            Some(_) => {}
            None => found |= fits(pattern.to_lowercase().as_bytes(), host.as_bytes()),
        }
    }
    found
}

/// HMAC-SHA1 of the name under the salt; SHA-1 hides the name here and protects nothing.
fn is_hash_of(salt: &str, hash: &str, host: &str) -> bool {
    let (Ok(salt), Ok(hash)) = (BASE64_STANDARD.decode(salt), BASE64_STANDARD.decode(hash)) else { return false };
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
    ring::hmac::verify(&key, host.as_bytes(), &hash).is_ok()
}

/// `*` stands for any text, `?` for any character.
pub(super) fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => fits(rest, text) || text.split_first().is_some_and(|(_, text)| fits(pattern, text)),
        (Some((b'?', rest)), Some((_, text))) => fits(rest, text),
        (Some((byte, rest)), Some((first, text))) => byte == first && fits(rest, text),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// `Algorithm` without the hash that RSA signatures differ in.
trait WithHash {
    fn with_hash(self, hash: Option<HashAlg>) -> Self;
}

impl WithHash for Algorithm {
    fn with_hash(self, hash: Option<HashAlg>) -> Self {
        match self {
            Self::Rsa { .. } => Self::Rsa { hash },
            other => other,
        }
    }
}

/// What the SSH library asks during its handshake.
#[derive(Debug)]
pub(super) struct Checker(pub(super) HostKeys);

/// Why a handshake failed.
#[derive(Debug)]
pub(super) enum Refusal {
    /// SSH itself.
    Ssh(russh::Error),
    /// The host key.
    HostKey(Error),
}

impl From<russh::Error> for Refusal {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

impl client::Handler for Checker {
    type Error = Refusal;

    async fn check_server_key(&mut self, shown: &russh::keys::PublicKeyOrCertificate) -> Result<bool, Refusal> {
        self.0.check(&shown.public_key()).map(|()| true).map_err(Refusal::HostKey)
    }
}

#[cfg(test)]
mod tests;
