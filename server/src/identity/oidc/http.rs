//! Our own HTTP client under the OpenID Connect library: bounded in time and bytes, without redirects, and only where the
//! issuer's URL and the rule of addresses let it go.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bygone_vault::backend::AddressRule;
use futures_util::StreamExt as _;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// For how long a provider may take to answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// HTTPS only.
    Web,
    /// This machine: a provider on loopback may speak plain HTTP.
    Loopback,
}

impl Reach {
    /// An issuer on loopback reaches loopback; every other one the web, whatever its description says.
    pub(super) fn of(issuer: &str) -> Self {
        let host = issuer.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        match host.as_deref() {
            Some("127.0.0.1" | "[::1]" | "localhost") if issuer.starts_with("http:") => Self::Loopback,
            Some(_) | None => Self::Web,
        }
    }

    fn allows(self, uri: &http::Uri) -> bool {
        match (self, uri.scheme_str()) {
            (Self::Web | Self::Loopback, Some("https")) => true,
            (Self::Loopback, Some("http")) => Self::of(&uri.to_string()) == Self::Loopback,
            (_, _) => false,
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    reach: Reach,
    rule: AddressRule,
}

/// The system's resolver, without the addresses that may not be connected to. It is asked at every connection, so that a
/// name which changes its address gains nothing.
#[derive(Debug)]
struct Judged(AddressRule);

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| rule.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(HttpError::Refused(forbidden(name.as_str())).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn forbidden(host: &str) -> String {
    format!(
        "{host} leads to an address that may not be connected to: storage.allowed_networks of the server's configuration \
         allows it"
    )
}

/// What can go wrong.
#[derive(Debug)]
pub(super) enum HttpError {
    /// It may not be asked.
    Refused(String),
    /// It did not answer.
    Failed(reqwest::Error),
    /// It answered too much, or what is no answer.
    Answer(String),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(sentence) | Self::Answer(sentence) => f.write_str(sentence),
            Self::Failed(_) => f.write_str("the request failed"),
        }
    }
}

impl std::error::Error for HttpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(fault) => Some(fault),
            Self::Refused(_) | Self::Answer(_) => None,
        }
    }
}

impl Http {
    /// A client for providers that are so far away. A rule judges the addresses of those that an organization's admin has
    /// named; whoever runs the installation may name any.
    pub(super) fn new(reach: Reach, rule: Option<AddressRule>) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder();
        if let Some(rule) = &rule {
            // A proxy would connect to whatever it is told to.
            builder = builder.no_proxy().dns_resolver(Arc::new(Judged(rule.clone())));
        }
        let client = builder
            // A redirect would lead a request with our secret where the configuration did not.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WAIT_MAX)
            .user_agent(concat!("bygone/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, reach, rule: rule.unwrap_or_default() })
    }

    /// A host that is an address itself: no resolver is asked about it.
    fn check_host(&self, uri: &http::Uri) -> Result<(), HttpError> {
        let host = uri.host().unwrap_or_default();
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) if !self.rule.allows(address) => Err(HttpError::Refused(forbidden(host))),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if !self.reach.allows(request.uri()) {
            return Err(HttpError::Refused(format!("{} is not a URL of https", request.uri())));
        }
        self.check_host(request.uri())?;
        let (parts, body) = request.into_parts();
        let sent = self.client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let answer = sent.send().await.map_err(|fault| HttpError::Failed(fault.without_url()))?;
        let mut built = http::Response::builder().status(answer.status());
        if let Some(headers) = built.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut bytes = Vec::new();
        let mut stream = answer.bytes_stream();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|fault| HttpError::Failed(fault.without_url()))?;
            if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(HttpError::Answer(format!("the answer is larger than {ANSWER_BYTES_MAX} bytes")));
            }
            bytes.extend_from_slice(&piece);
        }
        built.body(bytes).map_err(|fault| HttpError::Answer(fault.to_string()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn requests_stay_where_the_issuer_is() {
        let check = |issuer: &str, url: &str, expected: bool| {
            assert_eq!(Reach::of(issuer).allows(&url.parse().unwrap()), expected, "{issuer} {url}");
        };
        check("https://id.example.test", "https://id.example.test/token", true);
        check("https://id.example.test", "http://id.example.test/token", false);
        check("https://id.example.test", "http://127.0.0.1/token", false);
        check("http://127.0.0.1:9", "http://127.0.0.1:9/token", true);
        check("http://127.0.0.1:9", "http://10.0.0.1/token", false);
        check("http://id.example.test", "http://id.example.test/token", false);
    }

    #[tokio::test]
    async fn no_address_is_connected_to_that_the_rule_denies_however_it_is_named() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = Http::new(Reach::Web, Some(AddressRule::new(|address| !address.is_loopback()))).unwrap();
        for url in ["https://127.0.0.1:1/", "https://[::1]:1/", "https://localhost:1/"] {
            let request = http::Request::get(url).body(Vec::new()).unwrap();
            let refused = crate::problem::chain(&http.ask(request).await.unwrap_err());
            assert!(refused.contains("may not be connected to"), "{url}: {refused}");
        }
    }
}
