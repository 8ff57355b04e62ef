//! A browser as far as signing in needs one: it keeps cookies for each host and says where its requests come from.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode, Url, header, redirect};
use serde_json::{Value, json};

use super::support::{Answer, Stack};

/// A browser at the pages of one server.
#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    /// The server whose pages it shows.
    pub(crate) base: String,
    /// Values by host, port and name.
    pub(crate) cookies: BTreeMap<(String, String), String>,
}

/// The password of everybody who has one.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Browser {
    pub(crate) fn at(stack: &Stack) -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { http, base: stack.url(), cookies: BTreeMap::new() }
    }

    /// One of our cookies.
    pub(crate) fn cookie(&self, name: &str) -> Option<&String> {
        self.cookies.iter().find(|((host, key), _)| self.base.ends_with(host) && key == name).map(|(_, value)| value)
    }

    /// Asks our API.
    pub(crate) async fn ask(&mut self, method: Method, path: &str, body: Value) -> Answer {
        let origin = self.base.clone();
        self.ask_from(&origin, method, path, body).await
    }

    /// Asks our API from a page of some origin.
    pub(crate) async fn ask_from(&mut self, origin: &str, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, &url).header(header::ORIGIN, origin);
        if body != Value::Null {
            request = request.json(&body);
        }
        self.send(request, &url).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, Value::Null).await
    }

    /// Signs in with the usual password.
    pub(crate) async fn sign_in(&mut self, email: &str) -> Answer {
        self.post("/api/v1/sign-in", json!({ "email": email, "password": PASSWORD })).await
    }

    /// Opens any page, and follows where it leads; forms are not filled in. Where it ended, and what was there.
    pub(crate) async fn visit(&mut self, url: &str) -> (String, Answer) {
        let mut url = Url::parse(&self.base).unwrap().join(url).unwrap().to_string();
        loop {
            let answer = self.send(self.http.get(&url), &url).await;
            if !answer.status.is_redirection() {
                return (url, answer);
            }
            url = next(&url, &answer);
        }
    }

    /// Sends a form, and follows where it leads.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> (String, Answer) {
        let url = Url::parse(page).unwrap().join(action).unwrap().to_string();
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            self.http.post(&url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.join("&"));
        let answer = self.send(request, &url).await;
        if !answer.status.is_redirection() {
            return (url, answer);
        }
        let to = next(&url, &answer);
        Box::pin(self.visit(&to)).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder, url: &str) -> Answer {
        let host = authority(url);
        let kept = self.cookies.iter().filter(|((of, _), _)| *of == host);
        let line: Vec<String> = kept.map(|((_, name), value)| format!("{name}={value}")).collect();
        let response = request.header(header::COOKIE, line.join("; ")).send().await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let text = set.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            let key = (host.clone(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key)
            } else {
                self.cookies.insert(key, value.to_owned())
            };
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }
}

fn next(url: &str, answer: &Answer) -> String {
    let to = answer.headers[header::LOCATION].to_str().unwrap();
    Url::parse(url).unwrap().join(to).unwrap().to_string()
}

fn authority(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap())
}

/// A person with the usual password, made as people are: by an admin, and a link. Their path in the API.
pub(crate) async fn person(stack: &Stack, org: Option<&str>, email: &str, role: &str) -> String {
    let base = org.map_or_else(|| "/api/v1/users".to_owned(), |org| format!("/api/v1/orgs/{org}/users"));
    let made = stack.root().post(&base, json!({ "email": email, "name": email, "role": role })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let path = format!("{base}/{}", made.json()["uid"].as_str().unwrap());
    let link = stack.root().post(&format!("{path}/password-link"), Value::Null).await;
    assert_eq!(link.status, StatusCode::CREATED, "{link:?}");
    let chosen = json!({ "token": link.json()["token"], "password": PASSWORD });
    assert_eq!(stack.anonymous().post("/api/v1/password-reset", chosen).await.status, StatusCode::NO_CONTENT);
    path
}
