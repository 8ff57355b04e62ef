use std::fs;
use std::io::Read as _;

use bygone_common::{CredentialUid, OrgUid, Secret};
use bygone_server::app::App;
use bygone_server::catalog;
use bygone_server::holds::{self, Change};
use bygone_server::repositories::finding::FindingCode;
use bygone_server::repositories::{self, Begin, Wanted};
use bygone_server::secrets::Purpose;
use bygone_server::secrets::escrow::{self, Whose};
use bygone_server::secrets::rotate::rotate;
use bygone_server::storages::StorageSecret;
use bygone_store::repositories::{AgentRoute, RepositoryChange, StorageClass};
use bygone_store::snapshots::SnapshotQuery;
use bygone_store::storage_credentials::NewStorageCredential;
use bygone_store::{Actor, Page};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::s3::{ACCESS_KEY, S3Server, SECRET_KEY};

use crate::gateway::support::admin;
use crate::support::Stack;

/// A stack that may reach storages on this machine, and an organization in it.
pub(crate) async fn stack() -> (Stack, App, OrgUid, Actor) {
    let stack = Stack::start_with(&[("STORAGE__ALLOWED_NETWORKS", "127.0.0.1")]).await;
    let app = stack.server.as_ref().unwrap().app().clone();
    let org: OrgUid = stack.root().make_org("acme").await.parse().unwrap();
    let admin = admin(&stack, org);
    (stack, app, org, admin)
}

pub(crate) fn wanted(name: &str, begin: Begin) -> Wanted {
    Wanted {
        name: name.to_owned(),
        begin,
        location: None,
        credential: None,
        password: Secret::new(PASSWORD.to_owned()),
        format: 2,
        class: StorageClass::Hot,
        agent_route: AgentRoute::Gateway,
        bytes_max: None,
    }
}

/// Keeps a storage credential.
pub(crate) async fn credential(
    app: &App,
    admin: &Actor,
    org: OrgUid,
    name: &str,
    secret: StorageSecret,
) -> CredentialUid {
    let uid = app.store.uid(CredentialUid::new);
    let sealed = app.secrets.seal(Purpose::StorageCredential, &uid.to_string(), secret.to_json().expose()).unwrap();
    let new = NewStorageCredential {
        uid,
        name: name.to_owned(),
        kind: secret.kind().to_owned(),
        public: secret.public(),
        sealed,
    };
    app.store.storage_credentials().create(admin, org, &new).await.unwrap();
    uid
}

