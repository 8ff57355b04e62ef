//! Sealing: no secret lies in the database in clear. Everything that somebody could open something with is encrypted with
//! AES-256-GCM under the installation key, which the database never holds.
//!
//! A sealed value is bound to what it is for and to the row that it lies in, so that it cannot be moved to another row.
//! There may be several installation keys while they are being rotated: the first seals, all of them open.
//!
//! Stored form: version (1 byte), id of the key (8), nonce (12), ciphertext, tag (16).

pub mod escrow;
pub mod rotate;
mod source;

use std::fmt;
use std::sync::Arc;
use std::sync::{PoisonError, RwLock};

use bygone_common::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

pub use source::KeySource;

/// Bytes of an installation key.
pub const KEY_BYTES: usize = 32;
/// Bytes by which a key is named.
const KEY_ID_BYTES: usize = 8;
/// Keys that are known at once: the present one, and those that rows may still be under.
pub const KEYS_MAX: usize = 8;
/// What the key for names is derived by: it must never change.
const NAMING: &[u8] = b"bygone names";
/// What the key with which replicas sign is derived by: the same in all of them.
const SIGNING: &[u8] = b"bygone replicas";
/// The form of what is sealed.
const VERSION: u8 = 1;
/// What stands before the ciphertext.
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_LEN;

/// What a sealed value is for. Part of what is authenticated: a password of one kind opens nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The password of a repository.
    RepositoryPassword,
    /// What opens a storage: S3 keys, an SSH key, a REST password.
    StorageCredential,
    /// The private key of the server's own certificate authority.
    AuthorityKey,
    /// The secret of a person's one-time passwords.
    TotpSecret,
    /// The secret of an OpenID Connect client.
    OidcClientSecret,
    /// The tokens of a sign-in by OpenID Connect.
    OidcTokens,
    /// What a plan's hooks or sources need to sign in somewhere.
    SourceCredential,
    /// An answer that is kept for a request that may come again: it may show a secret that was just made.
    KeptAnswer,
}

impl Purpose {
    /// The word for it, which is authenticated: it must never change.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RepositoryPassword => "repository-password",
            Self::StorageCredential => "storage-credential",
            Self::AuthorityKey => "authority-key",
            Self::TotpSecret => "totp-secret",
            Self::OidcClientSecret => "oidc-client-secret",
            Self::OidcTokens => "oidc-tokens",
            Self::SourceCredential => "source-credential",
            Self::KeptAnswer => "kept-answer",
        }
    }

    /// Every purpose.
    pub const ALL: [Self; 8] = [
        Self::RepositoryPassword,
        Self::StorageCredential,
        Self::AuthorityKey,
        Self::TotpSecret,
        Self::OidcClientSecret,
        Self::OidcTokens,
        Self::SourceCredential,
        Self::KeptAnswer,
    ];
}

/// The name of an installation key: a part of its hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstallationKeyId([u8; KEY_ID_BYTES]);

impl InstallationKeyId {
    fn of(key: &[u8; KEY_BYTES]) -> Self {
        let mut named = b"bygone installation key ".to_vec();
        named.extend_from_slice(key);
        let hash = digest(&SHA256, &named);
        zeroize::Zeroize::zeroize(&mut named);
        let mut id = [0; KEY_ID_BYTES];
        id.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

impl fmt::Display for InstallationKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for InstallationKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstallationKeyId({self})")
    }
}

/// What can go wrong with sealing. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretsError(String);

impl SecretsError {
    fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SecretsError {}

/// Seals and opens under the installation key. Cheap to clone.
#[derive(Clone)]
pub struct Secrets(Arc<Shared>);

struct Shared {
    source: KeySource,
    keys: RwLock<Keys>,
    random: SystemRandom,
}

struct Keys {
    /// The first seals.
    sealing: Vec<(InstallationKeyId, LessSafeKey)>,
    /// Follows from the first.
    naming: Secret<[u8; KEY_BYTES]>,
    /// What each of them signs with for other replicas, the present one first.
    signing: Vec<hmac::Key>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("source", &self.0.source).finish_non_exhaustive()
    }
}

