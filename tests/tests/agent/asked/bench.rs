//! A machine of anna's with a snapshot of her files, and people who ask for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bygone_agent::{Folder, Options};
use bygone_client::ApiClient;
use bygone_common::{OrgUid, SourceUid};
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::{Actor, Role, Who};
use serde_json::{Value, json};

use crate::stack::{Person, Running, Stack, quick, run_with, source, spec};

/// Bytes of the larger file.
const BYTES: usize = 1 << 20;
/// For how long anything is waited for.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(crate) struct Bench {
    stack: Stack,
    org: OrgUid,
    pub(crate) admin: ApiClient,
    pub(crate) operator: Person,
    /// Whose the machine is.
    pub(crate) anna: Person,
    pub(crate) folder: Folder,
    pub(crate) agent: Option<Running>,
    /// The folder that was saved.
    pub(crate) source: PathBuf,
    pub(crate) source_uid: SourceUid,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With more files than the usual.
    pub(crate) async fn with(write: impl FnOnce(&Path)) -> Self {
        let stack = Stack::start().await;
        let org = stack.org("acme").await;
        let repository = stack.repository(org, "acme", "main").await;
        let (folder, enrolled) = stack.enrol(org, "one").await;
        let into = stack.folder.path().join("new folders");
        let agent = Some(run_with(&folder, Options { restores_into: Some(into), ..quick() }));
        let source = source(stack.folder.path(), BYTES);
        write(&source);
        let anna = stack.person(Some(org), Role::User).await;
        let new = NewSource {
            agent: enrolled.agent,
            owner: Some(anna.uid),
            name: "anna's".to_owned(),
            host: Some("alice".to_owned()),
            paths: vec![source.to_str().unwrap().to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        let source_uid = stack.app().store.sources().create(&stack.admin(org), org, &new).await.unwrap().uid;
        let ended = stack.ended(org, stack.backup(org, &enrolled, spec(&repository, &source)).await).await;
        assert!(ended.outcome.as_ref().and_then(|outcome| outcome.done()).is_some(), "{ended:?}");
        bygone_server::catalog::refresh(stack.app(), org, repository.uid).await.unwrap();
        let admin = stack.api(org, Role::Admin).await;
        let operator = stack.person(Some(org), Role::Operator).await;
        Self { stack, org, admin, operator, anna, folder, agent, source, source_uid }
    }

    pub(crate) async fn person(&self, role: Role) -> Person {
        self.stack.person(Some(self.org), role).await
    }

    /// Anna with a token that does not stand in for her second factor.
    pub(crate) async fn same_person_attended(&self) -> Person {
        let actor = Actor::new(Who::User(self.anna.uid), Some(self.org), Role::User);
        self.stack.with_token(actor, self.anna.uid, &["*:read", "*:write", "*:run"]).await
    }

    /// Where the server is.
    pub(crate) fn url(&self) -> String {
        self.stack.url()
    }

    pub(crate) fn org_path(&self, rest: &str) -> String {
        format!("/api/v1/orgs/{}{rest}", self.org)
    }

    /// A wish for some of what was saved.
    pub(crate) fn wish(&self, names: &[&str]) -> Value {
        let items: Vec<Value> = names.iter().map(|name| json!({ "path": self.source.join(name) })).collect();
        json!({ "source": self.source_uid, "items": items })
    }

    /// Asks somebody's restores for something.
    pub(crate) async fn ask(&self, person: &Person, below: &str, body: &Value) -> bygone_client::Result<Value> {
        person.api.post(&format!("/portal/v1/restores{below}"), body).await.map(Option::unwrap)
    }

    /// Reads something of a restore.
    pub(crate) async fn read(&self, person: &Person, restore: &Value, below: &str) -> Value {
        let uid = restore["uid"].as_str().unwrap();
        person.api.get(&format!("/portal/v1/restores/{uid}{below}")).await.unwrap()
    }

    /// Waits until a restore stands there.
    pub(crate) async fn until(&self, person: &Person, restore: &Value, state: &str) -> Value {
        let until = tokio::time::Instant::now() + WAIT_MAX;
        loop {
            let now = self.read(person, restore, "").await;
            if now["state"] == state {
                return now;
            }
            assert!(tokio::time::Instant::now() < until, "waited in vain for {state}: {now}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn grant(&self, person: &Person, actions: &[&str]) -> String {
        self.grant_at(person, "/", actions).await
    }

    pub(crate) async fn grant_at(&self, person: &Person, path: &str, actions: &[&str]) -> String {
        let body = json!({
            "user": person.uid, "source": self.source_uid, "path": path, "effect": "allow", "actions": actions,
        });
        let made: Option<Value> = self.admin.post(&self.org_path("/grants"), &body).await.unwrap();
        made.unwrap()["uid"].as_str().unwrap().to_owned()
    }

    /// From now on somebody else has to agree to every restore.
    pub(crate) async fn require_approval(&self) {
        let org: Value = self.admin.get(&self.org_path("")).await.unwrap();
        assert_eq!(org["restore_approval"], false);
        let body = json!({ "restore_approval": true });
        let changed: Value = self.admin.patch(&self.org_path(""), Some("\"1\""), &body).await.unwrap();
        assert_eq!(changed["restore_approval"], true);
    }

    /// Whether a folder holds what was saved.
    pub(crate) fn same_as_saved(&self, folder: &Path) {
        for name in ["small", "below/large"] {
            let saved = fs::read(self.source.join(name)).unwrap();
            assert!(fs::read(folder.join(name)).unwrap() == saved, "{name}");
        }
    }

    /// An answer as it is.
    pub(crate) async fn raw(&self, person: &Person, below: &str) -> String {
        self.respond(person, below).await.text().await.unwrap()
    }

    async fn respond(&self, person: &Person, below: &str) -> reqwest::Response {
        let url = format!("{}/portal/v1/restores{below}", self.stack.url());
        let response = reqwest::Client::new().get(url).bearer_auth(person.token.expose()).send().await.unwrap();
        response.error_for_status().unwrap()
    }

    /// What happens to a restore.
    pub(crate) async fn events(&self, person: &Person, below: &str) -> Events {
        Events { response: self.respond(person, below).await, read: String::new() }
    }

    pub(crate) async fn first_event(&self, person: &Person, below: &str) -> Value {
        self.events(person, below).await.next().await
    }

    pub(crate) async fn stop_agent(&mut self) {
        self.agent.take().unwrap().end().await;
    }

    pub(crate) async fn end(mut self) {
        self.stop_agent().await;
    }
}

/// Server-sent events.
pub(crate) struct Events {
    response: reqwest::Response,
    read: String,
}

impl Events {
    /// The next one.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                self.read = rest.to_owned();
                match data {
                    Some(data) => return serde_json::from_str(&data).unwrap(),
                    // A sign of life.
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(WAIT_MAX, self.response.chunk()).await.unwrap().unwrap().unwrap();
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
