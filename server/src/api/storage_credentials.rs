//! Storage credentials.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{CredentialUid, OrgUid};
use bygone_store::storage_credentials::{NewStorageCredential, StorageCredential};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::secrets::Purpose;
use crate::signed::{Fresh, Signed};
use crate::storages::{StorageError, StorageSecret};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, replace, delete))
}

/// A storage credential. Its secret is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StorageCredentialBody {
    #[schema(value_type = uuid::Uuid)]
    uid: CredentialUid,
    name: String,
    /// `s3`, `sftp` or `rest`.
    kind: String,
    /// What of it is no secret, by the names of the credential's own fields.
    public: serde_json::Value,
    created_at: jiff::Timestamp,
}

impl From<StorageCredential> for StorageCredentialBody {
    fn from(row: StorageCredential) -> Self {
        Self { uid: row.uid, name: row.name, kind: row.kind, public: row.public, created_at: row.created_at }
    }
}

/// A new storage credential, or another in its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStorageCredentialBody {
    /// Lower-case letters, digits and hyphens.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    secret: StorageSecret,
}

fn sealed(app: &App, uid: CredentialUid, body: NewStorageCredentialBody) -> Result<NewStorageCredential> {
    body.secret.check().map_err(|(field, why)| Problem::invalid(format!("secret.{field}"), why))?;
    let sealed = app.secrets.seal(Purpose::StorageCredential, &uid.to_string(), body.secret.to_json().expose());
    Ok(NewStorageCredential {
        uid,
        name: body.name,
        kind: body.secret.kind().to_owned(),
        public: body.secret.public(),
        sealed: sealed.map_err(StorageError::Secrets)?,
    })
}

/// Lists storage credentials.
#[utoipa::path(
    get, path = "/orgs/{org}/storage-credentials", tag = "repositories",
    params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<StorageCredentialBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<StorageCredentialBody>>> {
    let list = app.store.storage_credentials().list(&actor, org, &page.page()?).await?;
    Ok(Json(ListBody::of(list, StorageCredentialBody::from)))
}

/// Keeps a storage credential, sealed.
#[utoipa::path(
    post, path = "/orgs/{org}/storage-credentials", tag = "repositories", request_body = NewStorageCredentialBody,
    params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = StorageCredentialBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Json(body): Json<NewStorageCredentialBody>,
) -> Result<(StatusCode, Tagged<Json<StorageCredentialBody>>)> {
    let new = sealed(&app, app.store.uid(CredentialUid::new), body)?;
    let made = app.store.storage_credentials().create(&actor, org, &new).await?;
    Ok((StatusCode::CREATED, Tagged { version: made.version, body: Json(made.into()) }))
}

/// Shows a storage credential, but for its secret.
#[utoipa::path(
    get, path = "/orgs/{org}/storage-credentials/{credential}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("credential" = uuid::Uuid, Path)),
    responses((status = 200, body = StorageCredentialBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, CredentialUid)>,
) -> Result<Tagged<Json<StorageCredentialBody>>> {
    let row = app.store.storage_credentials().get(&actor, org, uid).await?;
    Ok(Tagged { version: row.version, body: Json(row.into()) })
}

/// Puts another secret in the place of a storage credential's.
#[utoipa::path(
    put, path = "/orgs/{org}/storage-credentials/{credential}", tag = "repositories",
    request_body = NewStorageCredentialBody,
    params(("org" = uuid::Uuid, Path), ("credential" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = StorageCredentialBody), (status = "default", body = Problem))
)]
async fn replace(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, uid)): Path<(OrgUid, CredentialUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<NewStorageCredentialBody>,
) -> Result<Tagged<Json<StorageCredentialBody>>> {
    let new = sealed(&app, uid, body)?;
    let changed = app.store.storage_credentials().replace(&actor, org, version, &new).await.map_err(stale)?;
    app.storages.close_all();
    Ok(Tagged { version: changed.version, body: Json(changed.into()) })
}

/// Forgets a storage credential that no repository needs.
#[utoipa::path(
    delete, path = "/orgs/{org}/storage-credentials/{credential}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("credential" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, uid)): Path<(OrgUid, CredentialUid)>,
) -> Result<StatusCode> {
    app.store.storage_credentials().delete(&actor, org, uid).await?;
    Ok(StatusCode::NO_CONTENT)
}
