//! From our door to the provider and back. What has to be remembered meanwhile travels in a sealed cookie of the browser
//! that left: nobody else can arrive with it, and the server keeps nothing.

use axum::http::{HeaderMap, HeaderValue};
use bygone_common::{ProviderUid, Secret, SessionUid};
use bygone_store::sessions::Vouched;
use bygone_store::users::User;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType};
use openidconnect::{
    AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, Scope,
    TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::arrive::{Claims, settle};
use super::refresh::REFRESHED_EVERY;
use super::{Age, Connected, Refusal, SignedToken, Tokens, connect, failed, unreachable};
use crate::app::App;
use crate::correlation::Origin;
use crate::identity::cookie::{self, Jar};
use crate::identity::session::{self, Proof, Proven, STEP_UP};
use crate::identity::{random, server};
use crate::problem::{Problem, ProblemCode, Result};
use crate::secrets::Purpose;

/// For how long somebody may be away at the provider.
const FLIGHT_MAX: SignedDuration = SignedDuration::from_mins(10);
/// By how much the provider's clock may differ.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// What the flight's cookie is sealed for.
const ROW: &str = "flight";
/// Bytes of a path to return to at most.
const RETURN_BYTES_MAX: usize = 1_000;

/// The field of a refusal when the person, or the provider for them, did not agree (RFC 6749, section 4.1.2.1).
pub(crate) const DECLINED: &str = "consent";
/// The field of a refusal when the provider does not take us for who we say we are: the client's id or secret is wrong.
pub(crate) const CLIENT_REFUSED: &str = "client_secret";

/// What is remembered of somebody who is away.
#[derive(Serialize, Deserialize)]
struct Flight {
    provider: ProviderUid,
    state: String,
    nonce: String,
    verifier: String,
    redirect: String,
    return_to: String,
    /// The session that is to show the second factor.
    step_up: Option<SessionUid>,
    left_at: Timestamp,
}

/// What the provider sends somebody back with.
#[derive(Debug, Deserialize)]
pub(crate) struct Callback {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
}

/// Somebody is back.
pub(crate) struct Arrival {
    /// Where they wanted to go.
    pub(crate) return_to: String,
    /// Cookies to set and to forget.
    pub(crate) cookies: Vec<HeaderValue>,
}

/// Where to send somebody who wants to sign in, and the cookie to come back with.
///
/// # Errors
/// `NotFound`: no such provider; `StorageFailed`: it does not answer; `Unauthenticated`: there is no session to step up.
pub(crate) async fn begin(
    app: &App,
    base: &str,
    provider: ProviderUid,
    return_to: Option<&str>,
    stepping: Option<&Proven>,
) -> Result<(String, HeaderValue)> {
    let connected = connect(app, provider, Age::Usual).await?;
    let redirect = format!("{base}/api/v1/sign-in/oidc/{provider}/callback");
    let client = connected.relying(Some(&redirect))?;
    let step_up = match stepping.map(|proven| &proven.proof) {
        None => None,
        Some(Proof::Session(session)) => Some(session.uid),
        Some(Proof::Token(_)) => return Err(session::unknown()),
    };
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let mut request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(connected.provider.settings.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge);
    if connected.provider.settings.scopes.iter().any(|scope| scope == "offline_access") {
        // Without it, OpenID Connect (section 11) lets a provider leave the refresh token out.
        request = request.add_prompt(CoreAuthPrompt::Consent);
    }
    if step_up.is_some() {
        request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
    }
    let (url, state, nonce) = request.url();
    let flight = Flight {
        provider,
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        redirect,
        return_to: inside(return_to.unwrap_or("/")),
        step_up,
        left_at: app.clock.now(),
    };
    let sealed = cookie::sealed(app, ROW, &flight)?;
    Ok((url.to_string(), cookie::set(app, Jar::Flight, &sealed, FLIGHT_MAX.as_secs())?))
}

/// Takes somebody in who comes back from the provider.
///
/// # Errors
/// `Malformed`: nobody left so, or too long ago; `Unauthenticated`: the provider did not vouch; `Forbidden`: it did, for
/// somebody who is nothing here; `StorageFailed`: it does not answer.
pub(crate) async fn arrive(
    app: &App,
    from: Origin,
    headers: &HeaderMap,
    provider: ProviderUid,
    callback: Callback,
) -> Result<Arrival> {
    let flight = take_flight(app, headers, provider, &callback)?;
    let mut connected = connect(app, provider, Age::Usual).await?;
    if callback.iss.as_ref().is_some_and(|iss| *iss != connected.provider.settings.issuer) {
        return Err(Problem::new(ProblemCode::Unauthenticated, "the answer is another provider's"));
    }
    let code = match (callback.code, callback.error) {
        (Some(code), None) => code,
        (_, Some(error)) => {
            let more = callback.error_description.map(|text| format!(": {text}")).unwrap_or_default();
            let said = Problem::new(ProblemCode::Unauthenticated, format!("the provider says {error}{more}"));
            return Err(if error == "access_denied" { said.about(DECLINED) } else { said });
        }
        (None, None) => return Err(Problem::new(ProblemCode::Malformed, "the provider sent no code").about("code")),
    };
    let tokens = exchange(&connected, &flight, code).await?;
    let claims = match claims(app, &connected, &tokens, &flight).await {
        // The provider may sign with a key that it made since it was asked.
        Err(problem) if problem.code() == ProblemCode::Unauthenticated => {
            connected = connect(app, provider, Age::Young).await?;
            claims(app, &connected, &tokens, &flight).await?
        }
        other => other?,
    };
    let forget = cookie::clear(app, Jar::Flight)?;
    let user = settle(app, from, &connected.provider, &claims).await?;
    let cookies = match flight.step_up {
        Some(session) => {
            step_up(app, headers, &user, session, &claims, &flight).await?;
            vec![forget]
        }
        None => {
            let vouch = |uid| vouched(app, &connected, uid, &claims, &tokens).map(Some);
            let begun = session::begin(app, from, headers, &user, false, vouch).await?;
            vec![forget, begun.cookie]
        }
    };
    Ok(Arrival { return_to: flight.return_to, cookies })
}

/// Where somebody who comes back wanted to go, whatever becomes of them.
pub(crate) fn destination(app: &App, headers: &HeaderMap) -> Option<String> {
    let sealed = cookie::read(app, headers, Jar::Flight)?;
    let flight: Flight = cookie::opened(app, ROW, &sealed)?;
    Some(flight.return_to)
}

fn take_flight(app: &App, headers: &HeaderMap, provider: ProviderUid, callback: &Callback) -> Result<Flight> {
    let stranger = || Problem::new(ProblemCode::Malformed, "begin to sign in again: this browser did not, or long ago");
    let sealed = cookie::read(app, headers, Jar::Flight).ok_or_else(stranger)?;
    let flight: Flight = cookie::opened(app, ROW, &sealed).ok_or_else(stranger)?;
    let state = callback.state.as_deref().unwrap_or_default();
    let is_same = bool::from(state.as_bytes().ct_eq(flight.state.as_bytes()));
    let is_late = app.clock.now().duration_since(flight.left_at) > FLIGHT_MAX;
    if flight.provider != provider || !is_same || is_late {
        return Err(stranger());
    }
    Ok(flight)
}

async fn exchange(connected: &Connected, flight: &Flight, code: String) -> Result<Tokens> {
    let client = connected.relying(Some(&flight.redirect))?;
    let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|fault| failed("a request", &fault))?;
    let request = request.set_pkce_verifier(PkceCodeVerifier::new(flight.verifier.clone()));
    request.request_async(&connected.http).await.map_err(|fault| match &fault {
        openidconnect::RequestTokenError::ServerResponse(refusal) => refused(refusal),
        _ => unreachable(&fault),
    })
}

