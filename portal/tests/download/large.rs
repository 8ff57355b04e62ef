//! Archives that no 32 bits can count: of a file beyond 4 GiB and of more entries than 65,535. Their snapshot is written
//! without a source: a few blobs, named again and again.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bygone_tests::noise::noise;
use bygone_vault::backend::{BackendOptions, open_storage};
use bygone_vault::{BlobKind, WriteOptions, Writer};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::support::{House, run};

const BLOB_BYTES: usize = 4 << 20;
/// Blobs of the file: 5 GiB.
const BLOBS: usize = 1280;
/// Its size, with a last blob that is shorter.
const BYTES: u64 = (BLOBS * BLOB_BYTES) as u64 + TAIL.len() as u64;
const TAIL: &[u8] = b"the end";
/// Blobs that are no zeros: at the beginning, across 4 GiB, and at the end.
const NOISE: [usize; 4] = [0, 1023, 1024, BLOBS - 1];
/// Files beside it.
const FILES: usize = 70_000;
/// Every so many of them, one is not empty.
const FILLED_EVERY: usize = 100;
const SMALL: &[u8] = b"small";

/// What the file has in a blob.
fn blob(number: usize) -> Vec<u8> {
    match NOISE.iter().position(|one| *one == number) {
        Some(seed) => noise(seed as u64, BLOB_BYTES),
        None => vec![0; BLOB_BYTES],
    }
}

/// A house with a snapshot of a folder with all of it, and the snapshot's id.
async fn house() -> (House, String) {
    let house = House::of(|root| fs::write(root.join("a"), "a").unwrap()).await;
    let location = house.repository_folder().to_str().unwrap().parse().unwrap();
    let storage = open_storage(&location, &BackendOptions::default()).unwrap().storage;
    let writer = Writer::start(&house.open(), storage, &WriteOptions::default()).unwrap();
    let add = |kind, plain: &[u8]| writer.add(kind, plain).unwrap().id.to_string();
    let tree = |nodes: &[Value]| add(BlobKind::Tree, (json!({ "nodes": nodes }).to_string() + "\n").as_bytes());
    let zeros = add(BlobKind::Data, &vec![0; BLOB_BYTES]);
    let mut content: Vec<String> = vec![zeros; BLOBS];
    for number in NOISE {
        content[number] = add(BlobKind::Data, &blob(number));
    }
    content.push(add(BlobKind::Data, TAIL));
    let file = |name: &str, size: u64, content: Vec<String>| {
        json!({
            "name": name, "type": "file", "mode": 0o644, "mtime": "2026-10-01T10:00:00Z", "uid": 0, "gid": 0,
            "user": "root", "size": size, "content": content,
        })
    };
    let folder = |name: &str, subtree: String| {
        json!({
            "name": name, "type": "dir", "mode": 2_147_484_141_u32, "mtime": "2026-10-01T10:00:00Z", "uid": 0, "gid": 0,
            "user": "root", "subtree": subtree,
        })
    };
    let small = add(BlobKind::Data, SMALL);
    let many: Vec<Value> = (0..FILES)
        .map(|number| match number % FILLED_EVERY {
            0 => file(&name(number), SMALL.len() as u64, vec![small.clone()]),
            _ => file(&name(number), 0, Vec::new()),
        })
        .collect();
    let all = tree(&[file("huge", BYTES, content), folder("many", tree(&many))]);
    let root = tree(&[folder("all", all)]);
    let snapshot = json!({ "time": "2026-11-20T10:00:00Z", "tree": root, "paths": ["/all"], "hostname": "pc" });
    let snapshot = writer.save_snapshot(&snapshot).unwrap().to_string();
    house.catalog().await;
    (house, snapshot)
}

fn name(number: usize) -> String {
    format!("file {number:05}")
}

fn url(house: &House, snapshot: &str, form: &str) -> String {
    house.url(&format!("/portal/v1/sources/{}/download?path=%2Fall&at={snapshot}&as={form}", house.source))
}

fn length(answer: &Response) -> u64 {
    answer.headers()["content-length"].to_str().unwrap().parse().unwrap()
}

/// Writes an answer behind what a file has, as holes where it is zeros, until `end` or its own; where it ended.
async fn save(mut answer: Response, file: &mut File, end: u64) -> u64 {
    const HOLE_BYTES: usize = 4096;
    let mut at = file.seek(SeekFrom::End(0)).unwrap();
    while at < end {
        let Some(bytes) = answer.chunk().await.unwrap() else { break };
        for part in bytes.chunks(HOLE_BYTES) {
            if part.iter().any(|byte| *byte != 0) {
                file.seek(SeekFrom::Start(at)).unwrap();
                file.write_all(part).unwrap();
            }
            at += part.len() as u64;
        }
    }
    file.set_len(at).unwrap();
    at
}

