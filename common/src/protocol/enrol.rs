//! How a machine becomes an agent: a one-time token and a signing request for a certificate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CSR_BYTES_MAX, Facts, NAME_CHARS_MAX, Refused, check_length, secret_text};
use crate::{AgentUid, OrgUid, Secret};

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
