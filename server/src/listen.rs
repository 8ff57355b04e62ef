//! From a listening socket to requests: the PROXY protocol, TLS, HTTP, and an orderly end.

mod proxy;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// How often a peer of HTTP/2 is asked whether it is still there, and how long it may take to say so.
const ALIVE_EVERY: Duration = Duration::from_secs(30);

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
    /// How long a peer may take for the headers of a request, and for the first request of a connection.
    pub(crate) headers_wait: Duration,
}

/// Serves until `stopping` is cancelled, then lets each connection finish the request it is at. `connections` knows when
/// the last one ended.
pub(crate) async fn listen(listening: Listening, stopping: CancellationToken, connections: TaskTracker) {
    let Listening { socket, tls, router, proxies, turns, headers_wait } = listening;
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
            let serving = Serving { router, headers_wait, stopping };
            serve_connection(stream, address, acceptor, proxies, serving).await;
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

/// What a connection is served with.
struct Serving {
    router: Router,
    headers_wait: Duration,
    stopping: CancellationToken,
}

async fn serve_connection(
    mut stream: TcpStream,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    proxies: Option<Arc<Vec<Network>>>,
    serving: Serving,
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
        return serve_http(stream, peer, serving).await;
    };
    match tokio::time::timeout(HANDSHAKE_WAIT_MAX, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            peer.certificate = certificates.first().map(|der| PeerCertificate(Arc::new(der.clone().into_owned())));
            serve_http(stream, peer, serving).await;
        }
        Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
    }
}

async fn serve_http<S>(stream: S, peer: Peer, serving: Serving)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Serving { router, headers_wait, stopping } = serving;
    let address = peer.address;
    let asked = Arc::new(AtomicBool::new(false));
    let has_asked = Arc::clone(&asked);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer.clone());
        let mut router = router.clone();
        async move { router.call(request).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(headers_wait);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(ALIVE_EVERY)).keep_alive_timeout(ALIVE_EVERY);
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        // What tells HTTP/1 from HTTP/2 waits without an end; so does HTTP/2 for a first request.
        () = silence(&asked, headers_wait) => {
            return tracing::debug!(%address, "a connection was opened, and nothing asked in time");
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Ends when nothing was asked in time, and else never.
async fn silence(asked: &AtomicBool, wait: Duration) {
    tokio::time::sleep(wait).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}