/// Downloads an archive in two parts, the second one from a server that was started anew; its length.
async fn download(house: &mut House, snapshot: &str, form: &str, path: &Path) -> u64 {
    let head = house.client(house.alice).http.head(url(house, snapshot, form)).bearer_auth(house.alice);
    let head = head.send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    let (size, tag) = (length(&head), head.headers()["etag"].to_str().unwrap().to_owned());
    let mut file = File::create(path).unwrap();
    let first = house.client(house.alice).get(&url(house, snapshot, form), &[]).await;
    assert_eq!(length(&first), size);
    // In the middle of the file, beyond what 32 bits count.
    let broken = save(first, &mut file, (4 << 30) + 123_456_789).await;
    assert!(broken < size);
    house.portal().flush().await;
    house.start();
    let range = format!("bytes={broken}-");
    let rest = house.client(house.alice);
    let rest = rest.get(&url(house, snapshot, form), &[("range", &range), ("if-range", &tag)]).await;
    assert_eq!((rest.status(), length(&rest)), (StatusCode::PARTIAL_CONTENT, size - broken));
    assert_eq!(save(rest, &mut file, u64::MAX).await, size, "exactly as long as was promised");
    size
}

/// Any part of it is the same part of the whole: around what 32 bits count, in the list at its end, and at its very end.
async fn check_parts(house: &House, snapshot: &str, form: &str, path: &Path, size: u64) {
    let (file, client) = (File::open(path).unwrap(), house.client(house.alice));
    for start in [0, 77, (4 << 30) - 500, (5 << 30) - 70, size - 4_000_000, size - 1_000_001, size - 98] {
        let end = (start + 1_000_000).min(size);
        let range = format!("bytes={start}-{}", end - 1);
        let part = client.get(&url(house, snapshot, form), &[("range", &range)]).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let part = part.bytes().await.unwrap();
        let mut expected = vec![0; part.len()];
        file.read_exact_at(&mut expected, start).unwrap();
        assert!(part.len() as u64 == end - start && part == expected, "{range} of {size}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zip_beyond_4_gib_and_65535_entries_is_resumed_and_taken_by_every_program() {
    let (mut house, snapshot) = house().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.zip");
    let size = download(&mut house, &snapshot, "zip", &path).await;
    assert!(size > BYTES + FILES as u64 * 80, "{size}");
    check_parts(&house, &snapshot, "zip", &path, size).await;
    run(folder.path(), "unzip", &["-tq", "all.zip"]).await.unwrap();
    let check = format!(
        "import zipfile\n\
         z = zipfile.ZipFile('all.zip')\n\
         assert len(z.infolist()) == {FILES} + 3, len(z.infolist())\n\
         huge = z.getinfo('all/huge')\n\
         assert huge.file_size == huge.compress_size == {BYTES}, huge\n\
         late = z.getinfo('all/many/file 69900')\n\
         assert late.header_offset > 1 << 32 and z.read(late) == b'small', late\n\
         assert z.read('all/many/file 69999') == b''\n\
         with z.open(huge) as read:\n\
         \x20   read.seek({BYTES} - 7)\n\
         \x20   assert read.read() == b'the end'\n"
    );
    run(folder.path(), "python3", &["-c", &check]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tar_beyond_4_gib_is_resumed_and_read_as_it_comes() {
    let (mut house, snapshot) = house().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.tar");
    let size = download(&mut house, &snapshot, "tar", &path).await;
    check_parts(&house, &snapshot, "tar", &path, size).await;
    let listed = run(folder.path(), "sh", &["-c", "cat all.tar | tar -tvf -"]).await.unwrap();
    assert_eq!(listed.lines().count(), FILES + 3);
    assert!(listed.lines().any(|line| line.contains(&BYTES.to_string()) && line.ends_with(" all/huge")));
    let summed = run(folder.path(), "sh", &["-c", "tar -xOf all.tar all/huge | sha256sum"]).await.unwrap();
    assert!(summed.starts_with(&sum_of_the_file()), "{summed}");
}

/// The SHA-256 of the file.
fn sum_of_the_file() -> String {
    use sha2::Digest as _;
    let (mut sum, zeros) = (sha2::Sha256::new(), vec![0; BLOB_BYTES]);
    for number in 0..BLOBS {
        if NOISE.contains(&number) { sum.update(blob(number)) } else { sum.update(&zeros) }
    }
    sum.update(TAIL);
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
