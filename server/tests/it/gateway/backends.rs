//! The same through the gateway over storage elsewhere.

use std::fs;

use bygone_server::repositories::{self, Begin, Wanted};
use bygone_server::storages::StorageSecret;
use bygone_store::gateway_credentials::GatewayAccess;
use bygone_store::repositories::StorageClass;
use bygone_tests::rest::{self, Reach, RestServer};
use bygone_tests::s3::{S3Server, SECRET_KEY};
use bygone_tests::sftp::SftpServer;
use sha2::{Digest as _, Sha256};

use super::support::Behind;
use crate::repositories::{blocking, credential, s3_keys, stack, wanted};

/// restic makes a repository at a location through the gateway, fills it, checks it and restores from it.
async fn goes_through(location: String, secret: StorageSecret) {
    let (stack, app, org, admin) = stack().await;
    let credential = credential(&app, &admin, org, "storage", secret).await;
    let wanted = Wanted { location: Some(location), credential: Some(credential), ..wanted("main", Begin::Later) };
    let row = repositories::add(&app, &admin, org, wanted).await.unwrap();
    let behind = Behind { org, row, url: format!("{}/restic/acme/main/", stack.url()) };
    let append = behind.restic(&behind.credential(&stack, GatewayAccess::AppendOnly).await);
    let full = behind.restic(&behind.credential(&stack, GatewayAccess::Full).await);
    blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("source"), folder.path().join("target"));
        fs::create_dir(&source).unwrap();
        let noise: Vec<u8> =
            (0..6_000_000_u64).map(|at| (at.wrapping_mul(6_364_136_223_846_793_005) >> 33) as u8).collect();
        fs::write(source.join("noise"), &noise).unwrap();
        append.run(&["init"]);
        append.run(&["backup", "--pack-size", "4", source.to_str().unwrap()]);
        append.run(&["check", "--read-data"]);
        append.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
        assert!(fs::read(target.join(source.strip_prefix("/").unwrap()).join("noise")).unwrap() == noise);
        let refused = append.command(&["forget", "latest"]).output().unwrap();
        assert!(!refused.status.success());
        full.run(&["forget", "latest", "--prune"]);
        full.run(&["check", "--read-data"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_works_through_the_gateway_over_s3() {
    let server = blocking(S3Server::start).await;
    goes_through(server.location("bucket/prefix"), s3_keys(SECRET_KEY)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_colder_class_of_repository_and_agent_is_told_to_the_storage() {
    let server = blocking(S3Server::start).await;
    let (stack, app, org, admin) = stack().await;
    let credential = credential(&app, &admin, org, "storage", s3_keys(SECRET_KEY)).await;
    let location = Some(server.location("classes/main"));
    let class = StorageClass::Warm;
    let wanted = Wanted { location, credential: Some(credential), class, ..wanted("main", Begin::Later) };
    let row = repositories::add(&app, &admin, org, wanted).await.unwrap();
    let behind = Behind { org, row, url: format!("{}/restic/acme/main/", stack.url()) };
    let by = behind.credential(&stack, GatewayAccess::AppendOnly).await;
    let post = |path: String, content: &'static str, class: Option<&'static str>| {
        let request = reqwest::Client::new().post(format!("{}{path}", behind.url)).body(content);
        let request = request.basic_auth(&by.username, Some(&by.secret));
        class.into_iter().fold(request, |request, class| request.header("bygone-storage-class", class)).send()
    };
    assert_eq!(post("?create=true".to_owned(), "", None).await.unwrap().status().as_u16(), 200);
    for (content, asked, kept) in
        [("one", None, "STANDARD_IA"), ("two", Some("hot"), "STANDARD_IA"), ("three", Some("cold"), "GLACIER_IR")]
    {
        let id = hex::encode(Sha256::digest(content));
        assert_eq!(post(format!("data/{id}"), content, asked).await.unwrap().status().as_u16(), 200);
        let path = format!("/classes/main/data/{}/{id}", &id[..2]);
        let found = tokio::task::block_in_place(|| server.class_of(&path));
        assert_eq!(found.as_deref(), Some(kept), "{asked:?}");
    }
    let id = hex::encode(Sha256::digest("four"));
    assert_eq!(post(format!("data/{id}"), "four", Some("lukewarm")).await.unwrap().status().as_u16(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_works_through_the_gateway_over_sftp() {
    let server = blocking(SftpServer::start).await;
    let secret = StorageSecret::Sftp {
        user: None,
        known_hosts: fs::read_to_string(server.known_hosts()).unwrap(),
        private_key: Some(fs::read_to_string(server.identity()).unwrap()),
        passphrase: None,
        password: None,
    };
    goes_through(server.location("repo"), secret).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_works_through_the_gateway_over_another_rest_server() {
    let server = blocking(|| RestServer::start(Reach::SignIn)).await;
    let secret = StorageSecret::Rest { user: rest::USER.to_owned(), password: rest::PASSWORD.to_owned() };
    goes_through(server.location("repo"), secret).await;
}
