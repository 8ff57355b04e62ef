//! Restores that people ask for, as they stand below `/portal/v1`.

mod asked;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, RestoreUid};
use bygone_store::restores::{Begin, Followed, NewRestore, RestoreFilter, RestoreState, Whose};
use bygone_store::{Action, Actor, Resource};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListBody;
use crate::app::App;
use crate::extract::{Json, Path, Query};
use crate::identity::session::Proven;
use crate::identity::step_up;
use crate::problem::{Problem, Result};
use crate::restores::machines::is_online;
use crate::restores::report::{ReportBody, report};
use crate::restores::told::{RestoreBody, told};
use crate::restores::{Allowed, Wish, allowed, live, machines, may_undo, still_allowed, withdrawn};
use crate::signed::{Me, Signed};
use asked::{
    ApprovalVerdictBody, DeviceBody, DevicesQuery, EmptyBody, NewRestoreBody, ReportFormat, ReportQuery, RestoresQuery,
    StartBody, WhoseBody, choices,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(devices))
        .routes(routes!(get))
        .routes(routes!(start))
        .routes(routes!(cancel))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(undo))
        .routes(routes!(approve))
        .routes(routes!(deny))
        .routes(routes!(show_report))
        .routes(routes!(events))
}

/// The organization of whoever asks: who runs the installation has no files to put back.
fn org(actor: &Actor) -> Result<OrgUid> {
    actor.org().ok_or_else(|| Problem::not_found("what this path names"))
}

/// Asks for the second factor where a restore needs it.
fn prove(app: &App, proven: &Proven, allowed: &Allowed, begin: Begin) -> Result<()> {
    match begin {
        Begin::Check => Ok(()),
        Begin::Work | Begin::Approval if allowed.is_grave() => step_up::require(app, proven),
        Begin::Work | Begin::Approval => Ok(()),
    }
}

/// Asks for files to be put back. What would take the place of something that is there, or goes to somebody else's machine,
/// asks for the second factor; where the organization or the source says so, somebody else has to agree.
#[utoipa::path(
    post, path = "/restores", tag = "restores", request_body = NewRestoreBody,
    responses((status = 201, body = RestoreBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    me: Me,
    Json(body): Json<NewRestoreBody>,
) -> Result<(StatusCode, Json<RestoreBody>)> {
    let (dry_run, comment, source) = (body.dry_run, body.comment.clone(), body.source);
    let allowed = allowed(&app, &me.actor, &body.wish()?).await?;
    let begin = if dry_run { Begin::Check } else { allowed.begin() };
    prove(&app, &me.proven, &allowed, begin)?;
    let Allowed { org, agent, spec, taken_at, .. } = allowed;
    let new = NewRestore { source, agent, spec, taken_at, comment };
    let made = app.store.restores().create(&me.actor, org, new, begin).await?;
    Ok((StatusCode::CREATED, Json(told(&app, &made))))
}

/// Lists restores, the newest first.
#[utoipa::path(
    get, path = "/restores", tag = "restores", params(RestoresQuery),
    responses((status = 200, body = ListBody<RestoreBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<RestoresQuery>,
) -> Result<Json<ListBody<RestoreBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let Some(org) = actor.org() else { return Ok(Json(ListBody { items: Vec::new(), next: None })) };
    let whose = match query.whose {
        WhoseBody::Mine => Whose::Mine,
        WhoseBody::All => Whose::All,
    };
    let filter = RestoreFilter { whose, waiting: query.waiting };
    let restores = app.store.restores().list(&actor, org, filter, &page).await?;
    Ok(Json(ListBody::of(restores, |followed| told(&app, &followed))))
}

/// Lists the machines to which something of a source may be put back.
#[utoipa::path(
    get, path = "/restores/devices", tag = "restores", params(DevicesQuery),
    responses((status = 200, body = ListBody<DeviceBody>), (status = "default", body = Problem))
)]
async fn devices(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<DevicesQuery>,
) -> Result<Json<ListBody<DeviceBody>>> {
    let page = super::page(query.limit, query.after.as_deref())?;
    let source = app.portal.source(&actor, query.source).await?;
    let machines = machines::list(&app, &actor, source.source().org, &page).await?;
    Ok(Json(ListBody::of(machines, |agent| DeviceBody {
        uid: agent.uid,
        online: is_online(&app, agent.last_seen_at),
        last_seen_at: agent.last_seen_at,
        original: agent.uid == source.source().agent,
        name: agent.name,
    })))
}

/// Shows a restore.
#[utoipa::path(
    get, path = "/restores/{restore}", tag = "restores", params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn get(State(app): State<App>, Signed(actor): Signed, Path(uid): Path<RestoreUid>) -> Result<Json<RestoreBody>> {
    let followed = app.store.restores().get(&actor, org(&actor)?, uid).await?;
    Ok(Json(told(&app, &followed)))
}

/// Begins a restore that was thought through.
#[utoipa::path(
    post, path = "/restores/{restore}/start", tag = "restores", request_body = StartBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn start(
    State(app): State<App>,
    me: Me,
    Path(uid): Path<RestoreUid>,
    Json(body): Json<StartBody>,
) -> Result<Json<RestoreBody>> {
    let org = org(&me.actor)?;
    let Followed { restore, .. } = app.store.restores().get(&me.actor, org, uid).await?;
    if me.actor.who().user() != Some(restore.user) {
        return Err(Problem::not_found(format_args!("restore {uid}")));
    }
    let mut wish = Wish::again(&restore)?;
    wish.on_conflict = body.on_conflict.map_or(wish.on_conflict, Into::into);
    wish.choices = body.choices.map_or(wish.choices, choices);
    let allowed = allowed(&app, &me.actor, &wish).await.map_err(withdrawn)?;
    let begin = allowed.begin();
    prove(&app, &me.proven, &allowed, begin)?;
    let begun = app.store.restores().start(&me.actor, org, uid, allowed.spec, begin).await?;
    Ok(Json(told(&app, &begun)))
}

