//! One request and its answer: JSON there, JSON or a problem back, both of bounded size and time.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Problem, Result, transport};
use crate::tls::{self, Identity, Trust};

/// Bytes of an answer at most.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Establishing a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A whole call, unless told otherwise.
pub const CALL_MAX: Duration = Duration::from_secs(30);
/// An idle connection is closed.
const IDLE_MAX: Duration = Duration::from_secs(90);
/// A connection on which nothing comes back is given up.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// A server by its URL.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    base: String,
}

impl Http {
    /// A server whose URL has no path. Nothing is connected to yet.
    ///
    /// # Errors
    /// `Invalid`: a URL that is none, plain HTTP to another machine, or certificates that cannot be used.
    pub fn new(url: &str, trust: &Trust, identity: Option<&Identity>) -> Result<Self> {
        let base = checked(url)?;
        let trust = if base.starts_with("http:") { &Trust::Plain } else { trust };
        let failed = |error: reqwest::Error| transport("set up HTTP", &error);
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(trust, identity)?)
            .user_agent(concat!("bygone/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_MAX)
            .pool_idle_timeout(IDLE_MAX)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_timeout(KEEP_ALIVE)
            .tcp_keepalive(KEEP_ALIVE)
            .build()
            .map_err(failed)?;
        Ok(Self { client, base })
    }

    /// The server's URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// A request to a path, which begins with a slash.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends JSON; answers JSON, or `None` for an answer without content.
    ///
    /// # Errors
    /// Whatever the server answers, or that it does not.
    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        doing: &str,
        path: &str,
        body: &(impl Serialize + Sync),
        within: Duration,
    ) -> Result<Option<A>> {
        let request = self.request(Method::POST, path).json(body).timeout(within);
        answer(doing, request.send().await.map_err(|error| transport(doing, &error))?).await
    }
}

/// # Errors
/// As [`Http::new`].
fn checked(url: &str) -> Result<String> {
    let refused = |why: &str| Error::new(ErrorKind::Invalid, format!("the server's URL {url:?}: {why}"));
    let parsed = reqwest::Url::parse(url).map_err(|error| refused(&error.to_string()))?;
    let is_here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match parsed.scheme() {
        "https" => {}
        "http" if is_here => {}
        "http" => return Err(refused("plain HTTP is for this machine only")),
        _ => return Err(refused("it begins with https://")),
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refused("it must not hold a password"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() || parsed.path() != "/" {
        return Err(refused("it has no path, as https://backup.example:8443"));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

/// What an answer says.
///
/// # Errors
/// It is no success, is too long, or is not what was expected.
pub(crate) async fn answer<A: DeserializeOwned>(doing: &str, response: Response) -> Result<Option<A>> {
    let status = response.status();
    if status == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    if !status.is_success() {
        return Err(refusal(doing, response).await);
    }
    let body = whole(doing, response).await?;
    serde_json::from_slice(&body).map(Some).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("{doing}: the server answers what is not understood: {error}"))
    })
}

/// What an answer says that is no success.
pub(crate) async fn refusal(doing: &str, response: Response) -> Error {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("application/problem+json"));
    let problem = match whole(doing, response).await {
        Ok(body) if is_json => serde_json::from_slice::<Problem>(&body).ok(),
        Ok(_) => None,
        Err(error) => return error,
    };
    Error::answered(doing, status.as_u16(), problem, retry_after.map(Duration::from_secs))
}

async fn whole(doing: &str, mut response: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| transport(doing, &error))? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            let sentence = format!("{doing}: the server answers more than {ANSWER_BYTES_MAX} bytes");
            return Err(Error::new(ErrorKind::Protocol, sentence));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn urls_are_judged_before_anything_is_sent() {
        assert_eq!(checked("https://backup.example:8443/").unwrap(), "https://backup.example:8443");
        assert_eq!(checked("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        for bad in [
            "",
            "backup.example",
            "http://backup.example",
            "ftp://x",
            "https://u:p@x",
            "https://x/path",
            "https://x/?q",
        ] {
            assert_eq!(checked(bad).unwrap_err().kind(), ErrorKind::Invalid, "{bad}");
        }
    }
}
