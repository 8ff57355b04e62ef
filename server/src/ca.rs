//! The installation's own certificate authority: it signs agents' certificates and that of their listener, and nothing else.
//!
//! Its key is made at first start and lies in the database, sealed under the installation key, so that every replica signs
//! with the same. A certificate of an agent carries who it is as a URI; who may still come in is the database's to say, at
//! every request: see `agent_api`.

mod issue;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use bygone_common::Clock;
use bygone_store::certificates::Authority;
use bygone_store::{Actor, Store};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};

use crate::secrets::{Purpose, Secrets};

pub(crate) use issue::fingerprint;
pub use issue::{AgentName, Issued};

/// The authority's name in the database.
const NAME: &str = "agents";
/// For how long the authority is good.
const AUTHORITY_DAYS: i64 = 3_650;
/// For how long an agent's certificate is good.
pub const AGENT_DAYS: i64 = 30;
/// From when on an agent asks for the next one: two thirds of its time.
pub const AGENT_RENEW_DAYS: i64 = 20;
/// For how long the listener's certificate is good.
const SERVER_DAYS: i64 = 30;
/// From when on the listener gets another.
const SERVER_RENEW_DAYS: i64 = 20;
/// By how much clocks may differ: a certificate begins that much before it is made. More than a day, as clocks that keep
/// another zone's time are off by up to that.
const BACKDATED: SignedDuration = SignedDuration::from_hours(25);

/// What can go wrong with certificates. No text of it holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaError(String);

impl CaError {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    fn because(doing: &str) -> impl Fn(rcgen::Error) -> Self {
        move |error| Self(format!("{doing}: {error}"))
    }
}

impl fmt::Display for CaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CaError {}

impl From<bygone_store::Error> for CaError {
    fn from(error: bygone_store::Error) -> Self {
        Self(error.to_string())
    }
}

/// The authority. Cheap to clone.
#[derive(Clone)]
pub struct Ca(Arc<Shared>);

struct Shared {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    fingerprint: [u8; 32],
    issuer: rcgen::Issuer<'static, KeyPair>,
    clock: Clock,
}

impl fmt::Debug for Ca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ca(…)")
    }
}

impl Ca {
    /// Takes the authority from the database, or makes it.
    ///
    /// # Errors
    /// The database does not answer; its key cannot be opened.
    pub async fn open(store: &Store, secrets: &Secrets) -> Result<Self, CaError> {
        let actor = Actor::installation("ca");
        let kept = match store.certificates().authority(&actor, NAME).await? {
            Some(kept) => kept,
            None => {
                let new = make(secrets, store.now())?;
                store.certificates().keep_authority(&actor, NAME, &new).await?
            }
        };
        let key = secrets
            .open_text(Purpose::AuthorityKey, NAME, &kept.sealed_key)
            .map_err(|error| CaError::new(format!("the certificate authority's key: {error}")))?;
        let key = KeyPair::from_pem(key.expose()).map_err(CaError::because("read the certificate authority's key"))?;
        let issuer = rcgen::Issuer::from_ca_cert_pem(&kept.certificate_pem, key)
            .map_err(CaError::because("read the certificate authority"))?;
        let certificate = CertificateDer::from_pem_slice(kept.certificate_pem.as_bytes())
            .map_err(|error| CaError::new(format!("read the certificate authority: {error}")))?;
        let fingerprint = Sha256::digest(&certificate).into();
        let (certificate_pem, clock) = (kept.certificate_pem, store.clock().clone());
        Ok(Self(Arc::new(Shared { certificate_pem, certificate, fingerprint, issuer, clock })))
    }

