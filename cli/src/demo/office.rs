//! The server of the demo, and what its administrators do, all of it over the API.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use bygone_client::api::ApiClient;
use bygone_client::tls::Trust;
use bygone_common::{Clock, Secret};
use bygone_server::{Config, Roles, Server};
use bygone_vault::backend::CancelToken;
use bygone_vault::{Error, Result};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::server_config::{failure, runtime};

/// How long anything may take that the demo waits for.
const WAIT_MAX: Duration = Duration::from_secs(120);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A running server, and its organization's admin.
pub(super) struct Office {
    runtime: Runtime,
    server: Server,
    admin: ApiClient,
    org: String,
    repository: String,
    password: Secret<String>,
}

/// Who runs the organization.
const ADMIN: &str = "admin@demo.invalid";

/// What opens the repository through the gateway, for reading.
pub(super) struct Guest {
    pub(super) location: String,
    pub(super) user: String,
    pub(super) secret: Secret<String>,
    /// The repository's own.
    pub(super) password: Secret<String>,
}

impl Office {
    /// Starts a server, makes an organization, an admin and a repository.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let data = folder.join("server");
        let data = data.to_str().ok_or_else(|| failure("the temporary folder's name is not UTF-8"))?;
        let variables =
            [("SERVER__DATA", data), ("SERVER__LISTEN", "127.0.0.1:0"), ("SERVER__AGENT_LISTEN", "127.0.0.1:0")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::parse("", &BTreeMap::from(variables)).map_err(failure)?;
        let runtime = runtime()?;
        let starting = Server::start(config, Clock::real(jiff::Timestamp::now), Roles::ALL);
        let server = runtime.block_on(starting).map_err(failure)?;
        let link = server.setup_link().ok_or_else(|| failure("a new server has no set-up link"))?;
        let url = format!("http://{}", server.address());
        let password = random()?;
        let set_up = set_up(&url, &link, &password);
        let (admin, org, repository) = runtime.block_on(set_up).map_err(failure)?;
        Ok(Self { runtime, server, admin, org, repository, password })
    }

    pub(super) fn url(&self) -> String {
        self.admin.url().to_owned()
    }

    /// Where a person signs in with a browser, and by what.
    pub(super) fn door(&self) -> String {
        let (url, password) = (self.url(), self.password.expose());
        format!("in a browser: {url} (and {url}/admin), as {ADMIN} with the password {password}")
    }

    /// Where agents connect to.
    pub(super) fn agent_url(&self) -> String {
        self.server.agent_address().map(|address| format!("https://{address}")).unwrap_or_default()
    }

    /// A token with which one machine enrols once.
    pub(super) fn enrolment_token(&self) -> Result<Secret<String>> {
        let made = self.post("enrolment-tokens", &json!({ "note": "the demo" }))?;
        Ok(Secret::new(text(&made, "secret")?))
    }

    /// A plan for the project of the machine that enrolled; its uid.
    pub(super) fn plan(&self, project: &Path) -> Result<String> {
        let agents = self.get("agents")?;
        let agent = text(agents.pointer("/items/0").unwrap_or(&Value::Null), "uid")?;
        let source = self.post("sources", &json!({ "agent": agent, "name": "project", "paths": [project] }))?;
        let spec = json!({
            "sources": [text(&source, "uid")?],
            "repositories": [self.repository],
            "schedule": { "rules": [{ "cron": "0 2 * * *" }], "jitter_seconds": 600 },
        });
        let plan = self.post("plans", &json!({ "name": "Every night", "spec": spec }))?;
        text(&plan, "uid")
    }

    /// When the plan runs next by itself.
    pub(super) fn next_runs(&self, plan: &str, count: usize) -> Result<Vec<String>> {
        let runs = self.get(&format!("plans/{plan}/runs"))?;
        let items = runs.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().take(count).map(|run| text(run, "due_at")).collect()
    }

    /// Runs the plan now, and waits until it ended well: what it did, in words.
    pub(super) fn run_now(&self, plan: &str, token: &CancelToken) -> Result<String> {
        let run = self.post(&format!("plans/{plan}/run"), &json!({ "what": "backup" }))?;
        let run = text(&run, "uid")?;
        let job = self.wait(token, "the backup to end", || {
            let jobs = self.get(&format!("jobs?kind=backup&run={run}"))?;
            let job = jobs.pointer("/items/0").cloned().unwrap_or_default();
            let state = job.get("state").and_then(Value::as_str).unwrap_or_default();
            Ok(matches!(state, "succeeded" | "partial" | "failed" | "cancelled").then_some(job))
        })?;
        if job.get("state").and_then(Value::as_str) != Some("succeeded") {
            return Err(failure(format!("the backup did not succeed: {job}")));
        }
        let count = |name: &str| {
            let found = find(&job, name);
            found.and_then(Value::as_u64).unwrap_or_default()
        };
        let (new, changed, kept) = (count("files_new"), count("files_changed"), count("files_unmodified"));
        Ok(format!("{new} new files, {changed} changed, {kept} as they were"))
    }