impl Keys {
    fn of(raw: &[Secret<[u8; KEY_BYTES]>]) -> Result<Self, SecretsError> {
        if raw.is_empty() || raw.len() > KEYS_MAX {
            return Err(SecretsError::new(format!(
                "there must be 1 to {KEYS_MAX} installation keys, not {}",
                raw.len()
            )));
        }
        let key = |raw: &Secret<[u8; KEY_BYTES]>| {
            let unusable = |_| SecretsError::new("an installation key cannot be used");
            let key = UnboundKey::new(&AES_256_GCM, raw.expose()).map_err(unusable)?;
            Ok((InstallationKeyId::of(raw.expose()), LessSafeKey::new(key)))
        };
        let sealing = raw.iter().map(key).collect::<Result<_, _>>()?;
        let derived = |raw: &[u8], what: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, raw), what);
        let tag = derived(raw.first().map_or(&[][..], |raw| raw.expose()), NAMING);
        let mut naming = [0; KEY_BYTES];
        naming.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        let signing =
            |raw: &Secret<[u8; KEY_BYTES]>| hmac::Key::new(hmac::HMAC_SHA256, derived(raw.expose(), SIGNING).as_ref());
        Ok(Self { sealing, naming: Secret::new(naming), signing: raw.iter().map(signing).collect() })
    }
}

impl Secrets {
    /// Takes the installation keys from where they are. A key file that is not there is made, with a new key.
    ///
    /// # Errors
    /// The source cannot be read, others may read it, or it does not hold keys.
    pub fn load(source: KeySource) -> Result<Self, SecretsError> {
        let keys = Keys::of(&source.load_or_create()?)?;
        Ok(Self(Arc::new(Shared { source, keys: RwLock::new(keys), random: SystemRandom::new() })))
    }

