//! Download managers, as people use them.

use std::fs;

use bygone_tests::noise::noise;
use bygone_tests::source_tree::write_many;

use super::support::{House, run};

/// Bytes of what is downloaded.
const SIZE: usize = 20_000_000;

async fn house() -> House {
    House::of(|root| fs::write(root.join("a.bin"), noise(1, SIZE)).unwrap()).await
}

#[tokio::test]
async fn wget_goes_on_where_it_broke_off() {
    let house = house().await;
    let url = house.ticket_url(&["a.bin"], "file").await;
    let folder = tempfile::tempdir().unwrap();
    // The first of two runs keeps the cookie, and has a part.
    fs::write(folder.path().join("a.bin"), noise(1, SIZE).get(..7_000_000).unwrap()).unwrap();
    let keep = ["-q", "-c", "--save-cookies", "jar", "--keep-session-cookies", &url];
    run(folder.path(), "wget", &keep).await.unwrap();
    assert!(fs::read(folder.path().join("a.bin")).unwrap() == noise(1, SIZE));
    // The second finds nothing to do, and says so by succeeding; then a part is missing again.
    let again = ["-q", "-c", "--load-cookies", "jar", &url];
    run(folder.path(), "wget", &again).await.unwrap();
    fs::OpenOptions::new().write(true).open(folder.path().join("a.bin")).unwrap().set_len(19_999_990).unwrap();
    run(folder.path(), "wget", &again).await.unwrap();
    assert!(fs::read(folder.path().join("a.bin")).unwrap() == noise(1, SIZE));
    let sent: u64 = house.sent().await.iter().map(|details| details["bytes"].as_u64().unwrap()).sum();
    assert_eq!(sent, 13_000_000 + 10);
}

#[tokio::test]
async fn curl_goes_on_after_it_was_stopped() {
    let house = house().await;
    let url = house.ticket_url(&["a.bin"], "file").await;
    let folder = tempfile::tempdir().unwrap();
    let stopped = ["-sS", "-c", "jar", "-b", "jar", "-o", "a.bin", "--limit-rate", "3M", "--max-time", "1", &url];
    run(folder.path(), "curl", &stopped).await.unwrap_err();
    let has = fs::metadata(folder.path().join("a.bin")).unwrap().len();
    assert!(0 < has && has < SIZE as u64, "{has}");
    let on = ["-sSf", "-b", "jar", "-C", "-", "-o", "a.bin", &url];
    run(folder.path(), "curl", &on).await.unwrap();
    assert!(fs::read(folder.path().join("a.bin")).unwrap() == noise(1, SIZE));
}

#[tokio::test]
async fn aria2_takes_a_file_over_several_connections() {
    let house = house().await;
    let url = house.ticket_url(&["a.bin"], "file").await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["-q", "-x", "8", "-s", "8", "-k", "1M", "--file-allocation=none", &url];
    run(folder.path(), "aria2c", &arguments).await.unwrap();
    assert!(fs::read(folder.path().join("a.bin")).unwrap() == noise(1, SIZE));
    let requests: u64 = house.sent().await.iter().map(|details| details["requests"].as_u64().unwrap()).sum();
    assert!(requests > 1, "one connection only");
}

#[tokio::test]
async fn aria2_takes_a_folder_as_tar_over_several_connections() {
    let house = House::of(|root| {
        write_many(&root.join("many"), 20, 20);
        fs::write(root.join("large"), noise(7, 15_000_000)).unwrap();
    })
    .await;
    let url = house.ticket_url(&[""], "tar").await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["-q", "-x", "4", "-s", "4", "-k", "1M", "--file-allocation=none", "-o", "a.tar", &url];
    run(folder.path(), "aria2c", &arguments).await.unwrap();
    run(folder.path(), "tar", &["-xf", "a.tar"]).await.unwrap();
    let same = run(folder.path(), "diff", &["-r", house.files().to_str().unwrap(), "files"]).await;
    assert_eq!(same, Ok(String::new()));
}

#[tokio::test]
async fn aria2_takes_a_zip_whose_checksums_are_not_known() {
    let house = House::of(|root| {
        write_many(&root.join("many"), 20, 20);
        fs::write(root.join("large"), noise(7, 15_000_000)).unwrap();
    })
    .await;
    let url = house.ticket_url(&[""], "zip").await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["-q", "-x", "4", "-s", "4", "-k", "1M", "--file-allocation=none", "-o", "a.zip", &url];
    run(folder.path(), "aria2c", &arguments).await.unwrap();
    run(folder.path(), "unzip", &["-q", "a.zip"]).await.unwrap();
    let same = run(folder.path(), "diff", &["-r", house.files().to_str().unwrap(), "files"]).await;
    assert_eq!(same, Ok(String::new()));
}
