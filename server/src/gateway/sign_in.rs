//! Who comes: by name and password, or by an agent's certificate.

use axum::extract::FromRequestParts as _;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bygone_common::{CredentialUid, OrgUid, RepositoryUid, Secret};
use bygone_store::gateway_credentials::{GatewayAccess, Presented};
use bygone_store::{Actor, ErrorKind};
use jiff::SignedDuration;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use subtle::ConstantTimeEq as _;

use super::AGENT_ACCESS;
use super::refusal::Refusal;
use crate::agent_api::known::Known;
use crate::app::App;
use crate::listen::Peer;
use crate::problem::ProblemCode;

/// Bytes of chance in a secret: nobody guesses it, so that one round of SHA-256 keeps it.
const SECRET_BYTES: usize = 32;
/// Bytes of chance in a user name.
const USERNAME_BYTES: usize = 8;
/// Bytes of an `Authorization` header at most.
const HEADER_BYTES_MAX: usize = 1024;
/// The use of a credential is noted at most so often.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// Somebody who is known.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) org: OrgUid,
    /// The one repository that the credential opens; none: all of the organization's.
    pub(super) repository: Option<RepositoryUid>,
    pub(super) access: GatewayAccess,
    /// For people: who holds a lock.
    pub(super) name: String,
}

/// A new user name and secret.
///
/// # Errors
/// The system has no randomness.
pub fn new_secret() -> Result<(String, Secret<String>), ring::error::Unspecified> {
    let random = SystemRandom::new();
    let (mut name, mut secret) = ([0; USERNAME_BYTES], [0; SECRET_BYTES]);
    random.fill(&mut name)?;
    random.fill(&mut secret)?;
    Ok((format!("gw-{}", hex::encode(name)), Secret::new(hex::encode(secret))))
}

/// What is kept of a secret.
pub fn secret_hash(secret: &str) -> String {
    hex::encode(digest(&SHA256, secret.as_bytes()))
}

/// # Errors
/// 401 for who is not known.
pub(super) async fn sign_in(app: &App, parts: &mut Parts) -> Result<Guest, Refusal> {
    if parts.extensions.get::<Peer>().is_some_and(|peer| peer.certificate.is_some()) {
        return by_certificate(app, parts).await;
    }
    let (username, secret) = basic(&parts.headers).ok_or_else(unknown)?;
    let gateway = Actor::installation("gateway");
    let presented = match app.store.gateway_credentials().present(&gateway, &username).await {
        Ok(presented) => presented,
        Err(error) if *error.kind() == ErrorKind::NotFound => return Err(unknown()),
        Err(error) => return Err(error.into()),
    };
    let Presented { credential, secret_hash: kept } = presented;
    let is_right: bool = secret_hash(secret.expose()).as_bytes().ct_eq(kept.as_bytes()).into();
    let now = app.clock.now();
    if !is_right || credential.expires_at.is_some_and(|end| end <= now) {
        return Err(unknown());
    }
    if credential.last_used_at.is_none_or(|last| now.duration_since(last) > NOTED_EVERY) {
        note_use(app, &gateway, credential.org, credential.uid).await;
    }
    Ok(Guest {
        org: credential.org,
        repository: Some(credential.repository),
        access: credential.access,
        name: credential.name,
    })
}

/// An agent, by the certificate that its connection showed: for all repositories of its organization.
async fn by_certificate(app: &App, parts: &mut Parts) -> Result<Guest, Refusal> {
    match Known::from_request_parts(parts, app).await {
        Ok(known) => Ok(Guest {
            org: known.agent.org,
            repository: None,
            access: AGENT_ACCESS,
            name: format!("agent {}", known.agent.name),
        }),
        Err(problem) if problem.code() == ProblemCode::CertificateRefused => {
            Err(Refusal::new(StatusCode::UNAUTHORIZED, problem.title().to_owned()))
        }
        Err(problem) => Err(Refusal::new(problem.code().status(), problem.title().to_owned())),
    }
}

async fn note_use(app: &App, gateway: &Actor, org: OrgUid, uid: CredentialUid) {
    if let Err(error) = app.store.gateway_credentials().note_use(gateway, org, uid).await {
        tracing::warn!(%error, "the use of a gateway credential was not noted");
    }
}

fn unknown() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "sign in with a user name and password for this repository")
}

fn basic(headers: &HeaderMap) -> Option<(String, Secret<String>)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > HEADER_BYTES_MAX {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (username, secret) = pair.split_once(':')?;
    Some((username.to_owned(), Secret::new(secret.to_owned())))
}