pub(crate) fn s3_keys(secret_key: &str) -> StorageSecret {
    StorageSecret::S3 {
        access_key: ACCESS_KEY.to_owned(),
        secret_key: secret_key.to_owned(),
        region: None,
        path_style: None,
    }
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_made_or_adopted_and_restic_agrees() {
    let (_stack, app, org, admin) = stack().await;
    let made = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    let restic = Restic::new(made.location.clone());
    let id = blocking(move || restic.run(&["cat", "config"])).await;
    assert!(id.contains(&made.restic_id), "{id} {}", made.restic_id);
    let twice = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap_err();
    assert_eq!(twice.code().status(), 409, "{twice:?}");

    app.store.repositories().delete(&admin, org, made.uid).await.unwrap();
    assert!(std::path::Path::new(&made.location).join("config").exists(), "what is forgotten stays where it lies");
    let wrong = Wanted { password: Secret::new("wrong".to_owned()), ..wanted("main", Begin::Adopt) };
    let wrong = repositories::add(&app, &admin, org, wrong).await.unwrap_err();
    assert!(wrong.title().starts_with("the password opens no key"), "{wrong:?}");
    let adopted = repositories::add(&app, &admin, org, wanted("main", Begin::Adopt)).await.unwrap();
    assert_eq!(adopted.restic_id, made.restic_id);
    let finding = repositories::test(&app, &admin, org, adopted.uid).await.unwrap();
    assert_eq!(finding.code, FindingCode::Ready, "{finding:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_a_place_has_a_plain_answer() {
    let (stack, app, org, admin) = stack().await;
    let s3 = blocking(S3Server::start).await;
    let good = credential(&app, &admin, org, "good", s3_keys(SECRET_KEY)).await;
    let bad = credential(&app, &admin, org, "bad", s3_keys("wrong")).await;
    let folder = app.storages.policy().folder.join("acme");
    fs::create_dir_all(folder.join("empty")).unwrap();
    let restic = Restic::new(s3.location("there/repo"))
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    blocking(move || restic.run(&["init"])).await;
    let closed = bygone_tests::ports::free();
    let cases: Vec<(String, Option<CredentialUid>, Option<&str>, FindingCode)> = vec![
        (s3.location("there/repo"), Some(good), Some(PASSWORD), FindingCode::Ready),
        (s3.location("there/repo"), Some(good), None, FindingCode::PasswordNeeded),
        (s3.location("there/repo"), Some(good), Some("wrong"), FindingCode::WrongPassword),
        (s3.location("there/elsewhere"), Some(good), None, FindingCode::NoRepository),
        (s3.location("there/repo"), Some(bad), None, FindingCode::SignInRefused),
        (format!("s3:https://127.0.0.1:{}/there/repo", s3.port()), Some(good), None, FindingCode::Tls),
        (s3.https_location("there/repo"), Some(good), None, FindingCode::Tls),
        (format!("rest:http://127.0.0.1:{closed}/"), None, None, FindingCode::Refused),
        ("rest:http://169.254.169.254/latest/".to_owned(), None, None, FindingCode::AddressForbidden),
        ("rest:http://[::1]:1/".to_owned(), None, None, FindingCode::AddressForbidden),
        (folder.join("empty").display().to_string(), None, Some(PASSWORD), FindingCode::NoRepository),
    ];
    for (location, credential, password, expected) in cases {
        let password = password.map(|password| Secret::new(password.to_owned()));
        let found = repositories::try_place(&app, &admin, org, &location, credential, password).await;
        let found = found.unwrap_or_else(|problem| panic!("{location}: {problem:?}"));
        assert_eq!(found.code, expected, "{location}: {found:?}");
        assert!(!format!("{found:?}").contains(SECRET_KEY));
    }
    for forbidden in ["/etc", "relative", "rest:http://u:p@host/", "nonsense:"] {
        let refused = repositories::try_place(&app, &admin, org, forbidden, None, None).await.unwrap_err();
        assert_eq!(refused.code().status(), 422, "{forbidden}: {refused:?}");
    }
    drop(stack);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_follows_what_restic_does_behind_our_back() {
    let (_stack, app, org, admin) = stack().await;
    let row = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("file"), vec![b'x'; 200_000]).unwrap();
    let restic = std::sync::Arc::new(Restic::new(row.location.clone()));
    let (path, one) = (source.path().to_str().unwrap().to_owned(), restic.clone());
    blocking(move || {
        one.run(&["backup", "--host", "a", "--tag", "daily", &path]);
        one.run(&["backup", "--host", "b", &path]);
    })
    .await;
    let refreshed = catalog::refresh(&app, org, row.uid).await.unwrap();
    assert_eq!((refreshed.added.len(), refreshed.total), (2, 2));
    let list = async |query: SnapshotQuery| {
        app.store.snapshots().list(&admin, org, &query, &Page::default()).await.unwrap().items
    };
    let of_a =
        list(SnapshotQuery { host: Some("a".into()), tag: Some("daily".into()), ..SnapshotQuery::default() }).await;
    assert_eq!(of_a.len(), 1);
    assert_eq!(of_a[0].paths, [source.path().to_str().unwrap()]);
    let usage = app.store.repositories().usage(&admin, org, row.uid, 5).await.unwrap();
    assert_eq!((usage.len(), usage[0].snapshots), (1, 2));
    assert!(usage[0].plain_bytes > 0 && usage[0].stored_bytes > 0, "{usage:?}");

    let gone = of_a[0].id.clone();
    blocking(move || restic.run(&["forget", &gone])).await;
    let refreshed = catalog::refresh(&app, org, row.uid).await.unwrap();
    assert_eq!(refreshed.removed, [of_a[0].id.clone()]);
    assert_eq!(list(SnapshotQuery::default()).await.len(), 1);

    fs::remove_dir_all(&row.location).unwrap();
    catalog::refresh(&app, org, row.uid).await.unwrap_err();
    let row = app.store.repositories().get(&admin, org, row.uid).await.unwrap();
    assert!(row.fault.is_some());
    assert_eq!(list(SnapshotQuery::default()).await.len(), 1, "what cannot be asked has lost nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_lies_in_the_snapshot_itself_and_in_the_rows() {
    let (_stack, app, org, admin) = stack().await;
    let row = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    let restic = std::sync::Arc::new(Restic::new(row.location.clone()));
    let one = restic.clone();
    blocking(move || one.run(&["backup", "--host", "a", "/etc/hostname"])).await;
    let id = catalog::refresh(&app, org, row.uid).await.unwrap().added[0].clone();
    let hold = holds::parse(&app, &admin, "2026-17", "a lawsuit", None).unwrap();
    let held = holds::change(&app, &admin, org, row.uid, &id, Change::Add(hold)).await.unwrap();
    assert_eq!(held.job, None, "a folder keeps nothing");
    let held = held.snapshot;
    assert_ne!(held, id);
    let one = restic.clone();
    let tags = blocking(move || one.run(&["snapshots", "--json"])).await;
    assert!(tags.contains("hold:case=2026-17") && tags.contains(&held), "{tags}");
    let rows = app.store.snapshots().holds(&admin, org, Some("2026-17"), &Page::default()).await.unwrap().items;
    assert_eq!((rows.len(), rows[0].snapshot.as_str(), rows[0].reason.as_str()), (1, held.as_str(), "a lawsuit"));
    let past = holds::parse(&app, &admin, "x", "y", Some("2001-01-01T00:00:00Z".parse().unwrap()));
    assert!(past.is_err());
    let release = Change::Release("2026-17".into());
    let released = holds::change(&app, &admin, org, row.uid, &held, release).await.unwrap().snapshot;
    assert!(app.store.snapshots().holds(&admin, org, None, &Page::default()).await.unwrap().items.is_empty());
    let tags = blocking(move || restic.run(&["snapshots", "--json"])).await;
    assert!(!tags.contains("hold:") && tags.contains(&released), "{tags}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_installation_key_leaves_nothing_under_the_old_one() {
    let (stack, app, org, admin) = stack().await;
    let row = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    credential(&app, &admin, org, "bucket", s3_keys("secret")).await;
    let before = app.secrets.current();
    let root = Actor::new(bygone_store::Who::System("test"), None, bygone_store::Role::Root);
    assert!(rotate(&app.store, &app.secrets, &admin).await.is_err(), "an organization's admin may not");
    let rotated = rotate(&app.store, &app.secrets, &root).await.unwrap();
    // The password, the credential, and the authority's key.
    assert_eq!((rotated.values, rotated.finished), (3, true));
    assert_ne!(app.secrets.current(), before);
    assert_eq!(app.secrets.known().len(), 1);
    let finding = repositories::test(&app, &admin, org, row.uid).await.unwrap();
    assert_eq!(finding.code, FindingCode::Ready, "{finding:?}");
    let mut stack = stack;
    stack.stop().await;
    stack.start_again(&[]).await;
    let app = stack.server.as_ref().unwrap().app().clone();
    assert_eq!(app.storages.password(&row).await.unwrap().expose(), PASSWORD);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escrow_opens_repositories_without_this_server_for_its_recipient_alone() {
    let (_stack, app, org, admin) = stack().await;
    let row = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    let identity = age::x25519::Identity::generate();
    let sealed = escrow::export(&app.store, &app.secrets, &admin, Whose::Org(org), &identity.to_public().to_string())
        .await
        .unwrap();
    assert!(!sealed.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()));
    let decryptor = age::Decryptor::new(sealed.as_slice()).unwrap();
    let mut plain = String::new();
    decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap().read_to_string(&mut plain).unwrap();
    let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(plain["repositories"][0]["password"], PASSWORD);
    assert_eq!(plain["repositories"][0]["location"], row.location);
    let other = age::x25519::Identity::generate();
    let decryptor = age::Decryptor::new(sealed.as_slice()).unwrap();
    assert!(decryptor.decrypt(std::iter::once(&other as &dyn age::Identity)).is_err());
    let refused = escrow::export(&app.store, &app.secrets, &admin, Whose::Org(org), "age1nonsense").await.unwrap_err();
    assert_eq!(refused.code().status(), 422);
    assert!(
        escrow::export(&app.store, &app.secrets, &admin, Whose::Installation, &identity.to_public().to_string())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_must_open_the_repository() {
    let (_stack, app, org, admin) = stack().await;
    let row = repositories::add(&app, &admin, org, wanted("main", Begin::Create)).await.unwrap();
    let none = RepositoryChange::default;
    let wrong = Some(Secret::new("wrong".to_owned()));
    let refused = repositories::change(&app, &admin, org, row.uid, 1, none(), wrong).await.unwrap_err();
    assert_eq!(refused.code().status(), 422, "{refused:?}");
    let right = Some(Secret::new(PASSWORD.to_owned()));
    repositories::change(&app, &admin, org, row.uid, 1, none(), right).await.unwrap();
    let late = repositories::change(&app, &admin, org, row.uid, 1, none(), None).await.unwrap_err();
    assert_eq!(late.code().status(), 412, "{late:?}");
}
