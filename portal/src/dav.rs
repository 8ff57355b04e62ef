//! Snapshots as a drive: WebDAV, class 1, for reading (RFC 4918). `/dav/<source>/<time>/…`.
//!
//! Our own, as it is little beside the rest: a library would read files by 16 KiB in a loop of its own, past the limits, the
//! ledger and the leases that every other download has; would answer ranges by rules of its own; and would walk trees without
//! an end where `Depth: infinity` is asked for.
//!
//! Read in this order: [`place`] (what a path stands for), [`request`] (what a `PROPFIND` asks for), [`answer`] (what it gets).

mod answer;
mod place;
mod request;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bygone_http::{Problem, ProblemCode, Result};
use bytes::Bytes;
use serde_json::json;

use crate::asker::Asker;
use crate::downloads::choice::{As, Item};
use crate::downloads::ledger::{Receipt, What};
use crate::portal::Portal;
use place::{Place, parse};
use request::Depth;

/// Where drives stand.
pub const ROOT: &str = "/dav";
/// What may be asked for.
const METHODS: &str = "OPTIONS, GET, HEAD, PROPFIND";

pub(crate) fn router() -> Router<Portal> {
    Router::new().route("/dav", any(serve)).route("/dav/", any(serve)).route("/dav/{*path}", any(serve))
}

async fn serve(
    State(portal): State<Portal>,
    asker: Result<Asker>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    if method == Method::OPTIONS {
        // Programs ask before they sign in.
        return Ok(allowed(StatusCode::OK));
    }
    let actor = match asker {
        Ok(Asker(actor)) => actor,
        Err(problem) => return Ok(challenged(problem)),
    };
    match method.as_str() {
        "GET" | "HEAD" => read(&portal, actor, &method, &uri, &headers).await,
        "PROPFIND" => {
            if request::depth(&headers)? == Depth::Infinity {
                return Ok(answer::refuses_infinity());
            }
            let wanted = request::parse(&body)?;
            let place = portal.place(&actor, &parse(&uri)?).await?;
            let depth = request::depth(&headers)?;
            answer::multistatus(&portal, &actor, place, depth, wanted).await
        }
        _ => Ok(allowed(StatusCode::METHOD_NOT_ALLOWED)),
    }
}

/// Says what may be asked for.
fn allowed(status: StatusCode) -> Response {
    let mut response = status.into_response();
    for (name, value) in [
        (header::ALLOW, METHODS),
        (HeaderName::from_static("dav"), "1"),
        // Windows takes a drive for one only then.
        (HeaderName::from_static("ms-author-via"), "DAV"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Asks for a name and a password: programs that open drives know no other way.
fn challenged(problem: Problem) -> Response {
    let is_nobody = problem.code() == ProblemCode::Unauthenticated;
    let mut response = problem.into_response();
    if is_nobody {
        let challenge = HeaderValue::from_static("Basic realm=\"bygone\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

async fn read(
    portal: &Portal,
    actor: bygone_store::Actor,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response> {
    let Place::Inside { source, moment, path, .. } = portal.place(&actor, &parse(uri)?).await? else {
        return Ok(allowed(StatusCode::METHOD_NOT_ALLOWED));
    };
    let item = Item::new(&moment.snapshot.id, &path);
    let name = String::from_utf8_lossy(path.file_name().unwrap_or_default()).into_owned();
    let chosen = match portal.choose(&source, std::slice::from_ref(&item), As::File, &name).await {
        // A folder: it is listed, not read.
        Err(problem) if problem.code() == ProblemCode::Invalid => return Ok(allowed(StatusCode::METHOD_NOT_ALLOWED)),
        chosen => chosen?,
    };
    let details = json!({ "source": source.source().uid, "path": item.path });
    let what = What::Direct { way: "drive", snapshot: item.snapshot, details };
    portal.send(method, headers, chosen, Receipt { actor, org: moment.org, what }).await
}

/// A document of XML.
fn xml(status: StatusCode, body: Body) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn malformed(what: &'static str) -> Problem {
    Problem::new(ProblemCode::Malformed, what)
}
