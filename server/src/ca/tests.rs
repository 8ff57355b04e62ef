#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConnection};

use super::*;

async fn opened() -> (tempfile::TempDir, Store, Secrets, Ca) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::real(Timestamp::now);
    let store = Store::open(&Store::file_url(&folder.path().join("x.db")), clock).await.unwrap();
    let secrets = Secrets::ephemeral().unwrap();
    let ca = Ca::open(&store, &secrets).await.unwrap();
    (folder, store, secrets, ca)
}

fn name() -> AgentName {
    AgentName {
        org: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
        agent: "01900000-0000-7000-8000-000000000002".parse().unwrap(),
    }
}

fn request(key: &KeyPair) -> String {
    let mut params = CertificateParams::new(vec!["root.example".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.serialize_request(key).unwrap().pem().unwrap()
}

/// Shakes hands in memory; answers the certificate that the server saw.
fn shake(server: ServerConfig, client: ClientConfig) -> Result<Option<Vec<u8>>, rustls::Error> {
    let mut server = ServerConnection::new(Arc::new(server))?;
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from("backup.example").unwrap())?;
    while server.is_handshaking() || client.is_handshaking() || client.wants_write() {
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        server.read_tls(&mut bytes.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut bytes = Vec::new();
        server.write_tls(&mut bytes).unwrap();
        client.read_tls(&mut bytes.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(server.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.to_vec()))
}

fn trusting(ca_pem: &str) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}

fn with(ca_pem: &str, key: &KeyPair, certificate_pem: &str) -> ClientConfig {
    let leaf = CertificateDer::from_pem_slice(certificate_pem.as_bytes()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    trusting(ca_pem).with_client_auth_cert(vec![leaf], key).unwrap()
}

#[tokio::test]
async fn an_agents_certificate_says_who_it_is_and_not_what_it_asked_for() {
    let (_folder, _, _, ca) = opened().await;
    let key = KeyPair::generate().unwrap();
    let issued = ca.issue_agent(&request(&key), name()).unwrap();
    let der = CertificateDer::from_pem_slice(issued.pem.as_bytes()).unwrap();
    assert_eq!(AgentName::of(&der).unwrap(), name());
    assert_eq!(issued.kept.fingerprint, issue::fingerprint(&der));
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
    assert!(!parsed.is_ca());
    assert!(!issued.pem.contains("root.example"));
    let names = parsed.subject_alternative_name().unwrap().unwrap().value.general_names.len();
    assert_eq!(names, 1);
}

#[tokio::test]
async fn the_listener_tells_who_has_a_certificate_from_who_has_none() {
    let (_folder, _, _, ca) = opened().await;
    let names = ["backup.example".to_owned(), "127.0.0.1".to_owned()];
    let server = || ca.server_config(&names).unwrap();
    let stranger = trusting(ca.certificate_pem()).with_no_client_auth();
    assert_eq!(shake(server(), stranger).unwrap(), None);
    let key = KeyPair::generate().unwrap();
    let issued = ca.issue_agent(&request(&key), name()).unwrap();
    let seen = shake(server(), with(ca.certificate_pem(), &key, &issued.pem)).unwrap().unwrap();
    assert_eq!(issue::fingerprint(&seen), issued.kept.fingerprint);
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (_folder, _, _, ca) = opened().await;
    let (_other_folder, _, _, other) = opened().await;
    let key = KeyPair::generate().unwrap();
    let foreign = other.issue_agent(&request(&key), name()).unwrap();
    let names = ["backup.example".to_owned()];
    let refused = shake(ca.server_config(&names).unwrap(), with(ca.certificate_pem(), &key, &foreign.pem));
    assert!(matches!(refused, Err(rustls::Error::InvalidCertificate(_))), "{refused:?}");
    let unpinned = trusting(other.certificate_pem()).with_no_client_auth();
    assert!(shake(ca.server_config(&names).unwrap(), unpinned).is_err(), "an agent knows its server");
}

#[tokio::test]
async fn the_authority_is_made_once_and_its_key_lies_sealed() {
    let (_folder, store, secrets, ca) = opened().await;
    let again = Ca::open(&store, &secrets).await.unwrap();
    assert_eq!(again.certificate_pem(), ca.certificate_pem());
    let kept = store.certificates().authority(&Actor::installation("test"), NAME).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&kept.sealed_key).contains("PRIVATE"));
    assert!(Ca::open(&store, &Secrets::ephemeral().unwrap()).await.is_err(), "another key opens nothing");
    Ca::reseal(&store, &secrets).await.unwrap();
    assert_eq!(Ca::open(&store, &secrets).await.unwrap().certificate_pem(), ca.certificate_pem());
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let (_folder, _, _, ca) = opened().await;
    for bad in ["", "nonsense", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"] {
        assert!(ca.issue_agent(bad, name()).is_err(), "{bad:?}");
    }
    assert!(AgentName::of(b"nonsense").is_err());
}
