//! The control API under `/api/v1`, for the command line: JSON in, JSON out, by an API token.

use bygone_common::Secret;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue, IF_MATCH};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result, transport};
use crate::http::{CALL_MAX, Http, answer};
use crate::tls::Trust;

/// A server as a person's program sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiClient {
    http: Http,
    authorization: Option<HeaderValue>,
}

/// A page of a list.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct List<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Where the next page begins.
    #[serde(default)]
    pub next: Option<String>,
}

impl ApiClient {
    /// A server, signed in to by an API token if there is one.
    ///
    /// # Errors
    /// `Invalid`: the URL, the authority, or a token that no header can hold.
    pub fn new(url: &str, trust: &Trust, token: Option<&Secret<String>>) -> Result<Self> {
        let header = |token: &Secret<String>| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| Error::new(ErrorKind::Invalid, "the API token holds characters that no token has"))?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self { http: Http::new(url, trust, None)?, authorization: token.map(header).transpose()? })
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        self.http.url()
    }

    /// Reads something.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A> {
        self.some(Method::GET, path, None::<&Value>, None).await
    }

    /// Makes something, or sets it to work. `None`: there is nothing to tell.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn post<A: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<Option<A>> {
        self.send(Method::POST, path, Some(body), None).await
    }

    /// Changes something that is still as it was seen: `etag` is what it was read with.
    ///
    /// # Errors
    /// `Conflict`: it was changed meanwhile; what else the server answers.
    pub async fn patch<A: DeserializeOwned>(
        &self,
        path: &str,
        etag: Option<&str>,
        body: &(impl Serialize + Sync),
    ) -> Result<A> {
        self.some(Method::PATCH, path, Some(body), etag).await
    }

    /// Removes something.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn delete(&self, path: &str) -> Result<()> {
        self.send::<Value>(Method::DELETE, path, None::<&Value>, None).await.map(drop)
    }

    /// All of a list, page by page.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = next.as_ref().map_or_else(|| path.to_owned(), |after| format!("{path}{sign}after={after}"));
            let list: List<T> = self.get(&page).await?;
            items.extend(list.items);
            next = list.next;
            if next.is_none() {
                return Ok(items);
            }
        }
    }

    async fn some<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
        etag: Option<&str>,
    ) -> Result<A> {
        let doing = format!("{method} {path}");
        let answer = self.send(method, path, body, etag).await?;
        answer.ok_or_else(|| Error::new(ErrorKind::Protocol, format!("{doing}: the server answers nothing")))
    }

    async fn send<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
        etag: Option<&str>,
    ) -> Result<Option<A>> {
        let doing = format!("{method} {path}");
        let mut request = self.http.request(method, path).timeout(CALL_MAX);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(&doing, request.send().await.map_err(|error| transport(&doing, &error))?).await
    }
}
