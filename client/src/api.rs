//! The control API under `/api/v1`, for the command line: JSON in, JSON out, by an API token.

use bygone_common::Secret;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderValue, IF_MATCH, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result, transport};
use crate::http::{CALL_MAX, Http, answer};
use crate::tls::Trust;

/// A server as a person's program sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiClient {
    http: Http,
    signed: Signed,
}

/// How one is signed in.
#[derive(Debug, Clone)]
enum Signed {
    /// Not at all.
    Out,
    /// By an API token: the whole header.
    Token(HeaderValue),
    /// By a session: its cookies. Requests say, as a browser's do, from which server's pages they come.
    Session(HeaderValue),
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
        let signed = token.map(header).transpose()?.map_or(Signed::Out, Signed::Token);
        Ok(Self { http: Http::new(url, trust, None)?, signed })
    }

    /// The same server, signed in to by a password (and the code of a second factor, if there is one).
    ///
    /// # Errors
    /// What the server answers; `Protocol`: it gives no session.
    pub async fn sign_in(&self, email: &str, password: &Secret<String>, code: Option<&str>) -> Result<Self> {
        let doing = "sign in";
        let body = json!({ "email": email, "password": password.expose(), "code": code });
        let request = self.http.request(Method::POST, "/api/v1/sign-in").timeout(CALL_MAX).json(&body);
        let request = request.header(ORIGIN, self.http.url());
        let response = request.send().await.map_err(|error| transport(doing, &error))?;
        let cookies: Vec<String> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| Some(cookie.to_str().ok()?.split(';').next()?.to_owned()))
            .collect();
        answer::<Value>(doing, response).await?;
        let none = || Error::new(ErrorKind::Protocol, "sign in: the server gives no session");
        let mut cookies =
            HeaderValue::from_str(&cookies.join("; ")).ok().filter(|_| !cookies.is_empty()).ok_or_else(none)?;
        cookies.set_sensitive(true);
        Ok(Self { http: self.http.clone(), signed: Signed::Session(cookies) })
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

    /// A request by whoever is signed in.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, path);
        match &self.signed {
            Signed::Out => request,
            Signed::Token(token) => request.header(AUTHORIZATION, token),
            Signed::Session(cookies) => request.header(COOKIE, cookies).header(ORIGIN, self.http.url()),
        }
    }

    async fn send<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
        etag: Option<&str>,
    ) -> Result<Option<A>> {
        let doing = format!("{method} {path}");
        let mut request = self.request(method, path).timeout(CALL_MAX);
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(&doing, request.send().await.map_err(|error| transport(&doing, &error))?).await
    }
}
