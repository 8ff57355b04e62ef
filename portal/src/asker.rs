//! Who asks: what the layer in front of these routes found out, and put into the request.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bygone_common::CorrelationUid;
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

/// Somebody who need not be signed in: what they bring says what they get.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// As whom they are signed in, if they are.
    pub actor: Option<Actor>,
    /// What the request, and what comes of it, have in common.
    pub correlation: CorrelationUid,
    /// From where they come, as far as it can be believed.
    pub address: Option<IpAddr>,
    /// Whether they come by HTTPS.
    pub is_secure: bool,
}
