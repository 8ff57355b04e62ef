//! Asking the provider again, every few minutes, whether a session still stands: what it takes from somebody elsewhere, they
//! lose here too.

use bygone_common::Secret;
use bygone_store::Role;
use bygone_store::sessions::Session;
use bygone_store::users::User;
use jiff::{SignedDuration, Timestamp};
use openidconnect::{Nonce, OAuth2TokenResponse as _, RefreshToken, RequestTokenError, TokenResponse as _};

use super::arrive::Claims;
use super::{Age, Connected, Tokens, connect, failed};
use crate::app::App;
use crate::identity::server;
use crate::identity::session::unknown;
use crate::identity::sign_in::unsealed;
use crate::problem::{Result, chain};
use crate::secrets::Purpose;

/// How often the provider is asked.
pub(super) const REFRESHED_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// For how long a session stands while the provider does not answer.
const UNANSWERED_MAX: SignedDuration = SignedDuration::from_mins(60);
/// When it is asked again after it did not answer, and by others while one asks.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Asks the provider of a session again, if nobody else does just now. The role that the person's groups now give.
///
/// # Errors
/// `Unauthenticated`: the provider refuses, and the session has ended.
pub(crate) async fn refresh(app: &App, session: &Session, user: &User, due: Timestamp) -> Result<Option<Role>> {
    let now = app.clock.now();
    let sessions = app.store.sessions();
    if !sessions.claim_refresh(&server(), session.uid, due, now + AGAIN_AFTER).await? {
        return Ok(None);
    }
    let (Some(provider), (Some(sealed), _)) = (session.provider, sessions.sealed(&server(), session.uid).await?) else {
        return Ok(None);
    };
    let row = session.uid.to_string();
    let token = app.secrets.open_text(Purpose::OidcTokens, &row, &sealed).map_err(unsealed)?;
    match ask(app, provider, token.clone()).await {
        Answer::Stands(connected, tokens) => {
            let next = tokens.refresh_token().map_or(token, |token| Secret::new(token.secret().clone()));
            let sealed = app.secrets.seal(Purpose::OidcTokens, &row, next.expose().as_bytes());
            let sealed = sealed.map_err(|fault| failed("a seal", &fault))?;
            sessions.refreshed(&server(), session.uid, &sealed, now + REFRESHED_EVERY).await?;
            follow(app, &connected, &tokens, session, user).await
        }
        Answer::Refused(reason) => {
            tracing::info!(session = %session.uid, reason, "a session ends: its provider refuses it");
            end(app, session, user).await
        }
        Answer::Silent(reason) => {
            let since = session.refreshed_at.unwrap_or(session.created_at);
            tracing::warn!(session = %session.uid, error = reason, "the provider of a session does not answer");
            if now.duration_since(since) > UNANSWERED_MAX { end(app, session, user).await } else { Ok(None) }
        }
    }
}

enum Answer {
    Stands(Box<Connected>, Box<Tokens>),
    Refused(String),
    Silent(String),
}

async fn ask(app: &App, provider: bygone_common::ProviderUid, token: Secret<String>) -> Answer {
    let connected = match connect(app, provider, Age::Usual).await {
        Ok(connected) => connected,
        // A provider that was switched off or removed vouches for nobody.
        Err(problem) if problem.code() == crate::problem::ProblemCode::NotFound => {
            return Answer::Refused(problem.title().to_owned());
        }
        Err(problem) => return Answer::Silent(problem.title().to_owned()),
    };
    let client = match connected.relying(None) {
        Ok(client) => client,
        Err(problem) => return Answer::Silent(problem.title().to_owned()),
    };
    let token = RefreshToken::new(token.expose().clone());
    let asked = match client.exchange_refresh_token(&token) {
        Ok(request) => request.request_async(&connected.http).await,
        Err(fault) => return Answer::Silent(fault.to_string()),
    };
    match asked {
        Ok(tokens) => Answer::Stands(Box::new(connected), Box::new(tokens)),
        Err(RequestTokenError::ServerResponse(refusal)) => Answer::Refused(refusal.error().to_string()),
        Err(fault) => Answer::Silent(chain(&fault)),
    }
}

/// Follows what a new ID token says of the person, if there is one.
async fn follow(
    app: &App,
    connected: &Connected,
    tokens: &Tokens,
    session: &Session,
    user: &User,
) -> Result<Option<Role>> {
    let Some(token) = tokens.id_token() else { return Ok(None) };
    let client = connected.relying(None)?;
    let verifier = client.id_token_verifier();
    // A refresh has no nonce of ours (OpenID Connect, section 12.2).
    let any = |_: Option<&Nonce>| Ok(());
    let Ok(signed) = token.claims(&verifier, any) else { return end(app, session, user).await };
    let claims = Claims::signed(signed, &connected.provider.settings.groups_claim, app.clock.now());
    // Groups that are told only when asked for are looked at by the next sign-in.
    if claims.is_wanting() || user.provider != Some(connected.provider.uid) {
        return Ok(None);
    }
    match claims.standing(&connected.provider) {
        Some(stands) if stands.org == user.org => {
            app.store.identities().seen(&server(), user, stands.role).await?;
            Ok(Some(stands.role))
        }
        Some(_) | None => end(app, session, user).await,
    }
}

async fn end(app: &App, session: &Session, user: &User) -> Result<Option<Role>> {
    match app.store.sessions().end(&server(), user, session.uid).await {
        Err(error) if *error.kind() != bygone_store::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Err(unknown()),
    }
}
