//! The master key in the kernel's keyring, so that later commands skip scrypt (half a second and 128 MiB each).
//!
//! Keys lie in the user's keyring, for processes of the same user, for a limited time, and never on a disk.

use std::time::Duration;

use crate::crypto::MasterKey;
use crate::error::Result;

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use bygone_common::Secret;
    use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
    use sha2::{Digest, Sha256};

    use crate::crypto::{KEY_BYTES, MasterKey};
    use crate::error::{Error, ErrorKind, Result};

    pub(super) fn store(location: &str, key: &MasterKey, timeout: Duration) -> Result<()> {
        let fault = |error| failed("keep the key in the kernel keyring", error);
        let stored = ring()?.add_key(&name(location), key.bytes().expose()).map_err(fault)?;
        stored.set_timeout(usize::try_from(timeout.as_secs()).unwrap_or(usize::MAX)).map_err(fault)
    }

    pub(super) fn load(location: &str) -> Result<Option<MasterKey>> {
        let key = match ring()?.search(&name(location)) {
            Ok(key) => key,
            Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => return Ok(None),
            Err(error) => return Err(failed("look for the key in the kernel keyring", error)),
        };
        let mut bytes = [0; KEY_BYTES];
        let length = key.read(&mut bytes).map_err(|error| failed("read the key in the kernel keyring", error))?;
        Ok((length == KEY_BYTES).then(|| MasterKey::new(Secret::new(bytes))))
    }

    pub(super) fn forget(location: &str) -> Result<bool> {
        let ring = ring()?;
        match ring.search(&name(location)) {
            Ok(key) => {
                ring.unlink_key(key).map_err(|error| failed("forget the key in the kernel keyring", error))?;
                Ok(true)
            }
            Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(false),
            Err(error) => Err(failed("look for the key in the kernel keyring", error)),
        }
    }

    /// The user keyring, linked into the session's: what is not linked there may be written, but not read.
    fn ring() -> Result<KeyRing> {
        let fault = |error| failed("open the kernel keyring", error);
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(fault)?;
        let session = KeyRing::from_special_id(KeyRingIdentifier::Session, true).map_err(fault)?;
        session.link_keyring(user).map_err(fault)?;
        Ok(user)
    }

    /// The location hashed: a location may name a user or a bucket, and keyrings are listed in /proc/keys.
    fn name(location: &str) -> String {
        let digest = Sha256::digest(location.as_bytes());
        format!("bygone:{}", hex::encode(digest.get(..16).unwrap_or_default()))
    }

    fn failed(context: &str, error: KeyError) -> Error {
        Error::new(ErrorKind::Denied, context).because(format!("{error:?}"))
    }
}

/// Keeps the master key of the repository at `location` for `timeout`.
///
/// # Errors
/// `Denied` when the kernel refuses; `Unsupported` where there is no such keyring.
pub fn store(location: &str, key: &MasterKey, timeout: Duration) -> Result<()> {
    #[cfg(target_os = "linux")]
    return linux::store(location, key, timeout);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (location, key, timeout);
        Err(unsupported())
    }
}

/// The key kept for `location`, if there is one and its time has not passed.
///
/// # Errors
/// `Denied` when the kernel refuses.
pub fn load(location: &str) -> Result<Option<MasterKey>> {
    #[cfg(target_os = "linux")]
    return linux::load(location);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = location;
        Ok(None)
    }
}

/// Forgets the key kept for `location`; says whether there was one.
///
/// # Errors
/// `Denied` when the kernel refuses; `Unsupported` where there is no such keyring.
pub fn forget(location: &str) -> Result<bool> {
    #[cfg(target_os = "linux")]
    return linux::forget(location);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = location;
        Err(unsupported())
    }
}

#[cfg(not(target_os = "linux"))]
fn unsupported() -> crate::error::Error {
    crate::error::Error::new(crate::error::ErrorKind::Unsupported, "this system has no kernel keyring to keep keys in")
}
