//! A server with the snapshots of one source, and people who may see some of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bygone_common::access::{Effect, Use};
use bygone_common::{AgentUid, Clock, OrgUid, RepositoryUid, SourceUid, UserUid};
use bygone_server::secrets::Purpose;
use bygone_server::{Config, Roles, Server};
use bygone_store::api_tokens::NewApiToken;
use bygone_store::grants::{NewGrant, Terms};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::repositories::{AgentRoute, NewRepository, StorageClass};
use bygone_store::scopes::Scopes;
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Who};
use bygone_tests::noise::noise;
use bygone_tests::restic::{PASSWORD, Restic};
use jiff::SignedDuration;
use tokio::runtime::Runtime;

use crate::program::Program;

/// A server on this machine, with the snapshots of one source.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) runtime: Runtime,
    pub(crate) server: Option<Server>,
    port: u16,
    pub(crate) org: OrgUid,
    source: SourceUid,
    repository: RepositoryUid,
}

impl Served {
    /// One snapshot of the folders of Anna and Bob.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "home/anna/letter.txt", b"dear Bob\n");
        write(folder.path(), "home/anna/films/long", &noise(1, 9 << 20));
        write(folder.path(), "home/anna/secret/diary", b"not for anybody\n");
        write(folder.path(), "home/bob/letter.txt", b"dear Anna\n");
        for number in 0..200_u64 {
            write(folder.path(), &format!("home/anna/small/{number:03}"), &noise(number, 300 + number as usize));
        }
        Self::over(folder)
    }

    /// One snapshot of a folder's `home`.
    pub(crate) fn over(folder: tempfile::TempDir) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let port = bygone_tests::ports::free();
        let mut served = Self { folder, runtime, server: None, port, org: uid(1), source: uid(2), repository: uid(3) };
        served.start();
        (served.org, served.source, served.repository) = served.runtime.block_on(served.fill());
        served.backup();
        served
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn start(&mut self) {
        let variables = BTreeMap::from([
            ("SERVER__DATA".to_owned(), self.folder.path().join("data").to_str().unwrap().to_owned()),
            ("SERVER__LISTEN".to_owned(), format!("127.0.0.1:{}", self.port)),
            ("SERVER__AGENT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("SERVER__DRAIN_SECONDS".to_owned(), "1".to_owned()),
        ]);
        let config = Config::parse("", &variables).unwrap();
        let started = Server::start(config, Clock::real(jiff::Timestamp::now), Roles::ALL);
        self.server = Some(self.runtime.block_on(started).unwrap());
    }

    pub(crate) fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop());
    }

    pub(crate) fn admin(&self, org: OrgUid) -> Actor {
        let store = &self.server.as_ref().unwrap().app().store;
        Actor::new(Who::User(store.uid(UserUid::new)), Some(org), Role::Admin)
    }

    /// Where the server keeps the repository.
    pub(crate) fn location(&self) -> String {
        self.server.as_ref().unwrap().app().storages.managed("acme", "main").to_string()
    }

    /// One more snapshot, of which the server knows; its id.
    pub(crate) fn backup(&self) -> String {
        let said =
            Restic::new(self.location()).run(&["backup", "--json", "--host", "pc", self.home().to_str().unwrap()]);
        let app = self.server.as_ref().unwrap().app();
        self.runtime.block_on(bygone_server::catalog::refresh(app, self.org, self.repository)).unwrap();
        let summary: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        summary["snapshot_id"].as_str().unwrap().to_owned()
    }

    async fn fill(&self) -> (OrgUid, SourceUid, RepositoryUid) {
        let app = self.server.as_ref().unwrap().app();
        let root = Actor::new(Who::System("test"), None, Role::Root);
        let new = NewOrg { name: "acme".to_owned(), title: "acme".to_owned(), quota: Quota::default() };
        let org = app.store.orgs().create(&root, &new).await.unwrap().uid;
        let admin = self.admin(org);
        let uid = app.store.uid(RepositoryUid::new);
        let location = self.location();
        Restic::new(&location).run(&["init"]);
        let sealed = app.secrets.seal(Purpose::RepositoryPassword, &uid.to_string(), PASSWORD.as_bytes()).unwrap();
        let new = NewRepository {
            uid,
            name: "main".to_owned(),
            location,
            credential: None,
            password_sealed: sealed,
            restic_id: String::new(),
            format: 2,
            class: StorageClass::Hot,
            agent_route: AgentRoute::Gateway,
            worm_days: None,
            bytes_max: None,
            adopted: false,
        };
        app.store.repositories().create(&admin, org, &new).await.unwrap();
        let agent = app.store.uid(AgentUid::new);
        let row = format!(
            "insert into agents (uid, org_id, name, state, facts, created_at, version) \
             values ('{agent}', '{org}', 'pc', 'active', '{{}}', 0, 1)"
        );
        let mut tx = app.store.begin().await.unwrap();
        tx.execute_for_tests(Box::leak(row.into_boxed_str())).await.unwrap();
        tx.commit().await.unwrap();
        let new = NewSource {
            agent,
            owner: None,
            name: "family".to_owned(),
            host: Some("pc".to_owned()),
            paths: vec![self.home().to_str().unwrap().to_owned()],
            visibility: Visibility::Granted,
            restore_approval: false,
        };
        let source = app.store.sources().create(&admin, org, &new).await.unwrap().uid;
        (org, source, uid)
    }

    /// Somebody with grants below the folder of homes, and their API token in a file.
    pub(crate) fn person(&self, name: &str, grants: &[(&str, Effect)]) -> PathBuf {
        let store = &self.server.as_ref().unwrap().app().store;
        let admin = self.admin(self.org);
        let secret = format!("bygone_{name}");
        let hash = ring::digest::digest(&ring::digest::SHA256, secret.as_bytes());
        let made = async {
            let email = format!("{name}@example.test");
            let new = NewUser { email, name: name.to_owned(), role: Role::User, provider: None };
            let user = store.users().create(&admin, Some(self.org), &new).await.unwrap();
            let token = NewApiToken {
                name: "test".to_owned(),
                prefix: "bygone_".to_owned(),
                hash: hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
                scopes: Scopes::parse(&["sources:read", "snapshots:read", "snapshots:export"]).unwrap(),
                expires_at: store.now() + SignedDuration::from_hours(24),
            };
            let actor = Actor::new(Who::User(user.uid), Some(self.org), Role::User);
            store.api_tokens().create(&actor, &token).await.unwrap();
            for (path, effect) in grants {
                let path = self.home().join(path).to_str().unwrap().trim_end_matches('/').to_owned();
                let uses = vec![Use::See, Use::Preview, Use::Download];
                let new = NewGrant {
                    user: user.uid,
                    source: self.source,
                    path,
                    effect: *effect,
                    uses,
                    terms: Terms::default(),
                };
                store.grants().create(&admin, self.org, &new).await.unwrap();
            }
        };
        self.runtime.block_on(made);
        let file = self.folder.path().join(name);
        fs::write(&file, secret).unwrap();
        file
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `bygone --server …`, as whoever has a token.
    pub(crate) fn bygone(&self, token: &Path, arguments: &[&str]) -> Program {
        Program::bygone(self.folder.path())
            .env("BYGONE_API_TOKEN_FILE", token)
            .arguments(&["--server", &self.url()])
            .arguments(arguments)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.stop();
        }
    }
}

/// A uid that stands for none yet.
fn uid<U: std::str::FromStr<Err: std::fmt::Debug>>(number: u32) -> U {
    format!("01900000-0000-7000-8000-{number:012}").parse().unwrap()
}

pub(crate) fn write(folder: &Path, path: &str, content: &[u8]) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}
