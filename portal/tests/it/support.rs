//! A portal in this process over rows in a temporary folder and repositories that stock restic wrote.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use bygone_common::{AgentUid, Clock, Hold, OrgUid, RepositoryUid, Secret, SourceUid, UserUid};
use bygone_http::{Problem, Result};
use bygone_portal::drive::NAMING_KEY_BYTES;
use bygone_portal::{DownloadLimits, Portal, Repositories};
use bygone_store::grants::{Effect, NewGrant, Terms, Use};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::snapshots::{Catalogued, SnapshotRow};
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Store, Who};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::{BackendOptions, open_storage};
use bygone_vault::location::Location;
use bygone_vault::{BlobKind, Engine, EngineOptions, OpenOptions, Repository, Snapshot, Unlock, WriteOptions, Writer};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tower::ServiceExt;

/// When every test begins: after all snapshots.
pub(crate) const NOW: &str = "2026-11-01T10:00:00Z";
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Repositories that are open.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<HashMap<RepositoryUid, Repository>>>);

impl Repositories for Shelf {
    fn open(&self, _: OrgUid, repository: RepositoryUid) -> BoxFuture<'_, Result<Repository>> {
        let found = self.0.lock().unwrap().get(&repository).cloned();
        Box::pin(async move { found.ok_or_else(|| Problem::not_found("this repository")) })
    }

    fn naming_key(&self) -> Secret<[u8; NAMING_KEY_BYTES]> {
        Secret::new([7; NAMING_KEY_BYTES])
    }
}

/// An organization with one source, whose snapshots lie in one repository.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) portal: Portal,
    pub(crate) org: OrgUid,
    pub(crate) source: SourceUid,
    pub(crate) admin: Actor,
    /// Ids of snapshots, in the order in which they were taken.
    pub(crate) snapshots: Vec<String>,
    pub(crate) repository: RepositoryUid,
    shelf: Shelf,
    engine: Engine,
    restic: Restic,
    folder: tempfile::TempDir,
    router: Router,
}

