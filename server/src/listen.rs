//! From a listening socket to requests: the PROXY protocol, TLS, HTTP, and an orderly end.

mod proxy;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::config::Network;

/// How long a peer may take for the PROXY header and for the TLS handshake.
const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);

/// How long a peer may take for the headers of a request.
const HEADERS_WAIT_MAX: Duration = Duration::from_secs(30);

/// How long we wait after `accept` failed: for want of file descriptors, say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its address: what the PROXY header says where one is expected.
    pub(crate) address: SocketAddr,
    /// Its certificate, which was verified against the authority that the listener trusts.
    pub(crate) certificate: Option<PeerCertificate>,
}

/// A verified certificate of a peer, DER.
#[derive(Debug, Clone)]
pub(crate) struct PeerCertificate(pub(crate) Arc<CertificateDer<'static>>);

/// A socket, and what is done with its connections.
pub(crate) struct Listening {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) router: Router,
    /// The proxies that say the PROXY protocol first; none: nobody does.
    pub(crate) proxies: Option<Vec<Network>>,
    /// A turn for each connection that may be open.
    pub(crate) turns: Arc<Semaphore>,
}

/// Serves until `stopping` is cancelled, then lets each connection finish the request it is at. `connections` knows when
/// the last one ended.
pub(crate) async fn listen(listening: Listening, stopping: CancellationToken, connections: TaskTracker) {
    let Listening { socket, tls, router, proxies, turns } = listening;
    let acceptor = tls.map(TlsAcceptor::from);
    let proxies = proxies.map(Arc::new);
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => return,
            accepted = accept(&socket, &turns) => accepted,
        };
        let Some((stream, address, turn)) = accepted else { continue };
        let (acceptor, router, proxies) = (acceptor.clone(), router.clone(), proxies.clone());
        let stopping = stopping.clone();
        connections.spawn(async move {
            let _turn = turn;
            serve_connection(stream, address, acceptor, router, proxies, stopping).await;
        });
    }
}

async fn accept(
    socket: &TcpListener,
    turns: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let turn = Arc::clone(turns).acquire_owned().await.ok()?;
    match socket.accept().await {
        Ok((stream, address)) => Some((stream, address, turn)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_connection(
    mut stream: TcpStream,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    proxies: Option<Arc<Vec<Network>>>,
    stopping: CancellationToken,
) {
    // Small answers go out at once; failing to ask for that costs time only.
    stream.set_nodelay(true).ok();
    let mut peer = Peer { address, certificate: None };
    if let Some(proxies) = proxies.filter(|proxies| proxies.iter().any(|proxy| proxy.holds(address.ip()))) {
        drop(proxies);
        match tokio::time::timeout(HANDSHAKE_WAIT_MAX, proxy::read_header(&mut stream)).await {
            Ok(Ok(Some(source))) => peer.address = source,
            // A health check of the proxy itself.
            Ok(Ok(None)) => {}
            Ok(Err(reason)) => return tracing::warn!(%address, %reason, "a proxy's header cannot be read"),
            Err(_) => return tracing::debug!(%address, "a proxy sent no header in time"),
        }
    }
    let Some(acceptor) = acceptor else {
        return serve_http(stream, peer, router, stopping).await;
    };
    match tokio::time::timeout(HANDSHAKE_WAIT_MAX, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            peer.certificate = certificates.first().map(|der| PeerCertificate(Arc::new(der.clone().into_owned())));
            serve_http(stream, peer, router, stopping).await;
        }
        Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
    }
}

async fn serve_http<S>(stream: S, peer: Peer, router: Router, stopping: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer.clone());
        let mut router = router.clone();
        async move { router.call(request).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WAIT_MAX);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEADERS_WAIT_MAX));
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
