//! Traces: spans of requests and jobs, told to a collector by OTLP over HTTP. Off unless the configuration names one.
//!
//! A span holds what log lines hold: the correlation id, methods, templates of routes, uids of jobs and organizations; never
//! a path, a name of a file or a secret. A collector that does not answer costs spans, and nothing else.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// Spans that wait to be told, at most; more are lost.
const SPANS_WAITING_MAX: usize = 4_096;

/// How often spans are told that do not fill a message before.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// How long a collector may take to answer, and what is left at the end may take to be told.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(5);

/// Bytes of a collector's answer that are read; it says nothing that is needed.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Where a collector takes traces, below its own address. Source: the OTLP specification.
const PATH: &str = "/v1/traces";

/// Whose spans are told: those of the server itself, not of the libraries under it, the one that tells them among these.
const TOLD: &str = "bygone_server";

/// What tells spans to a collector, until it is stopped.
#[derive(Debug)]
pub struct Telemetry(SdkTracerProvider);

/// A layer for the process's subscriber that tells spans to a collector. Within a runtime, on which it asks.
///
/// # Errors
/// No client can be made for this URL.
pub fn layer<S>(collector: &str) -> Result<(impl Layer<S> + Send + Sync + use<S>, Telemetry), String>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    // For the libraries that ask the process which cryptography to use; whoever was first may stay.
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().timeout(ANSWER_WAIT_MAX).build();
    let http = http.map_err(|fault| format!("make a client for traces: {fault}"))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector { http, runtime: Handle::current() })
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{collector}{PATH}"))
        .with_timeout(ANSWER_WAIT_MAX)
        .build()
        .map_err(|fault| format!("tell traces to {collector}: {fault}"))?;
    let config = BatchConfigBuilder::default().with_max_queue_size(SPANS_WAITING_MAX).with_scheduled_delay(TOLD_EVERY);
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(config.build()).build();
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_service_name("bygone").with_attribute(version).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource).build();
    // Neither lines of code nor threads: they tell of the program, not of what it does.
    let spans = tracing_opentelemetry::layer().with_location(false).with_threads(false).with_tracked_inactivity(false);
    let spans = spans.with_tracer(provider.tracer("bygone"));
    let told = Targets::new().with_target(TOLD, LevelFilter::INFO);
    Ok((spans.with_filter(told), Telemetry(provider)))
}

impl Telemetry {
    /// Tells what is left, if the collector answers in time.
    pub async fn stop(self) {
        // It waits for its own thread, which waits for this runtime.
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(ANSWER_WAIT_MAX)).await;
        match stopped {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::debug!(%fault, "the last traces are lost"),
            Err(fault) => tracing::debug!(%fault, "the last traces are lost"),
        }
    }
}

/// Sends messages for a thread that knows nothing of our runtime.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let (parts, body) = request.into_parts();
            let asked = http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let mut answer = asked.send().await?.error_for_status()?;
            let mut response = Response::builder().status(answer.status());
            let mut bytes = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
                    return Err("the collector's answer is too long".into());
                }
                bytes.extend_from_slice(&piece);
            }
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            Ok::<_, HttpError>(response.body(Bytes::from(bytes))?)
        });
        sent.await?
    }
}
