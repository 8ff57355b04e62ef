//! A key file's content: JSON in clear, with the master key wrapped in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bygone_common::Secret;
use scrypt::Params;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::{KEY_BYTES, MasterKey};
use crate::error::{Error, ErrorKind, Result};
use crate::random;

/// Memory that a key file may ask scrypt to use; a hostile one could ask for all there is.
const SCRYPT_MEMORY_BYTES_MAX: u64 = 1 << 30;
/// Bytes of salt; restic refuses any other number.
const SALT_BYTES: usize = 64;
/// The one key derivation that there is.
const KDF: &str = "scrypt";

/// What scrypt is to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCost {
    /// The logarithm of `N`: one more doubles time and memory.
    pub log_n: u8,
    /// Bytes of a block by 128.
    pub r: u32,
    /// Runs, one after the other.
    pub p: u32,
}

impl Default for KeyCost {
    /// 128 MiB and about half a second: what a password deserves, which people choose.
    fn default() -> Self {
        Self { log_n: 17, r: 8, p: 1 }
    }
}

/// A key file, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeyFile {
    #[serde(default)]
    pub(super) created: String,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) hostname: String,
    kdf: String,
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
    salt: String,
    data: String,
    /// Of a rotation that is not over. restic and rustic pass it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bygone: Option<Note>,
}

/// What a key file says of the rotation that it was made for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The master key before it, sealed under the one that this file wraps, in base64.
    pub(crate) previous: String,
    /// The config, sealed likewise, for storage that cannot replace a file at once.
    pub(crate) config: String,
}

/// The wrapped master key's JSON.
#[derive(Serialize, Deserialize)]
struct WrappedKey {
    mac: WrappedMac,
    encrypt: String,
}

#[derive(Serialize, Deserialize)]
struct WrappedMac {
    k: String,
    r: String,
}

impl Drop for WrappedKey {
    fn drop(&mut self) {
        self.mac.k.zeroize();
        self.mac.r.zeroize();
        self.encrypt.zeroize();
    }
}

impl Note {
    /// About a rotation from `previous` to `next`.
    ///
    /// # Errors
    /// No random numbers to seal with.
    pub(crate) fn new(previous: &MasterKey, next: &MasterKey, sealed_config: &[u8]) -> Result<Self> {
        let previous = next.seal(random::bytes()?, previous.bytes().expose());
        Ok(Self { previous: STANDARD.encode(previous), config: STANDARD.encode(sealed_config) })
    }

    /// The master key before the rotation, and the sealed config.
    ///
    /// # Errors
    /// `Damaged` when it makes no sense under the key `next`.
    pub(crate) fn open(&self, next: &MasterKey) -> Result<(MasterKey, Vec<u8>)> {
        let mut sealed = Zeroizing::new(decode("previous key", &self.previous)?);
        let previous = next
            .open(&mut sealed)
            .and_then(|bytes| <[u8; KEY_BYTES]>::try_from(&*bytes).ok())
            .ok_or_else(|| damaged("the key file's note about a rotation is malformed"))?;
        Ok((MasterKey::new(Secret::new(previous)), decode("config", &self.config)?))
    }
}

