//! Agents without a network: for measuring how many of them one server bears. They ask the same routes and are looked up by
//! the same certificates; what is left out is TLS and the sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::app::App;
use crate::listen::{Peer, PeerCertificate};

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where simulated agents ask.
#[derive(Debug, Clone)]
pub struct Simulated {
    router: Router,
}

/// A simulated agent's certificate.
#[derive(Debug, Clone)]
pub struct Certificate(PeerCertificate);

impl Certificate {
    /// The first one of a text in PEM form; an empty one when there is none.
    pub fn of_pem(pem: &str) -> Self {
        let first = CertificateDer::pem_slice_iter(pem.as_bytes()).next();
        let der = first.and_then(Result::ok).unwrap_or_else(|| CertificateDer::from(Vec::new()));
        Self(PeerCertificate(Arc::new(der)))
    }
}

impl Simulated {
    /// The agents' routes of a server.
    pub fn of(app: &App) -> Self {
        Self { router: super::router(app) }
    }

    /// `POST`s a body; answers the status and the body, null when it is none.
    pub async fn post(&self, certificate: &Certificate, path: &str, body: &Value) -> (StatusCode, Value) {
        let mut request = Request::new(Body::from(body.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.parse().unwrap_or_default();
        request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        request.extensions_mut().insert(Peer { address, certificate: Some(certificate.0.clone()) });
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap_or_default();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}
