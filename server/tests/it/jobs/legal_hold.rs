//! Holds of snapshots in a bucket that locks files: the storage itself keeps what they need.

use std::collections::BTreeSet;
use std::fs;

use bygone_common::OrgUid;
use bygone_common::job::{FailureCode, JobSpec, JobState, LegalHoldSpec};
use bygone_server::repositories::{self, Begin, Wanted};
use bygone_server::storages::StorageSecret;
use bygone_server::{app::App, catalog};
use bygone_store::Role;
use bygone_tests::noise::noise;
use bygone_tests::s3::{S3Server, WRITER_ACCESS_KEY, WRITER_SECRET_KEY};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Bench, failure, wait};
use crate::gateway::support::admin;
use crate::gateway::worm::make_with_policy;
use crate::repositories::{blocking, credential, wanted};
use crate::support::{Client, Stack};

/// A bucket whose files are locked, a server that has a repository there, and somebody who runs its organization.
struct Stand {
    s3: S3Server,
    stack: Stack,
    org: OrgUid,
    repository: bygone_common::RepositoryUid,
    admin: Client,
    source: tempfile::TempDir,
}

impl Stand {
    /// The server's clock stands still, so that holds end when a test says.
    async fn new() -> Self {
        let s3 = blocking(|| {
            let s3 = S3Server::start();
            s3.make_locked_bucket("locked");
            make_with_policy(&s3.location("locked/main"));
            s3
        })
        .await;
        let now = jiff::Timestamp::now().to_string();
        let stack = Stack::start_at_with(&now, &[("STORAGE__ALLOWED_NETWORKS", "127.0.0.1")]).await;
        let org: OrgUid = stack.root().make_org("acme").await.parse().unwrap();
        let (app, actor) = (app(&stack), admin(&stack, org));
        let keys = StorageSecret::S3 {
            access_key: WRITER_ACCESS_KEY.to_owned(),
            secret_key: WRITER_SECRET_KEY.to_owned(),
            region: None,
            path_style: None,
        };
        let credential = Some(credential(&app, &actor, org, "storage", keys).await);
        let location = Some(s3.location("locked/main"));
        let wanted = Wanted { location, credential, ..wanted("main", Begin::Adopt) };
        let repository = repositories::add(&app, &actor, org, wanted).await.unwrap().uid;
        let admin = stack.person(&org.to_string(), Role::Admin).await;
        Self { s3, stack, org, repository, admin, source: tempfile::tempdir().unwrap() }
    }

    /// A snapshot that stock restic takes past the server, and so without any lock, when one more file is there.
    async fn back_up(&self, name: &str) -> String {
        let seed = name.bytes().map(u64::from).sum();
        fs::write(self.source.path().join(name), noise(seed, 300_000)).unwrap();
        let said = self.restic(&["backup", "--json", self.source.path().to_str().unwrap()]).await;
        catalog::refresh(&app(&self.stack), self.org, self.repository).await.unwrap();
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        last["snapshot_id"].as_str().unwrap().to_owned()
    }

    async fn restic(&self, arguments: &[&str]) -> String {
        let restic = self.s3.restic("locked/main");
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        blocking(move || restic.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())).await
    }

    /// Stock restic reads everything, and sees so many snapshots.
    async fn is_read_by_restic(&self, snapshots: usize) {
        self.restic(&["check", "--read-data"]).await;
        let listed: Value = serde_json::from_str(&self.restic(&["snapshots", "--json"]).await).unwrap();
        assert_eq!(listed.as_array().unwrap().len(), snapshots, "{listed}");
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/orgs/{}{rest}", self.org)
    }

    fn holds(&self, snapshot: &str) -> String {
        self.path(&format!("/repositories/{}/snapshots/{snapshot}/holds", self.repository))
    }

    /// Places a hold; answers the snapshot's new id, and its job once that is over.
    async fn hold(&self, by: &Client, snapshot: &str, hold: Value) -> (String, Value) {
        let answer = by.post(&self.holds(snapshot), hold).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        self.followed(&answer.json()).await
    }

    async fn release(&self, snapshot: &str, case: &str) -> (String, Value) {
        let answer = self.admin.delete(&format!("{}/{case}", self.holds(snapshot))).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        self.followed(&answer.json()).await
    }

    async fn followed(&self, held: &Value) -> (String, Value) {
        let over = self.over(held["job"].as_str().unwrap()).await;
        assert_eq!((&over["kind"], &over["spec"]["snapshot"]), (&json!("legal_hold"), &held["snapshot"]), "{over}");
        (held["snapshot"].as_str().unwrap().to_owned(), over)
    }

    /// A job, once it is over.
    async fn over(&self, job: &str) -> Value {
        let path = self.path(&format!("/jobs/{job}"));
        wait(async || Some(self.admin.get(&path).await.json()).filter(|job| !job["ended_at"].is_null())).await
    }

    /// The keys of all files of a folder.
    fn keys(&self, folder: &str) -> BTreeSet<String> {
        let prefix = format!("main/{folder}/");
        let listed = self.s3.as_admin("GET", "/locked").query("list-type", "2").query("prefix", &prefix).send();
        assert_eq!(listed.status, 200, "{listed:?}");
        texts(&listed.text, "Key").collect()
    }

    /// Those of them that the storage says are under legal hold.
    fn held(&self, folder: &str) -> BTreeSet<String> {
        self.keys(folder).into_iter().filter(|key| self.is_held(key, None)).collect()
    }

    /// How many versions of files of a folder are under legal hold, seen or not.
    fn held_versions(&self, folder: &str) -> usize {
        let prefix = format!("main/{folder}/");
        let listed = self.s3.as_admin("GET", "/locked").query("prefix", &prefix).query("versions", "").send();
        assert_eq!(listed.status, 200, "{listed:?}");
        let versions = listed.text.split("<Version>").skip(1);
        let found = versions.map(|version| (texts(version, "Key").next(), texts(version, "VersionId").next()));
        found.filter(|(key, version)| self.is_held(key.as_ref().unwrap(), version.as_deref())).count()
    }

    fn is_held(&self, key: &str, version: Option<&str>) -> bool {
        let path = format!("/locked/{key}");
        let mut look = self.s3.as_admin("HEAD", &path);
        if let Some(version) = version {
            look = look.query("versionId", version);
        }
        let answer = look.send();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let mut headers = answer.text.lines().filter_map(|line| line.split_once(": "));
        headers.any(|(name, value)| name.eq_ignore_ascii_case("x-amz-object-lock-legal-hold") && value.trim() == "ON")
    }

    fn snapshot(&self, id: &str) -> String {
        format!("main/snapshots/{id}")
    }
}

