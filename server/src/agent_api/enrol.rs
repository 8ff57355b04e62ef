//! Becoming an agent, staying one, and ceasing to be one.

use axum::Json as Answer;
use axum::extract::State;
use bygone_common::protocol::{EnrolRequest, EnrolResponse, PROTOCOL_VERSION, RenewRequest, RenewResponse, TokenText};
use bygone_store::agents::{Enrolment, NewAgent, TokenFault};
use bygone_store::{Actor, Error as StoreError, ErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::check_version;
use super::known::Known;
use crate::app::App;
use crate::ca::{AgentName, CaError};
use crate::correlation::Origin;
use crate::extract::Json;
use crate::problem::{Problem, ProblemCode, Result};

/// The hash by which a token is known.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// `POST /agent/v1/enrol`.
pub(crate) async fn enrol(
    State(app): State<App>,
    origin: Origin,
    Json(request): Json<EnrolRequest>,
) -> Result<Answer<EnrolResponse>> {
    check_version(request.version)?;
    request.check()?;
    TokenText::parse(&request.token)?;
    let actor = Actor::installation("agents").from_request(origin.correlation, origin.address);
    let hash = token_hash(request.token.expose());
    let new = NewAgent { token_hash: &hash, facts: &request.facts };
    let issue = |org, agent| {
        let issued = app.ca.issue_agent(&request.csr, AgentName { org, agent }).map_err(refused_csr)?;
        Ok((issued.kept.clone(), issued))
    };
    match app.store.agents().enrol(&actor, &new, issue).await? {
        Enrolment::Done(agent, issued) => {
            tracing::info!(agent = %agent.uid, org = %agent.org, "an agent enrolled");
            Ok(Answer(EnrolResponse {
                version: PROTOCOL_VERSION,
                agent: agent.uid,
                org: agent.org,
                certificate: issued.pem,
                ca: app.ca.certificate_pem().to_owned(),
                expires_at: issued.kept.expires_at,
                renew_at: issued.renew_at,
            }))
        }
        Enrolment::Refused(fault) => {
            tracing::warn!(code = fault.code(), "an enrolment was refused");
            let code = match fault {
                TokenFault::Unknown => ProblemCode::TokenUnknown,
                TokenFault::Expired => ProblemCode::TokenExpired,
                TokenFault::Used => ProblemCode::TokenUsed,
                TokenFault::Revoked => ProblemCode::TokenRevoked,
            };
            Err(Problem::new(code, fault.sentence()).about("token"))
        }
    }
}

/// `POST /agent/v1/renew`.
pub(crate) async fn renew(
    State(app): State<App>,
    known: Known,
    Json(request): Json<RenewRequest>,
) -> Result<Answer<RenewResponse>> {
    check_version(request.version)?;
    request.check()?;
    let name = AgentName { org: known.agent.org, agent: known.agent.uid };
    let issued = app.ca.issue_agent(&request.csr, name).map_err(refused_csr)?;
    app.store.certificates().add(&known.actor, &known.agent, &issued.kept).await?;
    Ok(Answer(RenewResponse {
        certificate: issued.pem,
        ca: app.ca.certificate_pem().to_owned(),
        expires_at: issued.kept.expires_at,
        renew_at: issued.renew_at,
    }))
}

/// Nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// `POST /agent/v1/unenrol`: the agent leaves.
pub(crate) async fn unenrol(
    State(app): State<App>,
    known: Known,
    Json(Empty {}): Json<Empty>,
) -> Result<Answer<Value>> {
    app.store.agents().unenrol(&known.actor, known.agent.org, known.agent.uid).await?;
    app.agents.waiting.wake(known.agent.uid);
    Ok(Answer(json!({})))
}

/// What is wrong with a signing request is the agent's to mend.
fn refused_csr(error: CaError) -> StoreError {
    StoreError::new(ErrorKind::Invalid { field: "csr" }, error.to_string())
}
