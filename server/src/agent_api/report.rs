//! What becomes of an agent's jobs.

use axum::Json as Answer;
use axum::extract::State;
use bygone_common::JobUid;
use bygone_common::protocol::{FinishRequest, LogRequest, ProgressRequest, Standing, StandingRequest, StartRequest};
use serde_json::{Value, json};

use super::known::Known;
use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::Result;

/// `POST /agent/v1/jobs/{job}/start`.
pub(crate) async fn start(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<StartRequest>,
) -> Result<Answer<Standing>> {
    app.agents.queue.start(&app, &known, job, request.lease).await.map(Answer)
}

/// `POST /agent/v1/jobs/{job}/renew`.
pub(crate) async fn keep(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<StandingRequest>,
) -> Result<Answer<Standing>> {
    app.agents.queue.keep(&app, &known, job, request.lease).await.map(Answer)
}

/// `POST /agent/v1/jobs/{job}/progress`.
pub(crate) async fn progress(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<ProgressRequest>,
) -> Result<Answer<Standing>> {
    app.agents.queue.progress(&app, &known, job, &request).await.map(Answer)
}

/// `POST /agent/v1/jobs/{job}/log`.
pub(crate) async fn log(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<LogRequest>,
) -> Result<Answer<Standing>> {
    request.check()?;
    app.agents.queue.log(&app, &known, job, &request).await.map(Answer)
}

/// `POST /agent/v1/jobs/{job}/finish`.
pub(crate) async fn finish(
    State(app): State<App>,
    known: Known,
    Path(job): Path<JobUid>,
    Json(request): Json<FinishRequest>,
) -> Result<Answer<Value>> {
    app.agents.queue.finish(&app, &known, job, request).await?;
    Ok(Answer(json!({})))
}
