//! Certificates for the listeners.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsConfig;
use crate::serve::StartError;

/// What encrypts the connections of browsers, programs and restic; none without TLS.
pub(crate) fn public(config: &TlsConfig) -> Result<Option<Arc<ServerConfig>>, StartError> {
    match config {
        TlsConfig::Off => Ok(None),
        TlsConfig::Files { certificate, key } => Ok(Some(Arc::new(from_files(certificate, key)?))),
        TlsConfig::Own { .. } => Err(StartError::new("tls.mode: the server's own authority is not there yet")),
    }
}

fn from_files(certificate: &Path, key: &Path) -> Result<ServerConfig, StartError> {
    let read = |path: &Path, what: &str, fault: &dyn std::fmt::Display| {
        StartError::new(format!("read the {what} {}: {fault}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|fault| read(certificate, "certificate", &fault))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|fault| read(key, "key", &fault))?;
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|fault| StartError::new(format!("set up TLS: {fault}")))?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, key_der)
        .map_err(|fault| read(certificate, "certificate", &fault))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Ring, everywhere.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
