//! What `/metrics` shows. Names end in their unit; labels never hold ids, names of people or of files.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::app::App;

/// Requests answered, by method, route and status.
const HTTP_REQUESTS: &str = "bygone_http_requests_total";
/// Seconds until the headers of an answer were sent, by method and route.
const HTTP_SECONDS: &str = "bygone_http_request_seconds";
/// Requests being answered.
const HTTP_ACTIVE: &str = "bygone_http_requests_active";

/// Bytes of decoded blobs and directories that are kept in memory.
const ENGINE_CACHED_BYTES: &str = "bygone_engine_cached_bytes";

/// Upper ends of the buckets for times, in seconds.
const SECONDS: [f64; 11] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Collects the metrics of this process. There is one collector, whoever asks first.
pub fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(collector).clone()
}

fn collector() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    // The bounds are neither empty nor out of order, so that this never fails.
    let builder = match builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS) {
        Ok(builder) => builder,
        Err(_) => PrometheusBuilder::new(),
    };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("metrics go to a collector that was there before");
    }
    describe_counter!(HTTP_REQUESTS, "Requests answered, by method, route and status");
    describe_histogram!(HTTP_SECONDS, metrics::Unit::Seconds, "Time until an answer began, by method and route");
    describe_gauge!(HTTP_ACTIVE, "Requests being answered");
    describe_gauge!(ENGINE_CACHED_BYTES, metrics::Unit::Bytes, "Decoded blobs and directories in memory");
    handle
}

/// Counts and times requests by the route they matched, never by their path.
pub(crate) async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let begun = Instant::now();
    gauge!(HTTP_ACTIVE).increment(1.0);
    let response = next.run(request).await;
    gauge!(HTTP_ACTIVE).decrement(1.0);
    let status = response.status().as_u16().to_string();
    histogram!(HTTP_SECONDS, "method" => method.clone(), "route" => route.clone())
        .record(begun.elapsed().as_secs_f64());
    counter!(HTTP_REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// The metrics in Prometheus' text format.
pub(crate) async fn metrics(State(app): State<App>) -> String {
    gauge!(ENGINE_CACHED_BYTES).set(app.engine.cached_bytes() as f64);
    app.metrics.run_upkeep();
    app.metrics.render()
}
