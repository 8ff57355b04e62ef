//! A search that another replica answers: it is sent there as it came, with what its asker signs in with, so that whoever
//! has the index decides what they may see and writes down that they looked.
//!
//! A replica says for whom it asks: the header is signed with a key of the installation, for this path and for a minute. So
//! nobody else can claim to come from another address, and no request goes round in circles.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bygone_common::OrgUid;
use bygone_store::Actor;
use futures_util::StreamExt as _;

use super::{Holder, holder};
use crate::app::App;
use crate::config::Config;
use crate::correlation::Origin;
use crate::problem::{Problem, ProblemCode, Result, chain};

/// Routes that ask an index.
const SEARCHES: [&str; 3] = ["/portal/v1/search", "/portal/v1/search/names", "/portal/v1/deleted"];

/// In which a replica says for whom it asks, and when: `1763733200 192.0.2.7 SIGNATURE`.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-bygone-forwarded");

/// Seconds by which clocks of replicas, and a request's way, may differ.
const SIGNED_SECONDS: i64 = 60;

/// How long the other replica may take to answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long the connection to it may take.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(3);

/// Bytes of an answer at most: 500 hits with paths as long as paths can be.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Seconds after which who could not be answered may ask again.
const AGAIN_SECONDS: u64 = 1;

/// What the asker signs in with.
const SENT: [HeaderName; 2] = [header::AUTHORIZATION, header::COOKIE];

/// By which name the request is known in logs.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What of the answer's head is passed on.
const PASSED_ON: [HeaderName; 3] = [header::CONTENT_TYPE, header::RETRY_AFTER, header::CACHE_CONTROL];

/// Where another replica said that a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forwarded {
    pub(crate) address: Option<IpAddr>,
}

/// The client for other replicas. It trusts the installation's own authority besides the system's.
pub(super) fn client(app: &App) -> std::result::Result<reqwest::Client, String> {
    let authority = reqwest::Certificate::from_pem(app.ca.certificate_pem().as_bytes());
    let client = reqwest::Client::builder()
        .tls_certs_merge([authority.map_err(|fault| fault.to_string())?])
        // Replicas are beside each other, and none sends another elsewhere.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_WAIT_MAX)
        .timeout(ANSWER_WAIT_MAX)
        .build();
    client.map_err(|fault| format!("make a client for other replicas: {fault}"))
}

/// Where other replicas reach a server that listens here; none, if it listens everywhere and nothing else is said.
pub(crate) fn own_url(config: &Config, address: std::net::SocketAddr) -> Option<String> {
    let scheme = if config.tls == crate::config::TlsConfig::Off { "http" } else { "https" };
    let listening = (!address.ip().is_unspecified()).then(|| format!("{scheme}://{address}"));
    config.server.replica_url.clone().or(listening)
}

/// A search that came here.
struct Asked {
    org: OrgUid,
    /// The whole path and what is asked: within a nest of routes the request's own is without its beginning.
    path: String,
    /// What the asker signs in with.
    signed: HeaderMap,
    origin: Option<Origin>,
    /// Whether another replica sent it.
    is_forwarded: bool,
}

impl Asked {
    /// None: it asks no index, or nobody's.
    fn of(request: &Request) -> Option<Self> {
        let (extensions, headers) = (request.extensions(), request.headers());
        let path = extensions.get::<MatchedPath>().map(MatchedPath::as_str).filter(|path| SEARCHES.contains(path))?;
        let mut signed = HeaderMap::new();
        for name in &SENT {
            for value in headers.get_all(name) {
                signed.append(name, value.clone());
            }
        }
        Some(Self {
            org: extensions.get::<Actor>().and_then(Actor::org)?,
            path: request.uri().query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")),
            signed,
            origin: extensions.get::<Origin>().copied(),
            is_forwarded: extensions.get::<Forwarded>().is_some(),
        })
    }
}

