//! What a request holds, taken out of it strictly: what cannot be read is a problem that names the field.

use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::{Problem, ProblemCode};

/// A body of JSON.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let title = "the body must be JSON, with `Content-Type: application/json`";
            return Err(Problem::new(ProblemCode::UnsupportedType, title));
        }
        let body = Bytes::from_request(request, state).await.map_err(body_problem)?;
        let mut deserializer = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|fault| {
            let (place, text) = (fault.path().to_string(), fault.inner().to_string());
            // The path leads to what lacks a field, and the sentence names that one.
            let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let field = match (place.as_str(), missing) {
                (".", None) => None,
                (".", Some(missing)) => Some(missing.to_owned()),
                (place, None) => Some(place.to_owned()),
                (place, Some(missing)) => Some(format!("{place}.{missing}")),
            };
            let problem = Problem::new(ProblemCode::Malformed, text);
            field.into_iter().fold(problem, Problem::about)
        })?;
        let rest = deserializer.end();
        rest.map_err(|fault| Problem::new(ProblemCode::Malformed, fault.to_string()))?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

fn body_problem(rejection: BytesRejection) -> Problem {
    let status = rejection.status();
    if status == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(ProblemCode::TooLarge, "the body is larger than this server takes");
    }
    Problem::new(ProblemCode::Malformed, "the body broke off")
}

/// The query of a URL.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(query) => Ok(Self(query.0)),
            Err(QueryRejection::FailedToDeserializeQueryString(fault)) => Err(query_problem(&fault.body_text())),
            Err(other) => Err(query_problem(&other.body_text())),
        }
    }
}

/// axum says `Failed to deserialize query string: FIELD: WHAT`.
fn query_problem(text: &str) -> Problem {
    let text = text.split_once(": ").map_or(text, |(_, rest)| rest);
    let problem = Problem::new(ProblemCode::Malformed, format!("the query cannot be read: {text}"));
    match text.split_once(": ") {
        Some((field, _)) if !field.contains(' ') => problem.about(field),
        // `unknown field `x`, expected …` and `missing field `x``.
        _ => match text.split('`').nth(1) {
            Some(field) => problem.about(field),
            None => problem,
        },
    }
}

/// Parts of a URL's path. What is not even an id of the right form does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::not_found("what this path names"))
    }
}

/// A value that may be said to be null, and may be left out: only the former changes anything.
///
/// # Errors
/// A value of another type.
pub fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}
