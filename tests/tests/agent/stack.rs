//! A server, an organization with a repository, and agents of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bygone_agent::{Enrolled, Folder, Options, Stop, enrol};
use bygone_client::{ApiClient, Backoff, Trust};
use bygone_common::job::{BackupSpec, JobSpec};
use bygone_common::plan::{CaptureOptions, Hook, Limits, StorageClass};
use bygone_common::{Clock, JobUid, OrgUid, PlanUid, RepositoryUid, Secret, SourceUid, UserUid};
use bygone_server::secrets::Purpose;
use bygone_server::{App, Config, Roles, Server};
use bygone_store::api_tokens::NewApiToken;
use bygone_store::jobs::{Job, NewJob};
use bygone_store::orgs::{NewOrg, Quota};
use bygone_store::plans::NewPlan;
use bygone_store::repositories::{AgentRoute, NewRepository, Repository, StorageClass as Class};
use bygone_store::scopes::Scopes;
use bygone_store::sources::{NewSource, Visibility};
use bygone_store::users::NewUser;
use bygone_store::{Actor, Role, Who};
use bygone_tests::restic::{PASSWORD, Restic};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// For how long anything is waited for.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(crate) struct Stack {
    pub(crate) server: Option<Server>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Clock,
    roles: Roles,
    /// Variables on top.
    more: Vec<(&'static str, String)>,
    /// Where agents connect to, the same after a restart.
    agent_port: u16,
    /// The API token of who runs the installation.
    root: Secret<String>,
}

/// Somebody who asks the control API and the portal.
pub(crate) struct Person {
    pub(crate) uid: UserUid,
    pub(crate) token: Secret<String>,
    pub(crate) api: ApiClient,
}

/// An agent that runs.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    pub(crate) task: JoinHandle<bygone_agent::Result<()>>,
}

impl Running {
    /// Ends it in order.
    pub(crate) async fn end(self) {
        self.stop.stop();
        tokio::time::timeout(WAIT_MAX, self.task).await.unwrap().unwrap().unwrap();
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(Clock::real(jiff::Timestamp::now)).await
    }

    pub(crate) async fn start_with(clock: Clock) -> Self {
        Self::start_as(clock, Roles::ALL).await
    }

    pub(crate) async fn start_as(clock: Clock, roles: Roles) -> Self {
        Self::start_over(clock, roles, Vec::new()).await
    }

    /// With variables on top (`DATABASE__URL`).
    pub(crate) async fn start_over(clock: Clock, roles: Roles, more: Vec<(&'static str, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut stack = Self {
            server: None,
            folder,
            clock,
            roles,
            more,
            agent_port: bygone_tests::ports::free(),
            root: Secret::new(String::new()),
        };
        stack.start_again().await;
        stack
    }

    /// Starts again as something else.
    pub(crate) async fn becomes(&mut self, roles: Roles) {
        self.stop().await;
        self.roles = roles;
        self.start_again().await;
    }

    pub(crate) async fn start_again(&mut self) {
        let config = Config::parse("", &self.variables(0)).unwrap();
        self.server = Some(Server::start(config, self.clock.clone(), self.roles).await.unwrap());
        if self.root.expose().is_empty() {
            self.root = self.person(None, Role::Root).await.token;
        }
    }