    /// A key of its own for one process, kept nowhere: for tests.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn ephemeral() -> Result<Self, SecretsError> {
        Self::load(KeySource::Given(vec![source::random_key()?]))
    }

    /// The key that seals now.
    pub fn current(&self) -> Option<InstallationKeyId> {
        self.read(|keys| keys.sealing.first().map(|(id, _)| *id))
    }

    /// All keys that open, the one that seals first.
    pub fn known(&self) -> Vec<InstallationKeyId> {
        self.read(|keys| keys.sealing.iter().map(|(id, _)| *id).collect())
    }

    /// A key for names that are made up for people: the same in every replica, another after a rotation.
    pub fn naming_key(&self) -> Secret<[u8; KEY_BYTES]> {
        self.read(|keys| keys.naming.clone())
    }

    /// Signs a text for another replica, in hexadecimal digits.
    ///
    /// # Errors
    /// There is no installation key.
    pub fn sign(&self, text: &str) -> Result<String, SecretsError> {
        let missing = || SecretsError::new("there is no installation key");
        self.read(|keys| {
            let key = keys.signing.first().ok_or_else(missing)?;
            Ok(hex::encode(hmac::sign(key, text.as_bytes())))
        })
    }

    /// Whether a replica of this installation signed a text: under any key that is known, as keys may be in rotation.
    pub fn is_signed(&self, text: &str, signature: &str) -> bool {
        let Ok(signature) = hex::decode(signature) else { return false };
        let verifies = |key: &hmac::Key| hmac::verify(key, text.as_bytes(), &signature).is_ok();
        self.read(|keys| keys.signing.iter().any(verifies))
    }

    /// Seals a secret for a purpose and a row, which [`open`](Self::open) must name again.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn seal(&self, purpose: Purpose, row: &str, plaintext: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let mut nonce = [0; NONCE_LEN];
        self.0.random.fill(&mut nonce).map_err(|_| SecretsError::new("the system has no randomness"))?;
        self.read(|keys| {
            let (id, key) = keys.sealing.first().ok_or_else(|| SecretsError::new("there is no installation key"))?;
            let mut sealed = Vec::with_capacity(HEAD_BYTES + plaintext.len() + AES_256_GCM.tag_len());
            sealed.push(VERSION);
            sealed.extend_from_slice(&id.0);
            sealed.extend_from_slice(&nonce);
            let mut body = plaintext.to_vec();
            let bound = Aad::from(bound(purpose, row));
            key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut body)
                .map_err(|_| SecretsError::new(format!("seal a {}", purpose.name())))?;
            sealed.append(&mut body);
            Ok(sealed)
        })
    }

    /// Opens what was sealed for this purpose and row. A key that is not known may have come since the keys were taken:
    /// they are then taken anew.
    ///
    /// # Errors
    /// The key is not known, or these are not the bytes that were sealed for this purpose and row.
    pub fn open(&self, purpose: Purpose, row: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, SecretsError> {
        let id = sealed_under(sealed)?;
        if !self.known().contains(&id) {
            self.reload()?;
        }
        let damaged = || SecretsError::new(format!("a sealed {} is damaged or not of this row", purpose.name()));
        let (head, body) = sealed.split_at_checked(HEAD_BYTES).ok_or_else(damaged)?;
        let nonce = head.get(1 + KEY_ID_BYTES..).and_then(|nonce| <[u8; NONCE_LEN]>::try_from(nonce).ok());
        let nonce = Nonce::assume_unique_for_key(nonce.ok_or_else(damaged)?);
        self.read(|keys| {
            let (_, key) = keys.sealing.iter().find(|(known, _)| *known == id).ok_or_else(|| {
                SecretsError::new(format!(
                    "a {} is sealed under installation key {id}, which is not known",
                    purpose.name()
                ))
            })?;
            let mut body = body.to_vec();
            let opened = key.open_in_place(nonce, Aad::from(bound(purpose, row)), &mut body).map_err(|_| damaged())?;
            let len = opened.len();
            body.truncate(len);
            Ok(Secret::new(body))
        })
    }

    /// The same for a text.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when it is no text.
    pub fn open_text(&self, purpose: Purpose, row: &str, sealed: &[u8]) -> Result<Secret<String>, SecretsError> {
        let opened = self.open(purpose, row, sealed)?;
        let text = String::from_utf8(opened.expose().clone());
        text.map(Secret::new).map_err(|_| SecretsError::new(format!("a sealed {} is no text", purpose.name())))
    }

    /// Puts a new key before the present one, where the source can be written. From now on it seals. Answers its id.
    ///
    /// # Errors
    /// The keys come from a variable or a command, whose owner has to change them; there are too many already; the file
    /// cannot be written.
    pub fn begin_rotation(&self) -> Result<InstallationKeyId, SecretsError> {
        let keys = Keys::of(&self.0.source.prepend(&source::random_key()?)?)?;
        self.replace(keys);
        self.current().ok_or_else(|| SecretsError::new("there is no installation key"))
    }

    /// Drops every key but the one that seals. Only for when no row is under another one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_rotation(&self) -> Result<(), SecretsError> {
        let keys = Keys::of(&self.0.source.keep_first()?)?;
        self.replace(keys);
        Ok(())
    }

    /// Takes the keys anew from where they are: another replica may have begun a rotation.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn reload(&self) -> Result<(), SecretsError> {
        let keys = Keys::of(&self.0.source.load_or_create()?)?;
        self.replace(keys);
        Ok(())
    }

    fn replace(&self, keys: Keys) {
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn read<T>(&self, with: impl FnOnce(&Keys) -> T) -> T {
        with(&self.0.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Under which key a value is sealed.
///
/// # Errors
/// It is too short, or of a newer form.
pub fn sealed_under(sealed: &[u8]) -> Result<InstallationKeyId, SecretsError> {
    match (sealed.first(), sealed.get(1..=KEY_ID_BYTES).and_then(|id| id.try_into().ok())) {
        (Some(&VERSION), Some(id)) if sealed.len() >= HEAD_BYTES + AES_256_GCM.tag_len() => Ok(InstallationKeyId(id)),
        _ => Err(SecretsError::new("a sealed value is cut off or of a form that is not known")),
    }
}

fn bound(purpose: Purpose, row: &str) -> Vec<u8> {
    // No name of a purpose holds a zero, so that no two pairs are bound alike.
    [purpose.name().as_bytes(), b"\0", row.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
