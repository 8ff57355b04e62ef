//! Who asks: what the layer in front of these routes found out, and put into the request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bygone_http::{Problem, ProblemCode};
use bygone_store::Actor;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Asker(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().cloned();
        actor.map(Self).ok_or_else(|| Problem::new(ProblemCode::Unauthenticated, "sign in first"))
    }
}
