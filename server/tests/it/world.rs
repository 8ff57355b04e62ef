//! An organization with one of everything in it.

use std::collections::BTreeMap;

use bygone_common::{OrgUid, ProviderUid, RepositoryUid, SessionUid, UserUid};
use bygone_store::providers::ProviderSettings;
use bygone_store::restores::{Begin, NewRestore};
use bygone_store::sessions::NewSession;
use bygone_store::snapshots::{Catalogued, Held, SnapshotRow};
use bygone_store::users::User;
use bygone_store::{Actor, Role, Store, Who};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::machine::Machine;
use super::support::{Client, Stack};

/// The id of a snapshot that is in the catalog.
pub(crate) const SNAPSHOT: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
/// The uid of nothing.
const NOTHING: &str = "018f2f0e-0000-7000-8000-000000000001";
/// What it is held for.
pub(crate) const CASE: &str = "2026-17";

/// An organization, and who runs it.
pub(crate) struct World {
    pub(crate) org: String,
    pub(crate) admin: Client,
    pub(crate) machine: Machine,
    /// Uids, by the part of a path after which they stand: `plans`.
    ids: BTreeMap<&'static str, String>,
}

impl World {
    pub(crate) async fn new(stack: &Stack, name: &str) -> Self {
        let org = stack.root().make_org(name).await;
        let admin = stack.person(&org, Role::Admin).await;
        let machine = Machine::new(stack, &admin, &org, "laptop").await;
        let mut world = Self { org: org.clone(), admin, machine, ids: BTreeMap::from([("orgs", org)]) };
        world.ids.insert("agents", world.machine.uid.clone());
        world.fill_with_people(stack).await;
        world.fill_with_plans().await;
        world.fill_from_below(stack).await;
        world
    }

