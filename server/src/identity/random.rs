//! What is made up: tokens, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bygone_common::Secret;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::problem::{Problem, ProblemCode, Result};

/// Random bytes of a token: nobody guesses 256 bits.
const TOKEN_BYTES: usize = 32;

/// So many random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        tracing::error!("the system has no randomness");
        Problem::new(ProblemCode::Internal, "the server failed; its log says how")
    })?;
    Ok(bytes)
}

/// A token of letters, digits, `-` and `_`.
pub(crate) fn token() -> Result<Secret<String>> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes::<TOKEN_BYTES>()?)))
}

/// What is kept of a token. A hash without salt or cost is enough for what is random and long.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(digest(&SHA256, token.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tokens_differ_and_fit_cookies_and_urls() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.expose().len(), 43);
        assert!(one.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
        assert_eq!(hash(one.expose()).len(), 64);
    }
}
