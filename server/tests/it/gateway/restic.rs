use std::fs;
use std::path::Path;
use std::process::Command;

use bygone_store::gateway_credentials::GatewayAccess;
use bygone_store::{Actor, Page};
use bygone_tests::process::Process;
use bygone_tests::restic::Restic;
use bygone_tests::source_tree::write_everything;
use bygone_tests::tools::tool;

use super::support::{admin, behind};
use crate::support::Stack;

/// Runs what blocks beside the server of this test.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Files of some packs.
fn fill(folder: &Path) {
    fs::create_dir_all(folder.join("deep/er")).unwrap();
    let mut state = 1_u64;
    for number in 0..12 {
        let bytes: Vec<u8> = (0..900_000)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as u8
            })
            .collect();
        let place = if number % 2 == 0 { "deep/er" } else { "" };
        fs::write(folder.join(place).join(format!("file {number}")), bytes).unwrap();
    }
}

fn same(left: &Path, right: &Path) {
    let output = Command::new("diff").arg("-r").arg(left).arg(right).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_restic_makes_fills_checks_and_restores_a_repository_and_destroys_nothing() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.credential(&stack, GatewayAccess::AppendOnly).await;
    let full = behind.credential(&stack, GatewayAccess::Full).await;
    let (appending, removing) = (behind.restic(&append), behind.restic(&full));
    let local = Restic::new(behind.row.location.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    blocking(move || {
        let (source, target) = (path.join("source"), path.join("target"));
        fill(&source);
        let source_text = source.to_str().unwrap();
        appending.run(&["init"]);
        appending.run(&["backup", "--pack-size", "4", source_text]);
        fs::write(source.join("new"), "new").unwrap();
        appending.run(&["backup", source_text]);
        appending.run(&["check", "--read-data"]);
        appending.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
        same(&source, &target.join(source.strip_prefix("/").unwrap()));
        for refused in [["forget", "--keep-last", "1"].as_slice(), &["forget", "latest", "--prune"]] {
            let output = appending.command(refused).output().unwrap();
            assert!(!output.status.success(), "{refused:?}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("403"), "{refused:?}: {said}");
        }
        assert_eq!(appending.run(&["snapshots", "--json"]).matches("short_id").count(), 2);
        assert!(appending.run(&["list", "locks"]).is_empty());
        local.run(&["check", "--read-data"]);
        removing.run(&["forget", "--keep-last", "1", "--prune"]);
        local.run(&["check", "--read-data"]);
        assert_eq!(local.run(&["snapshots", "--json"]).matches("short_id").count(), 1);
    })
    .await;
    let store = &stack.server.as_ref().unwrap().app().store;
    let actor = admin(&stack, behind.org);
    let counted = store.repositories().get(&actor, behind.org, behind.row.uid).await.unwrap().stored_bytes;
    let stored: u64 = walk(Path::new(&behind.row.location));
    // The config is not counted as it comes.
    assert!(counted > 0 && (counted.unsigned_abs()).abs_diff(stored) < 4096, "{counted} {stored}");
}

fn walk(folder: &Path) -> u64 {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { walk(&path) } else { fs::metadata(&path).unwrap().len() })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_file_comes_back_and_a_reader_needs_no_right_to_write() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.restic(&behind.credential(&stack, GatewayAccess::AppendOnly).await);
    let reader = behind.restic(&behind.credential(&stack, GatewayAccess::ReadOnly).await);
    blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir(&source).unwrap();
        write_everything(&source);
        append.init_and_back_up(&source);
        reader.run(&["check", "--read-data"]);
        let target = folder.path().join("target");
        reader.run(&["restore", "latest", "--target", target.to_str().unwrap()]);
        let refused = reader.command(&["backup", source.to_str().unwrap()]).output().unwrap();
        assert!(!refused.status.success());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_restic_is_a_lease_for_as_long_as_it_lies_there() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.restic(&behind.credential(&stack, GatewayAccess::AppendOnly).await);
    let store = stack.server.as_ref().unwrap().app().store.clone();
    let (org, repository) = (behind.org, behind.row.uid);
    let live = async || {
        let gateway = Actor::system("gateway", org);
        store.repository_leases().live(&gateway, org, repository).await.unwrap()
    };
    let mut child = blocking(move || {
        append.run(&["init"]);
        // It holds its lock for as long as nobody ends what it reads.
        let mut command = append.command(&["backup", "--stdin"]);
        let child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
        (child, append)
    })
    .await;
    let begun = std::time::Instant::now();
    while live().await.is_empty() {
        assert!(begun.elapsed() < bygone_tests::process::WAIT_MAX, "no lease was opened");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(live().await[0].holder.contains("append-only of a test"));
    std::io::Write::write_all(&mut child.0.stdin.take().unwrap(), b"content").unwrap();
    let status = blocking(move || child.0.wait().unwrap()).await;
    assert!(status.success());
    assert!(live().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn restic_mounts_through_the_gateway() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let append = behind.restic(&behind.credential(&stack, GatewayAccess::AppendOnly).await);
    let reader = behind.restic(&behind.credential(&stack, GatewayAccess::ReadOnly).await);
    blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let (source, point) = (folder.path().join("source"), folder.path().join("mnt"));
        fill(&source);
        fs::create_dir(&point).unwrap();
        append.init_and_back_up(&source);
        let mut mount = reader.command(&["mount", point.to_str().unwrap()]);
        let mut mounted = Process::start(&mut mount, &folder.path().join("log"));
        let newest = point.join("snapshots/latest");
        mounted.wait_until_ready(|| newest.exists());
        same(&source, &newest.join(source.strip_prefix("/").unwrap()));
        let unmounted = Command::new(tool("fusermount3")).arg("-u").arg(&point).status().unwrap();
        assert!(unmounted.success());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_ended_ends_at_once() {
    let stack = Stack::start().await;
    let behind = behind(&stack, "acme", "main", None).await;
    let by = behind.credential(&stack, GatewayAccess::AppendOnly).await;
    let restic = std::sync::Arc::new(behind.restic(&by));
    let one = restic.clone();
    blocking(move || one.run(&["init"])).await;
    let store = &stack.server.as_ref().unwrap().app().store;
    let actor = admin(&stack, behind.org);
    let listed = store.gateway_credentials().list(&actor, behind.org, behind.row.uid, &Page::default()).await.unwrap();
    let used = listed.items.first().unwrap();
    assert!(used.last_used_at.is_some());
    store.gateway_credentials().delete(&actor, behind.org, behind.row.uid, used.uid).await.unwrap();
    let refused = blocking(move || restic.command(&["snapshots"]).output().unwrap()).await;
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("401") || said.contains("Unauthorized"), "{said}");
}
