//! Whom we trust, and who we are. Agents trust one authority and no other.

use std::sync::Arc;

use bygone_common::Secret;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{Error, ErrorKind, Result};

/// Whom we take a server for.
#[derive(Debug, Clone)]
pub enum Trust {
    /// One whose certificate an authority of this system signed.
    System,
    /// One whose certificate this authority signed, in PEM form (or one of several).
    Authority(String),
    /// One whose certificate an authority signed that has this SHA-256 (32 bytes), and that shows it to us.
    Pinned([u8; 32]),
    /// None: the server is on this machine, and speaks plain HTTP.
    Plain,
}

/// Who we are: our certificate with those between it and the authority, and its key, in PEM form.
#[derive(Debug, Clone)]
pub struct Identity {
    /// All of it, in one text.
    pub pem: Secret<String>,
}

/// TLS for a client.
///
/// # Errors
/// `Invalid`: texts that hold no certificate or key; `Untrusted`: the system has no list of authorities.
pub fn config(trust: &Trust, identity: Option<&Identity>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Invalid, format!("set up TLS: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?;
    let builder = match trust {
        Trust::Plain => builder.with_root_certificates(RootCertStore::empty()),
        Trust::System => builder.dangerous().with_custom_certificate_verifier(Arc::new(system(&provider)?)),
        Trust::Authority(pem) => builder.with_root_certificates(roots(pem)?),
        Trust::Pinned(hash) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Pinned { hash: *hash, provider }))
        }
    };
    let Some(identity) = identity else { return Ok(builder.with_no_client_auth()) };
    let pem = identity.pem.expose().as_bytes();
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unusable(&format_args!("our certificate: {error}")))?;
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| unusable(&format_args!("our key: {error}")))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| unusable(&error))
}

fn system(provider: &Arc<CryptoProvider>) -> Result<rustls_platform_verifier::Verifier> {
    rustls_platform_verifier::Verifier::new(Arc::clone(provider))
        .map_err(|error| Error::new(ErrorKind::Untrusted, format!("the system's certificate authorities: {error}")))
}

fn roots(pem: &str) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let unusable = |error: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Invalid, format!("the server's certificate authority cannot be used: {error}"))
    };
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.map_err(|error| unusable(&error))?).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"it holds no certificate"));
    }
    Ok(roots)
}

/// Takes the authority that the server shows, if its hash is the one we were told by other means: in the enrolment token.
#[derive(Debug)]
struct Pinned {
    hash: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        shown: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let is_it = |shown: &&CertificateDer<'_>| {
            let hash = ring::digest::digest(&ring::digest::SHA256, shown);
            hash.as_ref() == self.hash
        };
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = shown.iter().find(is_it).ok_or(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        verifier.verify_server_cert(leaf, shown, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether it is about certificates, and what to tell a person.
pub(crate) fn explain(error: &rustls::Error) -> (bool, String) {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => (true, "the server's certificate has not begun yet: is this machine's clock right?".to_owned()),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            (true, "the server's certificate has ended: is this machine's clock right?".to_owned())
        }
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            (true, "the server is not the one that this agent enrolled at, or its authority is not trusted".to_owned())
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (true, "the server's certificate is for another name than the one in its URL".to_owned()),
        rustls::Error::InvalidCertificate(other) => (true, format!("the server's certificate is refused: {other:?}")),
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied),
        ) => (true, format!("the server refuses our certificate: {alert:?}")),
        rustls::Error::InvalidMessage(_) => (false, "no TLS is spoken there".to_owned()),
        other => (false, other.to_string()),
    }
}
