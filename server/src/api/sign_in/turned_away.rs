//! Who went to a provider and may not come in: a browser is shown a page of ours that says why, a program gets the problem.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::identity::oidc;
use crate::problem::{Problem, ProblemCode};

/// Where the application asks people to sign in.
const DOOR: &str = "/sign-in";

/// An answer that a person can read: the page to sign in at, which says why in their language.
pub(super) fn turned_away(headers: &HeaderMap, problem: Problem, return_to: Option<&str>) -> Response {
    if !is_browser(headers) {
        return problem.into_response();
    }
    let next = return_to.map(oidc::inside).filter(|path| path != "/");
    let next = next.map(|path| format!("&next={}", utf8_percent_encode(&path, NON_ALPHANUMERIC)));
    let to = format!("{DOOR}?error={}{}", reason(&problem), next.unwrap_or_default());
    (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store".to_owned())]).into_response()
}

/// Whether it is a page that is loaded: scripts and programs ask for data.
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| kind.trim_start().starts_with("text/html"))
}

/// The page's word for it. Those that it does not know, it shows as the last one.
fn reason(problem: &Problem) -> &'static str {
    match (problem.code(), problem.field()) {
        (_, Some(oidc::DECLINED)) => "declined",
        (_, Some(oidc::CLIENT_REFUSED)) => "settings",
        (ProblemCode::Malformed, _) => "late",
        (ProblemCode::Forbidden, _) => "nothing",
        (ProblemCode::Conflict, _) => "taken",
        (ProblemCode::NotFound, _) => "gone",
        (ProblemCode::StorageFailed | ProblemCode::Unavailable, _) => "away",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::http::HeaderValue;

    use super::*;

    fn sent(accept: &'static str, problem: Problem, return_to: Option<&str>) -> (StatusCode, Option<String>) {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        let response = turned_away(&headers, problem, return_to);
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (response.status(), to)
    }

    fn page(problem: Problem, return_to: Option<&str>) -> String {
        let (status, to) = sent("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", problem, return_to);
        assert_eq!(status, StatusCode::SEE_OTHER);
        to.unwrap()
    }

    #[test]
    fn a_browser_is_shown_the_door_and_told_why() {
        let declined = Problem::new(ProblemCode::Unauthenticated, "no").about(oidc::DECLINED);
        assert_eq!(page(declined, Some("/d/1?p=/home")), "/sign-in?error=declined&next=%2Fd%2F1%3Fp%3D%2Fhome");
        let refused = Problem::new(ProblemCode::StorageFailed, "no").about(oidc::CLIENT_REFUSED);
        assert_eq!(page(refused, Some("/")), "/sign-in?error=settings");
        for (code, word) in [
            (ProblemCode::Malformed, "late"),
            (ProblemCode::Forbidden, "nothing"),
            (ProblemCode::Conflict, "taken"),
            (ProblemCode::NotFound, "gone"),
            (ProblemCode::StorageFailed, "away"),
            (ProblemCode::Internal, "refused"),
        ] {
            assert_eq!(page(Problem::new(code, "no"), None), format!("/sign-in?error={word}"));
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere_from_there() {
        let lost = || Problem::new(ProblemCode::Malformed, "no");
        assert_eq!(page(lost(), Some("https://evil.test/")), "/sign-in?error=late");
        assert_eq!(page(lost(), Some("//evil.test")), "/sign-in?error=late");
    }

    #[test]
    fn a_program_gets_the_problem() {
        for accept in ["*/*", "application/json", ""] {
            let (status, to) = sent(accept, Problem::new(ProblemCode::Forbidden, "no"), Some("/plans"));
            assert_eq!((status, to), (StatusCode::FORBIDDEN, None));
        }
    }
}
