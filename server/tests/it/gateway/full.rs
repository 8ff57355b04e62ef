//! A disk that is full. The test runs itself once more in a namespace of its own, where it may mount a small disk.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use bygone_store::gateway_credentials::GatewayAccess;
use bygone_tests::noise::noise;
use reqwest::{Method, StatusCode};
use sha2::{Digest as _, Sha256};

use super::support::behind;
use crate::support::Stack;

/// Names the folder of the small disk, in the namespace.
const SMALL_DISK: &str = "BYGONE_TEST_SMALL_DISK";
/// Bytes of each upload.
const PACK_BYTES: usize = 1 << 20;
/// Uploads that cannot all fit.
const PACKS: u64 = 8;
/// Organizations that are made at most until a disk is full.
const ORGS_MAX: usize = 2_000;

/// Runs a test of this file on a disk of a size, as `mount` takes it.
fn on_a_small_disk<F: Future<Output = ()>>(name: &str, size: &str, test: impl FnOnce(PathBuf) -> F) {
    if let Some(folder) = std::env::var_os(SMALL_DISK) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(test(folder.into()));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={size} small \"${SMALL_DISK}\" && exec \"$@\"");
    let inside = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &mount, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("gateway::full::{name}"), "--nocapture"])
        .env(SMALL_DISK, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&inside.stdout);
    assert!(inside.status.success(), "{told}\n{}", String::from_utf8_lossy(&inside.stderr));
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
fn a_full_disk_is_told_so_and_nothing_half_stays_there() {
    on_a_small_disk("a_full_disk_is_told_so_and_nothing_half_stays_there", "6m", fill);
}

#[test]
fn a_database_whose_disk_is_full_loses_nothing_and_goes_on_when_there_is_room() {
    on_a_small_disk("a_database_whose_disk_is_full_loses_nothing_and_goes_on_when_there_is_room", "16m", starve);
}

async fn starve(disk: PathBuf) {
    let url = format!("sqlite://{}", disk.join("bygone.db").display());
    let stack = Stack::start_with(&[("DATABASE__URL", &url)]).await;
    let root = stack.root();
    let filler = disk.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    let make = async |number: usize| {
        let body = serde_json::json!({ "name": format!("o{number}"), "title": "x" });
        root.post("/api/v1/orgs", body).await
    };
    let mut made = 0;
    let refused = loop {
        assert!(made < ORGS_MAX, "the disk is never full");
        let answer = make(made).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        made += 1;
    };
    assert_eq!((refused.status, refused.problem()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned()));
    assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
    drop(file);
    std::fs::remove_file(filler).unwrap();
    let again = make(made).await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
    let verdict = root.get("/api/v1/audit/verdict").await.json();
    assert_eq!(verdict["state"], "intact", "{verdict}");
    let logged = root.get("/api/v1/audit?action=create&resource=organization&limit=500").await.json();
    assert_eq!(
        logged["items"].as_array().unwrap().len(),
        (made + 1).min(500),
        "each once, and none of what was refused"
    );
}

async fn fill(disk: PathBuf) {
    let stack = Stack::start_with(&[("STORAGE__FOLDER", disk.to_str().unwrap())]).await;
    let behind = behind(&stack, "acme", "main", None).await;
    let by = behind.credential(&stack, GatewayAccess::Full).await;
    let http = reqwest::Client::new();
    let ask = async |method: Method, path: &str, body: Vec<u8>| {
        let request = http.request(method, format!("{}{path}", behind.url)).basic_auth(&by.username, Some(&by.secret));
        let answer = request.body(body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(ask(Method::POST, "?create=true", Vec::new()).await.0, StatusCode::OK);
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for seed in 0..PACKS {
        let content = noise(seed, PACK_BYTES);
        let name = format!("data/{}", hex::encode(Sha256::digest(&content)));
        match ask(Method::POST, &name, content.clone()).await {
            (StatusCode::OK, _) => kept.push((name, content)),
            (StatusCode::INSUFFICIENT_STORAGE, why) => {
                assert!(why.contains("full"), "{why}");
                refused.push((name, content));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(kept.len() >= 4 && !refused.is_empty(), "{} {}", kept.len(), refused.len());
    assert_eq!(files(&disk), kept.len(), "what did not fit is gone, under whatever name it lay there");
    for (name, _) in &refused {
        assert_eq!(ask(Method::HEAD, name, Vec::new()).await.0, StatusCode::NOT_FOUND);
    }
    for (name, content) in &kept {
        let (status, _) = ask(Method::HEAD, name, Vec::new()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(ask(Method::POST, name, content.clone()).await.0, StatusCode::OK, "what is there is there");
    }
    // Who looks after the server is told; it serves all else meanwhile.
    let ready = stack.anonymous().get("/readyz").await;
    let checks = ready.json()["checks"].as_array().unwrap().clone();
    let of = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap()["ok"].clone();
    assert_eq!((ready.status, of("repositories"), of("storage")), (StatusCode::OK, false.into(), true.into()));
    // Once there is room, the same is taken.
    assert_eq!(ask(Method::DELETE, &kept[0].0, Vec::new()).await.0, StatusCode::OK);
    let (name, content) = refused.swap_remove(0);
    assert_eq!(ask(Method::POST, &name, content).await.0, StatusCode::OK);
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
