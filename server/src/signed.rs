//! Who is signed in: what every handler takes first.
//!
//! [`Signed`] is anybody who has proved who they are; [`Fresh`] somebody who has shown the second factor lately, for what
//! cannot be undone: deleting, forgetting, taking keys out, restoring over what is there.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use bygone_store::Actor;
use bygone_store::sessions::Session;
use bygone_store::users::User;

use crate::app::App;
use crate::correlation::Origin;
use crate::identity::session::{Proof, Proven, prove, unknown};
use crate::identity::step_up;
use crate::problem::Problem;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Signed(pub(crate) Actor);

/// Somebody who is signed in and has shown the second factor lately.
#[derive(Debug, Clone)]
pub(crate) struct Fresh(pub(crate) Actor);

/// Somebody who is signed in, as themselves: with their row.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    pub(crate) actor: Actor,
    pub(crate) user: User,
    pub(crate) proven: Proven,
}

/// Somebody who is signed in with a session: what tokens are not for.
#[derive(Debug, Clone)]
pub(crate) struct MySession {
    pub(crate) proven: Proven,
    pub(crate) session: Session,
}

impl MySession {
    /// Who.
    pub(crate) const fn actor(&self) -> &Actor {
        &self.proven.actor
    }

    /// Their row.
    pub(crate) const fn user(&self) -> &User {
        &self.proven.user
    }
}

/// Who asks. An organization that is not theirs is not there for them, whatever else is wrong with the request, and whatever
/// they may do in their own.
async fn proven(parts: &mut Parts, app: &App) -> Result<Proven, Problem> {
    let proven = who(parts, app).await?;
    // Before a route is found there are no parameters.
    if let Ok(named) = RawPathParams::from_request_parts(parts, app).await {
        let org = named.iter().find(|(name, _)| *name == "org").and_then(|(_, org)| org.parse().ok());
        org.map(|org| proven.actor.in_org(org)).transpose()?;
    }
    Ok(proven)
}

async fn who(parts: &mut Parts, app: &App) -> Result<Proven, Problem> {
    // A handler may ask in two ways; the request is looked at once.
    if let Some(proven) = parts.extensions.get::<Proven>() {
        return Ok(proven.clone());
    }
    let from = Origin::from_request_parts(parts, app).await?;
    let proven = prove(app, parts, from).await?;
    parts.extensions.insert(proven.clone());
    Ok(proven)
}

impl FromRequestParts<App> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        proven(parts, app).await.map(|proven| Self(proven.actor))
    }
}

impl FromRequestParts<App> for Fresh {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let proven = proven(parts, app).await?;
        step_up::require(app, &proven)?;
        Ok(Self(proven.actor))
    }
}

impl FromRequestParts<App> for Me {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let proven = proven(parts, app).await?;
        Ok(Self { actor: proven.actor.clone(), user: proven.user.clone(), proven })
    }
}

impl FromRequestParts<App> for MySession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let proven = proven(parts, app).await?;
        match &proven.proof {
            Proof::Session(session) => Ok(Self { session: (**session).clone(), proven }),
            Proof::Token(_) => Err(unknown()),
        }
    }
}
