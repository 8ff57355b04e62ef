//! Poly1305-AES: a sum under the key's `r`, to which the encrypted nonce is added.

use std::marker::PhantomData;

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};
use bygone_common::Secret;
use poly1305::Poly1305;
use poly1305::universal_hash::UniversalHash as _;

#[cfg(target_arch = "x86_64")]
use super::wide;
use super::{BLOCK_BYTES, NONCE_BYTES, TAG_BYTES};

/// All that is taken in but the last is a multiple of this.
pub(super) const GROUP_BYTES: usize = 256;

/// The key that authenticates.
#[derive(Clone)]
pub(super) struct MacKey {
    k: Aes128,
    r: Secret<[u8; BLOCK_BYTES]>,
    /// Where the processor can do better than the crate.
    #[cfg(target_arch = "x86_64")]
    wide: Option<Secret<wide::Powers>>,
}

impl MacKey {
    /// A key of 16 bytes `k` and 16 bytes `r`.
    pub(super) fn new(k: &[u8; BLOCK_BYTES], r: &[u8; BLOCK_BYTES]) -> Self {
        Self {
            k: Aes128::new(&Array(*k)),
            #[cfg(target_arch = "x86_64")]
            wide: wide::Powers::new(*r).map(Secret::new),
            r: Secret::new(*r),
        }
    }

    /// Begins a tag under the one-time key `r ‖ AES_k(nonce)`.
    pub(super) fn begin(&self, nonce: &[u8; NONCE_BYTES]) -> Mac<'_> {
        let mut encrypted = Array(*nonce);
        self.k.encrypt_block(&mut encrypted);
        #[cfg(target_arch = "x86_64")]
        if let Some(powers) = &self.wide {
            return Mac::Wide(wide::Sum::new(powers.expose()), u128::from_le_bytes(encrypted.0));
        }
        let mut one_time_key = [0; 2 * BLOCK_BYTES];
        let (r, s) = one_time_key.split_at_mut(BLOCK_BYTES);
        r.copy_from_slice(self.r.expose());
        s.copy_from_slice(&encrypted);
        Mac::Crate { sum: Poly1305::new(&Array(one_time_key)), tail: [0; BLOCK_BYTES], tail_len: 0, key: PhantomData }
    }
}

/// A tag that is being computed.
pub(super) enum Mac<'a> {
    /// With what the sum is added to at the end.
    #[cfg(target_arch = "x86_64")]
    Wide(wide::Sum<'a>, u128),
    Crate {
        sum: Poly1305,
        /// The bytes behind the last whole block.
        tail: [u8; BLOCK_BYTES],
        tail_len: usize,
        key: PhantomData<&'a MacKey>,
    },
}

impl Mac<'_> {
    /// Takes in what comes next. All but the last are whole groups of [`GROUP_BYTES`].
    pub(super) fn update(&mut self, text: &[u8]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Wide(sum, _) => sum.update(text),
            Self::Crate { sum, tail, tail_len, .. } => {
                let (blocks, rest) = text.as_chunks();
                sum.update(Array::cast_slice_from_core(blocks));
                *tail_len = rest.len();
                tail.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
            }
        }
    }

    pub(super) fn tag(self) -> [u8; TAG_BYTES] {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Wide(sum, encrypted_nonce) => sum.finish().wrapping_add(encrypted_nonce).to_le_bytes(),
            Self::Crate { sum, tail, tail_len, .. } => sum.compute_unpadded(tail.get(..tail_len).unwrap_or_default()).0,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn unhex<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    fn tag(key: &MacKey, nonce: &[u8; NONCE_BYTES], text: &[u8]) -> [u8; TAG_BYTES] {
        let mut mac = key.begin(nonce);
        mac.update(text);
        mac.tag()
    }

    /// The key as a processor knows it that can do no better than the crate.
    fn by_the_crate(key: &MacKey) -> MacKey {
        #[cfg(target_arch = "x86_64")]
        let key = &MacKey { wide: None, ..key.clone() };
        key.clone()
    }

    /// Bernstein, "The Poly1305-AES message-authentication code", appendix B.
    #[test]
    fn tags_are_those_of_the_paper() {
        let key = MacKey::new(&unhex("ec074c835580741701425b623235add6"), &unhex("851fc40c3467ac0be05cc20404f3f700"));
        let (nonce, expected) = (unhex("fb447350c4e868c52ac3275cf9d4327e"), unhex("f4c633c3044fc145f84f335cb81953de"));
        assert_eq!(tag(&key, &nonce, &[0xf3, 0xf6]), expected);
        assert_eq!(tag(&by_the_crate(&key), &nonce, &[0xf3, 0xf6]), expected);
    }

    /// The digest of all tags was computed by another library (Python's cryptography, OpenSSL), and by the definition.
    #[test]
    fn tags_of_every_length_are_those_of_another_library() {
        let key = MacKey::new(&[7; BLOCK_BYTES], &[0xff; BLOCK_BYTES]);
        let text: Vec<u8> = (0..=u8::MAX).cycle().take(3 * GROUP_BYTES).collect();
        for key in [&key, &by_the_crate(&key)] {
            let mut tags = Sha256::new();
            for length in 0..text.len() {
                tags.update(tag(key, &[9; NONCE_BYTES], text.get(..length).unwrap()));
            }
            let expected: [u8; 32] = unhex("acfcb73cbbf2dba40d871ab425a4cd644f08170b889b656aebc7df05cc7f7178");
            assert_eq!(tags.finalize().as_slice(), expected);
        }
    }
}
