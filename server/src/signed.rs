//! Who is signed in: what every handler takes first.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use bygone_store::{Actor, Role, Who};

use crate::app::App;
use crate::correlation::Origin;
use crate::problem::{Problem, ProblemCode};

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Signed(pub(crate) Actor);

impl FromRequestParts<App> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let origin = Origin::from_request_parts(parts, app).await?;
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let unknown = || Problem::new(ProblemCode::Unauthenticated, "sign in first");
        let token = given.and_then(|given| given.strip_prefix("Bearer ")).ok_or_else(unknown)?;
        if token != app.bootstrap.expose() {
            return Err(unknown());
        }
        let actor = Actor::new(Who::System("bootstrap"), None, Role::Root);
        Ok(Self(actor.from_request(origin.correlation, origin.address)))
    }
}
