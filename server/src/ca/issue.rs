//! Certificates that the authority signs: of agents, and of their listener.

use std::net::IpAddr;

use bygone_common::{AgentUid, OrgUid};
use bygone_store::certificates::NewCertificate;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{AGENT_DAYS, AGENT_RENEW_DAYS, BACKDATED, Ca, CaError};

/// Bytes of a serial number: more than 64 random bits, as the CA/Browser Forum asks for.
const SERIAL_BYTES: usize = 16;

/// Who an agent is, as its certificate says it: `bygone:org/<uid>/agent/<uid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentName {
    /// Whose it is.
    pub org: OrgUid,
    /// Which it is.
    pub agent: AgentUid,
}

impl AgentName {
    /// The URI.
    pub fn uri(&self) -> String {
        format!("bygone:org/{}/agent/{}", self.org, self.agent)
    }

    fn parse(uri: &str) -> Option<Self> {
        let (org, agent) = uri.strip_prefix("bygone:org/")?.split_once("/agent/")?;
        Some(Self { org: org.parse().ok()?, agent: agent.parse().ok()? })
    }

    /// Who a certificate says its holder is. That the authority signed it is the TLS layer's to find out.
    ///
    /// # Errors
    /// It names no agent, or several.
    pub fn of(certificate: &[u8]) -> Result<Self, CaError> {
        let unreadable = || CaError::new("this certificate names no agent");
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| unreadable())?;
        let names = parsed.subject_alternative_name().map_err(|_| unreadable())?.ok_or_else(unreadable)?;
        let mut found = names.value.general_names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Self::parse(uri),
            _ => None,
        });
        match (found.next(), found.next()) {
            (Some(name), None) => Ok(name),
            _ => Err(unreadable()),
        }
    }
}

/// A certificate that was made for an agent.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate, in PEM form.
    pub pem: String,
    /// What the database keeps of it.
    pub kept: NewCertificate,
    /// From when on to ask for the next.
    pub renew_at: Timestamp,
}

impl Ca {
    /// Signs the key of a request for an agent. Whatever else the request says is not looked at: who somebody is is ours to
    /// say.
    ///
    /// # Errors
    /// It is no signing request, or its signature is not by its own key.
    pub fn issue_agent(&self, csr_pem: &str, name: AgentName) -> Result<Issued, CaError> {
        let mut request = CertificateSigningRequestParams::from_pem(csr_pem)
            .map_err(CaError::because("read the certificate signing request"))?;
        let now = self.0.clock.now();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name.agent.to_string());
        params.distinguished_name.push(DnType::OrganizationName, name.org.to_string());
        let uri = name.uri().try_into().map_err(CaError::because("name an agent"))?;
        params.subject_alt_names = vec![SanType::URI(uri)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = span(now, SignedDuration::from_hours(24 * AGENT_DAYS))?;
        let serial = serial();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        request.params = params;
        let signed = request.signed_by(&self.0.issuer).map_err(CaError::because("sign an agent's certificate"))?;
        let kept = NewCertificate {
            fingerprint: fingerprint(signed.der()),
            serial: hex::encode(serial),
            not_before: earlier(now),
            expires_at: later(now, AGENT_DAYS),
        };
        Ok(Issued { pem: signed.pem(), kept, renew_at: later(now, AGENT_RENEW_DAYS) })
    }

    /// A certificate and its key for a listener of ours.
    pub(super) fn issue_server(
        &self,
        names: &[String],
        lasts: SignedDuration,
    ) -> Result<(Vec<CertificateDer<'static>>, Vec<u8>), CaError> {
        let doing = CaError::because("make the agents' listener's certificate");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(&doing)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Bygone");
        params.subject_alt_names = names
            .iter()
            .map(|name| match name.parse::<IpAddr>() {
                Ok(address) => Ok(SanType::IpAddress(address)),
                Err(_) => name.clone().try_into().map(SanType::DnsName).map_err(&doing),
            })
            .collect::<Result<_, _>>()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = span(self.0.clock.now(), lasts)?;
        params.serial_number = Some(SerialNumber::from_slice(&serial()));
        let signed = params.signed_by(&key, &self.0.issuer).map_err(&doing)?;
        // The authority is shown too, though nobody trusts what is shown: who enrols knows its hash, and has nothing else.
        Ok((vec![signed.der().clone(), self.0.certificate.clone()], key.serialize_der()))
    }
}

/// SHA-256 of a certificate, in hexadecimal: what the database knows it by.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    hex::encode(Sha256::digest(certificate))
}

/// From a little before now, as clocks differ, until so much later.
pub(super) fn span(now: Timestamp, lasts: SignedDuration) -> Result<(OffsetDateTime, OffsetDateTime), CaError> {
    let at = |time: Timestamp| {
        OffsetDateTime::from_unix_timestamp(time.as_second())
            .map_err(|_| CaError::new("a certificate cannot say this time: is the clock right?"))
    };
    let end = now.checked_add(lasts).map_err(|_| CaError::new("a certificate cannot say this time"))?;
    Ok((at(earlier(now))?, at(end)?))
}

fn earlier(now: Timestamp) -> Timestamp {
    now.checked_sub(BACKDATED).unwrap_or(Timestamp::MIN)
}

fn later(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

/// A random serial number, positive as RFC 5280 asks for.
fn serial() -> [u8; SERIAL_BYTES] {
    let mut serial = *uuid::Uuid::new_v4().as_bytes();
    let [first, ..] = &mut serial;
    *first = *first & 0x7f | 0x01;
    serial
}
