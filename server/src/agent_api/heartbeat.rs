//! Heartbeats: what agents say of themselves, and what they are told.

use axum::Json as Answer;
use axum::extract::State;
use bygone_common::protocol::{HeartbeatRequest, HeartbeatResponse};
use bygone_store::agents::Seen;
use jiff::SignedDuration;

use super::known::Known;
use super::{check_version, plans};
use crate::app::App;
use crate::ca::AGENT_RENEW_DAYS;
use crate::extract::Json;
use crate::problem::Result;

/// How often an agent says that it is there.
pub(crate) const HEARTBEAT_SECONDS: u32 = 30;

/// A clock that differs by more is worth a line in the log.
const SKEW_NOTED: SignedDuration = SignedDuration::from_secs(60);

/// `POST /agent/v1/heartbeat`.
pub(crate) async fn heartbeat(
    State(app): State<App>,
    known: Known,
    Json(request): Json<HeartbeatRequest>,
) -> Result<Answer<HeartbeatResponse>> {
    check_version(request.version)?;
    request.check()?;
    let now = app.clock.now();
    let skew = now.duration_until(request.now);
    let skew_ms = i64::try_from(skew.as_millis()).unwrap_or(if skew.is_negative() { i64::MIN } else { i64::MAX });
    if skew.abs() > SKEW_NOTED {
        tracing::warn!(agent = %known.agent.uid, skew_ms, "an agent's clock differs from ours");
    }
    let seen = Seen { facts: &request.facts, skew_ms };
    app.store.agents().seen(&known.actor, known.agent.org, known.agent.uid, &seen).await?;
    let held: Vec<_> = request.running.iter().map(|running| (running.job, running.lease)).collect();
    let cancel = app.store.jobs().to_give_up(&known.actor, known.agent.org, &held).await?;
    let plans = plans::news(&app, &known, request.plans_tag.as_deref()).await?;
    plans::fetch_spooled(&app, &known, &request.spooled).await?;
    let renew_at = known.certificate.created_at.checked_add(SignedDuration::from_hours(24 * AGENT_RENEW_DAYS));
    Ok(Answer(HeartbeatResponse {
        now,
        skew_ms,
        interval_seconds: HEARTBEAT_SECONDS,
        cancel,
        renew: renew_at.is_ok_and(|renew_at| renew_at <= now),
        plans,
    }))
}