    /// Seals the authority's key under the present installation key.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn reseal(store: &Store, secrets: &Secrets) -> Result<(), CaError> {
        let actor = Actor::installation("ca");
        let Some(kept) = store.certificates().authority(&actor, NAME).await? else { return Ok(()) };
        let sealing = |error| CaError::new(format!("the certificate authority's key: {error}"));
        let key = secrets.open(Purpose::AuthorityKey, NAME, &kept.sealed_key).map_err(sealing)?;
        let sealed = secrets.seal(Purpose::AuthorityKey, NAME, key.expose()).map_err(sealing)?;
        Ok(store.certificates().reseal_authority(&actor, NAME, &sealed).await?)
    }

    /// The authority's certificate, in PEM form: what agents trust.
    pub fn certificate_pem(&self) -> &str {
        &self.0.certificate_pem
    }

    /// SHA-256 of the authority's certificate: what enrolment tokens carry, so that a machine knows its server.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    /// TLS for the agents' listener: whoever has a certificate of ours is told apart from whoever has none, who may enrol
    /// and nothing else. `names` are the host names and addresses that the listener is reached by.
    ///
    /// # Errors
    /// A name that cannot be one.
    pub fn server_config(&self, names: &[String]) -> Result<ServerConfig, CaError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let failed = |error: &dyn fmt::Display| CaError::new(format!("set up TLS for agents: {error}"));
        let mut roots = RootCertStore::empty();
        roots.add(self.0.certificate.clone()).map_err(|error| failed(&error))?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .map_err(|error| failed(&error))?;
        let resolver = OwnCertificate::new(self.clone(), names.to_vec())?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A session that is taken up again would skip the look at the certificate's end.
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }
}

/// A new authority, its key sealed.
fn make(secrets: &Secrets, now: Timestamp) -> Result<Authority, CaError> {
    let doing = CaError::because("make a certificate authority");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(&doing)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Bygone agents");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = issue::span(now, SignedDuration::from_hours(24 * AUTHORITY_DAYS))?;
    let sealed_key = secrets
        .seal(Purpose::AuthorityKey, NAME, key.serialize_pem().as_bytes())
        .map_err(|error| CaError::new(format!("the certificate authority's key: {error}")))?;
    let issuer = CertifiedIssuer::self_signed(params, key).map_err(&doing)?;
    Ok(Authority { certificate_pem: issuer.pem(), sealed_key })
}

/// The listener's own certificate, made anew when it is about to end: nobody has to restart anything.
struct OwnCertificate {
    ca: Ca,
    names: Vec<String>,
    current: RwLock<(Arc<CertifiedKey>, Timestamp)>,
}

impl fmt::Debug for OwnCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnCertificate").field("names", &self.names).finish_non_exhaustive()
    }
}

impl OwnCertificate {
    fn new(ca: Ca, names: Vec<String>) -> Result<Self, CaError> {
        let current = RwLock::new(Self::make(&ca, &names)?);
        Ok(Self { ca, names, current })
    }

    fn make(ca: &Ca, names: &[String]) -> Result<(Arc<CertifiedKey>, Timestamp), CaError> {
        let now = ca.0.clock.now();
        let (chain, key) = ca.issue_server(names, SignedDuration::from_hours(24 * SERVER_DAYS))?;
        let failed =
            |error: &dyn fmt::Display| CaError::new(format!("use the agents' listener's certificate: {error}"));
        let key = PrivateKeyDer::try_from(key).map_err(|error| failed(&error))?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|error| failed(&error))?;
        let renew_at = now.checked_add(SignedDuration::from_hours(24 * SERVER_RENEW_DAYS)).unwrap_or(Timestamp::MAX);
        Ok((Arc::new(CertifiedKey::new(chain, key)), renew_at))
    }
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if self.ca.0.clock.now() < current.1 {
                return Some(Arc::clone(&current.0));
            }
        }
        match Self::make(&self.ca, &self.names) {
            Ok(made) => {
                let key = Arc::clone(&made.0);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = made;
                Some(key)
            }
            Err(error) => {
                tracing::error!(%error, "the agents' listener goes on with a certificate that ends soon");
                Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0))
            }
        }
    }
}

#[cfg(test)]
mod tests;
