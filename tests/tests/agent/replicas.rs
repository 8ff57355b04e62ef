//! Two servers over one PostgreSQL and one bucket: what is planned at one is run by the other, and when that one is killed
//! in the middle, the first goes on.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bygone_client::{ApiClient, Trust};
use bygone_common::{Clock, JobUid, OrgUid};
use bygone_server::Roles;
use bygone_store::events::EventKind;
use bygone_store::{Actor, Page, Role};
use bygone_tests::postgres::Postgres;
use bygone_tests::relay::Relay;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use serde_json::{Value, json};

use crate::binary::Program;
use crate::stack::{Person, Running, Stack, eventually, run, source};

/// The other replica: a process of its own.
struct Other {
    program: Program,
    port: u16,
    agent_port: u16,
}

impl Other {
    fn start(stack: &Stack) -> Self {
        let (port, agent_port) = (bygone_tests::ports::free(), bygone_tests::ports::free());
        let mut variables = stack.variables(port);
        variables.insert("SERVER__AGENT_LISTEN".to_owned(), format!("127.0.0.1:{agent_port}"));
        let data = stack.folder.path().join("data-of-the-other");
        variables.insert("SERVER__DATA".to_owned(), data.to_str().unwrap().to_owned());
        Self { program: Program::server_with(variables), port, agent_port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn answers(&self, person: &Person) {
        let there = ApiClient::new(&self.url(), &Trust::Plain, Some(&person.token)).unwrap();
        eventually("the other to answer", async || there.get::<Value>("/api/v1/me").await.is_ok()).await;
    }
}

/// An organization of both, whose agent is led to one of them.
struct Bench {
    stack: Stack,
    /// None once it was killed.
    other: Option<Other>,
    org: OrgUid,
    admin: Person,
    repository: String,
    plan: String,
    relay: Relay,
    agent: Running,
    /// The folder that is saved.
    folder: PathBuf,
    _storage: S3Server,
    _cluster: Postgres,
}

impl Bench {
    /// The replica of this process has no worker, and the agent knows the other one.
    async fn start() -> Self {
        let cluster = Postgres::shared();
        let storage = tokio::task::spawn_blocking(S3Server::start).await.unwrap();
        let more = vec![("DATABASE__URL", cluster.database()), ("SECRETS__KEY", "5a".repeat(32))];
        let roles = Roles { worker: false, ..Roles::ALL };
        let stack = Stack::start_over(Clock::real(jiff::Timestamp::now), roles, more).await;
        let org = stack.org("acme").await;
        let admin = stack.person(Some(org), Role::Admin).await;
        let other = Other::start(&stack);
        other.answers(&admin).await;

        let relay = Relay::to(other.agent_port);
        let (state, enrolled) = stack.enrol_at(org, "one", &format!("https://127.0.0.1:{}", relay.port())).await;
        let folder = source(stack.folder.path(), 1_000);
        let make = async |below: &str, body: Value| -> String {
            let made: Value = admin.api.post(&format!("/api/v1/orgs/{org}/{below}"), &body).await.unwrap().unwrap();
            made["uid"].as_str().unwrap().to_owned()
        };
        let secret = json!({ "kind": "s3", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY });
        let credential = make("storage-credentials", json!({ "name": "bucket", "secret": secret })).await;
        let repository = json!({
            "name": "main", "begin": "create", "location": storage.location("shared/prefix"),
            "credential": credential, "password": PASSWORD,
        });
        let repository = make("repositories", repository).await;
        let home = json!({ "agent": enrolled.agent, "name": "home", "paths": [folder] });
        let home = make("sources", home).await;
        let limits = json!({ "upload_bytes_per_second": 512 << 10 });
        let spec = json!({ "sources": [home], "repositories": [repository], "limits": limits });
        let plan = make("plans", json!({ "name": "shared", "spec": spec })).await;
        let agent = run(&state);
        Self {
            stack,
            other: Some(other),
            org,
            admin,
            repository,
            plan,
            relay,
            agent,
            folder,
            _storage: storage,
            _cluster: cluster,
        }
    }

    fn path(&self, below: &str) -> String {
        format!("/api/v1/orgs/{}/{below}", self.org)
    }

    fn other_url(&self) -> String {
        self.other.as_ref().unwrap().url()
    }

    /// What the replica of this process says.
    async fn get(&self, below: &str) -> Value {
        self.stack_api().get(&self.path(below)).await.unwrap()
    }

    /// Where it listens changes when it starts again.
    fn stack_api(&self) -> ApiClient {
        ApiClient::new(&self.stack.url(), &Trust::Plain, Some(&self.admin.token)).unwrap()
    }

    /// Runs the plan, and answers the backup's job.
    async fn begin(&self) -> JobUid {
        let ran: Value =
            self.stack_api().post(&self.path(&format!("plans/{}/run", self.plan)), &json!({})).await.unwrap().unwrap();
        let jobs = self.get(&format!("jobs?run={}&kind=backup", ran["uid"].as_str().unwrap())).await;
        jobs["items"][0]["uid"].as_str().unwrap().parse().unwrap()
    }

    async fn job(&self, job: JobUid) -> Value {
        self.get(&format!("jobs/{job}")).await
    }

    async fn succeeds(&self, job: JobUid) {
        eventually("the backup to end", async || self.job(job).await["ended_at"].is_string()).await;
        let ended = self.job(job).await;
        assert_eq!(ended["state"], "succeeded", "{ended}");
        let page = Page::new(Some(500), None).unwrap();
        let events = self.stack.app().store.happened(&Actor::system("test", self.org), self.org, &page).await.unwrap();
        let ends = events.items.iter().filter(|event| event.job == Some(job) && event.kind == EventKind::JobEnded);
        assert_eq!(ends.count(), 1);
    }

    /// Ids of snapshots, as the catalog names them: each once.
    async fn catalogued(&self) -> BTreeSet<String> {
        let list = self.get(&format!("snapshots?repository={}", self.repository)).await;
        ids(list["items"].as_array().unwrap())
    }

    async fn catalog_has(&self, count: usize) -> BTreeSet<String> {
        eventually("the catalog to be up to date", async || self.catalogued().await.len() >= count).await;
        self.catalogued().await
    }

    /// Ids of snapshots, as stock restic finds them through the gateway of a replica.
    async fn listed_at(&self, url: &str) -> BTreeSet<String> {
        let access = self.path(&format!("repositories/{}/gateway-credentials", self.repository));
        let name = format!("restic {}", jiff::Timestamp::now().as_nanosecond());
        let made: Value = self.stack_api().post(&access, &json!({ "name": name })).await.unwrap().unwrap();
        let field = |name: &str| made[name].as_str().unwrap().to_owned();
        let restic = Restic::new(format!("rest:{url}/restic/acme/main/"))
            .env("RESTIC_REST_USERNAME", &field("username"))
            .env("RESTIC_REST_PASSWORD", &field("password"));
        let listed = tokio::task::spawn_blocking(move || {
            restic.run(&["check", "--read-data"]);
            restic.run(&["snapshots", "--json"])
        });
        let listed: Vec<Value> = serde_json::from_str(&listed.await.unwrap()).unwrap();
        ids(&listed)
    }
}

fn ids(snapshots: &[Value]) -> BTreeSet<String> {
    let ids: BTreeSet<String> = snapshots.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), snapshots.len(), "each is there once: {snapshots:?}");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_made_at_one_is_run_by_the_other_and_goes_on_when_that_is_killed() {
    let mut bench = Bench::start().await;
    // Nobody but the other has a worker: it refreshes the catalog.
    let first = bench.begin().await;
    bench.succeeds(first).await;
    let one = bench.catalog_has(1).await;
    assert_eq!(bench.listed_at(&bench.stack.url()).await, one);
    assert_eq!(bench.listed_at(&bench.other_url()).await, one, "both gateways serve one repository");

    bench.stack.becomes(Roles::ALL).await;
    let noise = bygone_tests::noise::noise(7, 6 << 20);
    std::fs::write(bench.folder.join("below/new"), noise).unwrap();
    let second = bench.begin().await;
    eventually("the backup to get on", async || bench.job(second).await["progress"]["bytes_done"].as_u64() > Some(0))
        .await;
    assert_eq!(bench.job(second).await["state"], "running");
    // It takes requests of the agent and an upload with it.
    bench.relay.lead_to(bench.stack.agent_port());
    bench.other.take().unwrap().program.kill();
    bench.succeeds(second).await;
    let two = bench.catalog_has(2).await;
    assert!(two.is_superset(&one));
    assert_eq!(bench.listed_at(&bench.stack.url()).await, two);
    // The one that was killed comes back, and finds the same.
    let other = Other::start(&bench.stack);
    other.answers(&bench.admin).await;
    assert_eq!(bench.listed_at(&other.url()).await, two);
    let verdict: Value = bench.stack.root().get("/api/v1/audit/verdict").await.unwrap();
    assert_eq!(verdict["state"], "intact", "the log has no gap: {verdict}");
    bench.agent.end().await;
    other.program.end();
}
