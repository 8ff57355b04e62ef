//! API tokens: how they are made up.

use bygone_common::Secret;
use bygone_store::api_tokens::{ApiToken, NewApiToken};
use bygone_store::scopes::Scopes;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::identity::session::TOKEN_PREFIX;
use crate::identity::{random, step_up};
use crate::problem::{Problem, Result};
use crate::signed::MySession;

/// A token lives so long if nothing else is said.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 90);
/// And so long at most.
const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);
/// Characters of a token that are shown later, behind what every one begins with.
const SHOWN_CHARS: usize = 6;

/// Makes a token, and gives it out this once.
///
/// # Errors
/// `Invalid`: its name, scopes or end; `StepUpRequired`: scopes that ask for it; `QuotaExceeded`: too many.
pub(crate) async fn create(
    app: &App,
    me: &MySession,
    name: String,
    scopes: &[String],
    expires_at: Option<Timestamp>,
) -> Result<(ApiToken, Secret<String>)> {
    if Scopes::parse(scopes)?.are_grave() {
        step_up::require(app, &me.proven)?;
    }
    let (new, secret) = made_up(app, name, scopes, expires_at)?;
    let token = app.store.api_tokens().create(me.actor(), &new).await?;
    Ok((token, secret))
}

/// A token that is not kept yet, and what it is.
///
/// # Errors
/// `Invalid`: its scopes or end.
pub(crate) fn made_up(
    app: &App,
    name: String,
    scopes: &[String],
    expires_at: Option<Timestamp>,
) -> Result<(NewApiToken, Secret<String>)> {
    let scopes = Scopes::parse(scopes)?;
    let now = app.clock.now();
    let expires_at = expires_at.unwrap_or(now + LIFETIME);
    if expires_at > now + LIFETIME_MAX {
        return Err(Problem::invalid("expires_at", "a token ends within a year"));
    }
    let secret = Secret::new(format!("{TOKEN_PREFIX}{}", random::token()?.expose()));
    let prefix = secret.expose().chars().take(TOKEN_PREFIX.len() + SHOWN_CHARS).collect();
    Ok((NewApiToken { name, prefix, hash: random::hash(secret.expose()), scopes, expires_at }, secret))
}
