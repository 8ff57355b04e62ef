//! Providers of identities (OpenID Connect), of an organization or of the installation.

use axum::extract::State;
use axum::http::StatusCode;
use bygone_common::{OrgUid, ProviderUid, Secret};
use bygone_store::Role;
use bygone_store::providers::{GroupRule, Provider, ProviderSettings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::users::RoleBody;
use super::{ListBody, PageQuery};
use crate::app::App;
use crate::conditional::{IfMatch, Tagged, stale};
use crate::extract::{Json, Path, Query};
use crate::problem::{Problem, Result};
use crate::providers;
use crate::signed::{Fresh, Signed};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(list_everywhere, create_everywhere))
        .routes(routes!(get_everywhere, change_everywhere, delete_everywhere))
}

/// Who is in the group is this in that organization. The first rule that fits counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    /// The group's name at the provider; `*` is everybody.
    #[schema(min_length = 1, max_length = 500)]
    group: String,
    /// In which organization. Null: the provider's own, or the installation if it has none.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    org: Option<OrgUid>,
    #[schema(value_type = RoleBody)]
    role: Role,
}

/// What a provider is and does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSettingsBody {
    /// In URLs: lower-case letters, digits and hyphens.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The URL below which it describes itself; of https.
    issuer: String,
    client_id: String,
    /// Null on a change: stays as it is.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// What it is asked for beside `openid`. With `offline_access` it is asked again, every few minutes, whether a session stands.
    #[serde(default = "usual_scopes")]
    scopes: Vec<String>,
    /// The claim that lists groups.
    #[serde(default = "usual_claim")]
    groups_claim: String,
    rules: Vec<RuleBody>,
    /// Whether somebody known here by the address it has verified is the same person.
    #[serde(default)]
    links_email: bool,
    #[serde(default = "yes")]
    enabled: bool,
}

fn usual_scopes() -> Vec<String> {
    ["email", "profile", "groups", "offline_access"].map(str::to_owned).to_vec()
}

fn usual_claim() -> String {
    "groups".to_owned()
}

const fn yes() -> bool {
    true
}

impl ProviderSettingsBody {
    fn parts(self) -> (ProviderSettings, Option<Secret<String>>) {
        let rule = |rule: RuleBody| GroupRule { group: rule.group, org: rule.org, role: rule.role };
        let settings = ProviderSettings {
            name: self.name,
            title: self.title,
            issuer: self.issuer,
            client_id: self.client_id,
            scopes: self.scopes,
            groups_claim: self.groups_claim,
            rules: self.rules.into_iter().map(rule).collect(),
            links_email: self.links_email,
            enabled: self.enabled,
        };
        (settings, self.client_secret.map(Secret::new))
    }
}

/// A provider, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderBody {
    #[schema(value_type = uuid::Uuid)]
    uid: ProviderUid,
    /// Null: the installation's.
    #[schema(value_type = Option<uuid::Uuid>)]
    org: Option<OrgUid>,
    name: String,
    title: String,
    issuer: String,
    client_id: String,
    has_secret: bool,
    scopes: Vec<String>,
    groups_claim: String,
    rules: Vec<RuleBody>,
    links_email: bool,
    enabled: bool,
    /// What to tell the provider: where it sends people back to.
    redirect_path: String,
    /// And where it tells that somebody signed out.
    back_channel_logout_path: String,
    created_at: jiff::Timestamp,
}

impl From<Provider> for ProviderBody {
    fn from(provider: Provider) -> Self {
        let settings = provider.settings;
        let rule = |rule: GroupRule| RuleBody { group: rule.group, org: rule.org, role: rule.role };
        let base = format!("/api/v1/sign-in/oidc/{}", provider.uid);
        Self {
            uid: provider.uid,
            org: provider.org,
            name: settings.name,
            title: settings.title,
            issuer: settings.issuer,
            client_id: settings.client_id,
            has_secret: provider.has_secret,
            scopes: settings.scopes,
            groups_claim: settings.groups_claim,
            rules: settings.rules.into_iter().map(rule).collect(),
            links_email: settings.links_email,
            enabled: settings.enabled,
            redirect_path: format!("{base}/callback"),
            back_channel_logout_path: format!("{base}/back-channel-logout"),
            created_at: provider.created_at,
        }
    }
}

/// Lists the providers of an organization.
#[utoipa::path(
    get, path = "/orgs/{org}/providers", tag = "providers", params(("org" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = ListBody<ProviderBody>), (status = "default", body = Problem))
)]
async fn list(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(org): Path<OrgUid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<ProviderBody>>> {
    let providers = app.store.providers().list(&actor, Some(org), &page.page()?).await?;
    Ok(Json(ListBody::of(providers, ProviderBody::from)))
}

/// Makes a provider of an organization. Asks for the second factor.
#[utoipa::path(
    post, path = "/orgs/{org}/providers", tag = "providers", request_body = ProviderSettingsBody, params(("org" = uuid::Uuid, Path)),
    responses((status = 201, body = ProviderBody), (status = "default", body = Problem))
)]
async fn create(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(org): Path<OrgUid>,
    Json(body): Json<ProviderSettingsBody>,
) -> Result<(StatusCode, Tagged<Json<ProviderBody>>)> {
    let (settings, secret) = body.parts();
    let provider = providers::create(&app, &actor, Some(org), &settings, secret).await?;
    Ok((StatusCode::CREATED, Tagged { version: provider.version, body: Json(provider.into()) }))
}

