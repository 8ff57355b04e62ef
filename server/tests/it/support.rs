//! A server on a free port of loopback with everything in a temporary folder, and clients of it.

use std::collections::BTreeMap;

use bygone_common::Clock;
use bygone_server::{Config, Roles, Server};
use bygone_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::people;

/// A running server.
pub(crate) struct Stack {
    pub(crate) server: Option<Server>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Clock,
    /// The API token of who runs the installation.
    pub(crate) root: String,
}

impl Stack {
    /// With nothing but a folder.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With variables (`SERVER__DRAIN_SECONDS`) on top.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let mut stack = Self::stopped(Clock::real(jiff::Timestamp::now));
        stack.start_again(variables).await;
        stack
    }

    /// With a clock that stands still until it is moved.
    pub(crate) async fn start_at(time: &str) -> Self {
        let mut stack = Self::stopped(Clock::manual(time.parse().unwrap()));
        stack.start_again(&[]).await;
        stack
    }

    /// With nobody who runs it.
    pub(crate) async fn start_bare() -> Self {
        let mut stack = Self::stopped(Clock::real(jiff::Timestamp::now));
        stack.root = "nobody's".to_owned();
        stack.start_again(&[]).await;
        stack
    }

    fn stopped(clock: Clock) -> Self {
        Self { server: None, folder: tempfile::tempdir().unwrap(), clock, root: String::new() }
    }

    /// Starts over the same folder, after [`stop`](Self::stop).
    pub(crate) async fn start_again(&mut self, variables: &[(&str, &str)]) {
        self.start_as(variables, Roles::ALL).await;
    }

    /// The same for a process of some roles.
    pub(crate) async fn start_as(&mut self, variables: &[(&str, &str)], roles: Roles) {
        let data = self.folder.path().join("data");
        let mut all: BTreeMap<String, String> = BTreeMap::from([
            ("SERVER__DATA".to_owned(), data.to_str().unwrap().to_owned()),
            ("SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("SERVER__AGENT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ]);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let config = Config::parse("", &all).unwrap();
        self.server = Some(Server::start(config, self.clock.clone(), roles).await.unwrap());
        if self.root.is_empty() {
            self.root = people::root(&self.server.as_ref().unwrap().app().store).await;
        }
    }

    /// Another replica with the same clock: over the same database and secrets, if the variables say so to both.
    pub(crate) async fn beside(&self, variables: &[(&str, &str)]) -> Self {
        let mut stack = Self { root: self.root.clone(), ..Self::stopped(self.clock.clone()) };
        stack.start_again(variables).await;
        stack
    }

    /// With a clock that stands still, and variables on top.
    pub(crate) async fn start_at_with(time: &str, variables: &[(&str, &str)]) -> Self {
        let mut stack = Self::stopped(Clock::manual(time.parse().unwrap()));
        stack.start_again(variables).await;
        stack
    }

    /// Stops the server in good order.
    pub(crate) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.as_ref().unwrap().address())
    }

    /// A client that is not signed in.
    pub(crate) fn anonymous(&self) -> Client {
        Client { http: reqwest::Client::new(), url: self.url(), token: None }
    }

    /// A client that may do what root may.
    pub(crate) fn root(&self) -> Client {
        Client { token: Some(self.root.clone()), ..self.anonymous() }
    }

    /// A client with an API token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.anonymous() }
    }

    /// The same with a token that cannot do what people are asked for again.
    pub(crate) async fn attended(&self, org: &str, role: Role) -> Client {
        let store = &self.server.as_ref().unwrap().app().store;
        let scopes = ["*:read", "*:write", "*:delete", "*:run", "*:export"];
        let token = people::person_within(store, Some(org.parse().unwrap()), role, &scopes).await;
        Client { token: Some(token), ..self.anonymous() }
    }

    /// A client of a new person with a role in an organization.
    pub(crate) async fn person(&self, org: &str, role: Role) -> Client {
        let store = &self.server.as_ref().unwrap().app().store;
        let token = people::person(store, Some(org.parse().unwrap()), role).await;
        Client { token: Some(token), ..self.anonymous() }
    }
}

/// Asks the API.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The code of a problem, after a look at its form.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{body}");
        body["code"].as_str().unwrap().to_owned()
    }
}

impl Client {
    /// Any request; a body of null is none.
    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body != Value::Null {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// A form, as providers of identities send one.
    pub(crate) async fn send_form(&self, path: &str, body: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url)).body(body.to_owned());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// What it signs in with.
    pub(crate) fn token(&self) -> String {
        self.token.clone().unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &[], body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &[], Value::Null).await
    }

    /// A change of what is still of this version.
    pub(crate) async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        self.ask(Method::PATCH, path, &[("if-match", &format!("\"{version}\""))], body).await
    }

    /// A new organization's uid.
    pub(crate) async fn make_org(&self, name: &str) -> String {
        let made = self.post("/api/v1/orgs", json!({ "name": name, "title": name })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.json()["uid"].as_str().unwrap().to_owned()
    }
}
