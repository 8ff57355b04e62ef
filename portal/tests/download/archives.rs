use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::source_tree::{write_everything, write_many};
use reqwest::StatusCode;

use super::support::{House, run};

#[tokio::test]
async fn a_folder_is_downloaded_as_tar_and_unpacks_to_what_it_was() {
    let house = House::of(write_everything).await;
    let folder = tempfile::tempdir().unwrap();
    let url = house.ticket_url(&[""], "tar").await;
    let unpack = format!("curl -sSf '{url}' | tar --xattrs --xattrs-include='*' -xpf -");
    run(folder.path(), "bash", &["-o", "pipefail", "-c", &unpack]).await.unwrap();
    let aspects = Aspects { owners: true, xattrs: true, changed: false };
    assert_same(&house.files(), &folder.path().join("files"), aspects);
}

#[tokio::test]
async fn many_small_files_come_as_a_zip_that_every_program_takes() {
    let house = House::of(|root| write_many(root, 40, 25)).await;
    for (program, arguments) in [
        ("unzip", ["-q", "files.zip"].as_slice()),
        ("bsdtar", ["-xf", "files.zip"].as_slice()),
        ("7z", ["x", "files.zip"].as_slice()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = house.ticket_url(&[""], "zip").await;
        run(folder.path(), "curl", &["-sSf", "-OJ", &url]).await.unwrap();
        run(folder.path(), program, arguments).await.unwrap();
        let same = run(folder.path(), "diff", &["-r", house.files().to_str().unwrap(), "files"]).await;
        assert_eq!(same, Ok(String::new()), "{program}");
    }
}

#[tokio::test]
async fn any_part_of_a_zip_is_sent_before_the_whole_was() {
    let house = House::of(|root| write_many(root, 20, 25)).await;
    let alice = house.client(house.alice);
    let url = house.direct("", "&as=zip");
    // Its list at the end, which holds checksums of files that nobody has read.
    let last = alice.get(&url, &[("range", "bytes=-10000")]).await;
    assert_eq!(last.status(), StatusCode::PARTIAL_CONTENT);
    let last = last.bytes().await.unwrap();
    let whole = alice.get(&url, &[]).await.bytes().await.unwrap();
    assert!(last == whole.slice(whole.len() - 10_000..));
}

#[tokio::test]
async fn a_tar_has_a_tag_and_any_part_of_it_at_once() {
    let house = House::of(|root| write_many(root, 30, 20)).await;
    let alice = house.client(house.alice);
    let url = house.direct("", "&as=tar");
    let head = alice.http.head(&url).bearer_auth(house.alice).send().await.unwrap();
    let size: usize = head.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let tag = head.headers()["etag"].to_str().unwrap().to_owned();
    let last = alice.get(&url, &[("range", "bytes=-2048"), ("if-range", &tag)]).await;
    assert_eq!(last.status(), StatusCode::PARTIAL_CONTENT);
    let whole = alice.get(&url, &[]).await.bytes().await.unwrap();
    assert_eq!(whole.len(), size);
    assert!(last.bytes().await.unwrap() == whole.slice(size - 2048..));
}
