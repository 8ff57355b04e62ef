//! Signing in and out: with a password, through a provider, by the set-up link, by a link to choose a password.

mod turned_away;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use bygone_common::{ProviderUid, Secret};
use bygone_store::providers::Provider;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::turned_away::turned_away;
use super::users::UserBody;
use crate::app::App;
use crate::correlation::Origin;
use crate::extract::{Json, Path, Query};
use crate::identity::cookie::{self, Jar};
use crate::identity::sign_in::{Factor, Given};
use crate::identity::step_up::Again;
use crate::identity::{oidc, origin, server, session, set_up, sign_in, step_up};
use crate::problem::{Problem, ProblemCode, Result};
use crate::signed::{Me, MySession};
use crate::users;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(by_password))
        .routes(routes!(out))
        .routes(routes!(step))
        .routes(routes!(first))
        .routes(routes!(choose_password))
        .routes(routes!(providers))
        .routes(routes!(leave))
        .routes(routes!(arrive))
        .routes(routes!(signed_out))
}

/// Where a request came from, what the browser said with it, and that no other site made it.
pub(crate) struct Door {
    pub(crate) from: Origin,
    pub(crate) headers: HeaderMap,
    pub(crate) base: Option<String>,
}

impl FromRequestParts<App> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        origin::check_if_said(app, parts)?;
        let from = Origin::from_request_parts(parts, app).await?;
        let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
        let base = origin::base(app, &parts.headers, authority);
        Ok(Self { from, headers: parts.headers.clone(), base })
    }
}

impl Door {
    fn base(&self) -> Result<&str> {
        let missing = || Problem::new(ProblemCode::Malformed, "the request does not say which host it means");
        self.base.as_deref().ok_or_else(missing)
    }
}

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    /// The organization's name: needed only by who is in several.
    org: Option<String>,
    email: String,
    #[schema(format = Password)]
    password: String,
    /// The code of the second factor, if there is one.
    code: Option<String>,
    /// One of the recovery codes, instead.
    recovery_code: Option<String>,
}

/// Who signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInBody {
    user: UserBody,
    /// Attempts that failed since they signed in before: not theirs, perhaps.
    failed_attempts: i64,
}

/// Signs in with a password. The session is a cookie.
#[utoipa::path(
    post, path = "/sign-in", tag = "sign-in", request_body = SignInBody, security(()),
    responses((status = 200, body = SignedInBody), (status = "default", body = Problem))
)]
async fn by_password(State(app): State<App>, door: Door, Json(body): Json<SignInBody>) -> Result<Response> {
    let given = Given {
        org: body.org,
        email: body.email,
        password: Secret::new(body.password),
        factor: factor(body.code, body.recovery_code),
    };
    let user = sign_in::check(&app, door.from, &door.headers, given).await?;
    let begun = session::begin(&app, door.from, &door.headers, &user, true, |_| Ok(None)).await?;
    let device = cookie::know_device(&app, user.uid)?;
    let cookies = AppendHeaders([(header::SET_COOKIE, begun.cookie), (header::SET_COOKIE, device)]);
    let failed_attempts = user.failed_attempts;
    Ok((cookies, Json(SignedInBody { user: user.into(), failed_attempts })).into_response())
}

fn factor(code: Option<String>, recovery: Option<String>) -> Option<Factor> {
    match (code, recovery) {
        (Some(code), _) => Some(Factor::Code(Secret::new(code))),
        (None, Some(code)) => Some(Factor::Recovery(Secret::new(code))),
        (None, None) => None,
    }
}

/// Where to go after signing out.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedOutBody {
    /// Where the provider signs the person out too; null if there is none.
    provider_url: Option<String>,
}

/// Signs out: the session ends at once.
#[utoipa::path(
    post, path = "/sign-out", tag = "sign-in",
    responses((status = 200, body = SignedOutBody), (status = "default", body = Problem))
)]
async fn out(State(app): State<App>, door: Door, me: MySession) -> Result<Response> {
    let provider_url = oidc::end_session_url(&app, &me.session, &format!("{}/", door.base()?)).await?;
    app.store.sessions().end(me.actor(), me.user(), me.session.uid).await?;
    let cookies = AppendHeaders([(header::SET_COOKIE, cookie::clear(&app, Jar::Session)?)]);
    Ok((cookies, Json(SignedOutBody { provider_url })).into_response())
}

/// What somebody proves again who they are with: one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepUpBody {
    /// From who has no second factor.
    #[schema(format = Password)]
    password: Option<String>,
    /// The code of the second factor.
    code: Option<String>,
    /// One of the recovery codes.
    recovery_code: Option<String>,
}

/// Shows the second factor again, as deleting and taking keys out ask for. It holds for ten minutes.
#[utoipa::path(
    post, path = "/step-up", tag = "sign-in", request_body = StepUpBody,
    responses((status = 204), (status = "default", body = Problem))
)]
async fn step(
    State(app): State<App>,
    me: MySession,
    headers: HeaderMap,
    Json(body): Json<StepUpBody>,
) -> Result<StatusCode> {
    let again = match (factor(body.code, body.recovery_code), body.password) {
        (Some(factor), _) => Again::Factor(factor),
        (None, Some(password)) => Again::Password(Secret::new(password)),
        (None, None) => return Err(Problem::invalid("code", "give the code of the second factor, or the password")),
    };
    step_up::step_up(&app, &headers, &me.proven, &me.session, again).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first person who runs the installation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUpBody {
    /// What the link that was printed at the first start ends with.
    token: String,
    email: String,
    name: String,
    #[schema(format = Password, min_length = 12)]
    password: String,
}

/// Sets the installation up: the link works once.
#[utoipa::path(
    post, path = "/set-up", tag = "sign-in", request_body = SetUpBody, security(()),
    responses((status = 201, body = UserBody), (status = "default", body = Problem))
)]
async fn first(State(app): State<App>, door: Door, Json(body): Json<SetUpBody>) -> Result<Response> {
    let password = Secret::new(body.password);
    let user = set_up::redeem(&app, &body.token, body.email, body.name, password).await?;
    let begun = session::begin(&app, door.from, &door.headers, &user, true, |_| Ok(None)).await?;
    let cookies = AppendHeaders([(header::SET_COOKIE, begun.cookie)]);
    Ok((StatusCode::CREATED, cookies, Json(UserBody::from(user))).into_response())
}

