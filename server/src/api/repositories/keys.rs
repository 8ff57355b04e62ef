//! Keys of a repository.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bygone_common::{OrgUid, RepositoryUid, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::SHOWN_ONCE;
use crate::app::App;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
use crate::repositories::keys::{self, By, Key, Wanted};
use crate::signed::{Fresh, Signed};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// A key: a password that opens the repository, of which only its owner knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyBody {
    /// restic's id of the key.
    id: String,
    /// Whom it is for, as its maker said; empty when nobody did, null when its file cannot be read.
    user: Option<String>,
    /// For which machine; empty when nobody said, null when its file cannot be read.
    host: Option<String>,
    created_at: Option<jiff::Timestamp>,
    /// Whether the server opens the repository with it: then it stays.
    is_servers: bool,
    /// What is wrong with its file.
    fault: Option<String>,
}

impl From<Key> for KeyBody {
    fn from(Key { listed, is_servers }: Key) -> Self {
        let id = listed.id.to_string();
        match listed.info {
            Ok(info) => Self {
                id,
                user: Some(info.user),
                host: Some(info.host),
                created_at: info.created,
                is_servers,
                fault: None,
            },
            Err(error) => {
                Self { id, user: None, host: None, created_at: None, is_servers, fault: Some(error.to_string()) }
            }
        }
    }
}

/// The keys of a repository.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysBody {
    /// By id.
    items: Vec<KeyBody>,
}

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum NewKeyBody {
    /// Opened by a password that somebody chose.
    Password {
        #[schema(min_length = 1, max_length = 1000)]
        password: String,
        /// Whom it is for.
        #[schema(min_length = 1, max_length = 200)]
        user: String,
        /// For which machine.
        #[schema(max_length = 200)]
        host: Option<String>,
    },
    /// Opened by a password of chance alone, which this answer shows and nothing else: for the safe.
    Recovery {
        /// Whom it is for; `recovery` if not said.
        #[schema(min_length = 1, max_length = 200)]
        user: Option<String>,
        /// For which machine.
        #[schema(max_length = 200)]
        host: Option<String>,
    },
}

impl From<NewKeyBody> for Wanted {
    fn from(body: NewKeyBody) -> Self {
        match body {
            NewKeyBody::Password { password, user, host } => {
                Self { by: By::Password(Secret::new(password)), user, host: host.unwrap_or_default() }
            }
            NewKeyBody::Recovery { user, host } => Self {
                by: By::Recovery,
                user: user.unwrap_or_else(|| "recovery".to_owned()),
                host: host.unwrap_or_default(),
            },
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKeyBody {
    #[serde(flatten)]
    key: KeyBody,
    /// What opens it, of a key for recovery: shown now and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// Lists the keys of a repository. To tell which one the server uses, its password is tried: that takes a moment.
#[utoipa::path(
    get, path = "/orgs/{org}/repositories/{repository}/keys", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 200, body = KeysBody), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
) -> Result<Json<KeysBody>> {
    let keys = keys::list(&app, &actor, org, repository).await?;
    Ok(Json(KeysBody { items: keys.into_iter().map(KeyBody::from).collect() }))
}

/// Adds a key. Whoever knows its password opens the repository with or without this server.
#[utoipa::path(
    post, path = "/orgs/{org}/repositories/{repository}/keys", tag = "repositories", request_body = NewKeyBody,
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path)),
    responses((status = 201, body = MadeKeyBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, repository)): Path<(OrgUid, RepositoryUid)>,
    Json(body): Json<NewKeyBody>,
) -> Result<Response> {
    let made = keys::add(&app, &actor, org, repository, body.into()).await?;
    let password = made.recovery.map(|password| password.expose().clone());
    let is_shown_once = password.is_some();
    let answer = (StatusCode::CREATED, Json(MadeKeyBody { key: made.key.into(), password }));
    Ok(match is_shown_once {
        true => (SHOWN_ONCE, answer).into_response(),
        false => answer.into_response(),
    })
}

/// Removes a key: its password opens the repository no more. Who has used it may know the master key, though.
#[utoipa::path(
    delete, path = "/orgs/{org}/repositories/{repository}/keys/{key}", tag = "repositories",
    params(("org" = uuid::Uuid, Path), ("repository" = uuid::Uuid, Path), ("key" = String, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, repository, key)): Path<(OrgUid, RepositoryUid, String)>,
) -> Result<StatusCode> {
    keys::remove(&app, &actor, org, repository, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
