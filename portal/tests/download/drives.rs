use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use axum::response::Response;
use bygone_tests::noise::noise;
use bygone_tests::source_tree::write_many;
use reqwest::{Method, StatusCode};

use super::support::{House, run};

/// What davfs2 takes of a folder at once.
const DAVFS2_BUFFER_KIB: u32 = 256;

async fn propfind(house: &House, path: &str, depth: &str, body: &str) -> (StatusCode, String) {
    let method = Method::from_bytes(b"PROPFIND").unwrap();
    let request = reqwest::Client::new().request(method, house.url(path)).basic_auth("alice", Some(house.alice));
    let answer = request.header("depth", depth).body(body.to_owned()).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// The paths in an answer.
fn paths(text: &str) -> Vec<&str> {
    text.split("<D:href>").skip(1).map(|rest| rest.split("</D:href>").next().unwrap()).collect()
}

async fn house() -> House {
    House::of(|root| {
        fs::create_dir(root.join("Отчёты & co")).unwrap();
        fs::write(root.join("Отчёты & co/a <1>.txt"), "hello").unwrap();
        fs::write(root.join("large"), noise(1, 9_000_000)).unwrap();
        std::os::unix::fs::symlink("large", root.join("link")).unwrap();
        write_many(&root.join("many"), 3, 150);
    })
    .await
}

#[tokio::test]
async fn a_drive_shows_sources_times_and_files() {
    let house = house().await;
    let (status, top) = propfind(&house, "/dav/", "1", "").await;
    assert_eq!(status, StatusCode::MULTI_STATUS);
    assert_eq!(paths(&top), ["/dav/", "/dav/pc%20of%20alice/"]);
    let (_, times) = propfind(&house, "/dav/pc%20of%20alice", "1", "").await;
    let times = paths(&times);
    assert_eq!(times.len(), 3, "{times:?}");
    assert_eq!(times[1], "/dav/pc%20of%20alice/latest/");
    let base = format!("{}latest{}", times[0], house.path(""));
    let (status, folder) = propfind(&house, &base, "1", "").await;
    assert_eq!(status, StatusCode::MULTI_STATUS);
    let names: Vec<&str> = paths(&folder).iter().map(|path| path.strip_prefix(&base).unwrap()).collect();
    assert_eq!(names, ["/", "/large", "/many/", "/%D0%9E%D1%82%D1%87%D1%91%D1%82%D1%8B%20%26%20co/"]);
    assert!(folder.contains("<D:getcontentlength>9000000</D:getcontentlength>"), "{folder}");
    assert!(folder.contains("<D:displayname>Отчёты &amp; co</D:displayname>"), "{folder}");
    // A link is neither shown nor there.
    assert_eq!(propfind(&house, &format!("{base}/link"), "0", "").await.0, StatusCode::NOT_FOUND);
    let link = reqwest::Client::new().get(house.url(&format!("{base}/link"))).basic_auth("x", Some(house.alice));
    assert_eq!(link.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let by_time = format!("{}{}", times[2].trim_end_matches('/'), house.path("large"));
    let zero = propfind(&house, &by_time, "0", "").await.1;
    assert_eq!(paths(&zero), [by_time.as_str()]);
    let file = house.url(&by_time);
    let part =
        reqwest::Client::new().get(&file).basic_auth("x", Some(house.alice)).header("range", "bytes=1000000-1999999");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    let tag = part.headers()["etag"].to_str().unwrap().trim_matches('"').to_owned();
    assert!(zero.contains(&format!("<D:getetag>&quot;{tag}&quot;</D:getetag>")), "{zero}");
    assert!(part.bytes().await.unwrap() == noise(1, 9_000_000)[1_000_000..2_000_000]);
    // A large folder comes in several pieces, and whole.
    let many = propfind(&house, &format!("{base}/many/00/0000"), "1", "").await.1;
    assert_eq!(paths(&many).len(), 151);
    assert!(many.ends_with("</D:multistatus>\n"));
}

#[tokio::test]
async fn a_drive_refuses_what_it_cannot_do() {
    let house = house().await;
    for depth in ["infinity", "Infinity"] {
        let (status, body) = propfind(&house, "/dav/", depth, "").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(body.contains("<D:propfind-finite-depth/>"), "{body}");
    }
    assert_eq!(propfind(&house, "/dav/", "2", "").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(propfind(&house, "/dav/", "0", "<x").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(propfind(&house, "/dav/nobody", "0", "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(propfind(&house, "/dav/pc%20of%20alice/latest/%2e%2e%2fx", "0", "").await.0, StatusCode::NOT_FOUND);
    let http = reqwest::Client::new();
    for method in ["PUT", "DELETE", "MKCOL", "MOVE", "PROPPATCH", "LOCK", "POST"] {
        let request = http.request(Method::from_bytes(method.as_bytes()).unwrap(), house.url("/dav/x"));
        let answer = request.basic_auth("x", Some(house.alice)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let options = http.request(Method::OPTIONS, house.url("/dav/")).send().await.unwrap();
    assert_eq!((options.status(), options.headers()["dav"].to_str().unwrap()), (StatusCode::OK, "1"));
    let nobody = http.get(house.url("/dav/")).send().await.unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert!(nobody.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    let bob = house.person("bob").await;
    let method = Method::from_bytes(b"PROPFIND").unwrap();
    let empty = http.request(method, house.url("/dav/")).basic_auth("x", Some(bob)).header("depth", "1").send().await;
    assert_eq!(paths(&empty.unwrap().text().await.unwrap()), ["/dav/"]);
}

#[tokio::test]
async fn rclone_copies_a_drive() {
    let house = house().await;
    let folder = tempfile::tempdir().unwrap();
    let password = run(folder.path(), "rclone", &["obscure", &house.alice.to_string()]).await.unwrap();
    let from = format!(":webdav:pc of alice/latest{}", house.path(""));
    let (url, password) = (house.url("/dav"), password.trim().to_owned());
    let options =
        ["--webdav-url", &url, "--webdav-user", "alice", "--webdav-pass", &password, "--webdav-vendor", "other"];
    let copy = [&["copy", &from, "copied"], options.as_slice()].concat();
    run(folder.path(), "rclone", &copy).await.unwrap();
    let same = run(folder.path(), "diff", &["-r", "--no-dereference", house.files().to_str().unwrap(), "copied"]).await;
    // A drive shows no symbolic links.
    let only = format!("Only in {}: link", house.files().display());
    assert!(
        same.as_ref().err().is_some_and(|said| said.contains(&only) && said.matches("Only in").count() == 1),
        "{same:?}"
    );
    let check = [&["check", "--download", "copied", &from], options.as_slice()].concat();
    run(folder.path(), "rclone", &check).await.unwrap();
}

/// Tests of litmus that ask for nothing but reading, by its programs. The others begin with a `PUT`.
const LITMUS: [(&str, &[&str]); 3] = [
    ("basic", &["init", "begin", "options", "finish"]),
    ("props", &["init", "begin", "propfind_invalid", "propfind_invalid2", "propfind_d0", "finish"]),
    ("http", &["init", "begin", "finish"]),
];

/// A drive in which litmus finds the folder that it would make for itself, behind a door that says to its making and removing
/// of that folder that it is done. Everything else is answered by the drive.
async fn with_litmus_folder(house: &House, below: String) -> std::net::SocketAddr {
    use axum::body::{Body, to_bytes};
    let (address, http) = (house.address(), reqwest::Client::new());
    let pass = move |request: axum::extract::Request| {
        let (http, below) = (http.clone(), below.clone());
        async move {
            let (head, body) = request.into_parts();
            let is_folder = head.uri.path() == format!("{below}/litmus/");
            match head.method.as_str() {
                "MKCOL" if is_folder => return Response::builder().status(201).body(Body::empty()).unwrap(),
                "DELETE" if is_folder => return Response::builder().status(204).body(Body::empty()).unwrap(),
                _ => {}
            }
            let url = format!("http://{address}{}", head.uri);
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let answer = http.request(head.method, url).headers(head.headers).body(body).send().await.unwrap();
            let mut response = Response::builder().status(answer.status());
            response.headers_mut().unwrap().extend(answer.headers().clone());
            response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
        }
    };
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(pass)).await.unwrap() });
    address
}

/// What litmus would upload, which it leaves there, whatever `TMPDIR` says.
fn litmus_files() -> HashSet<PathBuf> {
    let entries = fs::read_dir("/tmp").unwrap().map(|entry| entry.unwrap());
    let theirs = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with("litmus-")));
    theirs.map(|entry| entry.path()).collect()
}

#[tokio::test]
async fn litmus_passes_where_reading_is_concerned() {
    let house = House::of(|root| fs::create_dir(root.join("litmus")).unwrap()).await;
    let below = format!("/dav/pc%20of%20alice/latest{}", house.path(""));
    let address = with_litmus_folder(&house, below.clone()).await;
    let (url, user) = (format!("http://{address}{below}/"), house.alice.to_string());
    let folder = tempfile::tempdir().unwrap();
    for (program, wanted) in LITMUS {
        let only = format!("TESTS={program} litmus -k '{url}' alice {user}");
        let before = litmus_files();
        let said = run(folder.path(), "sh", &["-c", &only]).await.unwrap_or_else(|said| said);
        litmus_files().difference(&before).for_each(|left| fs::remove_file(left).unwrap());
        for test in wanted {
            // Its verdict is the first one behind its name: a warning may stand between, such as that locks are not offered.
            let told = said.split_once(&format!(" {test}.")).map_or("", |(_, told)| told);
            let verdict =
                ["pass", "FAIL", "SKIPPED"].into_iter().min_by_key(|word| told.find(word).unwrap_or(usize::MAX));
            assert!(verdict == Some("pass") && told.contains("pass"), "{program} {test}: {said}");
        }
    }
}

#[tokio::test]
async fn davfs2_mounts_a_drive() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = house().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["drive", "cache"] {
        fs::create_dir(at(name)).unwrap();
    }
    // davfs2 becomes a user of its own.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(at("cache"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(at("secrets"), format!("{} alice {}\n", at("drive"), house.alice)).unwrap();
    fs::set_permissions(at("secrets"), fs::Permissions::from_mode(0o600)).unwrap();
    // Newer kernels (6.18, say) ask for more of a folder at once than the 16 KiB that davfs2 has room for: it answers EINVAL.
    let settings = format!(
        "secrets {}\ncache_dir {}\nuse_locks 0\nask_auth 0\ngui_optimize 0\nbuf_size {DAVFS2_BUFFER_KIB}\n",
        at("secrets"),
        at("cache")
    );
    fs::write(at("conf"), settings).unwrap();
    // It escapes by itself.
    let url = house.url("/dav/pc of alice/latest/");
    let options = format!("ro,conf={}", at("conf"));
    run(folder.path(), "mount.davfs", &["-o", &options, &url, &at("drive")]).await.unwrap();
    let shown = format!("{}{}", at("drive"), house.path(""));
    let same = run(folder.path(), "diff", &["-r", "--no-dereference", house.files().to_str().unwrap(), &shown]).await;
    run(folder.path(), "umount", &[&at("drive")]).await.unwrap();
    let only = format!("Only in {}: link", house.files().display());
    assert!(
        same.as_ref().err().is_some_and(|said| said.contains(&only) && said.matches("Only in").count() == 1),
        "{same:?}"
    );
}