    /// What the catalog lists, once it lists so many snapshots.
    pub(super) fn snapshots(&self, count: usize, token: &CancelToken) -> Result<Vec<String>> {
        let listed = self.wait(token, "the catalog to list the snapshots", || {
            let listed = self.get("snapshots")?;
            let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            Ok((items.len() >= count).then_some(items))
        })?;
        let line = |snapshot: &Value| {
            let id: String = text(snapshot, "id")?.chars().take(8).collect();
            let (host, at) = (text(snapshot, "host")?, text(snapshot, "taken_at")?);
            Ok(format!("{id}  {at}  {host}"))
        };
        listed.iter().map(line).collect()
    }

    /// What verifying the organization's audit log says.
    pub(super) fn audit(&self) -> Result<String> {
        let verdict = self.get("audit/verdict")?;
        match verdict.get("state").and_then(Value::as_str) {
            Some("intact") => Ok(format!("{} entries, each with the hash of the one before", verdict["entries"])),
            Some(_) | None => Err(failure(format!("the audit log is broken: {verdict}"))),
        }
    }

    /// A name and password with which the repository can be read through the gateway.
    pub(super) fn guest(&self) -> Result<Guest> {
        let path = format!("repositories/{}/gateway-credentials", self.repository);
        let made = self.post(&path, &json!({ "name": "the demo's drive", "access": "read-only" }))?;
        Ok(Guest {
            location: format!("rest:{}{}", self.url(), text(&made, "path")?),
            user: text(&made, "username")?,
            secret: Secret::new(text(&made, "password")?),
            password: self.password.clone(),
        })
    }

    /// Stops the server in good order.
    pub(super) fn close(self) {
        self.runtime.block_on(self.server.stop());
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.runtime.block_on(self.admin.get(&format!("/api/v1/orgs/{}/{path}", self.org))).map_err(failure)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let path = format!("/api/v1/orgs/{}/{path}", self.org);
        let answer = self.runtime.block_on(self.admin.post(&path, body)).map_err(failure)?;
        Ok(answer.unwrap_or_default())
    }

    fn wait<T>(&self, token: &CancelToken, what: &str, look: impl Fn() -> Result<Option<T>>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            if token.is_cancelled() {
                return Err(super::interrupted());
            }
            if begun.elapsed() > WAIT_MAX {
                return Err(failure(format!("waited {} s for {what}", WAIT_MAX.as_secs())));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// What an administrator does with a new server: the organization's admin, and the uids of it and its repository.
async fn set_up(
    url: &str,
    link: &str,
    password: &Secret<String>,
) -> bygone_client::Result<(ApiClient, String, String)> {
    let anyone = ApiClient::new(url, &Trust::Plain, None)?;
    let token = link.rsplit('#').next().unwrap_or_default();
    let root = "root@demo.invalid";
    let who = json!({ "token": token, "email": root, "name": "Root", "password": password.expose() });
    anyone.post::<Value>("/api/v1/set-up", &who).await?;
    let root = anyone.sign_in(root, password, None).await?;
    let org = made(root.post("/api/v1/orgs", &json!({ "name": "demo", "title": "Demo" })).await?);
    let person = json!({ "email": ADMIN, "name": "Admin", "role": "admin" });
    let person = made(root.post(&format!("/api/v1/orgs/{org}/users"), &person).await?);
    let link = root.post::<Value>(&format!("/api/v1/orgs/{org}/users/{person}/password-link"), &json!({})).await?;
    let token = link.unwrap_or_default().get("token").cloned().unwrap_or_default();
    let chosen = json!({ "token": token, "password": password.expose() });
    anyone.post::<Value>("/api/v1/password-reset", &chosen).await?;
    let admin = anyone.sign_in(ADMIN, password, None).await?;
    let repository = json!({ "name": "main", "begin": "create", "password": password.expose() });
    let repository = made(admin.post(&format!("/api/v1/orgs/{org}/repositories"), &repository).await?);
    Ok((admin, org, repository))
}

fn made(answer: Option<Value>) -> String {
    answer.and_then(|body| Some(body.get("uid")?.as_str()?.to_owned())).unwrap_or_default()
}

/// A field of an answer.
fn text(body: &Value, field: &str) -> Result<String> {
    let found = body.get(field).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| failure(format!("the server's answer has no {field}: {body}")))
}

/// A field, wherever it is in a body.
fn find<'a>(body: &'a Value, field: &str) -> Option<&'a Value> {
    match body {
        Value::Object(fields) => fields.get(field).or_else(|| fields.values().find_map(|inner| find(inner, field))),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A password that only this run knows: other users of this machine reach its loopback too.
fn random() -> Result<Secret<String>> {
    let mut bytes = [0; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut chance| chance.read_exact(&mut bytes));
    read.map_err(|error| Error::io("read random numbers".to_owned(), error))?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}
