//! What a request, its jobs and their logs have in common; and where the request came from.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use bygone_common::CorrelationUid;
use tracing::Instrument;

use crate::app::App;
use crate::config::Network;
use crate::index_leases::forward;
use crate::listen::Peer;
use crate::problem::Problem;

/// The header that carries the correlation id, in and out.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request came from, and what it is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    /// What it has in common with its jobs and logs.
    pub correlation: CorrelationUid,
    /// The address of the client, as far as it can be believed.
    pub address: Option<IpAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(crate::problem::ProblemCode::Internal, "the server failed; its log says how");
        parts.extensions.get::<Self>().copied().ok_or_else(missing)
    }
}

/// Names the request, notes where it came from, and puts both into every line that is logged for it.
pub(crate) async fn correlate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    let correlation = given.unwrap_or_else(|| app.store.uid(CorrelationUid::new));
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address.ip());
    let forwarded = forward::accepted(&app, request.headers(), request.uri());
    let address = match forwarded {
        Some(forwarded) => {
            request.extensions_mut().insert(forwarded);
            forwarded.address
        }
        None => peer.map(|peer| client(peer, request.headers(), &app.config.server.trusted_proxies)),
    };
    request.extensions_mut().insert(Origin { correlation, address });
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let status = tracing::field::Empty;
    let span = tracing::info_span!("request", method = %request.method(), route, correlation = %correlation, status);
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The client's address: the peer's, or what named proxies say. Proxies add to the right, so that the rightmost address
/// that is no proxy's is the one nobody can invent.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|proxy| proxy.holds(address));
    if !is_proxy(peer) {
        return peer;
    }
    let mut nearest = peer;
    for text in forwarded(headers).iter().rev() {
        // What is no address (`unknown`, a made-up name) ends what can be believed.
        let Some(address) = address(text) else { break };
        nearest = address;
        if !is_proxy(address) {
            break;
        }
    }
    nearest
}

/// The addresses of `Forwarded` (RFC 7239), or else of `X-Forwarded-For`, from the farthest to the nearest.
fn forwarded(headers: &HeaderMap) -> Vec<String> {
    let all = |name: &str| -> Vec<String> {
        let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(|element| element.trim().to_owned()).collect()
    };
    let elements = all("forwarded");
    if elements.is_empty() {
        return all("x-forwarded-for");
    }
    let of = |element: String| {
        let pairs = element
            .split(';')
            .filter_map(|pair| pair.trim().split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())));
        let found = pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("for"));
        found.map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
    };
    elements.into_iter().map(of).collect()
}

/// An address, with or without brackets and a port.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(peer: &str, header: (&'static str, &str), expected: &str) {
        let proxies = [Network::parse("10.0.0.0/8").unwrap(), Network::parse("fd00::/8").unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        let found = client(peer.parse().unwrap(), &headers, &proxies);
        assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {header:?}");
    }

    #[test]
    fn only_named_proxies_are_believed() {
        check("1.2.3.4", ("x-forwarded-for", "9.9.9.9"), "1.2.3.4");
        check("10.0.0.1", ("x-forwarded-for", "9.9.9.9"), "9.9.9.9");
        check("10.0.0.1", ("forwarded", "for=9.9.9.9;proto=https"), "9.9.9.9");
        check("10.0.0.1", ("forwarded", "For=\"[2001:db8::1]:4711\""), "2001:db8::1");
    }

    #[test]
    fn what_a_client_made_up_stays_behind_what_proxies_added() {
        check("10.0.0.1", ("x-forwarded-for", "7.7.7.7, 9.9.9.9, 10.0.0.2"), "9.9.9.9");
        check("10.0.0.1", ("x-forwarded-for", "7.7.7.7, nonsense"), "10.0.0.1");
        check("10.0.0.1", ("x-forwarded-for", "10.0.0.3"), "10.0.0.3");
    }
}
