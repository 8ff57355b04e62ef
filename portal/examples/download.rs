//! A portal to one repository, for benches: `download DATA-FOLDER REPOSITORY` makes rows in the data folder for a person and
//! their source, with every snapshot of the repository (whose password is `$RESTIC_PASSWORD`), prints a JSON line with the URL
//! of downloads and the person's token, and serves until its input ends.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::{self, Next};
use bygone_common::{AgentUid, Clock, OrgUid, RepositoryUid, Secret, SourceUid, UserUid};
use bygone_http::Result;
use bygone_portal::drive::NAMING_KEY_BYTES;
use bygone_portal::{Portal, Repositories};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::snapshots::{Catalogued, SnapshotRow};
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Store, Who};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Snapshot, Unlock};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

struct One(Repository);

impl Repositories for One {
    fn open(&self, _: OrgUid, _: RepositoryUid) -> BoxFuture<'_, Result<Repository>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn naming_key(&self) -> Secret<[u8; NAMING_KEY_BYTES]> {
        Secret::new([7; NAMING_KEY_BYTES])
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().expect("the data folder");
    let repository = arguments.next().expect("the repository");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(serve(Path::new(&data), &repository));
}

async fn serve(data: &Path, location: &str) {
    let password = std::env::var("RESTIC_PASSWORD").expect("the repository's password");
    let backend = backend::open(&location.parse().unwrap(), &BackendOptions::default()).unwrap().backend;
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let options = OpenOptions { cache_dir: Some(data.join("cache")), ..OpenOptions::default() };
    let repository = Repository::open(&engine, backend, Unlock::Password(Secret::new(password)), options).unwrap();
    let clock = Clock::real(Timestamp::now);
    let store = Store::open(&Store::file_url(&data.join("db")), clock).await.unwrap();
    let (org, source, user) = rows(&store, &repository).await;
    let portal = Portal::new(store, One(repository));
    let token = format!("Bearer {user}");
    let sign = middleware::from_fn(move |mut request: Request, next: Next| {
        let is_known = request.headers().get("authorization").is_some_and(|given| *given == *token);
        async move {
            if is_known {
                request.extensions_mut().insert(Actor::new(Who::User(user), Some(org), Role::User));
            }
            next.run(request).await
        }
    });
    let (routes, _) = bygone_portal::routes().split_for_parts();
    let router = axum::Router::new().nest("/portal/v1", routes).layer(sign).with_state(portal);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/portal/v1/sources/{source}/download");
    println!("{}", serde_json::json!({ "url": url, "token": user.to_string() }));
    std::io::stdout().flush().unwrap();
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let ended = async move { ended.await.unwrap().map(drop).unwrap() };
    axum::serve(listener, router).with_graceful_shutdown(ended).await.unwrap();
}

async fn rows(store: &Store, repository: &Repository) -> (OrgUid, SourceUid, UserUid) {
    let root = Actor::new(Who::System("bench"), None, Role::Root);
    let new = NewOrg { name: "bench".to_owned(), title: "Bench".to_owned(), quota: Quota::default() };
    let org = store.orgs().create(&root, &new).await.unwrap().uid;
    let admin = Actor::new(Who::System("bench"), Some(org), Role::Admin);
    let email = "bench@example.org".to_owned();
    let new = NewUser { email, name: "Bench".to_owned(), role: Role::User, provider: None };
    let user = store.users().create(&admin, Some(org), &new).await.unwrap().uid;
    let (agent, uid) = (store.uid(AgentUid::new), store.uid(RepositoryUid::new));
    let mut tx = store.begin().await.unwrap();
    for statement in [
        format!(
            "insert into agents (uid, org_id, name, state, facts, created_at, version) values ('{agent}', '{org}', 'pc', \
             'active', '{{}}', 0, 1)"
        ),
        format!(
            "insert into repositories (uid, org_id, name, location, restic_id, format, class, state, password_sealed, \
             stored_bytes, created_at, version) values ('{uid}', '{org}', 'main', '/main', 'x', 2, 'hot', 'ready', '', 0, \
             0, 1)"
        ),
    ] {
        tx.execute_for_tests(Box::leak(statement.into_boxed_str())).await.unwrap();
    }
    tx.commit().await.unwrap();
    let new = NewSource {
        agent,
        owner: Some(user),
        name: "pc".to_owned(),
        host: None,
        paths: vec!["/".to_owned()],
        visibility: Visibility::Granted,
        restore_approval: false,
    };
    let source = store.sources().create(&admin, org, &new).await.unwrap().uid;
    let found: Vec<Catalogued> =
        repository.snapshots().iter().map(|one| Catalogued { row: row(uid, source, one), holds: Vec::new() }).collect();
    let system = Actor::system("bench", org);
    store.snapshots().replace(&system, org, uid, &found, &[]).await.unwrap();
    (org, source, user)
}

fn row(repository: RepositoryUid, source: SourceUid, snapshot: &Arc<Snapshot>) -> SnapshotRow {
    SnapshotRow {
        repository,
        id: snapshot.id.to_string(),
        taken_at: Timestamp::from_microsecond(snapshot.time.as_microsecond()).unwrap(),
        utc_offset: 0,
        host: snapshot.hostname.clone(),
        username: snapshot.username.clone(),
        paths: snapshot.paths.clone(),
        tags: Vec::new(),
        tree: snapshot.tree.to_string(),
        parent: None,
        program: String::new(),
        files: None,
        bytes: None,
        added_bytes: None,
        added_stored_bytes: None,
        source: Some(source),
    }
}
