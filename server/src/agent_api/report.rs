//! What becomes of an agent's jobs.

use axum::Json as Answer;
use axum::extract::State;
use bygone_common::protocol::{FinishRequest, LogRequest, ProgressRequest, Standing, StandingRequest, StartRequest};
use bygone_common::{JobUid, LeaseUid};
use bygone_store::jobs::held;
use serde_json::{Value, json};

use super::known::Known;
use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemCode, Result};

/// `POST /agent/v1/jobs/{job}/start`.
pub(crate) async fn start(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<StartRequest>,
) -> Result<Answer<Standing>> {
    standing(app.store.jobs().start(&known.actor, known.agent.org, job, request.lease).await)
}

/// `POST /agent/v1/jobs/{job}/renew`.
pub(crate) async fn keep(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<StandingRequest>,
) -> Result<Answer<Standing>> {
    renewed(&app, &known, job, request.lease).await
}

async fn renewed(app: &App, known: &Known, job: JobUid, lease: LeaseUid) -> Result<Answer<Standing>> {
    standing(app.store.jobs().renew(&known.actor, known.agent.org, job, lease).await)
}

/// `POST /agent/v1/jobs/{job}/progress`.
pub(crate) async fn progress(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<ProgressRequest>,
) -> Result<Answer<Standing>> {
    let (org, jobs) = (known.agent.org, app.store.jobs());
    standing(jobs.progress(&known.actor, org, job, request.lease, &request.progress).await)
}

/// `POST /agent/v1/jobs/{job}/log`.
pub(crate) async fn log(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<LogRequest>,
) -> Result<Answer<Standing>> {
    request.check()?;
    app.store.jobs().log(&known.actor, known.agent.org, job, Some(request.first), &request.lines).await?;
    renewed(&app, &known, job, request.lease).await
}

/// `POST /agent/v1/jobs/{job}/finish`.
pub(crate) async fn finish(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<FinishRequest>,
) -> Result<Answer<Value>> {
    let finished = app.store.jobs().finish(&known.actor, known.agent.org, job, request.lease, &request.outcome).await;
    let job = finished.map_err(lost)?;
    Ok(Answer(json!({ "state": job.state })))
}

fn standing(answer: bygone_store::Result<held::Standing>) -> Result<Answer<Standing>> {
    let held::Standing { expires_at, cancel, pause } = answer.map_err(lost)?;
    Ok(Answer(Standing { expires_at, cancel, pause }))
}

/// The queue's word for a job that is somebody else's by now, in ours.
fn lost(error: bygone_store::Error) -> Problem {
    match error.kind() {
        bygone_store::ErrorKind::Conflict => Problem::new(ProblemCode::LeaseLost, error.context()),
        bygone_store::ErrorKind::NotFound
        | bygone_store::ErrorKind::Invalid { .. }
        | bygone_store::ErrorKind::Forbidden
        | bygone_store::ErrorKind::Exhausted
        | bygone_store::ErrorKind::Unavailable
        | bygone_store::ErrorKind::Failed => error.into(),
    }
}