fn app(stack: &Stack) -> App {
    stack.server.as_ref().unwrap().app().clone()
}

/// What stands in all elements of a name.
fn texts<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let found: Vec<_> = xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect();
    found.into_iter()
}

fn case(name: &str) -> Value {
    json!({ "case": name, "reason": "asked for by the court" })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_held_snapshot_needs_is_under_legal_hold_until_none_needs_it_that_is_held() {
    let stand = Stand::new().await;
    let first = stand.back_up("one").await;
    let (packs_of_first, index_of_first) = (stand.keys("data"), stand.keys("index"));
    // It has the first one's file too, whose pack it shares, and folders of its own.
    let second = stand.back_up("two").await;
    let all_packs = stand.keys("data");
    assert_eq!((packs_of_first.len(), all_packs.len()), (2, 4));

    let (first, job) = stand.hold(&stand.admin, &first, case("a")).await;
    assert_eq!((&job["state"], &job["outcome"]["counts"]["packs"]), (&json!("succeeded"), &json!(4)), "{job}");
    assert_eq!((stand.held("data"), stand.held("index")), (packs_of_first.clone(), index_of_first));
    assert_eq!(stand.held("snapshots"), BTreeSet::from([stand.snapshot(&first)]));
    stand.is_read_by_restic(2).await;

    // Who may place holds may cause it; the audit log says which job it was.
    let operator = stand.stack.person(&stand.org.to_string(), Role::Operator).await;
    let (second, job) = stand.hold(&operator, &second, case("b")).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(stand.held("data"), all_packs);
    let entries = stand.admin.get(&stand.path("/audit?resource=hold")).await.json();
    let mut entries = entries["items"].as_array().unwrap().iter();
    assert!(entries.any(|entry| entry["role"] == "operator" && entry["details"]["job"] == job["uid"]), "{entries:?}");
    let spec = json!({ "spec": { "kind": "legal_hold", "repository": stand.repository, "snapshot": second } });
    let refused = operator.post(&stand.path("/jobs"), spec).await;
    assert_eq!(refused.problem(), "forbidden", "it lifts what nothing but the storage says is held: {refused:?}");
    let user = stand.stack.person(&stand.org.to_string(), Role::User).await;
    assert_eq!(user.post(&stand.holds(&second), case("c")).await.status, StatusCode::NOT_FOUND);

    // Another case holds it still, in another file: nothing is left on the one before.
    let before = second.clone();
    let (second, _) = stand.hold(&stand.admin, &second, case("c")).await;
    let (second, job) = stand.release(&second, "b").await;
    assert_eq!(job["outcome"]["counts"]["snapshots"], 1, "{job}");
    assert_eq!(stand.held("data"), all_packs);
    assert_eq!(stand.held("snapshots"), BTreeSet::from([stand.snapshot(&first), stand.snapshot(&second)]));
    assert_eq!(stand.held_versions("snapshots"), 2);
    stand.is_read_by_restic(2).await;

    let (_, job) = stand.release(&first, "a").await;
    assert_eq!((&job["state"], &job["outcome"]["counts"]["snapshots"]), (&json!("succeeded"), &json!(0)), "{job}");
    let left = stand.held("data");
    assert!(left.is_superset(&(&all_packs - &packs_of_first)), "{left:?}");
    assert_eq!(left.intersection(&packs_of_first).count(), 1, "the pack of the file that the second has too: {left:?}");
    assert_eq!(stand.held("index"), stand.keys("index"));
    assert_eq!(stand.held("snapshots"), BTreeSet::from([stand.snapshot(&second)]));
    stand.is_read_by_restic(2).await;

    // To do it again changes nothing, and an id that the snapshot had before is nobody's.
    for (id, packs) in [(second.as_str(), 6), (before.as_str(), 0)] {
        let spec = json!({ "kind": "legal_hold", "repository": stand.repository, "snapshot": id });
        let again = stand.admin.post(&stand.path("/jobs"), json!({ "spec": spec })).await;
        assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
        let job = stand.over(again.json()["uid"].as_str().unwrap()).await;
        assert_eq!((&job["state"], &job["outcome"]["counts"]["packs"]), (&json!("succeeded"), &json!(packs)), "{job}");
        assert_eq!(stand.held("data"), left);
    }

    let (_, job) = stand.release(&second, "c").await;
    assert_eq!(job["state"], "succeeded", "{job}");
    for folder in ["data", "index", "snapshots"] {
        assert_eq!((stand.held(folder), stand.held_versions(folder)), (BTreeSet::new(), 0), "{folder}");
    }
    stand.is_read_by_restic(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_ends_by_itself_is_lifted_in_the_storage_too() {
    let stand = Stand::new().await;
    let snapshot = stand.back_up("one").await;
    let until = app(&stand.stack).clock.now() + SignedDuration::from_secs(10);
    let hold = json!({ "case": "a", "reason": "until the verdict", "until": until });
    let (snapshot, job) = stand.hold(&stand.admin, &snapshot, hold).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!((stand.held("data"), stand.held("index")), (stand.keys("data"), stand.keys("index")));

    // By less than what the scheduler takes for a jump, after which it lets nothing go for a while.
    stand.stack.clock.advance(SignedDuration::from_secs(15));
    let jobs = stand.path("/jobs?kind=legal_hold");
    let ended = wait(async || {
        let jobs = stand.admin.get(&jobs).await.json()["items"].as_array().unwrap().clone();
        Some(jobs).filter(|jobs| jobs.len() == 2 && jobs.iter().all(|job| !job["ended_at"].is_null()))
    });
    let ended = ended.await;
    let by_itself = ended.iter().find(|one| one["uid"] != job["uid"]).unwrap();
    assert_eq!((&by_itself["state"], &by_itself["created_by_kind"]), (&json!("succeeded"), &json!("system")));
    assert_eq!(by_itself["spec"]["snapshot"], snapshot.as_str());
    for folder in ["data", "index", "snapshots"] {
        assert_eq!((stand.held(folder), stand.held_versions(folder)), (BTreeSet::new(), 0), "{folder}");
    }
    stand.is_read_by_restic(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_is_missing_is_named_and_the_rest_is_held() {
    let stand = Stand::new().await;
    let first = stand.back_up("one").await;
    let of_first = stand.keys("data");
    let second = stand.back_up("two").await;
    // Of the two new packs the one with contents: the other has the folders.
    let size = |key: &String| {
        let head = stand.s3.as_admin("HEAD", &format!("/locked/{key}")).send();
        let mut headers = head.text.lines().filter_map(|line| line.split_once(": "));
        let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        length.unwrap().1.trim().parse::<u64>().unwrap()
    };
    let lost = (&stand.keys("data") - &of_first).into_iter().max_by_key(size).unwrap();
    assert_eq!(stand.s3.as_admin("DELETE", &format!("/locked/{lost}")).send().status, 204);

    let (_, job) = stand.hold(&stand.admin, &second, case("a")).await;
    let counts = &job["outcome"]["counts"];
    assert_eq!((&job["state"], &counts["problems"]), (&json!("partial"), &json!(1)), "{job}");
    let log = stand.path(&format!("/jobs/{}/log", job["uid"].as_str().unwrap()));
    let lines = stand.admin.get(&log).await.json();
    let name = lost.rsplit('/').next().unwrap();
    assert!(
        lines["items"].as_array().unwrap().iter().any(|line| line["text"].as_str().unwrap().contains(&name[..8])),
        "{name}: {lines}"
    );
    // Its own pack of folders, and the one that it shares with the first.
    assert_eq!(stand.held("data").len(), 2);
    let (_, job) = stand.hold(&stand.admin, &first, case("a")).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert!(stand.held("data").is_superset(&of_first));
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_locks_nothing_holds_nothing() {
    let bench = Bench::new().await;
    let snapshots = bench.restic.run(&["snapshots", "--json"]);
    let snapshots: Value = serde_json::from_str(&snapshots).unwrap();
    let snapshot = serde_json::from_value(snapshots[0]["id"].clone()).unwrap();
    let job = bench.run(JobSpec::LegalHold(LegalHoldSpec { repository: bench.behind.row.uid, snapshot })).await;
    assert_eq!((job.state, failure(&job)), (JobState::Failed, FailureCode::Invalid), "{:?}", job.outcome);
}