/// Why no tokens are given for a code: people are told what they can do, and a wrong secret is none of their doing.
fn refused(refusal: &Refusal) -> Problem {
    let is_ours =
        matches!(refusal.error(), CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient);
    if is_ours {
        tracing::warn!(error = %refusal.error(), "a provider of identities does not take our client id and secret");
        let title = format!("the provider does not take this server's client id and secret: {}", refusal.error());
        return Problem::new(ProblemCode::StorageFailed, title).about(CLIENT_REFUSED);
    }
    Problem::new(ProblemCode::Unauthenticated, format!("the provider refuses the code: {}", refusal.error()))
}

/// What the provider says of the person: in what it signed, and where that is not enough, in what it answers when asked.
async fn claims(app: &App, connected: &Connected, tokens: &Tokens, flight: &Flight) -> Result<Claims> {
    let client = connected.relying(None)?;
    let token: &SignedToken =
        tokens.id_token().ok_or_else(|| Problem::new(ProblemCode::Unauthenticated, "the provider sent no ID token"))?;
    let now = app.clock.now();
    let verifier = client.id_token_verifier();
    let nonce = Nonce::new(flight.nonce.clone());
    let signed = token.claims(&verifier, &nonce).map_err(|fault| {
        tracing::warn!(error = %fault, "an ID token is not to be believed");
        Problem::new(ProblemCode::Unauthenticated, format!("the provider's ID token is not to be believed: {fault}"))
    })?;
    let mut claims = Claims::signed(signed, &connected.provider.settings.groups_claim, now);
    if claims.is_wanting() && client.user_info_url().is_some() {
        let request = client
            .user_info(tokens.access_token().clone(), Some(signed.subject().clone()))
            .map_err(|fault| failed("a request", &fault))?;
        let told = request.request_async(&connected.http).await.map_err(|fault| unreachable(&fault))?;
        claims.complete(&told, &connected.provider.settings.groups_claim);
    }
    Ok(claims)
}

