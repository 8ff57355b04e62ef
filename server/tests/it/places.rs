//! Repositories and storage credentials over the API, by who runs an organization.

use std::fs;
use std::net::TcpListener;

use bygone_store::Role;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use bygone_tests::sftp::{SftpServer, make_key};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::repositories::blocking;
use super::support::{Answer, Client, Stack};

struct Bench {
    stack: Stack,
    org: String,
    admin: Client,
}

impl Bench {
    async fn new() -> Self {
        let stack = Stack::start_with(&[("STORAGE__ALLOWED_NETWORKS", "127.0.0.1")]).await;
        let org = stack.root().make_org("acme").await;
        let admin = stack.person(&org, Role::Admin).await;
        Self { stack, org, admin }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/orgs/{}{rest}", self.org)
    }

    async fn add(&self, body: Value) -> Answer {
        self.admin.post(&self.path("/repositories"), body).await
    }

    async fn credential(&self, name: &str, secret: Value) -> String {
        let made = self.admin.post(&self.path("/storage-credentials"), json!({ "name": name, "secret": secret })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        made.json()["uid"].as_str().unwrap().to_owned()
    }

    /// What a look at a place says.
    async fn found(&self, location: &str, credential: Option<&str>, password: Option<&str>) -> String {
        let body = json!({ "location": location, "credential": credential, "password": password });
        let found = self.admin.post(&self.path("/repositories/try"), body).await;
        assert_eq!(found.status, StatusCode::OK, "{location}: {found:?}");
        assert!(!found.json()["message"].as_str().unwrap().is_empty());
        found.json()["code"].as_str().unwrap().to_owned()
    }
}

fn of(repository: &Answer) -> String {
    repository.json()["uid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_made_tested_changed_forgotten_and_adopted() {
    let bench = Bench::new().await;
    let made = bench.add(json!({ "name": "main", "begin": "create", "password": PASSWORD })).await;
    assert_eq!((made.status, &made.headers["etag"]), (StatusCode::CREATED, &"\"1\"".parse().unwrap()), "{made:?}");
    assert!(!made.text.contains(PASSWORD), "a password is never shown");
    let (location, id) = (made.json()["location"].clone(), made.json()["restic_id"].clone());
    let restic = Restic::new(location.as_str().unwrap());
    let config = blocking(move || restic.run(&["cat", "config"])).await;
    assert!(config.contains(id.as_str().unwrap()));
    assert_eq!(bench.add(json!({ "name": "main", "begin": "later", "password": "x" })).await.problem(), "conflict");
    let path = bench.path(&format!("/repositories/{}", of(&made)));
    let tested = bench.admin.post(&format!("{path}/test"), Value::Null).await;
    assert_eq!(tested.json()["code"], "ready", "{tested:?}");
    assert!(bench.admin.get(&path).await.json()["checked_at"].is_string());
    let refreshed = bench.admin.post(&format!("{path}/refresh"), Value::Null).await.json();
    assert_eq!((&refreshed["added"], &refreshed["total"]), (&json!([]), &json!(0)));

    assert_eq!(bench.admin.ask(Method::PATCH, &path, &[], json!({})).await.problem(), "precondition_required");
    let version = bench.admin.get(&path).await.headers["etag"].to_str().unwrap().trim_matches('"').parse().unwrap();
    let changed = bench.admin.patch(&path, version, json!({ "name": "first", "class": "cold", "bytes_max": 5 })).await;
    assert_eq!((changed.json()["name"].as_str(), changed.json()["bytes_max"].as_i64()), (Some("first"), Some(5)));
    assert_eq!(bench.admin.patch(&path, version, json!({ "name": "late" })).await.problem(), "precondition_failed");
    let unlimited = bench.admin.patch(&path, version + 1, json!({ "bytes_max": null })).await;
    assert_eq!((&unlimited.json()["bytes_max"], &unlimited.json()["class"]), (&json!(null), &json!("cold")));
    let wrong = bench.admin.patch(&path, version + 2, json!({ "password": "wrong" })).await;
    assert_eq!((wrong.problem().as_str(), &wrong.json()["field"]), ("invalid", &json!("password")));
    for (body, status) in [(json!({ "class": "lukewarm" }), 400), (json!({ "bytes_max": -1 }), 422)] {
        assert_eq!(bench.admin.patch(&path, version + 2, body.clone()).await.status.as_u16(), status, "{body}");
    }

    let operator = bench.stack.person(&bench.org, Role::Operator).await;
    assert_eq!(operator.delete(&path).await.problem(), "forbidden");
    let attended = bench.stack.attended(&bench.org, Role::Admin).await;
    assert_eq!(attended.delete(&path).await.problem(), "forbidden");
    assert_eq!(bench.admin.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.admin.get(&path).await.problem(), "not_found");
    let wrong = bench.add(json!({ "name": "back", "begin": "adopt", "location": location, "password": "wrong" })).await;
    assert_eq!((wrong.problem().as_str(), &wrong.json()["field"]), ("invalid", &json!("password")));
    let again =
        bench.add(json!({ "name": "back", "begin": "create", "location": location, "password": PASSWORD })).await;
    assert_eq!(again.problem(), "conflict", "one is there already");
    let adopted =
        bench.add(json!({ "name": "back", "begin": "adopt", "location": location, "password": PASSWORD })).await;
    assert_eq!((adopted.status, &adopted.json()["restic_id"]), (StatusCode::CREATED, &id));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_place_is_told_plainly() {
    let bench = Bench::new().await;
    let (s3, sftp) = blocking(|| (S3Server::start(), SftpServer::start())).await;
    let keys = json!({ "kind": "s3", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY });
    let keys = bench.credential("bucket", keys).await;
    let private_key = fs::read_to_string(sftp.identity()).unwrap();
    let known = fs::read_to_string(sftp.known_hosts()).unwrap();
    let ssh = json!({ "kind": "sftp", "known_hosts": known, "private_key": private_key });
    let ssh = bench.credential("host", ssh).await;
    // The same address with another key: somebody in between, or a machine that was set up anew.
    let other = sftp.path("other_key");
    make_key(&other, "");
    let other = fs::read_to_string(other.with_extension("pub")).unwrap();
    let known = format!("[127.0.0.1]:{} {other}", sftp.port());
    let stranger = json!({ "kind": "sftp", "known_hosts": known, "private_key": private_key });
    let stranger = bench.credential("stranger", stranger).await;
    let restic = s3.restic("there/repo");
    blocking(move || restic.run(&["init"])).await;

    let place = s3.location("there/repo");
    assert_eq!(bench.found(&place, Some(&keys), Some(PASSWORD)).await, "ready");
    assert_eq!(bench.found(&place, Some(&keys), None).await, "password_needed");
    assert_eq!(bench.found(&place, Some(&keys), Some("wrong")).await, "wrong_password");
    assert_eq!(bench.found(&s3.location("missing-bucket/repo"), Some(&keys), Some(PASSWORD)).await, "bucket_missing");
    assert_eq!(bench.found(&sftp.location("repo"), Some(&ssh), None).await, "no_repository");
    assert_eq!(bench.found(&sftp.location("repo"), Some(&stranger), None).await, "host_key");
    assert_eq!(bench.found("rest:http://storage.invalid/", None, None).await, "name_unknown");
    assert_eq!(bench.found("rest:http://169.254.169.254/", None, None).await, "address_forbidden");

    // The same words where a repository is to be kept, about the field that is to be changed.
    for (location, credential, password, status, field) in [
        (s3.location("missing-bucket/repo"), &keys, PASSWORD, 422, Some("location")),
        (place.clone(), &keys, "wrong", 422, Some("password")),
        (sftp.location("repo"), &stranger, PASSWORD, 422, Some("credential")),
        ("rest:http://storage.invalid/".to_owned(), &keys, PASSWORD, 422, Some("location")),
    ] {
        let body = json!({ "name": "x", "begin": "adopt", "location": location, "credential": credential, "password": password });
        let refused = bench.add(body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["field"].as_str()),
            (status, field),
            "{location}: {refused:?}"
        );
        assert!(!refused.text.contains(SECRET_KEY));
    }
    assert_eq!(bench.admin.get(&bench.path("/repositories")).await.json()["items"], json!([]), "none of them was kept");

    // A storage that goes away is found out by a test, and shown with its repository.
    let made = bench
        .add(json!({ "name": "s3", "begin": "adopt", "location": place, "credential": keys, "password": PASSWORD }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    blocking(move || drop(s3)).await;
    let path = bench.path(&format!("/repositories/{}", of(&made)));
    let gone = bench.admin.post(&format!("{path}/test"), Value::Null).await;
    assert_eq!((gone.status, gone.json()["code"].as_str()), (StatusCode::OK, Some("refused")), "{gone:?}");
    assert_eq!(bench.admin.get(&path).await.json()["fault"], gone.json()["message"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_says_nothing_is_waited_for_so_long_and_no_longer() {
    let bench = Bench::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let location = format!("rest:http://{}/", silent.local_addr().unwrap());
    let begun = std::time::Instant::now();
    assert_eq!(bench.found(&location, None, None).await, "timed_out");
    assert!(begun.elapsed().as_secs() < 30, "somebody waits for the answer: {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_credential_is_never_shown_and_stays_while_it_is_needed() {
    let bench = Bench::new().await;
    let secret = |password: &str| json!({ "kind": "rest", "user": "u", "password": password });
    let uid = bench.credential("disk", secret("hunter2")).await;
    let path = bench.path(&format!("/storage-credentials/{uid}"));
    let seen = bench.admin.get(&path).await;
    assert_eq!((&seen.json()["kind"], &seen.json()["public"]), (&json!("rest"), &json!({ "user": "u" })));
    let listed = bench.admin.get(&bench.path("/storage-credentials")).await;
    assert!(!listed.text.contains("hunter2") && !seen.text.contains("hunter2"));
    let put =
        async |if_match: &str, body: Value| bench.admin.ask(Method::PUT, &path, &[("if-match", if_match)], body).await;
    let renamed = json!({ "name": "disk", "secret": secret("hunter3") });
    assert_eq!(bench.admin.ask(Method::PUT, &path, &[], renamed.clone()).await.problem(), "precondition_required");
    assert_eq!(put("\"1\"", renamed.clone()).await.headers["etag"], "\"2\"");
    assert_eq!(put("\"1\"", renamed).await.problem(), "precondition_failed");
    let taken =
        bench.admin.post(&bench.path("/storage-credentials"), json!({ "name": "disk", "secret": secret("x") })).await;
    assert_eq!(taken.problem(), "conflict");
    for (body, field) in [
        (json!({ "name": "x", "secret": { "kind": "ftp" } }), "secret.kind"),
        (json!({ "name": "x", "secret": { "kind": "rest", "user": "u" } }), "secret"),
        (json!({ "name": "x", "secret": { "kind": "rest", "user": "u", "password": "p", "typo": 1 } }), "secret"),
    ] {
        let refused = bench.admin.post(&bench.path("/storage-credentials"), body.clone()).await;
        let told = refused.json()["field"].as_str().unwrap_or_default().to_owned();
        assert!(
            refused.status.is_client_error() && told.starts_with(field.split('.').next().unwrap()),
            "{body}: {refused:?}"
        );
    }
    let kept = json!({ "name": "far", "begin": "later", "location": "rest:https://storage.example.test/", "credential": uid, "password": "p" });
    let kept = bench.add(kept).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{kept:?}");
    assert_eq!(bench.admin.delete(&path).await.problem(), "conflict", "a repository needs it");
    let operator = bench.stack.person(&bench.org, Role::Operator).await;
    assert_eq!(operator.delete(&path).await.problem(), "forbidden");
    let forgotten = bench.admin.delete(&bench.path(&format!("/repositories/{}", of(&kept)))).await;
    assert_eq!(forgotten.status, StatusCode::NO_CONTENT);
    assert_eq!(bench.admin.delete(&path).await.status, StatusCode::NO_CONTENT);
}