    /// What the server is told, beside the prefix of its variables.
    pub(crate) fn variables(&self, port: u16) -> BTreeMap<String, String> {
        let variables = [
            ("SERVER__DATA", self.folder.path().join("data").to_str().unwrap().to_owned()),
            ("SERVER__LISTEN", format!("127.0.0.1:{port}")),
            ("SERVER__AGENT_LISTEN", format!("127.0.0.1:{}", self.agent_port)),
            ("SERVER__DRAIN_SECONDS", "1".to_owned()),
            ("STORAGE__ALLOWED_NETWORKS", "127.0.0.1".to_owned()),
        ];
        variables.into_iter().chain(self.more.clone()).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The API token of who runs the installation.
    pub(crate) fn root_token(&self) -> &Secret<String> {
        &self.root
    }

    pub(crate) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    pub(crate) fn app(&self) -> &App {
        self.server.as_ref().unwrap().app()
    }

    pub(crate) fn agent_port(&self) -> u16 {
        self.agent_port
    }

    pub(crate) fn agent_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.agent_port)
    }

    /// A new person, with an API token.
    pub(crate) async fn person(&self, org: Option<OrgUid>, role: Role) -> Person {
        let store = &self.app().store;
        let new = NewUser {
            email: format!("{}@example.test", store.uid(UserUid::new)),
            name: format!("{role:?}"),
            role,
            provider: None,
        };
        let user = store.users().create(&Actor::installation("test"), org, &new).await.unwrap();
        let scopes = ["*:read", "*:write", "*:delete", "*:run", "*:export", "unattended"];
        self.with_token(Actor::new(Who::User(user.uid), org, role), user.uid, &scopes).await
    }

    /// Somebody with a new token for a part of what they may do.
    pub(crate) async fn with_token(&self, person: Actor, uid: UserUid, scopes: &[&str]) -> Person {
        let store = &self.app().store;
        let secret = format!("bygone_{}", store.uid(UserUid::new));
        let hash = ring::digest::digest(&ring::digest::SHA256, secret.as_bytes());
        let token = NewApiToken {
            name: "test".to_owned(),
            prefix: "bygone_".to_owned(),
            hash: hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
            scopes: Scopes::parse(scopes).unwrap(),
            expires_at: store.now() + SignedDuration::from_hours(24 * 300),
        };
        store.api_tokens().create(&person, &token).await.unwrap();
        let token = Secret::new(secret);
        Person { uid, api: self.api_by(&token), token }
    }

    /// The control API, as root.
    pub(crate) fn root(&self) -> ApiClient {
        self.api_by(&self.root)
    }

    /// The control API, as a new person of an organization.
    pub(crate) async fn api(&self, org: OrgUid, role: Role) -> ApiClient {
        self.person(Some(org), role).await.api
    }

    /// Where people connect to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.as_ref().unwrap().address())
    }

    fn api_by(&self, token: &Secret<String>) -> ApiClient {
        ApiClient::new(&self.url(), &Trust::Plain, Some(token)).unwrap()
    }

    pub(crate) fn admin(&self, org: OrgUid) -> Actor {
        let store = &self.app().store;
        Actor::new(Who::User(store.uid(UserUid::new)), Some(org), Role::Admin)
    }

    pub(crate) async fn org(&self, name: &str) -> OrgUid {
        let new = NewOrg { name: name.to_owned(), title: name.to_owned(), quota: Quota::default() };
        let root = Actor::new(Who::System("test"), None, Role::Root);
        self.app().store.orgs().create(&root, &new).await.unwrap().uid
    }

    /// A repository in a folder of the server, made by stock restic.
    pub(crate) async fn repository(&self, org: OrgUid, org_name: &str, name: &str) -> Repository {
        let app = self.app();
        let uid = app.store.uid(RepositoryUid::new);
        let location = app.storages.managed(org_name, name).to_string();
        let at = location.clone();
        tokio::task::spawn_blocking(move || Restic::new(at).run(&["init"])).await.unwrap();
        let new = NewRepository {
            uid,
            name: name.to_owned(),
            location,
            credential: None,
            password_sealed: app
                .secrets
                .seal(Purpose::RepositoryPassword, &uid.to_string(), PASSWORD.as_bytes())
                .unwrap(),
            restic_id: String::new(),
            format: 2,
            class: Class::Hot,
            agent_route: AgentRoute::Gateway,
            worm_days: None,
            bytes_max: None,
            adopted: false,
        };
        app.store.repositories().create(&self.admin(org), org, &new).await.unwrap()
    }

    /// A new enrolment token.
    pub(crate) async fn token(&self, org: OrgUid, lasts_seconds: u32) -> Secret<String> {
        use bygone_common::protocol::TokenText;
        use bygone_store::enrolment_tokens::NewEnrolmentToken;

        let app = self.app();
        let mut random = [0; 32];
        random[..16].copy_from_slice(app.store.uid(SourceUid::new).uuid().as_bytes());
        let text = TokenText::compose(&random, &app.ca.fingerprint());
        let new = NewEnrolmentToken {
            hash: bygone_server::agent_api::token_hash(text.expose()),
            note: "a test".to_owned(),
            expires_at: app.clock.now().checked_add(SignedDuration::from_secs(lasts_seconds.into())).unwrap(),
        };
        app.store.enrolment_tokens().create(&self.admin(org), org, &new).await.unwrap();
        text
    }

    /// A folder for an agent's state.
    pub(crate) fn agent_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("agent-{name}"))
    }

    /// A new agent, reached by a URL.
    pub(crate) async fn enrol_at(&self, org: OrgUid, name: &str, url: &str) -> (Folder, Enrolled) {
        let token = self.token(org, 3_600).await;
        let folder = Folder::create(&self.agent_folder(name)).unwrap();
        let enrolled = enrol::enrol(&folder, url, &token, jiff::Timestamp::now()).await.unwrap();
        (folder, enrolled)
    }

    pub(crate) async fn enrol(&self, org: OrgUid, name: &str) -> (Folder, Enrolled) {
        self.enrol_at(org, name, &self.agent_url()).await
    }

    /// A plan that saves a folder of an agent's machine at every full hour.
    pub(crate) async fn hourly_plan(&self, org: OrgUid, to: &Enrolled, into: &Repository, path: &Path) -> PlanUid {
        let (store, admin) = (&self.app().store, self.admin(org));
        let paths = vec![path.to_str().unwrap().to_owned()];
        let (name, visibility) = ("home".to_owned(), Visibility::default());
        let new =
            NewSource { agent: to.agent, owner: None, name, host: None, paths, visibility, restore_approval: false };
        let source = store.sources().create(&admin, org, &new).await.unwrap().uid;
        let schedule = json!({ "rules": [{ "cron": "0 * * * *" }], "zone": { "named": "UTC" }, "missed": "skip" });
        let spec = json!({ "sources": [source], "repositories": [into.uid], "schedule": schedule });
        let spec = serde_json::from_value(spec).unwrap();
        let new = NewPlan { name: "hourly".to_owned(), enabled: true, spec };
        store.plans().create(&admin, org, new).await.unwrap().uid
    }

    /// Queues a backup by hand.
    pub(crate) async fn backup(&self, org: OrgUid, to: &Enrolled, spec: BackupSpec) -> JobUid {
        let new = NewJob { attempts_max: 3, ..NewJob::new(JobSpec::Backup(Box::new(spec)), Some(to.agent)) };
        self.app().store.jobs().create(&self.admin(org), org, new).await.unwrap().uid
    }

    pub(crate) async fn job(&self, org: OrgUid, job: JobUid) -> Job {
        self.app().store.jobs().get(&self.admin(org), org, job).await.unwrap()
    }

    /// Waits until a job fits.
    pub(crate) async fn job_that(&self, org: OrgUid, job: JobUid, fits: impl Fn(&Job) -> bool) -> Job {
        let until = tokio::time::Instant::now() + WAIT_MAX;
        loop {
            let found = self.job(org, job).await;
            if fits(&found) {
                return found;
            }
            assert!(tokio::time::Instant::now() < until, "waited in vain: {found:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a job is over.
    pub(crate) async fn ended(&self, org: OrgUid, job: JobUid) -> Job {
        self.job_that(org, job, |job| job.state.is_final()).await
    }

    /// The lines of a job's log.
    pub(crate) async fn lines(&self, org: OrgUid, job: JobUid) -> Vec<String> {
        let page = bygone_store::Page::new(Some(500), None).unwrap();
        let list = self.app().store.jobs().lines(&self.admin(org), org, job, &page).await.unwrap();
        list.items.into_iter().map(|numbered| numbered.line.text).collect()
    }
}

/// Runs an agent that is quick to say everything.
pub(crate) fn run(folder: &Folder) -> Running {
    run_with(folder, quick())
}

pub(crate) fn quick() -> Options {
    Options {
        heartbeat: Some(Duration::from_millis(200)),
        backoff: Backoff::new(Duration::from_millis(50), Duration::from_millis(500)),
        ..Options::default()
    }
}

pub(crate) fn run_with(folder: &Folder, options: Options) -> Running {
    let stop = Stop::default();
    let task = tokio::spawn(bygone_agent::run(folder.clone(), options, stop.clone()));
    Running { stop, task }
}

/// A backup of a folder.
pub(crate) fn spec(repository: &Repository, path: &Path) -> BackupSpec {
    let uid = |number: u32| format!("01900000-0000-7000-8000-{number:012}");
    BackupSpec {
        plan: uid(1).parse::<PlanUid>().unwrap(),
        plan_version: 1,
        source: uid(2).parse::<SourceUid>().unwrap(),
        repository: repository.uid,
        paths: vec![path.to_str().unwrap().to_owned()],
        capture: CaptureOptions::default(),
        host: Some("alice".to_owned()),
        tags: vec!["daily".to_owned()],
        hooks: Vec::new(),
        limits: Limits::default(),
        storage_class: StorageClass::Hot,
    }
}

/// A hook of the shell.
pub(crate) fn hook(moment: &str, script: &str) -> Hook {
    serde_json::from_value(json!({ "when": moment, "command": ["sh", "-c", script], "timeout_seconds": 20 })).unwrap()
}

/// What restic says of a repository's snapshots, once it has read all of it.
pub(crate) async fn snapshots(repository: &Repository) -> Vec<Value> {
    let at = repository.location.clone();
    let listed = tokio::task::spawn_blocking(move || {
        let restic = Restic::new(at);
        restic.run(&["check", "--read-data"]);
        restic.run(&["snapshots", "--json"])
    });
    serde_json::from_str(&listed.await.unwrap()).unwrap()
}

/// A folder with some files; the second is of so many random bytes.
pub(crate) fn source(within: &Path, bytes: usize) -> PathBuf {
    let folder = within.join("source");
    std::fs::create_dir_all(folder.join("below")).unwrap();
    std::fs::write(folder.join("small"), "content").unwrap();
    std::fs::write(folder.join("below/large"), bytes_of(bytes)).unwrap();
    folder
}

/// Bytes that do not compress.
fn bytes_of(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(count).collect()
}

/// Waits for something.
pub(crate) async fn eventually(what: &str, mut fits: impl AsyncFnMut() -> bool) {
    let until = tokio::time::Instant::now() + WAIT_MAX;
    while !fits().await {
        assert!(tokio::time::Instant::now() < until, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
