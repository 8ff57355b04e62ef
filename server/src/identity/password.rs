//! Passwords: hashed with argon2id, on threads that may block, a bounded number at a time, so that a flood of sign-ins
//! exhausts neither processors nor memory.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use bygone_common::Secret;
use tokio::sync::Semaphore;

use crate::problem::{Problem, ProblemCode, Result};

/// KiB of memory of one hash (OWASP's first choice for argon2id with two passes).
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes: hashes run beside each other instead.
const LANES: u32 = 1;
/// Hashes at one time for people whose browser is not known: 76 MiB and four processors at most.
const STRANGERS_MAX: usize = 4;
/// Hashes at one time for people whose browser is known: a flood of strangers keeps none of them waiting.
const KNOWN_MAX: usize = 2;
/// Sign-ins that wait for a turn; one more is told to come back.
const WAITING_MAX: usize = 64;
/// Seconds after which one may come back.
const RETRY_SECONDS: u64 = 5;

/// Characters of a password at least.
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// Bytes of a password at most.
pub(crate) const PASSWORD_BYTES_MAX: usize = 1024;

/// In which queue somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The browser is one they signed in with before, or they are signed in.
    Known,
    /// Anybody.
    Stranger,
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub(crate) struct Passwords {
    known: Semaphore,
    strangers: Semaphore,
    waiting: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            known: Semaphore::new(KNOWN_MAX),
            strangers: Semaphore::new(STRANGERS_MAX),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }

    /// What is kept of a password, as a PHC string.
    ///
    /// # Errors
    /// `Unavailable`: too many wait.
    pub(crate) async fn hash(&self, password: Secret<String>, lane: Lane) -> Result<Secret<String>> {
        self.run(lane, move || hashed(password.expose())).await?
    }

    /// Whether the password is the one a hash was made of. Takes as long for no hash as for one: who has none cannot be told
    /// from who gave a wrong password.
    ///
    /// # Errors
    /// `Unavailable`: too many wait.
    pub(crate) async fn check(
        &self,
        password: Secret<String>,
        hash: Option<Secret<String>>,
        lane: Lane,
    ) -> Result<bool> {
        self.run(lane, move || match hash {
            Some(hash) => Ok(fits(password.expose(), hash.expose())),
            None => {
                fits(password.expose(), nobodys()?);
                Ok(false)
            }
        })
        .await?
    }

    /// The hash of a password that has just been proved to be right, when its hash was made in another way than hashes are
    /// made today; none when it was not.
    ///
    /// # Errors
    /// `Unavailable`: too many wait.
    pub(crate) async fn renewed(
        &self,
        password: Secret<String>,
        hash: &Secret<String>,
        lane: Lane,
    ) -> Result<Option<Secret<String>>> {
        if is_of_today(hash.expose()) {
            return Ok(None);
        }
        self.hash(password, lane).await.map(Some)
    }

    async fn run<T: Send + 'static>(&self, lane: Lane, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy =
            || Problem::new(ProblemCode::Unavailable, "too many people sign in just now").retry_after(RETRY_SECONDS);
        let turns = match lane {
            Lane::Known => &self.known,
            Lane::Stranger => &self.strangers,
        };
        let turn = match turns.try_acquire() {
            Ok(turn) => turn,
            Err(_) => {
                let _place = match lane {
                    Lane::Known => None,
                    Lane::Stranger => Some(self.waiting.try_acquire().map_err(|_| busy())?),
                };
                turns.acquire().await.map_err(|_| busy())?
            }
        };
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        done.map_err(|fault| {
            tracing::error!(error = %fault, "hashing a password failed");
            Problem::new(ProblemCode::Internal, "the server failed; its log says how")
        })
    }
}

/// Refuses passwords that are too short to hold, or too long to hash.
///
/// # Errors
/// `Invalid`, about `field`.
pub(crate) fn check_strength(password: &Secret<String>, email: &str, field: &str) -> Result<()> {
    let text = password.expose();
    if text.chars().count() < PASSWORD_CHARS_MIN || text.len() > PASSWORD_BYTES_MAX {
        let title = format!("a password has {PASSWORD_CHARS_MIN} characters to {PASSWORD_BYTES_MAX} bytes");
        return Err(Problem::invalid(field, title));
    }
    let first = text.chars().next();
    if text.to_lowercase() == email || text.chars().all(|letter| Some(letter) == first) {
        return Err(Problem::invalid(field, "this password is the first one that anybody tries"));
    }
    Ok(())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hashed(password: &str) -> Result<Secret<String>> {
    let hash = argon2()?.hash_password(password.as_bytes()).map_err(failed)?;
    Ok(Secret::new(hash.to_string()))
}

fn fits(password: &str, hash: &str) -> bool {
    // The hash names its own parameters; what it was made with is what it is checked with.
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Whether a hash was made with the parameters of today.
fn is_of_today(hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    let params = Params::try_from(&parsed);
    parsed.algorithm == Algorithm::Argon2id.ident()
        && parsed.version == Some(Version::V0x13.into())
        && params.is_ok_and(|params| (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES))
}

/// A hash of what nobody's password is.
fn nobodys() -> Result<&'static str> {
    static HASH: OnceLock<Secret<String>> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash.expose());
    }
    let hash = hashed(super::random::token()?.expose())?;
    Ok(HASH.get_or_init(|| hash).expose())
}

fn failed(fault: impl std::fmt::Display) -> Problem {
    tracing::error!(error = %fault, "argon2 failed");
    Problem::new(ProblemCode::Internal, "the server failed; its log says how")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::new();
        let hash = passwords.hash(secret("correct horse battery"), Lane::Known).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let check = |text: &str, hash: Option<Secret<String>>| passwords.check(secret(text), hash, Lane::Stranger);
        assert!(check("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!check("correct horse batterz", Some(hash)).await.unwrap());
        assert!(!check("correct horse battery", None).await.unwrap());
        assert!(!check("x", Some(secret("not a hash"))).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_that_was_made_otherwise_is_made_anew() {
        let passwords = Passwords::new();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let weak = Secret::new(weak.hash_password(b"correct horse battery").unwrap().to_string());
        let password = || secret("correct horse battery");
        assert!(passwords.check(password(), Some(weak.clone()), Lane::Known).await.unwrap());
        let renewed = passwords.renewed(password(), &weak, Lane::Known).await.unwrap().unwrap();
        assert!(passwords.check(password(), Some(renewed.clone()), Lane::Known).await.unwrap());
        assert!(passwords.renewed(password(), &renewed, Lane::Known).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_flood_waits_in_a_bounded_line_and_known_browsers_pass_it() {
        let passwords = Passwords::new();
        let _busy: Vec<_> = (0..STRANGERS_MAX).map(|_| passwords.strangers.try_acquire().unwrap()).collect();
        let _line: Vec<_> = (0..WAITING_MAX).map(|_| passwords.waiting.try_acquire().unwrap()).collect();
        let refused = passwords.check(secret("x"), None, Lane::Stranger).await.unwrap_err();
        assert_eq!(refused.code(), ProblemCode::Unavailable);
        assert!(!passwords.check(secret("x"), None, Lane::Known).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused_by_field() {
        for weak in ["", "short", "aaaaaaaaaaaaaaaa", "Alice@Example.test", &"x1".repeat(600)] {
            let refused = check_strength(&secret(weak), "alice@example.test", "password").unwrap_err();
            assert_eq!(refused.code(), ProblemCode::Invalid, "{weak:?}");
        }
        assert!(check_strength(&secret("пароль подлиннее"), "alice@example.test", "password").is_ok());
    }
}
