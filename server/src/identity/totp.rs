//! The second factor: codes that change every half minute (RFC 6238), and recovery codes for who has lost the device.

use bygone_common::{Secret, UserUid};
use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroize as _;

use super::random;
use crate::problem::{Problem, ProblemCode, Result};

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4).
pub(crate) const SECRET_BYTES: usize = 20;
/// Digits of a code.
const DIGITS: u8 = 6;
/// Seconds for which a code is the present one.
const STEP_SECONDS: u64 = 30;
/// Steps by which the person's clock may differ, to either side.
const SKEW_STEPS: u16 = 1;
/// Recovery codes of one person.
const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code.
const RECOVERY_BYTES: usize = 10;
/// Characters between the hyphens of a recovery code.
const RECOVERY_GROUP_CHARS: usize = 4;

/// What is told once to who begins to use a second factor.
pub(crate) struct Enrolment {
    /// In base 32, for typing.
    pub(crate) secret: Secret<String>,
    /// For a QR code.
    pub(crate) url: Secret<String>,
}

/// A new secret.
pub(crate) fn new_secret() -> Result<Secret<[u8; SECRET_BYTES]>> {
    random::bytes().map(Secret::new)
}

/// How the person's device takes a secret.
pub(crate) fn enrolment(secret: &[u8], email: &str) -> Result<Enrolment> {
    // Neither part of the URL's label may hold a colon.
    let account = email.replace(':', "_");
    let totp = builder(secret).with_issuer(Some("Bygone")).with_account_name(account).build().map_err(failed)?;
    Ok(Enrolment { secret: Secret::new(totp.secret().to_base32()), url: Secret::new(totp.to_url().map_err(failed)?) })
}

/// The step of time whose code this is, if it is that of one about now. The caller lets no step be used twice.
pub(crate) fn step(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if code.len() != usize::from(DIGITS) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let totp: Totp = builder(secret).build().map_err(failed)?;
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    Ok(totp.check(&code, seconds).and_then(|step| i64::try_from(step).ok()))
}

/// New recovery codes, and what is kept of them.
pub(crate) fn recovery_codes(user: UserUid) -> Result<(Vec<String>, Vec<String>)> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = random::bytes::<RECOVERY_BYTES>()?;
        let text = totp_rs::Secret::from(bytes.as_slice()).to_base32().to_lowercase();
        bytes.zeroize();
        let groups: Vec<String> = text
            .as_bytes()
            .chunks(RECOVERY_GROUP_CHARS)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect();
        codes.push(groups.join("-"));
    }
    let hashes = codes.iter().map(|code| recovery_hash(user, code)).collect();
    Ok((codes, hashes))
}

/// What is kept of a recovery code, however it is typed. It is bound to its person.
pub(crate) fn recovery_hash(user: UserUid, code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    random::hash(&format!("{user} {}", letters.to_lowercase()))
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW_STEPS)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret)
}

fn failed(fault: impl std::fmt::Debug) -> Problem {
    tracing::error!(error = ?fault, "a second factor cannot be used");
    Problem::new(ProblemCode::Internal, "the server failed; its log says how")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64, code: &str) -> Option<i64> {
        step(SECRET, code, Timestamp::from_second(second).unwrap()).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(at(second, code), Some(second / 30));
        }
    }

    #[test]
    fn a_code_holds_for_a_step_to_either_side_and_says_which_it_is() {
        assert_eq!(at(59 + 30, "287 082"), Some(1));
        assert_eq!(at(59 - 30, "287082"), Some(1));
        assert_eq!(at(59 + 61, "287082"), None);
        for wrong in ["", "287083", "28708", "2870820", "28708a", "٢٨٧٠٨٢"] {
            assert_eq!(at(59, wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let user = UserUid::new(Timestamp::from_second(1).unwrap(), [1; 10]);
        let other = UserUid::new(Timestamp::from_second(1).unwrap(), [2; 10]);
        let (codes, hashes) = recovery_codes(user).unwrap();
        assert_eq!((codes.len(), codes[0].len()), (10, 19));
        assert_eq!(recovery_hash(user, &codes[0].to_uppercase().replace('-', " ")), hashes[0]);
        assert_ne!(recovery_hash(other, &codes[0]), hashes[0]);
    }

    #[test]
    fn an_enrolment_is_a_url_that_apps_take() {
        let enrolment = enrolment(SECRET, "alice@example.test").unwrap();
        let url = enrolment.url.expose();
        assert!(
            url.starts_with("otpauth://totp/Bygone:alice%40example.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{url}"
        );
        assert_eq!(enrolment.secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
