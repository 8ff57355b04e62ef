use std::fs;
use std::path::PathBuf;

use bygone_common::SnapshotPath;
use bygone_tests::noise::noise;
use bygone_vault::{BlobLocation, Resolved};
use reqwest::StatusCode;

use super::support::House;

/// Where the blob that holds a byte of a file lies.
fn blob_at(house: &House, below: &str, offset: u64) -> BlobLocation {
    let repository = house.open();
    let tree = repository.snapshots().last().unwrap().tree;
    let path = SnapshotPath::parse(house.path(below).as_bytes()).unwrap();
    let Resolved::Entry { parent, index } = repository.resolve(tree, &path).unwrap() else { panic!("no entry") };
    let reader = repository.file(parent.get(index).unwrap()).unwrap();
    let (blobs, _) = reader.blobs_at(offset, 1);
    repository.locate(reader.blobs()[blobs.start]).unwrap()
}

fn pack(house: &House, blob: &BlobLocation) -> PathBuf {
    let name = blob.pack.to_string();
    house.repository_folder().join("data").join(&name[..2]).join(name)
}

/// Flips a bit in the middle of a blob.
fn damage(house: &House, blob: &BlobLocation) {
    let file = pack(house, blob);
    let mut bytes = fs::read(&file).unwrap();
    bytes[(blob.offset + blob.length / 2) as usize] ^= 1;
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
}

#[tokio::test]
async fn damage_in_the_middle_cuts_the_connection_and_names_the_pack() {
    let content = noise(1, 20_000_000);
    let mut house = House::of(|root| fs::write(root.join("a"), &content).unwrap()).await;
    let blob = blob_at(&house, "a", 11_000_000);
    damage(&house, &blob);
    house.start();
    for more in ["", "&as=tar"] {
        let mut answer = house.client(house.alice).get(&house.direct("a", more), &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let mut received = Vec::new();
        let broken = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => received.extend_from_slice(&chunk),
                Ok(None) => panic!("a damaged file was sent to its end"),
                Err(error) => break error,
            }
        };
        assert!(broken.is_body() || broken.is_decode() || broken.is_request(), "{broken:?}");
        // A tar's headers come first.
        let begin = received.windows(64).position(|bytes| bytes == &content[..64]).unwrap();
        assert!(begin == 0 || !more.is_empty());
        let sent = &received[begin..];
        assert!(sent.len() < 11_000_000 && content.starts_with(sent), "{} bytes", sent.len());
    }
    let log = house.audit().await;
    let faults: Vec<&str> = log.iter().filter_map(|entry| entry.details["fault"].as_str()).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().all(|fault| fault.contains(&blob.pack.to_string())), "{faults:?}");
    assert!(log.iter().filter(|entry| entry.details["fault"].is_string()).all(|entry| entry.outcome == "failed"));
    // What lies before and behind the damage is sent all the same.
    let alice = house.client(house.alice);
    for range in [0..1_000_000, 19_000_000..20_000_000] {
        let header = format!("bytes={}-{}", range.start, range.end - 1);
        let part = alice.get(&house.direct("a", ""), &[("range", &header)]).await;
        assert!(part.bytes().await.unwrap() == content[range]);
    }
}

#[tokio::test]
async fn what_is_known_to_be_lost_is_told_in_the_archive() {
    let mut house = House::of(|root| {
        fs::write(root.join("fine"), "fine").unwrap();
        fs::write(root.join("lost"), noise(2, 12_000_000)).unwrap();
    })
    .await;
    // A pack that is gone, and an index that knows so. One that holds nothing of the other file.
    let fine = blob_at(&house, "fine", 0).pack;
    let lost = (0..60).map(|at| blob_at(&house, "lost", at * 200_000)).find(|blob| blob.pack != fine).unwrap();
    fs::remove_file(pack(&house, &lost)).unwrap();
    house.restic().run(&["repair", "index"]);
    fs::remove_dir_all(house.folder.path().join("cache")).ok();
    house.start();
    let folder = tempfile::tempdir().unwrap();
    for (form, program, list) in
        [("tar", "tar", ["-xOf", "a", "files/fine"]), ("zip", "unzip", ["-p", "a", "files/fine"])]
    {
        let url = house.ticket_url(&[""], form).await;
        let answer = reqwest::get(url).await.unwrap();
        fs::write(folder.path().join("a"), answer.bytes().await.unwrap()).unwrap();
        assert_eq!(super::support::run(folder.path(), program, &list).await.unwrap(), "fine");
        let report = [list[0], "a", "_RESTORE-REPORT.txt"];
        let report = super::support::run(folder.path(), program, &report).await.unwrap();
        assert!(report.contains("files/lost: ") && !report.contains("files/fine"), "{report}");
    }
}
