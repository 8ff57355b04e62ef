//! A bucket that keeps what comes through the gateway, whoever wants it gone.

use std::fs;

use bygone_common::Secret;
use bygone_server::repositories::{self, Begin, Wanted};
use bygone_server::storages::StorageSecret;
use bygone_store::Role;
use bygone_store::gateway_credentials::GatewayAccess;
use bygone_tests::noise::noise;
use bygone_tests::restic::PASSWORD;
use bygone_tests::s3::{S3Server, WRITER_ACCESS_KEY, WRITER_SECRET_KEY};
use bygone_vault::backend::object_lock::{LockMode, RetentionPolicy};
use bygone_vault::backend::{BackendOptions, CancelToken, FileKind, OpenStorage, open_storage};
use bygone_vault::config::Policy;
use bygone_vault::init::{InitOptions, init};
use bygone_vault::key::{KeyCost, NewKey};
use bygone_vault::progress::Unwatched;
use bygone_vault::worm::{self, KindStatus};
use bygone_vault::{Engine, EngineOptions, OpenOptions, Repository, Unlock};
use serde_json::json;

use super::support::Behind;
use crate::repositories::{blocking, credential, stack, wanted};

/// Days for which files are kept.
const DAYS: u32 = 30;

/// The place itself, not through the gateway.
fn place(location: &str) -> OpenStorage {
    let mut options = BackendOptions::default();
    options.s3.access_key = Some(WRITER_ACCESS_KEY.to_owned());
    options.s3.secret_key = Some(Secret::new(WRITER_SECRET_KEY.to_owned()));
    open_storage(&location.parse().unwrap(), &options).unwrap()
}

/// Makes a repository there whose config says that files are to be kept.
pub(crate) fn make_with_policy(location: &str) {
    let policy = RetentionPolicy::new(LockMode::Compliance, DAYS).unwrap();
    let cost = KeyCost { log_n: 1, ..KeyCost::default() };
    let key = NewKey { cost, ..NewKey::new(Secret::new(PASSWORD.to_owned())) };
    let options = InitOptions { policy: Policy { worm: Some(policy), ..Policy::default() }, ..InitOptions::new(key) };
    init(place(location).storage.as_ref(), &options).unwrap();
}

/// What is kept there of each kind of files.
fn kept(location: &str) -> Vec<KindStatus> {
    let place = place(location);
    let engine = Engine::start(EngineOptions::default()).unwrap();
    let unlock = Unlock::Password(Secret::new(PASSWORD.to_owned()));
    let repository = Repository::open(&engine, place.storage.clone(), unlock, OpenOptions::default()).unwrap();
    let lock = place.object_lock.as_ref().unwrap();
    worm::status(&repository, lock, jiff::Timestamp::now(), &CancelToken::new(), &Unwatched).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_through_the_gateway_into_a_bucket_with_object_lock_is_kept_by_it() {
    let server = blocking(|| {
        let server = S3Server::start();
        server.make_locked_bucket("locked");
        make_with_policy(&server.location("locked/main"));
        server
    })
    .await;
    let location = server.location("locked/main");
    let (stack, app, org, admin) = stack().await;
    let keys = StorageSecret::S3 {
        access_key: WRITER_ACCESS_KEY.to_owned(),
        secret_key: WRITER_SECRET_KEY.to_owned(),
        region: None,
        path_style: None,
    };
    let credential = credential(&app, &admin, org, "storage", keys).await;
    let wanted =
        Wanted { location: Some(location.clone()), credential: Some(credential), ..wanted("main", Begin::Adopt) };
    let row = repositories::add(&app, &admin, org, wanted).await.unwrap();
    assert_eq!(row.worm_days, Some(i64::from(DAYS)));
    let place = format!("/api/v1/orgs/{org}/repositories/{}/worm", row.uid);
    let behind = Behind { org, row, url: format!("{}/restic/acme/main/", stack.url()) };
    let append = behind.restic(&behind.credential(&stack, GatewayAccess::AppendOnly).await);
    let full = behind.restic(&behind.credential(&stack, GatewayAccess::Full).await);
    blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir(&source).unwrap();
        for day in 1..=2 {
            fs::write(source.join("of the day"), noise(day, 2_000_000)).unwrap();
            append.run(&["backup", source.to_str().unwrap()]);
        }
        append.run(&["check", "--read-data"]);
        // Also for who may remove everything: until the time has come the storage refuses it, and says so.
        let refused = full.command(&["forget", "latest", "--prune"]).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("403") && said.contains("locked until 20"), "{said}");
        append.run(&["check", "--read-data"]);
        assert_eq!(append.run(&["snapshots", "--json"]).matches("short_id").count(), 2);
        for kind in kept(&location) {
            match kind.kind {
                FileKind::Pack | FileKind::Index | FileKind::Snapshot => {
                    assert!(kind.files >= 2, "{kind:?}");
                    assert_eq!((kind.compliance, kind.unprotected), (kind.files, 0), "{kind:?}");
                }
                // Programs let go of their locks when they end.
                FileKind::Lock => assert_eq!(kind.files, 0, "{kind:?}"),
                // They were there before the server was.
                FileKind::Config | FileKind::Key => {}
            }
        }
    })
    .await;
    // What the console tells of it is the same.
    let told = stack.person(&org.to_string(), Role::Auditor).await.get(&place).await.json();
    assert_eq!((&told["mode"], &told["days"]), (&json!("compliance"), &json!(DAYS)), "{told}");
    let packs = told["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "data").unwrap();
    assert!(packs["files"].as_u64() >= Some(2), "{told}");
    assert_eq!((&packs["compliance"], &packs["legal_hold"]), (&packs["files"], &json!(0)), "{told}");
    assert!(packs["first_end"].as_str() <= packs["last_end"].as_str() && packs["first_end"].is_string(), "{told}");
    drop(server);
}
