//! Certificates for where browsers, programs and restic connect.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;

use crate::serve::StartError;

/// How often files are looked at, which whoever renews certificates replaces.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A certificate in files, read anew when they change: nobody restarts a server for a renewal.
pub(crate) struct FileCertificate {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<(Arc<CertifiedKey>, Stamp)>,
}

/// When both files were written.
type Stamp = (Option<SystemTime>, Option<SystemTime>);

impl fmt::Debug for FileCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCertificate").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl FileCertificate {
    /// Reads both files.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that does not fit the certificate.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self, StartError> {
        let stamp = stamp(certificate, key);
        let current = RwLock::new((certified(certificate, key)?, stamp));
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), current })
    }

    /// TLS with this certificate.
    ///
    /// # Errors
    /// None that is known: the library could refuse its own defaults.
    pub(crate) fn server_config(self: &Arc<Self>) -> Result<ServerConfig, StartError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|fault| StartError::new(format!("set up TLS: {fault}")))?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Looks at the files again and again. What cannot be used is told, and the old certificate stays.
    pub(crate) async fn watch(self: Arc<Self>, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            self.look();
        }
    }

    /// Reads the files if they were written since.
    fn look(&self) {
        let seen = stamp(&self.certificate, &self.key);
        if seen == self.current.read().unwrap_or_else(PoisonError::into_inner).1 {
            return;
        }
        let read = certified(&self.certificate, &self.key);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(certified) => {
                *current = (certified, seen);
                tracing::info!(certificate = %self.certificate.display(), "a new certificate is in use");
            }
            Err(error) => {
                // Told once for each change of the files.
                current.1 = seen;
                tracing::error!(%error, "the new certificate cannot be used, and the old one stays");
            }
        }
    }
}

impl ResolvesServerCert for FileCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

fn certified(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, StartError> {
    let read = |path: &Path, what: &str, fault: &dyn fmt::Display| {
        StartError::new(format!("read the {what} {}: {fault}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|fault| read(certificate, "certificate", &fault))?;
    if chain.is_empty() {
        return Err(read(certificate, "certificate", &"it holds none"));
    }
    let der = PrivateKeyDer::from_pem_file(key).map_err(|fault| read(key, "key", &fault))?;
    let provider = rustls::crypto::ring::default_provider();
    let certified = CertifiedKey::from_der(chain, der, &provider).map_err(|fault| read(key, "key", &fault))?;
    Ok(Arc::new(certified))
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    let written = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    (written(certificate), written(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn write(folder: &Path) -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join("c.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("k.pem"), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().to_vec()
    }

    fn in_use(certificate: &FileCertificate) -> Vec<u8> {
        certificate.current.read().unwrap().0.cert[0].to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (c, k) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        let first = write(folder.path());
        let certificate = FileCertificate::read(&c, &k).unwrap();
        assert_eq!(in_use(&certificate), first);
        let second = write(folder.path());
        // File systems tell times by the jiffy; these two writes may fall into one.
        certificate.current.write().unwrap().1 = (None, None);
        certificate.look();
        assert_eq!(in_use(&certificate), second);
        std::fs::write(&c, "nonsense").unwrap();
        certificate.current.write().unwrap().1 = (None, None);
        certificate.look();
        assert_eq!(in_use(&certificate), second);
        assert!(FileCertificate::read(&c, &k).unwrap_err().to_string().contains("c.pem"));
    }
}
