//! How a machine becomes an agent, gets its next certificate, and stops being one.

use bygone_client::{AgentClient, Trust};
use bygone_common::Secret;
use bygone_common::protocol::{EnrolRequest, PROTOCOL_VERSION, RenewResponse, TokenText};
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::error::{Error, ErrorKind, Result};
use crate::facts;
use crate::state::{Enrolled, Folder};

/// A new key, and the request to have it signed.
struct Wanted {
    key: KeyPair,
    csr: String,
}

impl Wanted {
    fn new() -> Result<Self> {
        let failed = |error: rcgen::Error| Error::new(ErrorKind::Local, format!("make a key: {error}"));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let csr = CertificateParams::default().serialize_request(&key).map_err(failed)?.pem().map_err(failed)?;
        Ok(Self { key, csr })
    }

    /// The certificate and its key, in one text.
    fn identity(&self, certificate: &str) -> Secret<String> {
        Secret::new(format!("{}\n{}", certificate.trim_end(), self.key.serialize_pem()))
    }
}

/// Makes this machine an agent. The token says whom to trust.
///
/// # Errors
/// `Usage`: it is one already, or the token is none; what the server says.
pub async fn enrol(folder: &Folder, server: &str, token: &Secret<String>, now: Timestamp) -> Result<Enrolled> {
    let _held = folder.hold()?;
    match folder.enrolled() {
        Ok(enrolled) => {
            let sentence =
                format!("this machine is an agent of {} already: bygone agent unenrol first", enrolled.server);
            return Err(Error::new(ErrorKind::Usage, sentence));
        }
        Err(error) if error.kind() == ErrorKind::NotEnrolled => {}
        Err(error) => return Err(error),
    }
    let authority = TokenText::parse(token).map_err(|refused| Error::new(ErrorKind::Usage, refused.why))?.authority;
    let client = AgentClient::enrolling(server, &Trust::Pinned(authority))?;
    let wanted = Wanted::new()?;
    let request = EnrolRequest {
        version: PROTOCOL_VERSION,
        token: token.clone(),
        csr: wanted.csr.clone(),
        facts: facts::gather(true),
    };
    let answer = client.enrol(&request).await?;
    let enrolled = Enrolled {
        server: client.url().to_owned(),
        agent: answer.agent,
        org: answer.org,
        identity: wanted.identity(&answer.certificate),
        ca: answer.ca,
        expires_at: answer.expires_at,
        renew_at: answer.renew_at,
        enrolled_at: now,
    };
    // A certificate that the server would not take should be found out now.
    enrolled.client()?;
    folder.keep_enrolled(&enrolled)?;
    Ok(enrolled)
}

/// Gets the next certificate, with a new key.
///
/// # Errors
/// What the server says; it cannot be kept.
pub async fn renew(folder: &Folder, enrolled: &Enrolled) -> Result<Enrolled> {
    let wanted = Wanted::new()?;
    let RenewResponse { certificate, ca, expires_at, renew_at } = enrolled.client()?.renew(wanted.csr.clone()).await?;
    let renewed = Enrolled { identity: wanted.identity(&certificate), ca, expires_at, renew_at, ..enrolled.clone() };
    renewed.client()?;
    folder.keep_enrolled(&renewed)?;
    Ok(renewed)
}

/// Leaves the server, and forgets who this machine was. The spool stays: it may hold what is nowhere else.
///
/// # Errors
/// The server cannot be told, unless `by_force`; files that cannot be removed.
pub async fn unenrol(folder: &Folder, by_force: bool) -> Result<()> {
    let _held = folder.hold()?;
    let enrolled = folder.enrolled()?;
    match enrolled.client()?.unenrol().await.map_err(Error::from) {
        Ok(()) => {}
        Err(error) if by_force || error.kind() == ErrorKind::Revoked => {
            tracing::warn!(%error, "the server was not told");
        }
        Err(error) => return Err(error),
    }
    for name in ["identity.pem", "ca.pem", "plans.json", "status.json", "locks.json", "agent.json"] {
        folder.remove(name)?;
    }
    Ok(())
}
