//! Requests that another site made a browser send: refused where they would change something with the person's cookie.
//! `SameSite=Lax` keeps the cookie out of most of them; the origin says the rest.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use super::cookie::is_secure;
use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// Refuses a request that changes something, was sent with a cookie, and does not come from our own pages.
///
/// # Errors
/// `Forbidden`.
pub(crate) fn check(app: &App, parts: &Parts) -> Result<()> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let ours = origin(app, parts);
    let is_ours = match (header(header::ORIGIN), header(header::HeaderName::from_static("sec-fetch-site"))) {
        (Some(origin), _) => ours.is_some_and(|ours| ours.eq_ignore_ascii_case(origin)),
        (None, Some(site)) => matches!(site, "same-origin" | "none"),
        // Every browser says where a request that changes something comes from.
        (None, None) => false,
    };
    if is_ours {
        return Ok(());
    }
    let title = "a request with a session's cookie must come from this server's own pages (Origin)";
    Err(Problem::new(ProblemCode::Forbidden, title))
}

/// Refuses what another site's page would sign somebody in with: the same, but programs may say nothing.
///
/// # Errors
/// `Forbidden`.
pub(crate) fn check_if_said(app: &App, parts: &Parts) -> Result<()> {
    let says = |name: &str| parts.headers.contains_key(name);
    if says("origin") || says("sec-fetch-site") { check(app, parts) } else { Ok(()) }
}

/// The URL that everything of ours begins with, without a slash at its end: as configured, or as the client called us.
pub(crate) fn base(app: &App, headers: &HeaderMap, authority: Option<&str>) -> Option<String> {
    if let Some(url) = &app.config.server.public_url {
        return Some(url.trim_end_matches('/').to_owned());
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(authority)?;
    let scheme = if is_secure(&app.config) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Our own origin: what is before the path.
fn origin(app: &App, parts: &Parts) -> Option<String> {
    let base = base(app, &parts.headers, parts.uri.authority().map(axum::http::uri::Authority::as_str))?;
    let (scheme, rest) = base.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(format!("{scheme}://{authority}"))
}
