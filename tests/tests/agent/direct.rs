//! Agents that reach the storage themselves: nothing of it passes the gateway.

use bygone_client::ApiClient;
use bygone_common::job::Outcome;
use bygone_common::{Clock, OrgUid, RepositoryUid};
use bygone_server::Roles;
use bygone_store::Role;
use bygone_store::repositories::{AgentRoute, Repository};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use bygone_tests::sftp::SftpServer;
use serde_json::{Value, json};

use crate::stack::{Stack, run, source, spec};

struct Bench {
    stack: Stack,
    org: OrgUid,
    admin: ApiClient,
}

impl Bench {
    async fn start() -> Self {
        let roles = Roles { gateway: false, ..Roles::ALL };
        let stack = Stack::start_as(Clock::real(jiff::Timestamp::now), roles).await;
        let org = stack.org("acme").await;
        let admin = stack.api(org, Role::Admin).await;
        Self { stack, org, admin }
    }

    fn path(&self, below: &str) -> String {
        format!("/api/v1/orgs/{}/{below}", self.org)
    }

    /// A new repository at a place, which agents reach by that route.
    async fn repository(&self, location: &str, secret: Value, route: &str) -> Repository {
        let credential = json!({ "name": "storage", "secret": secret });
        let credential: Value = self.admin.post(&self.path("storage-credentials"), &credential).await.unwrap().unwrap();
        let body = json!({
            "name": "main", "begin": "create", "location": location, "credential": credential["uid"],
            "password": PASSWORD, "agent_route": route,
        });
        let made: Value = self.admin.post(&self.path("repositories"), &body).await.unwrap().unwrap();
        assert_eq!(made["agent_route"], route);
        let uid: RepositoryUid = made["uid"].as_str().unwrap().parse().unwrap();
        self.stack.app().store.repositories().get(&self.stack.admin(self.org), self.org, uid).await.unwrap()
    }

    /// A backup goes past the server, is restored from there by stock restic, and is found by the server.
    async fn goes_direct(&self, repository: &Repository, restic: Restic) {
        let (folder, enrolled) = self.stack.enrol(self.org, "one").await;
        let agent = run(&folder);
        let path = source(self.stack.folder.path(), 2 << 20);
        let job = self.stack.backup(self.org, &enrolled, spec(repository, &path)).await;
        let ended = self.stack.ended(self.org, job).await;
        let Some(Outcome::Succeeded(done)) = ended.outcome else { panic!("{ended:?}") };
        let listed = tokio::task::spawn_blocking(move || {
            restic.run(&["check", "--read-data"]);
            restic.run(&["snapshots", "--json"])
        });
        let listed: Vec<Value> = serde_json::from_str(&listed.await.unwrap()).unwrap();
        assert_eq!((listed.len(), listed[0]["id"].as_str()), (1, Some(done.snapshot.unwrap().to_string().as_str())));
        let refresh = self.path(&format!("repositories/{}/refresh", repository.uid));
        let found: Value = self.admin.post(&refresh, &json!({})).await.unwrap().unwrap();
        assert_eq!(found["total"], 1, "the server sees what came past it: {found}");
        let counted = self.stack.app().metrics.render();
        assert!(!counted.contains("bygone_gateway_"), "nothing came through it: {counted}");
        agent.end().await;
        for file in ["status.json", "state.json"].map(|name| folder.join(name)).iter().filter(|file| file.exists()) {
            let text = std::fs::read_to_string(file).unwrap();
            assert!(
                !text.contains(SECRET_KEY) && !text.contains("PRIVATE KEY"),
                "no secret is kept: {}",
                file.display()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_a_bucket_past_the_server() {
    let bench = Bench::start().await;
    let s3 = tokio::task::spawn_blocking(S3Server::start).await.unwrap();
    let secret = json!({ "kind": "s3", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY });
    let repository = bench.repository(&s3.location("direct/prefix"), secret, "direct").await;
    bench.goes_direct(&repository, s3.restic("direct/prefix")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_an_ssh_server_past_the_server() {
    let bench = Bench::start().await;
    let sftp = tokio::task::spawn_blocking(SftpServer::start).await.unwrap();
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    let secret = json!({
        "kind": "sftp", "known_hosts": read(sftp.known_hosts()), "private_key": read(sftp.identity()),
    });
    let repository = bench.repository(&sftp.location("direct"), secret, "direct").await;
    bench.goes_direct(&repository, sftp.restic("direct")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_can_be_changed_and_a_folder_of_the_server_has_none_past_it() {
    let bench = Bench::start().await;
    let local = json!({ "name": "local", "begin": "create", "password": PASSWORD, "agent_route": "direct" });
    let refused = bench.admin.post::<Value>(&bench.path("repositories"), &local).await.unwrap_err();
    assert!(refused.to_string().contains("gateway"), "{refused}");
    let local = json!({ "name": "local", "begin": "create", "password": PASSWORD });
    let made: Value = bench.admin.post(&bench.path("repositories"), &local).await.unwrap().unwrap();
    assert_eq!(made["agent_route"], AgentRoute::Gateway.name());
    let path = bench.path(&format!("repositories/{}", made["uid"].as_str().unwrap()));
    let refused = bench.admin.patch::<Value>(&path, Some("\"1\""), &json!({ "agent_route": "direct" })).await;
    assert!(refused.unwrap_err().to_string().contains("gateway"));
    let same: Value = bench.admin.patch(&path, Some("\"1\""), &json!({ "agent_route": "gateway" })).await.unwrap();
    assert_eq!(same["agent_route"], "gateway");
}
