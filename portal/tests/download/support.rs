//! A portal over a repository, people who ask it, and a server for it that can be killed and started again.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use bygone_common::{Clock, CorrelationUid, OrgUid, Secret, UserUid};
use bygone_portal::{DownloadLimits, Portal, Visitor};
use bygone_store::audit::{AuditEntry, AuditFilter};
use bygone_store::grants::NewGrant;
use bygone_store::{Actor, Page, Role, Store, Who};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_vault::backend::{self, BackendOptions};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::rows::{self, One, Rows};

/// A repository, rows about it, and a portal that is served.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    rows: Rows,
    pub(crate) limits: DownloadLimits,
    served: Option<Served>,
}

impl Deref for House {
    type Target = Rows;

    fn deref(&self) -> &Rows {
        &self.rows
    }
}

struct Served {
    portal: Portal,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Drop for Served {
    fn drop(&mut self) {
        // As a crash: connections are cut, and nothing is finished.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl House {
    /// One snapshot of what `write` makes.
    pub(crate) async fn of(write: impl FnOnce(&Path)) -> Self {
        Self::within(DownloadLimits::default(), write).await
    }

    /// The same under limits.
    pub(crate) async fn within(limits: DownloadLimits, write: impl FnOnce(&Path)) -> Self {
        // Of several tests in one process the first one does.
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-11-21T10:00:00Z".parse().unwrap());
        let store = Store::open(&Store::file_url(&folder.path().join("db")), clock.clone()).await.unwrap();
        let rows = Rows::new(&store).await;
        let mut house = Self { folder, store, clock, rows, limits, served: None };
        std::fs::create_dir(house.files()).unwrap();
        write(&house.files());
        house.restic().run(&["init"]);
        house.back_up().await;
        house.start();
        house
    }

    pub(crate) async fn person(&self, name: &str) -> UserUid {
        rows::person(&self.store, &self.admin, self.org, name).await
    }

    pub(crate) async fn grant(&self, new: &NewGrant) {
        self.store.grants().create(&self.admin, self.org, new).await.unwrap();
    }

    /// The folder that is backed up.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    pub(crate) fn repository_folder(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn restic(&self) -> Restic {
        Restic::new(self.repository_folder().to_str().unwrap())
    }

    pub(crate) fn open(&self) -> Repository {
        let location = self.repository_folder().to_str().unwrap().parse().unwrap();
        let backend = backend::open(&location, &BackendOptions::default()).unwrap().backend;
        let engine = Engine::start(EngineOptions { memory_bytes: 64 << 20, ..EngineOptions::default() }).unwrap();
        let options = OpenOptions { cache_dir: Some(self.folder.path().join("cache")), ..OpenOptions::default() };
        Repository::open(&engine, backend, Unlock::Password(Secret::new(PASSWORD.to_owned())), options).unwrap()
    }

    /// Backs the folder up once more; the snapshot's id.
    pub(crate) async fn back_up(&self) -> String {
        self.restic().run(&["backup", "--pack-size", "4", self.files().to_str().unwrap()]);
        self.catalog().await.pop().unwrap()
    }

    /// Makes the catalog what the repository says; the ids of its snapshots.
    pub(crate) async fn catalog(&self) -> Vec<String> {
        self.rows.catalog(&self.store, &self.open()).await
    }

    /// Starts the server, as after a crash: nothing is known but rows.
    pub(crate) fn start(&mut self) {
        self.served = None;
        let repository = self.open();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (store, org, limits) = (self.store.clone(), self.org, self.limits);
        let (portal, listener) = std::thread::scope(|scope| {
            let starting = scope.spawn(|| {
                runtime.block_on(async {
                    let portal = Portal::within(store, One(repository), limits);
                    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                    (portal, listener)
                })
            });
            starting.join().unwrap()
        });
        let address = listener.local_addr().unwrap();
        let router = router(&portal, self.store.clone(), org);
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        self.served = Some(Served { portal, address, runtime: Some(runtime) });
    }

    pub(crate) fn portal(&self) -> &Portal {
        &self.served.as_ref().unwrap().portal
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.served.as_ref().unwrap().address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// The URL of a file or folder for who is signed in.
    pub(crate) fn direct(&self, below: &str, more: &str) -> String {
        let path = self.path(below);
        let path = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC);
        self.url(&format!("/portal/v1/sources/{}/download?path={path}{more}", self.source))
    }

    /// The path in snapshots of something below the folder.
    pub(crate) fn path(&self, below: &str) -> String {
        self.files().join(below).to_str().unwrap().trim_end_matches('/').to_owned()
    }

    /// Somebody's client.
    pub(crate) fn client(&self, user: UserUid) -> Client {
        Client { http: reqwest::Client::new(), user }
    }

    /// A ticket of alice's for some of the files; the answer's body.
    pub(crate) async fn ticket(&self, below: &[&str], form: &str, more: Value) -> Value {
        let items: Vec<Value> = below.iter().map(|below| json!({ "path": self.path(below) })).collect();
        let mut body = json!({ "source": self.source, "items": items, "as": form });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let url = self.url("/portal/v1/tickets");
        let answer = self.client(self.alice).http.post(url).bearer_auth(self.alice).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer
    }

    /// A ticket's URL.
    pub(crate) async fn ticket_url(&self, below: &[&str], form: &str) -> String {
        self.url(self.ticket(below, form, json!({})).await["url"].as_str().unwrap())
    }

    /// The audit log, the last entry last, with everything that was sent so far.
    pub(crate) async fn audit(&self) -> Vec<AuditEntry> {
        self.portal().flush().await;
        let page = Page::new(Some(500), None).unwrap();
        let list = self.store.audit().list(&self.admin, Some(self.org), &AuditFilter::default(), &page).await.unwrap();
        let mut entries = list.items;
        entries.sort_by_key(|entry| entry.seq);
        entries
    }

    /// What the log says of bytes that were sent.
    pub(crate) async fn sent(&self) -> Vec<Value> {
        let entries = self.audit().await;
        entries.into_iter().map(|entry| entry.details).filter(|details| details.get("bytes").is_some()).collect()
    }
}

/// Somebody who asks.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    user: UserUid,
}