/// The person has just been to the provider: the session may do what asks for the second factor.
async fn step_up(
    app: &App,
    headers: &HeaderMap,
    user: &User,
    session: SessionUid,
    claims: &Claims,
    flight: &Flight,
) -> Result<()> {
    let cookie = cookie::read(app, headers, Jar::Session).ok_or_else(session::unknown)?;
    let found = app.store.sessions().by_token(&server(), &random::hash(cookie.expose())).await?;
    let is_same = found.is_some_and(|(found, owner)| found.uid == session && owner.uid == user.uid);
    // `max_age` obliges the provider to say when the person signed in there (OpenID Connect, section 3.1.2.1).
    let is_new = claims.signed_in_at.is_some_and(|at| at + SKEW >= flight.left_at);
    if !is_same || !is_new {
        return Err(Problem::new(ProblemCode::Unauthenticated, "sign in at the provider again, as the same person"));
    }
    app.store.sessions().step_up(&server(), user, session, app.clock.now() + STEP_UP).await?;
    Ok(())
}

fn vouched(app: &App, connected: &Connected, uid: SessionUid, claims: &Claims, tokens: &Tokens) -> Result<Vouched> {
    let row = uid.to_string();
    let seal = |text: &str| {
        let sealed = app.secrets.seal(Purpose::OidcTokens, &row, text.as_bytes());
        sealed.map_err(|fault| failed("a seal", &fault))
    };
    let refresh = tokens.refresh_token().map(|token| seal(token.secret())).transpose()?;
    let signed: Option<Secret<String>> = tokens.id_token().map(|token| Secret::new(token.to_string()));
    Ok(Vouched {
        provider: connected.provider.uid,
        subject: claims.subject.clone(),
        sid: claims.sid.clone(),
        refresh_at: refresh.as_ref().map(|_| app.clock.now() + REFRESHED_EVERY),
        refresh_sealed: refresh,
        id_token_sealed: signed.map(|token| seal(token.expose())).transpose()?,
    })
}

/// A path of our own, whatever was asked for: nobody is sent elsewhere from our door.
pub(crate) fn inside(path: &str) -> String {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= RETURN_BYTES_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_ours { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(inside("/plans?x=1"), "/plans?x=1");
        for outside in ["https://evil.test", "//evil.test", "/\\evil.test", "plans", "", "/\nx", "/\u{e9}"] {
            assert_eq!(inside(outside), "/", "{outside:?}");
        }
    }
}
