//! Chance from the operating system, for keys, nonces and names.

use ring::rand::{SecureRandom, SystemRandom};

use crate::error::{Error, ErrorKind, Result};

/// Fresh random bytes.
///
/// # Errors
/// The system gives none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(ErrorKind::Io, "the operating system gives no random numbers"))?;
    Ok(bytes)
}