/// Shows a provider of an organization.
#[utoipa::path(
    get, path = "/orgs/{org}/providers/{provider}", tag = "providers", params(("org" = uuid::Uuid, Path), ("provider" = uuid::Uuid, Path)),
    responses((status = 200, body = ProviderBody), (status = "default", body = Problem))
)]
async fn get(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((org, provider)): Path<(OrgUid, ProviderUid)>,
) -> Result<Tagged<Json<ProviderBody>>> {
    let provider = app.store.providers().get(&actor, Some(org), provider).await?;
    Ok(Tagged { version: provider.version, body: Json(provider.into()) })
}

/// Puts other settings in the place of a provider's. Asks for the second factor.
#[utoipa::path(
    put, path = "/orgs/{org}/providers/{provider}", tag = "providers", request_body = ProviderSettingsBody,
    params(("org" = uuid::Uuid, Path), ("provider" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = ProviderBody), (status = "default", body = Problem))
)]
async fn change(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, provider)): Path<(OrgUid, ProviderUid)>,
    IfMatch(version): IfMatch,
    Json(body): Json<ProviderSettingsBody>,
) -> Result<Tagged<Json<ProviderBody>>> {
    let (settings, secret) = body.parts();
    let provider =
        providers::change(&app, &actor, Some(org), provider, version, &settings, secret).await.map_err(stale)?;
    Ok(Tagged { version: provider.version, body: Json(provider.into()) })
}

/// Removes a provider of an organization: the sessions it vouches for end. Asks for the second factor.
#[utoipa::path(
    delete, path = "/orgs/{org}/providers/{provider}", tag = "providers", params(("org" = uuid::Uuid, Path), ("provider" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path((org, provider)): Path<(OrgUid, ProviderUid)>,
) -> Result<StatusCode> {
    app.store.providers().delete(&actor, Some(org), provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the providers of the installation.
#[utoipa::path(
    get, path = "/providers", tag = "providers", params(PageQuery),
    responses((status = 200, body = ListBody<ProviderBody>), (status = "default", body = Problem))
)]
async fn list_everywhere(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListBody<ProviderBody>>> {
    let providers = app.store.providers().list(&actor, None, &page.page()?).await?;
    Ok(Json(ListBody::of(providers, ProviderBody::from)))
}

/// Makes a provider of the installation. Asks for the second factor.
#[utoipa::path(
    post, path = "/providers", tag = "providers", request_body = ProviderSettingsBody,
    responses((status = 201, body = ProviderBody), (status = "default", body = Problem))
)]
async fn create_everywhere(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Json(body): Json<ProviderSettingsBody>,
) -> Result<(StatusCode, Tagged<Json<ProviderBody>>)> {
    let (settings, secret) = body.parts();
    let provider = providers::create(&app, &actor, None, &settings, secret).await?;
    Ok((StatusCode::CREATED, Tagged { version: provider.version, body: Json(provider.into()) }))
}

/// Shows a provider of the installation.
#[utoipa::path(
    get, path = "/providers/{provider}", tag = "providers", params(("provider" = uuid::Uuid, Path)),
    responses((status = 200, body = ProviderBody), (status = "default", body = Problem))
)]
async fn get_everywhere(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(provider): Path<ProviderUid>,
) -> Result<Tagged<Json<ProviderBody>>> {
    let provider = app.store.providers().get(&actor, None, provider).await?;
    Ok(Tagged { version: provider.version, body: Json(provider.into()) })
}

/// Puts other settings in the place of a provider's. Asks for the second factor.
#[utoipa::path(
    put, path = "/providers/{provider}", tag = "providers", request_body = ProviderSettingsBody,
    params(("provider" = uuid::Uuid, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = ProviderBody), (status = "default", body = Problem))
)]
async fn change_everywhere(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(provider): Path<ProviderUid>,
    IfMatch(version): IfMatch,
    Json(body): Json<ProviderSettingsBody>,
) -> Result<Tagged<Json<ProviderBody>>> {
    let (settings, secret) = body.parts();
    let provider = providers::change(&app, &actor, None, provider, version, &settings, secret).await.map_err(stale)?;
    Ok(Tagged { version: provider.version, body: Json(provider.into()) })
}

/// Removes a provider of the installation: the sessions it vouches for end. Asks for the second factor.
#[utoipa::path(
    delete, path = "/providers/{provider}", tag = "providers", params(("provider" = uuid::Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn delete_everywhere(
    State(app): State<App>,
    Fresh(actor): Fresh,
    Path(provider): Path<ProviderUid>,
) -> Result<StatusCode> {
    app.store.providers().delete(&actor, None, provider).await?;
    Ok(StatusCode::NO_CONTENT)
}
