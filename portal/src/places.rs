//! Places to share: a link says where to look, and gives nobody anything to see there.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::access::Use;
use bygone_common::{PlaceUid, SnapshotPath, SourceUid};
use bygone_http::extract::{Json, Path};
use bygone_http::offload::offload;
use bygone_http::{Problem, Result};
use bygone_store::Actor;
use bygone_store::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asker::Asker;
use crate::moment::{At, Moment};
use crate::names::{PathBody, path_of};
use crate::portal::Portal;

pub(crate) fn routes() -> OpenApiRouter<Portal> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get))
}

/// A place that is to be shared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSharedPlaceBody {
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    /// A time, and the newest snapshot taken then or before is meant; or the beginning of a snapshot's id; or `latest`.
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    path: Option<String>,
    /// The same in base64, where it is not UTF-8.
    #[serde(default)]
    path_base64: Option<String>,
    /// What a page shows there, as the page says it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    shown: String,
}

/// A place that somebody shares.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedPlaceBody {
    #[schema(value_type = uuid::Uuid)]
    uid: PlaceUid,
    #[schema(value_type = uuid::Uuid)]
    source: SourceUid,
    /// When the snapshot was taken. Where it is gone meanwhile, the one before it is shown.
    at: Timestamp,
    #[serde(flatten)]
    path: PathBody,
    /// What a page shows there, as the page said it.
    shown: String,
    /// Until when the place is known.
    expires_at: Timestamp,
}

impl From<Place> for SharedPlaceBody {
    fn from(place: Place) -> Self {
        let Place { uid, source, taken_at, path, shown, expires_at } = place;
        Self { uid, source, at: taken_at, path: path.as_slice().into(), shown, expires_at }
    }
}

/// Makes a place to share. It gives nobody any right.
#[utoipa::path(
    post, path = "/places", tag = "portal", request_body = NewSharedPlaceBody,
    responses((status = 201, body = SharedPlaceBody), (status = "default", body = Problem))
)]
async fn create(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Json(body): Json<NewSharedPlaceBody>,
) -> Result<(StatusCode, Json<SharedPlaceBody>)> {
    let path = path_of(body.path.as_deref(), body.path_base64.as_deref())?;
    let source = portal.source(&actor, body.source).await?;
    let moment = portal.moment(&source, &At::parse(body.at.as_deref())).await?;
    let (taken_at, bytes) = (moment.snapshot.taken_at, path.to_bytes());
    look(moment, path).await?;
    let place = portal.store.places().create(&actor, &source, taken_at, &bytes, &body.shown).await?;
    Ok((StatusCode::CREATED, Json(place.into())))
}

/// Shows a place that somebody shares, to whoever sees what is there.
#[utoipa::path(
    get, path = "/places/{place}", tag = "portal", params(("place" = uuid::Uuid, Path)),
    responses((status = 200, body = SharedPlaceBody), (status = "default", body = Problem))
)]
async fn get(
    State(portal): State<Portal>,
    Asker(actor): Asker,
    Path(uid): Path<PlaceUid>,
) -> Result<Json<SharedPlaceBody>> {
    let missing = || Problem::not_found(format_args!("place {uid}"));
    let place = shared(&portal, &actor, uid).await?.ok_or_else(missing)?;
    Ok(Json(place.into()))
}

/// A place, if the asker sees what is there: its path tells names.
async fn shared(portal: &Portal, actor: &Actor, uid: PlaceUid) -> Result<Option<Place>> {
    let Some(org) = actor.org() else { return Ok(None) };
    let place = portal.store.places().get(actor, org, uid).await?;
    let seen = async {
        let source = portal.source(actor, place.source).await?;
        let moment = portal.moment(&source, &At::Time(place.taken_at)).await?;
        let path = SnapshotPath::parse(&place.path).map_err(|_| Problem::not_found("what this path names"))?;
        look(moment, path).await
    };
    match seen.await {
        Ok(()) => Ok(Some(place)),
        Err(problem) if problem.code() == bygone_http::ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether the asker sees what is there.
async fn look(moment: Moment, path: SnapshotPath) -> Result<()> {
    offload(move || moment.at(&path, Use::See).map(|_| ())).await
}
