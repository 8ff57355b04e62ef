//! Search over two servers: one of them has the index, both answer.

use bygone_common::job::{CatalogSpec, JobSpec};
use bygone_store::jobs::NewJob;
use bygone_store::{Actor, Role};
use bygone_tests::restic::Restic;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::replicas::Replicas;
use super::wait;
use crate::gateway::support::{Behind, behind};
use crate::machine::Machine;
use crate::support::{Answer, Client, Stack};

const START: &str = "2026-11-01T10:00:00Z";
/// Longer than an index stays with a replica that says nothing more.
const LEASE_AND_MORE: SignedDuration = SignedDuration::from_secs(16);

/// A source whose snapshots restic takes.
struct Library {
    behind: Behind,
    restic: Restic,
    source: tempfile::TempDir,
    admin: Client,
}

impl Library {
    async fn new(stack: &Stack) -> Self {
        let behind = behind(stack, "acme", "main", None).await;
        let org = behind.org.to_string();
        let admin = stack.person(&org, Role::Admin).await;
        let machine = Machine::new(stack, &admin, &org, "laptop").await;
        let source = tempfile::tempdir().unwrap();
        let body = json!({ "agent": machine.uid, "name": "home", "host": "alpha", "paths": [source.path()] });
        let made = admin.post(&format!("/api/v1/orgs/{org}/sources"), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let restic = Restic::new(behind.row.location.clone());
        restic.run(&["init"]);
        Self { behind, restic, source, admin }
    }

    /// Takes a snapshot with a new file, and has it noticed by whichever replica is quicker.
    async fn add(&self, stack: &Stack, name: &str) {
        std::fs::write(self.source.path().join(name), name).unwrap();
        self.restic.run(&["backup", "--host", "alpha", self.source.path().to_str().unwrap()]);
        let org = self.behind.org;
        let spec = JobSpec::Catalog(CatalogSpec { repository: self.behind.row.uid });
        let store = &stack.server.as_ref().unwrap().app().store;
        store.jobs().create(&Actor::system("test", org), org, NewJob::new(spec, None)).await.unwrap();
    }

    async fn search(&self, stack: &Stack, name: &str) -> Answer {
        let asker = stack.with_token(&self.admin.token());
        asker.get(&format!("/portal/v1/search?q={name}&facets=true")).await
    }

    /// Everything that a replica answers of a search, once it finds something and misses nothing.
    async fn finds(&self, stack: &Stack, name: &str) -> Value {
        wait(async || {
            let answer = self.search(stack, name).await;
            let body = (answer.status == StatusCode::OK).then(|| answer.json())?;
            (body["total"] == 1 && body["partial"] == false).then_some(body)
        })
        .await
    }
}

/// Whether a replica keeps an index of its own.
fn has_index(stack: &Stack) -> bool {
    let folder = stack.folder.path().join("data/search");
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_has_an_index_and_both_answer_alike() {
    let replicas = Replicas::start(None).await;
    let (one, two) = (&replicas.one, &replicas.two);
    let library = Library::new(one).await;
    // Whoever is asked first has it from then on.
    assert_eq!(library.search(two, "nothing").await.status, StatusCode::OK);
    for name in ["apple", "pear"] {
        library.add(one, name).await;
        let (there, here) = (library.finds(two, name).await, library.finds(one, name).await);
        assert_eq!(there, here, "{name}");
    }
    assert!(has_index(two) && !has_index(one));
    // What is refused is refused alike, and completed alike.
    let wrong = library.search(one, "size:big").await;
    assert_eq!((wrong.problem().as_str(), &wrong.json()["field"]), ("malformed", &json!("q")));
    let names = async |stack: &Stack| {
        stack.with_token(&library.admin.token()).get("/portal/v1/search/names?prefix=pe").await.json()
    };
    assert_eq!(names(one).await, json!({ "names": [{ "name": "pear", "versions": 1 }] }));
    assert_eq!(names(one).await, names(two).await);
    // Rights are the holder's to decide, by what the asker came with.
    let nobody = one.anonymous().get("/portal/v1/search?q=apple").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let other = one.root().make_org("other").await;
    let stranger = one.person(&other, Role::Admin).await;
    assert_eq!(stranger.get("/portal/v1/search?q=apple").await.json()["total"], 0);
    // One that stops gives its index away at once.
    let mut replicas = replicas;
    replicas.two.stop().await;
    library.finds(&replicas.one, "apple").await;
    assert!(has_index(&replicas.one));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_replica_that_has_an_index_dies_another_takes_it_over() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let replicas = Replicas::start_on(Some(START), Some(runtime.handle())).await;
    let (one, two) = (&replicas.one, &replicas.two);
    let library = Library::new(one).await;
    library.search(two, "nothing").await;
    library.add(one, "apple").await;
    let before = library.finds(one, "apple").await;
    assert!(!has_index(one));
    // All of it ends in the middle of whatever it does: nothing is given up.
    runtime.shutdown_background();
    let refused = library.search(one, "apple").await;
    assert_eq!(refused.problem(), "unavailable");
    let seconds: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=15).contains(&seconds), "{seconds}");
    one.clock.advance(LEASE_AND_MORE);
    let after = library.finds(one, "apple").await;
    assert_eq!(after["hits"], before["hits"]);
    assert!(has_index(one));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_replica_is_believed_where_a_request_came_from() {
    let replicas = Replicas::start(None).await;
    let library = Library::new(&replicas.one).await;
    library.search(&replicas.two, "nothing").await;
    let app = replicas.two.server.as_ref().unwrap().app();
    let path = "/portal/v1/search?q=apple";
    let claim = format!("{} 203.0.113.9", app.clock.now().as_second());
    let signed = |claim: &str, path: &str| app.secrets.sign(&format!("{claim} {path}")).unwrap();
    let old = format!("{} 203.0.113.9", app.clock.now().as_second() - 3_600);
    let asker = replicas.two.with_token(&library.admin.token());
    let claims = [
        format!("{claim} {}", signed(&claim, path)),
        format!("{claim} {}", signed(&claim, "/portal/v1/search?q=pear")),
        format!("{old} {}", signed(&old, path)),
        format!("{claim} {}", "0".repeat(64)),
        "nonsense".to_owned(),
    ];
    for claim in &claims {
        let answer = asker.ask(reqwest::Method::GET, path, &[("x-bygone-forwarded", claim)], Value::Null).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        // Written down by itself, and not together with the next one.
        app.portal.flush().await;
    }
    let log = library.admin.get(&format!("/api/v1/orgs/{}/audit?limit=500", library.behind.org)).await.json();
    let reads = log["items"].as_array().unwrap().iter().filter(|entry| entry["details"]["path"] == "apple");
    let seen: Vec<&str> = reads.filter_map(|entry| entry["address"].as_str()).collect();
    assert_eq!(seen.len(), claims.len(), "{log}");
    assert_eq!(seen.iter().filter(|address| **address == "203.0.113.9").count(), 1, "{seen:?}");
    // The holder of an index never sends a signed request on: here it is asked of who does not have it.
    let signature = signed(&claim, path);
    let astray = replicas.one.with_token(&library.admin.token());
    let header = format!("{claim} {signature}");
    let answer = astray.ask(reqwest::Method::GET, path, &[("x-bygone-forwarded", &header)], Value::Null).await;
    assert_eq!(answer.problem(), "unavailable");
}