/// Gives a restore up. What was put back already stays.
#[utoipa::path(
    post, path = "/restores/{restore}/cancel", tag = "restores", request_body = EmptyBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn cancel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Json(EmptyBody {}): Json<EmptyBody>,
) -> Result<Json<RestoreBody>> {
    let followed = app.store.restores().cancel(&actor, org(&actor)?, uid).await?;
    Ok(Json(told(&app, &followed)))
}

/// Lets a restore wait.
#[utoipa::path(
    post, path = "/restores/{restore}/pause", tag = "restores", request_body = EmptyBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn pause(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Json(EmptyBody {}): Json<EmptyBody>,
) -> Result<Json<RestoreBody>> {
    let followed = app.store.restores().pause(&actor, org(&actor)?, uid, true).await?;
    Ok(Json(told(&app, &followed)))
}

/// Lets a restore go on that was made to wait.
#[utoipa::path(
    post, path = "/restores/{restore}/resume", tag = "restores", request_body = EmptyBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn resume(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Json(EmptyBody {}): Json<EmptyBody>,
) -> Result<Json<RestoreBody>> {
    let followed = app.store.restores().pause(&actor, org(&actor)?, uid, false).await?;
    Ok(Json(told(&app, &followed)))
}

/// Puts back what a restore replaced: for seven days after its end. What the restore brought is kept in its turn. Asks for the
/// second factor, as it takes the place of what is there.
#[utoipa::path(
    post, path = "/restores/{restore}/undo", tag = "restores", request_body = EmptyBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn undo(
    State(app): State<App>,
    me: Me,
    Path(uid): Path<RestoreUid>,
    Json(EmptyBody {}): Json<EmptyBody>,
) -> Result<Json<RestoreBody>> {
    let org = org(&me.actor)?;
    let Followed { restore, .. } = app.store.restores().get(&me.actor, org, uid).await?;
    let machine = may_undo(&app, &me.actor, &restore).await.map_err(withdrawn)?;
    step_up::require(&app, &me.proven)?;
    let followed = app.store.restores().undo(&me.actor, org, uid, !machine.runs_it).await?;
    Ok(Json(told(&app, &followed)))
}

/// Agrees to somebody else's restore: it begins, if they may still do it.
#[utoipa::path(
    post, path = "/restores/{restore}/approve", tag = "restores", request_body = ApprovalVerdictBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn approve(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Json(body): Json<ApprovalVerdictBody>,
) -> Result<Json<RestoreBody>> {
    let org = org(&actor)?;
    let followed = app.store.restores().get(&actor, org, uid).await?;
    let spec = match followed.state() {
        RestoreState::Approval if actor.require(Action::Run, Resource::Job).is_ok() => {
            still_allowed(&app, &followed.restore).await?.spec
        }
        // The store says what is wrong.
        _ => followed.restore.spec,
    };
    let followed = app.store.restores().approve(&actor, org, uid, spec, &body.why).await?;
    Ok(Json(told(&app, &followed)))
}

/// Does not agree to somebody else's restore.
#[utoipa::path(
    post, path = "/restores/{restore}/deny", tag = "restores", request_body = ApprovalVerdictBody,
    params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody), (status = "default", body = Problem))
)]
async fn deny(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Json(body): Json<ApprovalVerdictBody>,
) -> Result<Json<RestoreBody>> {
    let followed = app.store.restores().deny(&actor, org(&actor)?, uid, &body.why).await?;
    Ok(Json(told(&app, &followed)))
}

/// Shows what was planned for every entry of a restore, and what went wrong: as JSON, or as a table.
#[utoipa::path(
    get, path = "/restores/{restore}/report", tag = "restores",
    params(("restore" = uuid::Uuid, Path), ReportQuery),
    responses((status = 200, body = ReportBody), (status = "default", body = Problem))
)]
async fn show_report(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(uid): Path<RestoreUid>,
    Query(query): Query<ReportQuery>,
) -> Result<Response> {
    let followed = app.store.restores().get(&actor, org(&actor)?, uid).await?;
    let report = report(&app, &actor, &followed, query.of).await?;
    Ok(match query.format {
        ReportFormat::Json => Json(report).into_response(),
        ReportFormat::Csv => {
            let name = format!("attachment; filename=\"restore-{uid}.csv\"");
            let headers =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
            (headers, report.csv()).into_response()
        }
    })
}

/// What happens to a restore, as server-sent events: `restore`, with the whole of it as it is then; the first one at once.
#[utoipa::path(
    get, path = "/restores/{restore}/events", tag = "restores", params(("restore" = uuid::Uuid, Path)),
    responses((status = 200, body = RestoreBody, content_type = "text/event-stream"), (status = "default", body = Problem))
)]
async fn events(State(app): State<App>, Signed(actor): Signed, Path(uid): Path<RestoreUid>) -> Result<Response> {
    let followed = app.store.restores().get(&actor, org(&actor)?, uid).await?;
    Ok(live::stream(app, actor, followed))
}
