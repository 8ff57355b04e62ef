//! Which agent it is: what every handler here takes first, but for enrolling.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bygone_store::agents::Agent;
use bygone_store::certificates::Certificate;
use bygone_store::{Actor, Role, Who};

use crate::app::App;
use crate::ca::{AgentName, fingerprint};
use crate::correlation::Origin;
use crate::listen::Peer;
use crate::problem::{Problem, ProblemCode, Result};

/// An agent that came with a certificate that is good.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) agent: Agent,
    pub(crate) certificate: Certificate,
    /// The agent as the store knows it: at work in its organization, and nowhere else.
    pub(crate) actor: Actor,
}

impl Known {
    /// Looks again: the agent may have been revoked since.
    ///
    /// # Errors
    /// `CertificateRefused`.
    pub(crate) async fn still(&self, app: &App) -> Result<()> {
        holder(app, &self.certificate.fingerprint).await.map(drop)
    }
}

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let origin = Origin::from_request_parts(parts, app).await?;
        let peer = parts.extensions.get::<Peer>().and_then(|peer| peer.certificate.clone());
        let missing = || Problem::new(ProblemCode::CertificateRefused, "come with an agent's certificate: enrol first");
        let shown = peer.ok_or_else(missing)?;
        let (agent, certificate) = holder(app, &fingerprint(&shown.0)).await?;
        // Both are signed by us and cannot differ, unless somebody wrote into the database.
        let named = AgentName::of(&shown.0).ok();
        if named != Some(AgentName { org: agent.org, agent: agent.uid }) {
            return Err(Problem::new(ProblemCode::CertificateRefused, "this certificate names another agent"));
        }
        let actor = Actor::new(Who::Agent(agent.uid), Some(agent.org), Role::System);
        Ok(Self { agent, certificate, actor: actor.from_request(origin.correlation, origin.address) })
    }
}

async fn holder(app: &App, fingerprint: &str) -> Result<(Agent, Certificate)> {
    let found = app.store.certificates().holder(&Actor::installation("agents"), fingerprint).await;
    found.map_err(|error| match error.kind() {
        bygone_store::ErrorKind::Forbidden => Problem::new(ProblemCode::CertificateRefused, error.context()),
        bygone_store::ErrorKind::NotFound
        | bygone_store::ErrorKind::Conflict
        | bygone_store::ErrorKind::Invalid { .. }
        | bygone_store::ErrorKind::Exhausted
        | bygone_store::ErrorKind::Unavailable
        | bygone_store::ErrorKind::Failed => error.into(),
    })
}