/// Lets the replica answer that has the asker's index.
pub(crate) async fn to_holder(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(asked) = Asked::of(&request) else { return next.run(request).await };
    match holder(&app, asked.org).await {
        Ok(Holder::Here) => next.run(request).await,
        Ok(Holder::There(url, until)) => {
            // It may have died: then nobody has the index before its lease runs out.
            let seconds = app.clock.now().duration_until(until).as_secs().clamp(1, super::LASTS.as_secs());
            let busy = || no_holder().retry_after(seconds.unsigned_abs());
            match url.filter(|_| !asked.is_forwarded) {
                Some(url) => ask(&app, &url, asked).await.unwrap_or_else(|()| busy().into_response()),
                None => busy().into_response(),
            }
        }
        Ok(Holder::Unknown) => no_holder().retry_after(AGAIN_SECONDS).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn no_holder() -> Problem {
    Problem::new(ProblemCode::Unavailable, "the search index moves to another replica: ask again in a moment")
}

/// Asks another replica. An error: it does not answer, or has the index no more.
async fn ask(app: &App, url: &str, asked: Asked) -> Result<Response, ()> {
    let org = asked.org;
    match send(app, url, asked).await {
        Ok(response) => {
            if response.status() == StatusCode::SERVICE_UNAVAILABLE {
                app.index_leases.forget(org);
            }
            Ok(response)
        }
        Err(fault) => {
            tracing::warn!(%org, url, fault, "the replica that has a search index does not answer");
            app.index_leases.forget(org);
            Err(())
        }
    }
}

async fn send(app: &App, url: &str, asked: Asked) -> Result<Response, String> {
    let me = app.index_leases.me.get().ok_or("this process has no place among the replicas")?;
    let address = asked.origin.and_then(|origin| origin.address);
    let claim = signed(app, address, &asked.path)?;
    let mut request = me.http.get(format!("{url}{}", asked.path)).headers(asked.signed).header(HEADER, claim);
    if let Some(origin) = asked.origin {
        request = request.header(REQUEST_ID, origin.correlation.to_string());
    }
    let answer = request.send().await.map_err(|fault| chain(&fault.without_url()))?;
    let mut response = Response::builder().status(answer.status());
    for name in &PASSED_ON {
        for value in answer.headers().get_all(name) {
            response = response.header(name, value);
        }
    }
    let mut bytes = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|fault| chain(&fault.without_url()))?;
        if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(format!("the answer is larger than {ANSWER_BYTES_MAX} bytes"));
        }
        bytes.extend_from_slice(&piece);
    }
    response.body(Body::from(bytes)).map_err(|fault| fault.to_string())
}

fn signed(app: &App, address: Option<IpAddr>, path: &str) -> Result<HeaderValue, String> {
    let address = address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    let claim = format!("{} {address}", app.clock.now().as_second());
    let signature = app.secrets.sign(&bound(&claim, path)).map_err(|fault| fault.to_string())?;
    HeaderValue::from_str(&format!("{claim} {signature}")).map_err(|fault| fault.to_string())
}

/// What is signed: a claim counts for one path only.
fn bound(claim: &str, path: &str) -> String {
    format!("{claim} {path}")
}

/// What another replica of this installation says of a request, if one sent it. Whatever anybody else says counts for
/// nothing.
pub(crate) fn accepted(app: &App, headers: &HeaderMap, uri: &Uri) -> Option<Forwarded> {
    let (claim, signature) = headers.get(HEADER)?.to_str().ok()?.rsplit_once(' ')?;
    let (seconds, address) = claim.split_once(' ')?;
    let age = app.clock.now().as_second().checked_sub(seconds.parse().ok()?)?;
    let path = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    if age.checked_abs()? > SIGNED_SECONDS || !app.secrets.is_signed(&bound(claim, path), signature) {
        return None;
    }
    let address = if address == "-" { None } else { Some(address.parse().ok()?) };
    Some(Forwarded { address })
}
