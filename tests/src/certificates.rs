//! A certificate authority of the test's own, in PEM files.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};

/// What a server is called by its certificate: its address, and the host name of one bucket. Not `localhost` alone.
const SERVER_NAMES: [&str; 2] = ["127.0.0.1", "bucket.localhost"];

/// An authority that vouches for a server on loopback and for one client.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes the authority, the server's and the client's certificate in `folder`.
    pub fn make(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let made = Self { folder: folder.to_owned() };
        fs::write(made.authority(), authority.pem()).unwrap();
        for (names, usage, certificate, key) in [
            (&SERVER_NAMES[..], ExtendedKeyUsagePurpose::ServerAuth, made.server(), made.server_key()),
            (&["joe"], ExtendedKeyUsagePurpose::ClientAuth, made.client(), made.client()),
        ] {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            let mut params = CertificateParams::new(names).unwrap();
            params.extended_key_usages = vec![usage];
            let pair = KeyPair::generate().unwrap();
            let signed = params.signed_by(&pair, &authority).unwrap();
            if certificate == key {
                fs::write(certificate, signed.pem() + &pair.serialize_pem()).unwrap();
            } else {
                fs::write(certificate, signed.pem()).unwrap();
                fs::write(key, pair.serialize_pem()).unwrap();
            }
        }
        made
    }

    /// The authority's certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The server's certificate.
    pub fn server(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    /// The server's private key.
    pub fn server_key(&self) -> PathBuf {
        self.folder.join("server-key.pem")
    }

    /// The client's certificate and private key, in one file as restic wants them.
    pub fn client(&self) -> PathBuf {
        self.folder.join("client.pem")
    }
}
