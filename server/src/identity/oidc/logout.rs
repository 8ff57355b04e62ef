//! Signing out, both ways: the provider tells us (back channel), or we send the person there to sign out too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bygone_common::ProviderUid;
use bygone_store::sessions::{LogoutSubject, Session};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, JsonWebKey as _, JsonWebKeyUse as _, LogoutRequest, PostLogoutRedirectUrl};
use serde::Deserialize;
use serde_json::Value;

use super::flight::SKEW;
use super::{Age, Connected, SignedToken, connect};
use crate::app::App;
use crate::identity::server;
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;

/// The event that a logout token tells of (OpenID Connect Back-Channel Logout, section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// An older message is not followed.
const MESSAGE_AGE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// Bytes of a message at most.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Message {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: Option<i64>,
    sub: Option<String>,
    sid: Option<String>,
    events: serde_json::Map<String, Value>,
    nonce: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn holds(&self, client: &str) -> bool {
        match self {
            Self::One(one) => one == client,
            Self::Many(many) => many.iter().any(|one| one == client),
        }
    }
}

/// Follows a provider's message that somebody signed out, and says how many sessions ended.
///
/// # Errors
/// `Malformed`: the message is not the provider's, or not to be followed; `NotFound`: no such provider.
pub(crate) async fn back_channel(app: &App, provider: ProviderUid, token: &str) -> Result<usize> {
    let mut connected = connect(app, provider, Age::Usual).await?;
    let message = match verified(&connected, token) {
        Ok(message) => message,
        // The provider may sign with a key that it made since it was asked.
        Err(_) => {
            connected = connect(app, provider, Age::Young).await?;
            verified(&connected, token)?
        }
    };
    let (subject, said_at) = follow(&connected, &message, app.clock.now())?;
    // Whoever repeats the message ends nothing that was begun after it.
    let ended = app.store.sessions().end_vouched(&server(), provider, &subject, said_at + SKEW).await?;
    tracing::info!(%provider, ended, "a provider signed somebody out");
    Ok(ended)
}

/// The message, if the provider signed it.
fn verified(connected: &Connected, token: &str) -> Result<Message> {
    if token.len() > MESSAGE_BYTES_MAX {
        return Err(refused("it is too long"));
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(mark), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(refused("it is not a signed token"));
    };
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| refused("it is not a signed token"));
    let header: Header = serde_json::from_slice(&bytes(head)?)
        .map_err(|_| refused("its header cannot be read, or is not of a known kind"))?;
    let (signature, content) = (bytes(mark)?, bytes(body)?);
    let signed = token.rsplit_once('.').map(|(signed, _)| signed.as_bytes()).unwrap_or_default();
    if header.crit.is_some() || !is_asymmetric(&header.alg) {
        return Err(refused("it is not signed as it must be"));
    }
    let fits = |key: &&CoreJsonWebKey| {
        header.kid.as_ref().is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid))
            && key.key_use().is_none_or(|usage| usage.allows_signature())
    };
    let mut keys = connected.metadata.jwks().keys().iter().filter(fits);
    if !keys.any(|key| key.verify_signature(&header.alg, signed, &signature).is_ok()) {
        return Err(refused("the provider did not sign it"));
    }
    serde_json::from_slice(&content).map_err(|fault| refused(&format!("it lacks something: {fault}")))
}

/// Whom the message signs out, and when it was written (section 2.6, steps 3 to 8).
fn follow(connected: &Connected, message: &Message, now: Timestamp) -> Result<(LogoutSubject, Timestamp)> {
    let settings = &connected.provider.settings;
    let said_at = Timestamp::from_second(message.iat).map_err(|_| refused("its time cannot be"))?;
    let age = now.duration_since(said_at);
    let is_over = message.exp.and_then(|end| Timestamp::from_second(end).ok()).is_some_and(|end| end + SKEW < now);
    if message.iss != settings.issuer || !message.aud.holds(&settings.client_id) {
        return Err(refused("it is another provider's, or for another client"));
    }
    if is_over || age > MESSAGE_AGE_MAX || age < -SKEW {
        return Err(refused("it is too old, or of the future"));
    }
    if message.nonce.is_some() || !message.events.contains_key(EVENT) {
        return Err(refused("it is not a logout token"));
    }
    let subject = match (&message.sid, &message.sub) {
        (Some(sid), _) if !sid.is_empty() => LogoutSubject::Session(sid.clone()),
        (_, Some(sub)) if !sub.is_empty() => LogoutSubject::Person(sub.clone()),
        (_, _) => return Err(refused("it says neither who nor which session")),
    };
    Ok((subject, said_at))
}

fn is_asymmetric(alg: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as Alg;
    match alg {
        Alg::RsaSsaPkcs1V15Sha256
        | Alg::RsaSsaPkcs1V15Sha384
        | Alg::RsaSsaPkcs1V15Sha512
        | Alg::RsaSsaPssSha256
        | Alg::RsaSsaPssSha384
        | Alg::RsaSsaPssSha512
        | Alg::EcdsaP256Sha256
        | Alg::EcdsaP384Sha384
        | Alg::EcdsaP521Sha512
        | Alg::EdDsa => true,
        // `none`, and keys that are shared.
        _ => false,
    }
}

fn refused(why: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, format!("this logout token is not followed: {why}")).about("logout_token")
}

/// Where to send somebody who signs out, so that the provider signs them out too; none if it has no such place.
///
/// # Errors
/// `Unavailable`, `Internal`. A provider that does not answer is none.
pub(crate) async fn end_session_url(app: &App, session: &Session, back: &str) -> Result<Option<String>> {
    let Some(provider) = session.provider else { return Ok(None) };
    let Ok(connected) = connect(app, provider, Age::Usual).await else { return Ok(None) };
    let Some(end) = connected.metadata.additional_metadata().end_session_endpoint.clone() else { return Ok(None) };
    let mut request =
        LogoutRequest::from(end).set_client_id(ClientId::new(connected.provider.settings.client_id.clone()));
    if let Ok(back) = PostLogoutRedirectUrl::new(back.to_owned()) {
        request = request.set_post_logout_redirect_uri(back);
    }
    let (_, sealed) = app.store.sessions().sealed(&server(), session.uid).await?;
    let hint = sealed.and_then(|sealed| {
        let token = app.secrets.open_text(Purpose::OidcTokens, &session.uid.to_string(), &sealed).ok()?;
        token.expose().parse::<SignedToken>().ok()
    });
    if let Some(hint) = &hint {
        request = request.set_id_token_hint(hint);
    }
    Ok(Some(request.http_get_url().to_string()))
}