impl KeyFile {
    /// Reads a key file's bytes.
    ///
    /// # Errors
    /// `Damaged` when they are none.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| damaged("the key file is malformed").because(error))
    }

    /// The bytes of it.
    ///
    /// # Errors
    /// None that is known.
    pub(super) fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::new(ErrorKind::Io, "write a key file's JSON").because(error))
    }

    /// Wraps a master key by a password.
    ///
    /// # Errors
    /// `InvalidInput` for a cost that scrypt does not take.
    pub(super) fn wrap(master: &MasterKey, password: &Secret<String>, cost: KeyCost) -> Result<Self> {
        let KeyCost { log_n, r, p } = cost;
        let params = Params::new(log_n, r, p)
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "no such cost of scrypt").because(error))?;
        let salt = random::bytes::<SALT_BYTES>()?;
        let bytes = master.bytes().expose();
        let (encrypt, mac) = bytes.split_at(32);
        let (k, r_half) = mac.split_at(16);
        let wrapped = WrappedKey {
            mac: WrappedMac { k: STANDARD.encode(k), r: STANDARD.encode(r_half) },
            encrypt: STANDARD.encode(encrypt),
        };
        let json = serde_json::to_vec(&wrapped)
            .map_err(|error| Error::new(ErrorKind::Io, "write a master key's JSON").because(error))?;
        let json = Zeroizing::new(json);
        let data = derive(password, &salt, &params)?.seal(random::bytes()?, &json);
        Ok(Self {
            created: String::new(),
            username: String::new(),
            hostname: String::new(),
            kdf: KDF.to_owned(),
            n: 1 << log_n,
            r,
            p,
            salt: STANDARD.encode(salt),
            data: STANDARD.encode(data),
            bygone: None,
        })
    }

    /// The master key, if the password fits this file.
    ///
    /// # Errors
    /// `Unsupported` for another key derivation; `Damaged` when the file makes no sense.
    pub(super) fn open(&self, password: &Secret<String>) -> Result<Option<MasterKey>> {
        if self.kdf != KDF {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("key derivation {:?} is unknown (key of {}@{})", self.kdf, self.username, self.hostname),
            ));
        }
        let memory_bytes = self.n.saturating_mul(u64::from(self.r)).saturating_mul(128);
        if !self.n.is_power_of_two() || memory_bytes > SCRYPT_MEMORY_BYTES_MAX {
            return Err(damaged("the key file asks for more memory than is sane"));
        }
        let log_n = u8::try_from(self.n.trailing_zeros()).unwrap_or(u8::MAX);
        let params =
            Params::new(log_n, self.r, self.p).map_err(|error| damaged("malformed scrypt settings").because(error))?;
        let salt = decode("salt", &self.salt)?;
        let mut sealed = decode("data", &self.data)?;
        let wrapping = derive(password, &salt, &params)?;
        let Some(json) = wrapping.open(&mut sealed) else { return Ok(None) };
        let wrapped: WrappedKey =
            serde_json::from_slice(json).map_err(|_| damaged("the wrapped master key is malformed"))?;
        json.zeroize();
        let mut joined = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
        for part in [&wrapped.encrypt, &wrapped.mac.k, &wrapped.mac.r] {
            joined.extend_from_slice(&Zeroizing::new(decode("master key", part)?));
        }
        let master = joined.as_slice().try_into().map_err(|_| damaged("the master key has the wrong length"))?;
        Ok(Some(MasterKey::new(Secret::new(master))))
    }
}

/// The key that wraps the master key.
fn derive(password: &Secret<String>, salt: &[u8], params: &Params) -> Result<MasterKey> {
    let mut derived = [0; KEY_BYTES];
    scrypt::scrypt(password.expose().as_bytes(), salt, params, &mut derived)
        .map_err(|error| damaged("malformed scrypt settings").because(error))?;
    let key = MasterKey::new(Secret::new(derived));
    derived.zeroize();
    Ok(key)
}

fn decode(what: &str, text: &str) -> Result<Vec<u8>> {
    STANDARD
        .decode(text)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{what} of the key file is not base64")).because(error))
}

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::Damaged, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const CHEAP: KeyCost = KeyCost { log_n: 1, r: 1, p: 1 };

    fn password(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_wrapped_key_opens_by_its_password_alone() {
        let master = MasterKey::new(Secret::new(random::bytes().unwrap()));
        let json = KeyFile::wrap(&master, &password("right"), CHEAP).unwrap().to_json().unwrap();
        let file = KeyFile::parse(&json).unwrap();
        assert_eq!(file.open(&password("right")).unwrap().unwrap().bytes(), master.bytes());
        assert!(file.open(&password("wrong")).unwrap().is_none());
    }

    #[test]
    fn a_file_that_asks_for_all_memory_is_refused() {
        let master = MasterKey::new(Secret::new([7; KEY_BYTES]));
        let file = KeyFile::wrap(&master, &password("right"), CHEAP).unwrap();
        let file = KeyFile { n: 1 << 40, ..file };
        assert_eq!(file.open(&password("right")).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
