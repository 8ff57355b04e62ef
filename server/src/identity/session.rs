//! From a request to who asks: by the cookie of a session, or by an API token.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use bygone_common::{Secret, SessionUid};
use bygone_store::api_tokens::ApiToken;
use bygone_store::sessions::{NewSession, Session, Vouched};
use bygone_store::users::User;
use bygone_store::{Actor, Who};
use jiff::SignedDuration;

use super::cookie::{self, Jar};
use super::{oidc, origin, random, server};
use crate::app::App;
use crate::correlation::Origin;
use crate::problem::{Problem, ProblemCode, Result};

/// A session that nobody uses for so long ends.
const IDLE_MAX: SignedDuration = SignedDuration::from_hours(12);
/// A session ends after so long, however busy.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Uses are noted once in so long: reading should not always write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// For so long after the second factor nothing asks for it again.
pub(crate) const STEP_UP: SignedDuration = SignedDuration::from_mins(10);
/// Bytes of a browser's name that are kept at most.
const USER_AGENT_BYTES_MAX: usize = 300;
/// What every token begins with, so that scanners for leaked secrets know it.
pub(crate) const TOKEN_PREFIX: &str = "bygone_";

/// What somebody proved who they are with.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// The cookie of a session.
    Session(Box<Session>),
    /// An API token.
    Token(Box<ApiToken>),
}

/// Somebody who has proved who they are.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    pub(crate) actor: Actor,
    pub(crate) user: User,
    pub(crate) proof: Proof,
}

/// Who asks.
///
/// # Errors
/// `Unauthenticated`: nobody who is known; `Forbidden`: another site's page; `TooManyRequests`.
pub(crate) async fn prove(app: &App, parts: &Parts, from: Origin) -> Result<Proven> {
    let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let proven = match bearer {
        Some(given) => by_token(app, given, from).await?,
        None => by_cookie(app, parts, from).await?,
    };
    app.identity.limits.signed(Some(proven.user.uid), proven.user.org)?;
    Ok(proven)
}

async fn by_token(app: &App, given: &str, from: Origin) -> Result<Proven> {
    let (scheme, token) = given.split_once(' ').unwrap_or((given, ""));
    if !scheme.eq_ignore_ascii_case("bearer") || !token.starts_with(TOKEN_PREFIX) {
        return Err(unknown());
    }
    let found = app.store.api_tokens().by_hash(&server(), &random::hash(token)).await?;
    let (token, user) = found.ok_or_else(unknown)?;
    if token.used_at.is_none_or(|used| app.clock.now().duration_since(used) >= NOTED_EVERY) {
        app.store.api_tokens().touch(&server(), token.uid).await?;
    }
    let actor = Actor::new(Who::Token(token.uid, user.uid), user.org, user.role)
        .within(token.scopes.allowance())
        .from_request(from.correlation, from.address);
    Ok(Proven { actor, user, proof: Proof::Token(Box::new(token)) })
}

async fn by_cookie(app: &App, parts: &Parts, from: Origin) -> Result<Proven> {
    let cookie = cookie::read(app, &parts.headers, Jar::Session).ok_or_else(unknown)?;
    let found = app.store.sessions().by_token(&server(), &random::hash(cookie.expose())).await?;
    let (session, mut user) = found.ok_or_else(unknown)?;
    origin::check(app, parts)?;
    let now = app.clock.now();
    if let Some(due) = session.refresh_at.filter(|due| *due <= now) {
        user.role = oidc::refresh(app, &session, &user, due).await?.unwrap_or(user.role);
    }
    if now.duration_since(session.seen_at) >= NOTED_EVERY {
        let idle_expires_at = (now + IDLE_MAX).min(session.expires_at);
        app.store.sessions().touch(&server(), session.uid, idle_expires_at).await?;
    }
    let actor = Actor::new(Who::User(user.uid), user.org, user.role).from_request(from.correlation, from.address);
    Ok(Proven { actor, user, proof: Proof::Session(Box::new(session)) })
}

/// The problem of who is not known.
pub(crate) fn unknown() -> Problem {
    Problem::new(ProblemCode::Unauthenticated, "sign in first")
}

/// A session that has begun, and its cookie.
pub(crate) struct Begun {
    pub(crate) cookie: HeaderValue,
}

/// Begins a session for somebody who has proved who they are. `fresh`: with everything that deleting asks for.
///
/// # Errors
/// `Unavailable`, `Internal`.
pub(crate) async fn begin(
    app: &App,
    from: Origin,
    headers: &HeaderMap,
    user: &User,
    fresh: bool,
    vouched: impl FnOnce(SessionUid) -> Result<Option<Vouched>>,
) -> Result<Begun> {
    let now = app.clock.now();
    let uid = app.store.uid(SessionUid::new);
    let token: Secret<String> = random::token()?;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let new = NewSession {
        uid,
        token_hash: random::hash(token.expose()),
        idle_expires_at: now + IDLE_MAX,
        expires_at: now + LIFETIME,
        step_up_until: if fresh { now + STEP_UP } else { now },
        address: from.address,
        user_agent: agent.get(..USER_AGENT_BYTES_MAX).unwrap_or(agent).to_owned(),
        vouched: vouched(uid)?,
    };
    let by = server().from_request(from.correlation, from.address);
    app.store.sessions().create(&by, user, &new).await?;
    Ok(Begun { cookie: cookie::set(app, Jar::Session, &token, LIFETIME.as_secs())? })
}
