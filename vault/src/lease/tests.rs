#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
use std::io::Write as _;

use bygone_common::Id;

use super::*;

fn place() -> (tempfile::TempDir, Leases) {
    let folder = tempfile::tempdir().unwrap();
    let leases = Leases::new(folder.path(), RepositoryId(Id::new([7; 32])));
    (folder, leases)
}

fn ids(number: u8) -> (SnapshotId, TreeId) {
    (SnapshotId(Id::new([number; 32])), TreeId(Id::new([number + 100; 32])))
}

#[test]
fn a_lease_is_seen_while_it_is_held() {
    let (folder, leases) = place();
    assert_eq!(leases.live().unwrap(), []);
    let lease = leases.take("mount").unwrap();
    for number in [1, 2, 1] {
        let (snapshot, tree) = ids(number);
        lease.hold(snapshot, tree).unwrap();
    }
    let seen = leases.live().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].pid, seen[0].verb.as_str()), (std::process::id(), "mount"));
    assert_eq!(seen[0].snapshots, [ids(1), ids(2)]);
    assert!(seen[0].holds(ids(2).0) && !seen[0].holds(ids(3).0));
    let other = leases.take("restore").unwrap();
    assert_eq!(live(Some(folder.path()), RepositoryId(Id::new([7; 32]))).unwrap().len(), 2);
    drop((lease, other));
    assert_eq!(leases.live().unwrap(), []);
    assert_eq!(fs::read_dir(&leases.folder).unwrap().count(), 0);
}

#[test]
fn what_a_dead_owner_left_behind_is_no_lease_and_goes() {
    let (_folder, leases) = place();
    let lease = leases.take("mount").unwrap();
    let copied = |path: &Path| fs::copy(path, path.with_file_name("dead").with_extension(path.extension().unwrap()));
    copied(&lease_file(&leases, LOCK)).unwrap();
    copied(&lease_file(&leases, LIST)).unwrap();
    assert_eq!(fs::read_dir(&leases.folder).unwrap().count(), 4);
    assert_eq!(leases.live().unwrap().len(), 1);
    assert_eq!(fs::read_dir(&leases.folder).unwrap().count(), 2);
    drop(lease);
}

fn lease_file(leases: &Leases, end: &str) -> PathBuf {
    let mut paths = fs::read_dir(&leases.folder).unwrap().map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|extension| extension == end)).unwrap()
}

#[test]
fn a_line_that_is_not_finished_is_of_nobody() {
    let (_folder, leases) = place();
    let lease = leases.take("mount").unwrap();
    let (snapshot, tree) = ids(1);
    lease.hold(snapshot, tree).unwrap();
    lease.list.lock().file.write_all(b"{\"snapshot\":\"12").unwrap();
    assert_eq!(leases.live().unwrap()[0].snapshots, [ids(1)]);
}
