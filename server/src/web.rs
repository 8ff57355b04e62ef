//! The application in the browser: files that never change, and two pages for every other path that people see.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bygone_web::Asset;

use crate::app::App;
use crate::config::TlsConfig;
use crate::problem::Problem;

/// What programs ask below `/`. Everything else may be the path of a view.
const PROGRAMS: [&str; 9] = ["api", "portal", "restic", "dav", "dl", "p", "healthz", "readyz", "metrics"];

/// What a page of ours may load and do: its own files, and calls to this server. Nothing inline, and nothing that turns
/// text into a script.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; media-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// What an answer for programs may do when a browser shows it as a page: nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// Devices of the visitor's machine, of which no page needs any.
const NO_DEVICES: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), usb=()";
/// A file whose name holds a hash of its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For a year, browsers come by TLS only.
const TLS_ONLY: &str = "max-age=31536000";

/// The files.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/assets/{*path}", get(file))
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match bygone_web::asset(&format!("assets/{path}")) {
        Some(asset) => answer(asset, &headers, FOR_EVER),
        None => Problem::not_found("what this path names").into_response(),
    }
}

/// What no other route takes: a page for a person, a problem for a program.
pub(crate) async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let is_seen = matches!(*request.method(), Method::GET | Method::HEAD) && !PROGRAMS.contains(&first);
    if !is_seen || (!bygone_web::is_built() && !path.is_empty()) {
        return Problem::not_found("what this path names").into_response();
    }
    let entry = if first == "admin" { "admin.html" } else { "index.html" };
    match bygone_web::asset(path).or_else(|| bygone_web::asset(entry)) {
        Some(asset) => answer(asset, request.headers(), "no-cache"),
        None => (StatusCode::NOT_FOUND, NOT_BUILT).into_response(),
    }
}

/// What a person sees who opens a server without an application.
const NOT_BUILT: &str = "This Bygone server was built without its application for browsers (the feature `web`).\n\
    Its API is described at /api/openapi.json; the program `bygone` shows what is in it.\n";

fn answer(asset: &'static Asset, asked: &HeaderMap, keep: &'static str) -> Response {
    let is_known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| matches!(tag.trim().trim_start_matches("W/"), tag if tag == asset.tag || tag == "*"));
    let (encoding, bytes) = match (asset.br, asset.gzip) {
        (Some(br), _) if accepts(asked, "br") => (Some("br"), br),
        (_, Some(gzip)) if accepts(asked, "gzip") => (Some("gzip"), gzip),
        _ => (None, asset.plain),
    };
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(Body::from(bytes)),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ETAG, asset.tag),
        (header::CACHE_CONTROL, keep),
        (header::VARY, "Accept-Encoding"),
        (header::CONTENT_TYPE, content_type(asset.path)),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let (Some(encoding), false) = (encoding, is_known) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if asset.path.ends_with(".html") {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    response
}

/// Whether a compressed form may be sent. One that is refused says `q=0`.
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let all = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|element| {
        let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
        let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Puts into every answer what keeps browsers from misusing it, unless the answer says so itself.
pub(crate) async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut unless_said = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_said(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_said(header::REFERRER_POLICY, "no-referrer");
    unless_said(header::CONTENT_SECURITY_POLICY, DATA_POLICY);
    unless_said(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_said(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    unless_said(HeaderName::from_static("permissions-policy"), NO_DEVICES);
    unless_said(header::CACHE_CONTROL, "no-store");
    if app.config.tls != TlsConfig::Off {
        unless_said(header::STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_compressed_form_is_sent_to_those_who_take_it() {
        let check = |said: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, said.parse().unwrap());
            assert_eq!(accepts(&headers, "br"), expected, "{said}");
        };
        check("gzip, deflate, br", true);
        check("BR;q=0.5", true);
        check("gzip, br;q=0", false);
        check("brotli", false);
        check("", false);
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
