//! One HTTP client for REST servers and S3: pooled connections, TLS by rustls over ring, errors sorted into kinds.

mod resolver;
mod tls;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::BackendOptions;
use super::body::Body;
use crate::error::{Error, ErrorKind, Result, io_kind};
use resolver::Resolver;

/// A pooled connection that nobody used for so long is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// A client that sends bodies of type `B`.
pub(super) type HttpClient<B> = Client<HttpsConnector<HttpConnector<Resolver>>, B>;

/// A client by the options. Certificates are only loaded when `plain` is not set: plain HTTP needs none.
///
/// # Errors
/// A certificate or key file that cannot be read.
pub(super) fn client<B>(options: &BackendOptions, plain: bool) -> Result<HttpClient<B>>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(options.addresses.clone()));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(options.deadlines.connect));
    tcp.set_keepalive(Some(IDLE_MAX));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls::config(&options.tls, plain)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(options.limits.connections)
        .build(connector))
}

impl Body for Incoming {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        loop {
            match self.frame().await? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => return Some(Ok(data)),
                    // Trailers say nothing that we need.
                    Err(_) => continue,
                },
                Err(error) => return Some(Err(transport("receive the answer", error))),
            }
        }
    }
}

/// What an HTTP status other than success means for the caller.
pub(super) fn status_kind(status: u16) -> ErrorKind {
    match status {
        401 | 403 | 407 => ErrorKind::Denied,
        404 | 410 => ErrorKind::NotFound,
        408 | 425 | 429 => ErrorKind::Unavailable,
        416 => ErrorKind::Damaged,
        501 => ErrorKind::Unsupported,
        507 => ErrorKind::NoSpace,
        500..=599 => ErrorKind::Unavailable,
        300..=399 => ErrorKind::Unsupported,
        _ => ErrorKind::Io,
    }
}

/// An exchange that broke down below HTTP.
pub(super) fn transport(context: impl Into<String>, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    let error = error.into();
    Error::new(transport_kind(error.as_ref()), context).because(error)
}

/// The kind of a failed exchange, from the deepest cause that says something.
pub(super) fn transport_kind(error: &(dyn StdError + 'static)) -> ErrorKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(kind) = error.downcast_ref::<rustls::Error>().and_then(tls::kind) {
            return kind;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // An io::Error hides the error it was made from: its source is already that error's source.
            if let Some(kind) = error.get_ref().map(|inner| transport_kind(inner)).filter(|kind| !kind.is_transient()) {
                return kind;
            }
            if let kind @ (ErrorKind::TimedOut | ErrorKind::Denied) = io_kind(error) {
                return kind;
            }
        }
        cause = error.source();
    }
    // Refused, reset, unreachable, no such host: all of that may pass.
    ErrorKind::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_trying_again_makes_sense() {
        for (status, kind) in [
            (401, ErrorKind::Denied),
            (403, ErrorKind::Denied),
            (404, ErrorKind::NotFound),
            (416, ErrorKind::Damaged),
            (429, ErrorKind::Unavailable),
            (500, ErrorKind::Unavailable),
            (503, ErrorKind::Unavailable),
            (400, ErrorKind::Io),
        ] {
            assert_eq!(status_kind(status), kind, "{status}");
        }
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_no_passing_fault() {
        let error = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert_eq!(transport("connect", io::Error::other(error)).kind(), ErrorKind::Denied);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(transport("connect", refused).kind(), ErrorKind::Unavailable);
        let late = io::Error::from(io::ErrorKind::TimedOut);
        assert_eq!(transport("connect", late).kind(), ErrorKind::TimedOut);
    }
}
