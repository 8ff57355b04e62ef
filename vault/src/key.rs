//! Key files: the master key, wrapped by what scrypt makes of a password. A repository may have several.

use base64::Engine as _;
use bygone_common::{KeyId, Secret};
use scrypt::Params;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use crate::backend::{Backend, FileId, FileKind};
use crate::crypto::{KEY_BYTES, MasterKey};
use crate::error::{Error, ErrorKind, Result};

/// Key files that are tried with one password. Each try costs about half a second and 128 MiB; restic stops at 20 too.
const KEYS_TRIED_MAX: usize = 20;
/// Memory that a key file may ask scrypt to use; a hostile one could ask for all there is.
const SCRYPT_MEMORY_BYTES_MAX: u64 = 1 << 30;

/// A key file, as stored: JSON in clear, the wrapped master key in `data`.
#[derive(Debug, Deserialize)]
struct KeyFile {
    kdf: String,
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
    salt: String,
    data: String,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    username: String,
}

/// The wrapped master key's JSON.
#[derive(Deserialize)]
struct WrappedKey {
    mac: WrappedMac,
    encrypt: String,
}

#[derive(Deserialize)]
struct WrappedMac {
    k: String,
    r: String,
}

/// Tries the password on every key file of the repository.
///
/// # Errors
/// `WrongPassword` when none opens; `NotARepository` when there is no key file at all; what the storage answers.
pub(crate) fn unlock(backend: &dyn Backend, password: &Secret<String>) -> Result<(KeyId, MasterKey)> {
    let mut keys = backend.list(FileKind::Key)?;
    if keys.is_empty() {
        return Err(Error::new(
            ErrorKind::NotARepository,
            format!("{} holds no key file: not a repository, or only a part of one", backend.location()),
        ));
    }
    keys.sort();
    let mut damaged = None;
    for listed in keys.iter().take(KEYS_TRIED_MAX) {
        let bytes = backend.read(FileId::new(FileKind::Key, listed.id))?;
        match open_key_file(&bytes, password) {
            Ok(Some(master)) => return Ok((KeyId(listed.id), master)),
            Ok(None) => {}
            Err(error) => {
                let error = error.context(format!("read key file {}", listed.id.short()));
                tracing::warn!(error = error.chain(), "passing over a key file");
                damaged = Some(error);
            }
        }
    }
    Err(damaged.unwrap_or_else(|| {
        let sentence = format!("wrong password for {}, or no key of it fits", backend.location());
        Error::new(ErrorKind::WrongPassword, sentence)
    }))
}

/// `None` when the password does not fit this key file.
fn open_key_file(bytes: &[u8], password: &Secret<String>) -> Result<Option<MasterKey>> {
    let damaged = |what: &str| Error::new(ErrorKind::Damaged, what);
    let file: KeyFile =
        serde_json::from_slice(bytes).map_err(|error| damaged("the key file is malformed").because(error))?;
    if file.kdf != "scrypt" {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("key derivation {:?} is unknown (key of {}@{})", file.kdf, file.username, file.hostname),
        ));
    }
    let memory_bytes = file.n.saturating_mul(u64::from(file.r)).saturating_mul(128);
    if !file.n.is_power_of_two() || memory_bytes > SCRYPT_MEMORY_BYTES_MAX {
        return Err(damaged("the key file asks for more memory than is sane"));
    }
    let log_n = u8::try_from(file.n.trailing_zeros()).unwrap_or(u8::MAX);
    let params =
        Params::new(log_n, file.r, file.p).map_err(|error| damaged("malformed scrypt settings").because(error))?;
    let salt = decode("salt", &file.salt)?;
    let mut sealed = decode("data", &file.data)?;
    let mut derived = [0; KEY_BYTES];
    scrypt::scrypt(password.expose().as_bytes(), &salt, &params, &mut derived)
        .map_err(|error| damaged("malformed scrypt settings").because(error))?;
    let wrapping = MasterKey::new(Secret::new(derived));
    derived.zeroize();
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

fn decode(what: &str, text: &str) -> Result<Vec<u8>> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|error| Error::new(ErrorKind::Damaged, format!("{what} of the key file is not base64")).because(error))
}
