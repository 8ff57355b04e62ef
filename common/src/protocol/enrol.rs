//! How a machine becomes an agent: a one-time token and a signing request for a certificate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CSR_BYTES_MAX, Facts, NAME_CHARS_MAX, Refused, check_length, secret_text};
use crate::{AgentUid, OrgUid, Secret};

/// What stands before every token, so that one that was published by mistake can be found.
const TOKEN_PREFIX: &str = "bge1";

/// An enrolment token as a person passes it on: `bge1.<secret>.<hash of the authority>`. It says whom to trust as well as
/// who may come, so that a machine needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenText {
    /// SHA-256 of the authority's certificate.
    pub authority: [u8; 32],
}

impl TokenText {
    /// A token of a secret, for agents that should trust this authority.
    pub fn compose(secret: &[u8; 32], authority: &[u8; 32]) -> Secret<String> {
        Secret::new(format!("{TOKEN_PREFIX}.{}.{}", hex::encode(secret), hex::encode(authority)))
    }

    /// Reads one; the secret stays in the text.
    ///
    /// # Errors
    /// It is none, or not all of one.
    pub fn parse(token: &Secret<String>) -> Result<Self, Refused> {
        let refused = || Refused { field: "token", why: "this is no enrolment token: was it copied whole?".to_owned() };
        let rest =
            token.expose().strip_prefix(TOKEN_PREFIX).and_then(|rest| rest.strip_prefix('.')).ok_or_else(refused)?;
        let (secret, authority) = rest.split_once('.').ok_or_else(refused)?;
        let bytes = |text: &str| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).map(|()| bytes).map_err(|_| refused())
        };
        bytes(secret)?;
        Ok(Self { authority: bytes(authority)? })
    }
}

/// `POST /agent/v1/enrol`, the one call that needs no certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
    pub version: u32,
    /// What an operator was given; it is used up by this.
    #[serde(with = "secret_text")]
    pub token: Secret<String>,
    /// A certificate signing request in PEM form. What it names is not looked at: its key is.
    pub csr: String,
    /// The machine.
    pub facts: Facts,
}

/// What an agent is from then on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The version that the server speaks.
    pub version: u32,
    /// Who the agent is.
    pub agent: AgentUid,
    /// Whose it is.
    pub org: OrgUid,
    /// Its certificate, with those between it and the authority, in PEM form.
    pub certificate: String,
    /// The authority that signs the server's certificate too, in PEM form: from now on no other is trusted.
    pub ca: String,
    /// When the certificate ends.
    pub expires_at: Timestamp,
    /// From when on a new one is to be asked for.
    pub renew_at: Timestamp,
}

/// `POST /agent/v1/renew`: a new certificate while the old one still holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// [`PROTOCOL_VERSION`](super::PROTOCOL_VERSION).
    pub version: u32,
    /// As in [`EnrolRequest`]; with a new key.
    pub csr: String,
}

/// The new certificate. The old one holds until it ends, for when the answer is lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewResponse {
    /// As in [`EnrolResponse`].
    pub certificate: String,
    /// As in [`EnrolResponse`]: both authorities while one takes the place of another.
    pub ca: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From when on the next one is to be asked for.
    pub renew_at: Timestamp,
}

impl EnrolRequest {
    /// # Errors
    /// A value is too long.
    pub fn check(&self) -> Result<(), Refused> {
        check_length("token", self.token.expose(), NAME_CHARS_MAX)?;
        check_length("csr", &self.csr, CSR_BYTES_MAX)?;
        self.facts.check()
    }
}

impl RenewRequest {
    /// # Errors
    /// The signing request is too long.
    pub fn check(&self) -> Result<(), Refused> {
        check_length("csr", &self.csr, CSR_BYTES_MAX)
    }
}
