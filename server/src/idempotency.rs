//! `Idempotency-Key`: a creating request that is sent again creates nothing again, and gets the first answer.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bygone_store::Actor;
use bygone_store::idempotency::{KEY_CHARS_MAX, KeptAnswer, Known, Repeatable};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::problem::{Problem, ProblemCode};
use crate::signed::Signed;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is a repeated one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Bytes of an answer that are kept at most; what creates answers with a small object.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Headers of an answer that are kept.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Carries a request out, or answers what was answered before.
pub(crate) async fn repeat(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // Nobody who may not ask any more gets an answer of old; without somebody to remember it for, there is none.
    let Ok(Signed(actor)) = Signed::from_request_parts(&mut parts, &app).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    match repeatable(&app, &actor, Request::from_parts(parts, body)).await {
        Ok((repeatable, request)) => answer(&app, repeatable, request, next).await,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(app: &App, repeatable: Repeatable, request: Request, next: Next) -> Response {
    let known = match app.store.idempotency().begin(&repeatable).await {
        Ok(known) => known,
        Err(error) => return Problem::from(error).into_response(),
    };
    match known {
        Known::First => carry_out(app, repeatable, request, next).await,
        Known::Answered(kept) => replay(kept),
        Known::Underway => {
            let title = "the first request with this Idempotency-Key is still being answered";
            Problem::new(ProblemCode::Conflict, title).retry_after(1).into_response()
        }
        Known::Different => {
            let title = "this Idempotency-Key was used for another request";
            Problem::new(ProblemCode::PreconditionFailed, title).into_response()
        }
    }
}

/// What succeeded is kept. What did not changed nothing, and may be sent again under the same key.
async fn carry_out(app: &App, repeatable: Repeatable, request: Request, next: Next) -> Response {
    // A client that goes away must not leave the key taken by an answer that nobody keeps.
    let task = tokio::spawn({
        let app = app.clone();
        async move {
            let response = next.run(request).await;
            keep(&app, &repeatable, response).await
        }
    });
    task.await
        .unwrap_or_else(|_| Problem::new(ProblemCode::Internal, "the server failed; its log says how").into_response())
}

async fn keep(app: &App, repeatable: &Repeatable, response: Response) -> Response {
    let idempotency = app.store.idempotency();
    // What must not be stored holds a secret that is shown once: the database does not learn it. Sent again, it makes another.
    if !response.status().is_success() || must_not_be_stored(&response) {
        if let Err(error) = idempotency.give_up(repeatable).await {
            tracing::warn!(%error, "an idempotency key stays taken for a while");
        }
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, ANSWER_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an answer is too large to be kept");
            return Problem::new(ProblemCode::Internal, "the server failed; its log says how").into_response();
        }
    };
    let headers: BTreeMap<&str, &str> =
        KEPT_HEADERS.iter().filter_map(|name| Some((name.as_str(), parts.headers.get(name)?.to_str().ok()?))).collect();
    let headers = serde_json::to_string(&headers).unwrap_or_default();
    let kept = KeptAnswer { status: parts.status.as_u16(), headers, body: body.to_vec() };
    if let Err(error) = idempotency.keep(repeatable, &kept).await {
        tracing::warn!(%error, "an answer could not be kept");
    }
    Response::from_parts(parts, Body::from(body))
}

fn must_not_be_stored(response: &Response) -> bool {
    let said = response.headers().get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| said.contains("no-store"))
}

fn replay(kept: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    let names: BTreeMap<String, String> = serde_json::from_str(&kept.headers).unwrap_or_default();
    for (name, value) in names {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    (status, headers, kept.body).into_response()
}

/// The request with its body read, and what makes it that request.
async fn repeatable(app: &App, actor: &Actor, request: Request) -> Result<(Repeatable, Request), Problem> {
    let (parts, body) = request.into_parts();
    let key = parts.headers.get(KEY).and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > KEY_CHARS_MAX {
        let title = format!("an Idempotency-Key has 1 to {KEY_CHARS_MAX} characters");
        return Err(Problem::new(ProblemCode::Malformed, title).about("Idempotency-Key"));
    }
    let limit = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
    let body: Bytes = to_bytes(body, limit)
        .await
        .map_err(|_| Problem::new(ProblemCode::TooLarge, "the body is larger than this server takes"))?;
    let mut hasher = Sha256::new();
    hasher.update(parts.uri.path().as_bytes());
    hasher.update([0]);
    hasher.update(&body);
    let request_hash = hex::encode(hasher.finalize());
    let repeatable = Repeatable { who: format!("{} {}", actor.who().kind(), actor.who()), key, request_hash };
    Ok((repeatable, Request::from_parts(parts, Body::from(body))))
}