/// A password that somebody chooses by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChosenBody {
    /// What the link ends with.
    token: String,
    #[schema(format = Password, min_length = 12)]
    password: String,
}

/// Chooses a password by a link from who runs the organization. The link works once; all sessions end.
#[utoipa::path(
    post, path = "/password-reset", tag = "sign-in", request_body = ChosenBody, security(()),
    responses((status = 204), (status = "default", body = Problem))
)]
async fn choose_password(State(app): State<App>, _door: Door, Json(body): Json<ChosenBody>) -> Result<StatusCode> {
    users::choose_password(&app, &body.token, Secret::new(body.password)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of which organization.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProvidersQuery {
    /// The organization's name; without it, the installation's providers only.
    org: Option<String>,
}

/// A provider to sign in with.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenProviderBody {
    #[schema(value_type = uuid::Uuid)]
    uid: ProviderUid,
    name: String,
    title: String,
}

impl From<Provider> for OpenProviderBody {
    fn from(provider: Provider) -> Self {
        Self { uid: provider.uid, name: provider.settings.name, title: provider.settings.title }
    }
}

/// Lists the providers that one may sign in with.
#[utoipa::path(
    get, path = "/sign-in/providers", tag = "sign-in", params(ProvidersQuery), security(()),
    responses((status = 200, body = [OpenProviderBody]), (status = "default", body = Problem))
)]
async fn providers(State(app): State<App>, Query(query): Query<ProvidersQuery>) -> Result<Json<Vec<OpenProviderBody>>> {
    let open = app.store.providers().open(&server(), query.org.as_deref()).await?;
    Ok(Json(open.into_iter().map(OpenProviderBody::from).collect()))
}

/// Where to go, and what for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeaveQuery {
    /// A path of this server to come back to.
    return_to: Option<String>,
    /// Whether somebody who is signed in only proves again who they are.
    #[serde(default)]
    step_up: bool,
}

/// Goes to a provider to sign in there.
#[utoipa::path(
    get, path = "/sign-in/oidc/{provider}", tag = "sign-in", security(()),
    params(("provider" = uuid::Uuid, Path), LeaveQuery),
    responses((status = 303, description = "To the provider; a browser that cannot go there is sent to `/sign-in?error=`"), (status = "default", body = Problem))
)]
async fn leave(
    State(app): State<App>,
    door: Door,
    me: Result<Me>,
    Path(provider): Path<ProviderUid>,
    Query(query): Query<LeaveQuery>,
) -> Result<Response> {
    let return_to = query.return_to.as_deref();
    let stepping = if query.step_up { me.map(|me| Some(me.proven)) } else { Ok(None) };
    let left = async { oidc::begin(&app, door.base()?, provider, return_to, stepping?.as_ref()).await };
    match left.await {
        Ok((url, cookie)) => {
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, url)], AppendHeaders([(header::SET_COOKIE, cookie)]))
                .into_response())
        }
        Err(problem) => Ok(turned_away(&door.headers, problem, return_to)),
    }
}

/// What the provider sends somebody back with. It may add parameters of its own.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArriveQuery {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Comes back from a provider.
#[utoipa::path(
    get, path = "/sign-in/oidc/{provider}/callback", tag = "sign-in", security(()),
    params(("provider" = uuid::Uuid, Path), ArriveQuery),
    responses((status = 303, description = "To where one wanted to go; a browser that may not come in is sent to `/sign-in?error=`"), (status = "default", body = Problem))
)]
async fn arrive(
    State(app): State<App>,
    door: Door,
    Path(provider): Path<ProviderUid>,
    Query(query): Query<ArriveQuery>,
) -> Result<Response> {
    let ArriveQuery { code, state, iss, error, error_description } = query;
    let callback = oidc::Callback { code, state, iss, error, error_description };
    let return_to = oidc::destination(&app, &door.headers);
    let arrival = match oidc::arrive(&app, door.from, &door.headers, provider, callback).await {
        Ok(arrival) => arrival,
        Err(problem) => return Ok(turned_away(&door.headers, problem, return_to.as_deref())),
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, arrival.return_to)]).into_response();
    for cookie in arrival.cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A provider's message that somebody signed out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogoutForm {
    logout_token: String,
}

/// Takes a provider's message that somebody signed out there (OpenID Connect Back-Channel Logout 1.0).
#[utoipa::path(
    post, path = "/sign-in/oidc/{provider}/back-channel-logout", tag = "sign-in", security(()),
    params(("provider" = uuid::Uuid, Path)),
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Their sessions have ended"), (status = "default", body = Problem))
)]
async fn signed_out(
    State(app): State<App>,
    Path(provider): Path<ProviderUid>,
    form: std::result::Result<axum::Form<LogoutForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response> {
    let malformed = |_| Problem::new(ProblemCode::Malformed, "the form holds no logout token").about("logout_token");
    let axum::Form(form) = form.map_err(malformed)?;
    oidc::back_channel(&app, provider, &form.logout_token).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], StatusCode::OK).into_response())
}