impl World {
    /// Nothing was taken yet.
    pub(crate) async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let clock = Clock::manual(NOW.parse().unwrap());
        let store = Store::open(&Store::file_url(&folder.path().join("rows.db")), clock).await.unwrap();
        let root = Actor::new(Who::User(store.uid(UserUid::new)), None, Role::Root);
        let new = NewOrg { name: "acme".to_owned(), title: "Acme".to_owned(), quota: Quota::default() };
        let org = store.orgs().create(&root, &new).await.unwrap().uid;
        let admin = Actor::new(Who::User(store.uid(UserUid::new)), Some(org), Role::Admin);
        let (agent, repository) = (store.uid(AgentUid::new), store.uid(RepositoryUid::new));
        execute(
            &store,
            format!(
                "insert into agents (uid, org_id, name, state, facts, created_at, version) values ('{agent}', '{org}', \
             'pc', 'active', '{{}}', 0, 1)"
            ),
        )
        .await;
        execute(&store, format!(
            "insert into repositories (uid, org_id, name, location, restic_id, format, class, state, password_sealed, \
             stored_bytes, created_at, version) values ('{repository}', '{org}', 'main', '/main', 'x', 2, 'hot', \
             'ready', '', 0, 0, 1)"
        ))
        .await;
        let new = NewSource {
            agent,
            owner: None,
            name: "pc".to_owned(),
            host: Some("pc".to_owned()),
            paths: vec!["/data".to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        let source = store.sources().create(&admin, org, &new).await.unwrap().uid;
        let restic = Restic::new(folder.path().join("repository").to_str().unwrap())
            .in_folder(&folder.path().join("data"))
            .env("TZ", "UTC");
        restic.run(&["init"]);
        let shelf = Shelf::default();
        let portal =
            Portal::with_search(store.clone(), shelf.clone(), folder.path().join("search"), DownloadLimits::default());
        let router = bygone_portal::routes().split_for_parts().0.with_state(portal.clone());
        let engine = Engine::start(EngineOptions::default()).unwrap();
        let snapshots = Vec::new();
        Self { store, portal, org, source, admin, snapshots, repository, shelf, engine, restic, folder, router }
    }

    /// A file of the source, as it is now.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// Writes a file of the source, and the folders that it lies in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Takes a snapshot at a time, and has it catalogued.
    pub(crate) async fn take(&mut self, time: &str) {
        self.restic.run(&["backup", "--host", "pc", "--time", time, "."]);
        self.catalog().await;
    }

    /// Takes a snapshot that a hold keeps.
    pub(crate) async fn take_held(&mut self, time: &str) {
        let hold = Hold::new("2026-17", "alice", "lawsuit", None).unwrap().to_tag();
        self.restic.run(&["backup", "--host", "pc", "--time", time, "--tag", &hold, "."]);
        self.catalog().await;
    }

    /// Takes a snapshot of things that lie nowhere: paths with whose they are; those of folders end with a slash.
    pub(crate) async fn take_owned(&mut self, time: &str, things: &[(&str, u32)]) {
        let location = Location::parse(self.folder.path().join("repository").to_str().unwrap()).unwrap();
        let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
        let writer = Writer::start(&self.opened(), storage, &WriteOptions::default()).unwrap();
        let tree = write_tree(&writer, "", things);
        let snapshot = json!({ "time": time, "tree": tree, "paths": ["/"], "hostname": "pc", "username": "root" });
        writer.save_snapshot(&snapshot).unwrap();
        self.catalog().await;
    }

    /// Forgets a snapshot.
    pub(crate) async fn forget(&mut self, id: &str) {
        self.restic.run(&["forget", id]);
        self.catalog().await;
    }

    async fn catalog(&mut self) {
        let repository = self.opened();
        repository.refresh().unwrap();
        let taken = repository.snapshots();
        self.snapshots = taken.iter().map(|one| one.id.to_string()).collect();
        let found: Vec<Catalogued> = taken.iter().map(|one| self.catalogued(one)).collect();
        let system = Actor::system("catalog", self.org);
        self.store.snapshots().replace(&system, self.org, self.repository, &found, &[]).await.unwrap();
    }

    fn opened(&self) -> Repository {
        let known = self.shelf.0.lock().unwrap().get(&self.repository).cloned();
        known.unwrap_or_else(|| {
            let location = Location::parse(self.folder.path().join("repository").to_str().unwrap()).unwrap();
            let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
            let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
            let options = OpenOptions { cache_dir: None, ..OpenOptions::default() };
            let open = Repository::open(&self.engine, storage, unlock, options).unwrap();
            self.shelf.0.lock().unwrap().insert(self.repository, open.clone());
            open
        })
    }

    fn catalogued(&self, snapshot: &Snapshot) -> Catalogued {
        let row = SnapshotRow {
            repository: self.repository,
            id: snapshot.id.to_string(),
            taken_at: jiff::Timestamp::from_microsecond(snapshot.time.as_microsecond()).unwrap(),
            utc_offset: 0,
            host: snapshot.hostname.clone(),
            username: String::new(),
            paths: snapshot.paths.clone(),
            tags: snapshot.tags.clone(),
            tree: snapshot.tree.to_string(),
            parent: None,
            program: String::new(),
            files: snapshot.summary.as_ref().map(|summary| i64::try_from(summary.total_files_processed).unwrap()),
            bytes: None,
            added_bytes: None,
            added_stored_bytes: None,
            source: Some(self.source),
        };
        Catalogued { row, holds: Vec::new() }
    }

    /// A person of the organization.
    pub(crate) async fn person(&self, role: Role) -> Actor {
        let unique = self.store.uid(UserUid::new);
        let new = NewUser { email: format!("{unique}@example.test"), name: "P".to_owned(), role, provider: None };
        let user = self.store.users().create(&Actor::installation("test"), Some(self.org), &new).await.unwrap();
        Actor::new(Who::User(user.uid), Some(self.org), role)
    }

    /// Gives, or takes, something.
    pub(crate) async fn grant(&self, to: &Actor, path: &str, effect: Effect, uses: &[Use], terms: Terms) {
        let new = NewGrant {
            user: to.who().user().unwrap(),
            source: self.source,
            path: path.to_owned(),
            effect,
            uses: uses.to_vec(),
            terms,
        };
        self.store.grants().create(&self.admin, self.org, &new).await.unwrap();
    }

    /// A person who may do everything with what is at and below some paths.
    pub(crate) async fn person_with(&self, paths: &[&str]) -> Actor {
        let person = self.person(Role::User).await;
        for path in paths {
            self.grant(
                &person,
                path,
                Effect::Allow,
                &[Use::See, Use::Preview, Use::Download, Use::Restore],
                Terms::default(),
            )
            .await;
        }
        person
    }

    /// Asks for something of the source: `tree?path=/`.
    pub(crate) async fn of(&self, actor: &Actor, what: &str) -> Answer {
        self.get(actor, &format!("/sources/{}/{what}", self.source)).await
    }

    pub(crate) async fn get(&self, actor: &Actor, path: &str) -> Answer {
        self.ask(actor, Method::GET, path, Value::Null).await
    }

    pub(crate) async fn ask(&self, actor: &Actor, method: Method, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).extension(actor.clone());
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap() }
    }
}