impl Client {
    pub(crate) async fn get(&self, url: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let request = self.http.get(url).bearer_auth(self.user);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
    }
}

/// The routes as a server has them, with people who are signed in by their uid: as a bearer's token, or as a password.
fn router(portal: &Portal, store: Store, org: OrgUid) -> Router {
    let sign = middleware::from_fn(move |mut request: Request, next: Next| {
        let correlation = store.uid(CorrelationUid::new);
        async move {
            let given = request.headers().get("authorization").and_then(|value| value.to_str().ok()).and_then(user_of);
            let local = Some(Ipv4Addr::LOCALHOST.into());
            let as_user = |user| Actor::new(Who::User(user), Some(org), Role::User).from_request(correlation, local);
            let actor = given.map(as_user);
            if let Some(actor) = &actor {
                request.extensions_mut().insert(actor.clone());
            }
            request.extensions_mut().insert(Visitor { actor, correlation, address: local, is_secure: false });
            let response: Response = next.run(request).await;
            response
        }
    });
    Router::new()
        .nest("/portal/v1", bygone_portal::routes().split_for_parts().0)
        .nest(bygone_portal::tickets::ROOT, bygone_portal::redeeming())
        .merge(bygone_portal::drives())
        .layer(sign)
        .with_state(portal.clone())
}

fn user_of(header: &str) -> Option<UserUid> {
    use base64::Engine as _;
    match header.split_once(' ')? {
        ("Bearer", user) => user.parse().ok(),
        ("Basic", encoded) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
            String::from_utf8(decoded).ok()?.split_once(':')?.1.parse().ok()
        }
        _ => None,
    }
}

/// Runs a program in a folder; what it printed, if it succeeded.
pub(crate) async fn run(folder: &Path, program: &str, arguments: &[&str]) -> std::result::Result<String, String> {
    let mut command = std::process::Command::new(bygone_tests::tools::tool(program));
    command.args(arguments).current_dir(folder).env("HOME", folder).stdin(std::process::Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    Err(format!("{program} {arguments:?}: {}: {said}{}", output.status, String::from_utf8_lossy(&output.stderr)))
}