    /// The uid of the one thing of a kind.
    pub(crate) fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("the world has no {kind}"))
    }

    /// All uids, which no other world has.
    pub(crate) fn uids(&self) -> impl Iterator<Item = &str> {
        let own = self.ids.iter().filter(|(kind, _)| !["snapshots", "holds"].contains(kind));
        own.map(|(_, uid)| uid.as_str())
    }

    /// A path below the organization.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/orgs/{}{rest}", self.org)
    }

    /// A path of the API's description with this world's uids for its parameters.
    pub(crate) fn filled(&self, path: &str) -> String {
        let mut filled = Vec::new();
        let mut before = "";
        for part in path.split('/') {
            filled.push(match part.starts_with('{') {
                // Found by their uids alone: one of nothing stands for them.
                true if matches!(before, "places" | "tickets") => NOTHING,
                true => self.id(before),
                false => part,
            });
            before = part;
        }
        filled.join("/")
    }

    async fn make(&mut self, kind: &'static str, path: &str, body: Value) {
        let made = self.admin.post(&self.path(path), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{path}: {made:?}");
        self.ids.insert(kind, made.json()["uid"].as_str().unwrap().to_owned());
    }

    async fn fill_with_people(&mut self, stack: &Stack) {
        let user = stack.person(&self.org, Role::User).await;
        let uid = user.get("/api/v1/me").await.json()["user"]["uid"].as_str().unwrap().to_owned();
        let tokens = self.admin.get(&self.path("/tokens")).await.json();
        let token = tokens["items"][0]["uid"].as_str().unwrap().to_owned();
        self.ids.extend([("users", uid), ("tokens", token)]);
        self.make("enrolment-tokens", "/enrolment-tokens", json!({ "note": "not used yet" })).await;
    }

    async fn fill_with_plans(&mut self) {
        let source =
            json!({ "agent": self.id("agents"), "owner": self.id("users"), "name": "home", "paths": ["/home"] });
        self.make("sources", "/sources", source).await;
        let secret = json!({ "kind": "rest", "user": "u", "password": "very-secret" });
        self.make("storage-credentials", "/storage-credentials", json!({ "name": "disk", "secret": secret })).await;
        let repository = json!({ "name": "main", "begin": "later", "password": "very-secret" });
        self.make("repositories", "/repositories", repository).await;
        // Its storage is empty: a key of it is known by name alone.
        let key = format!("{:0<64}", self.id("repositories").replace('-', ""));
        self.ids.insert("keys", key);
        let access = format!("/repositories/{}/gateway-credentials", self.id("repositories"));
        self.make("gateway-credentials", &access, json!({ "name": "restic" })).await;
        let grant = json!({ "user": self.id("users"), "source": self.id("sources"), "path": "/", "effect": "allow", "actions": ["see"] });
        self.make("grants", "/grants", grant).await;
        let spec =
            json!({ "sources": [self.id("sources")], "repositories": [self.id("repositories")], "events": ["moved"] });
        self.make("plans", "/plans", json!({ "name": "nightly", "spec": spec })).await;
        let spec = json!({ "kind": "catalog", "repository": self.id("repositories") });
        self.make("jobs", "/jobs", json!({ "spec": spec })).await;
    }

    /// What no request of the API makes by itself: a snapshot and its hold, a session, a provider that nobody asks.
    async fn fill_from_below(&mut self, stack: &Stack) {
        let store = &stack.server.as_ref().unwrap().app().store;
        let org: OrgUid = self.org.parse().unwrap();
        let repository: RepositoryUid = self.id("repositories").parse().unwrap();
        let row = SnapshotRow {
            repository,
            id: SNAPSHOT.to_owned(),
            taken_at: jiff::Timestamp::from_second(1_790_000_000).unwrap(),
            utc_offset: 0,
            host: "laptop".to_owned(),
            username: "alice".to_owned(),
            paths: vec!["/home".to_owned()],
            tags: Vec::new(),
            tree: "t".to_owned(),
            parent: None,
            program: "restic 0.19.1".to_owned(),
            files: None,
            bytes: None,
            added_bytes: None,
            added_stored_bytes: None,
            source: None,
        };
        let held = Held { case: CASE.to_owned(), who: "bob".to_owned(), reason: "law".to_owned(), until: None };
        let found = [Catalogued { row, holds: vec![held] }];
        store.snapshots().replace(&Actor::system("catalog", org), org, repository, &found, &[]).await.unwrap();
        let server = Actor::installation("sign-in");
        let uid: UserUid = self.id("users").parse().unwrap();
        let user = store.users().get(&Actor::system("test", org), Some(org), uid).await.unwrap();
        let session = NewSession {
            uid: store.uid(SessionUid::new),
            token_hash: format!("of {uid}"),
            idle_expires_at: store.now() + SignedDuration::from_hours(1),
            expires_at: store.now() + SignedDuration::from_hours(1),
            step_up_until: store.now(),
            address: None,
            user_agent: "test".to_owned(),
            vouched: None,
        };
        let session = store.sessions().create(&server, &user, &session).await.unwrap();
        let restore = self.restore(store, org, &user).await;
        let settings = ProviderSettings {
            name: "corp".to_owned(),
            title: "Corporation".to_owned(),
            issuer: "https://id.example.test".to_owned(),
            client_id: "x".to_owned(),
            scopes: Vec::new(),
            groups_claim: "groups".to_owned(),
            rules: Vec::new(),
            links_email: false,
            enabled: true,
        };
        let provider = store.uid(ProviderUid::new);
        store.providers().create(&Actor::system("test", org), Some(org), provider, &settings, None).await.unwrap();
        self.ids.extend([
            ("restores", restore),
            ("snapshots", SNAPSHOT.to_owned()),
            ("holds", CASE.to_owned()),
            ("sessions", session.uid.to_string()),
            ("providers", provider.to_string()),
        ]);
    }

    /// A restore that waits for a second person.
    async fn restore(&self, store: &Store, org: OrgUid, user: &User) -> String {
        let spec = json!({ "repository": self.id("repositories"), "snapshot": SNAPSHOT, "paths": ["/home"] });
        let new = NewRestore {
            source: self.id("sources").parse().unwrap(),
            agent: self.id("agents").parse().unwrap(),
            spec: serde_json::from_value(spec).unwrap(),
            taken_at: store.now(),
            comment: "by mistake".to_owned(),
        };
        let asker = Actor::new(Who::User(user.uid), Some(org), user.role);
        let made = store.restores().create(&asker, org, new, Begin::Approval).await.unwrap();
        made.restore.uid.to_string()
    }
}