/// Writes the tree of a folder, and of those in it; its id.
fn write_tree(writer: &Writer, folder: &str, things: &[(&str, u32)]) -> String {
    let mut nodes: Vec<Value> = Vec::new();
    for (path, uid) in things {
        let Some(name) = path.strip_prefix(folder).filter(|name| !name.is_empty()) else { continue };
        let mut node = json!({ "mtime": "2026-09-01T10:00:00Z", "uid": uid, "gid": 0, "user": format!("user{uid}") });
        let more = match name.split_once('/') {
            None => json!({ "name": name, "type": "file", "mode": 420, "size": 0, "content": [] }),
            Some((name, "")) => {
                let subtree = write_tree(writer, path, things);
                json!({ "name": name, "type": "dir", "mode": 2_147_484_141_u32, "subtree": subtree })
            }
            Some(_) => continue,
        };
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        nodes.push(node);
    }
    nodes.sort_by_key(|node| node["name"].as_str().unwrap().to_owned());
    let text = json!({ "nodes": nodes }).to_string() + "\n";
    writer.add(BlobKind::Tree, text.as_bytes()).unwrap().id.to_string()
}

pub(crate) async fn execute(store: &Store, statement: String) {
    let mut tx = store.begin().await.unwrap();
    tx.execute_for_tests(Box::leak(statement.into_boxed_str())).await.unwrap();
    tx.commit().await.unwrap();
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The JSON of what succeeded.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()
    }

    /// The lines of a stream that succeeded.
    pub(crate) fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// The status, and the field that a problem is about.
    pub(crate) fn problem(&self) -> (u16, Option<String>) {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{self:?}");
        (self.status.as_u16(), self.json()["field"].as_str().map(str::to_owned))
    }
}

/// The names of a page's entries.
pub(crate) fn names(tree: &Value) -> Vec<&str> {
    tree["entries"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

/// The entry of a name.
pub(crate) fn entry<'a>(tree: &'a Value, name: &str) -> &'a Value {
    tree["entries"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()
}

/// A source whose files changed from day to day.
pub(crate) async fn three_days() -> World {
    let mut world = World::empty().await;
    for (name, content) in [
        ("docs/report.txt", "one"),
        ("docs/plan.md", "plan"),
        ("docs/old.txt", "what was written long ago"),
        ("home/anna/a.txt", "anna's"),
        ("home/bob/b.txt", "bob's"),
    ] {
        world.write(name, content);
    }
    world.take("2026-10-01 10:00:00").await;
    world.write("docs/report.txt", "two!");
    fs::remove_file(world.path("docs/plan.md")).unwrap();
    fs::create_dir(world.path("archive")).unwrap();
    fs::rename(world.path("docs/old.txt"), world.path("archive/older.txt")).unwrap();
    world.write("home/bob/new.txt", "12345");
    world.take("2026-10-02 10:00:00").await;
    world.write("docs/report.txt", "one");
    world.take("2026-10-03 10:00:00").await;
    world
}
