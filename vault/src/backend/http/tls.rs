//! Whom we trust and who we are in TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, ClientConfig, RootCertStore};

use crate::backend::options::TlsOptions;
use crate::error::{Error, ErrorKind, Result};

/// The TLS side of a client. A `plain` client gets a configuration that trusts nobody.
pub(super) fn config(options: &TlsOptions, plain: bool) -> Result<ClientConfig> {
    let roots = if plain { RootCertStore::empty() } else { roots(options.ca_file.as_deref())? };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Unsupported, "set up TLS").because(error))?
        .with_root_certificates(roots);
    match options.client_certificate_file.as_deref().filter(|_| !plain) {
        None => Ok(config.with_no_client_auth()),
        Some(path) => {
            let certificates = certificates(path)?;
            let key = PrivateKeyDer::from_pem_file(path).map_err(|error| {
                let context = format!("client certificate file {}: it holds no usable private key", path.display());
                Error::new(ErrorKind::InvalidInput, context).because(error)
            })?;
            config.with_client_auth_cert(certificates, key).map_err(|error| {
                let context = format!("client certificate file {}: key and certificate do not fit", path.display());
                Error::new(ErrorKind::InvalidInput, context).because(error)
            })
        }
    }
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca_file else {
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            let error =
                Error::new(ErrorKind::InvalidInput, "this system has no list of trusted certificate authorities");
            return Err(match found.errors.into_iter().next() {
                Some(cause) => error.because(cause),
                None => error,
            });
        }
        return Ok(roots);
    };
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| {
            let context = format!("certificate authority file {}: a certificate in it cannot be used", path.display());
            Error::new(ErrorKind::InvalidInput, context).because(error)
        })?;
    }
    Ok(roots)
}

/// All certificates of a PEM file, of which there must be one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unusable = |error| {
        let context = format!("certificate file {} cannot be read", path.display());
        Error::new(ErrorKind::InvalidInput, context).because(error)
    };
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(unusable)?.collect::<Result<_, _>>().map_err(unusable)?;
    if certificates.is_empty() {
        let context = format!("certificate file {}: it holds no certificate in PEM form", path.display());
        return Err(Error::new(ErrorKind::InvalidInput, context));
    }
    Ok(certificates)
}

/// The kind of a TLS error that does not pass by itself; `None` for the others.
pub(super) fn kind(error: &rustls::Error) -> Option<ErrorKind> {
    match error {
        rustls::Error::InvalidCertificate(_)
        | rustls::Error::NoCertificatesPresented
        | rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied,
        ) => Some(ErrorKind::Denied),
        // The server does not speak TLS at all, or none that we know.
        rustls::Error::InvalidMessage(_)
        | rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => {
            Some(ErrorKind::Unsupported)
        }
        _ => None,
    }
}
