#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt as _;

use bygone_common::Id;

use super::*;
use crate::backend::{Backend as _, BackendOptions, CancelToken, Storage as _};

const PACK: FileId = FileId { kind: FileKind::Pack, id: Id::new([0xab; 32]) };

struct Fixture {
    folder: tempfile::TempDir,
    local: Local,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::new(&folder.path().join("repo"), &BackendOptions::default(), CancelToken::new());
    local.create().unwrap();
    local.write(FileId::CONFIG, &b"config".to_vec().into()).unwrap();
    Fixture { folder, local }
}

impl Fixture {
    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.folder.path().join("repo").join(path)).unwrap().permissions().mode() & 0o777
    }
}

#[test]
fn everything_belongs_to_its_owner_alone() {
    let fixture = fixture();
    fixture.local.write(PACK, &b"pack".to_vec().into()).unwrap();
    for folder in ["", "data", "data/00", "data/ff", "index", "keys", "locks", "snapshots"] {
        assert_eq!(fixture.mode(folder), 0o700, "{folder}");
    }
    let name = PACK.id.to_hex();
    assert_eq!((fixture.mode("config"), fixture.mode(&format!("data/ab/{name}"))), (0o400, 0o400));
}

#[test]
fn a_group_that_may_read_the_config_may_read_everything() {
    let fixture = fixture();
    let root = fixture.folder.path().join("repo");
    fs::set_permissions(root.join("config"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_dir(root.join("data/ab")).unwrap();
    fixture.local.write(PACK, &b"pack".to_vec().into()).unwrap();
    let name = PACK.id.to_hex();
    assert_eq!((fixture.mode("data/ab"), fixture.mode(&format!("data/ab/{name}"))), (0o750, 0o440));
}

#[test]
fn a_reader_of_a_file_that_is_replaced_sees_the_new_one() {
    let fixture = fixture();
    fixture.local.write(PACK, &b"damaged".to_vec().into()).unwrap();
    let mut buffer = [0; 7];
    fixture.local.read_at(PACK, 0, &mut buffer).unwrap();
    fixture.local.write(PACK, &b"repaired".to_vec().into()).unwrap();
    fixture.local.read_at(PACK, 0, &mut buffer).unwrap();
    assert_eq!(&buffer, b"repaire");
    fixture.local.remove(PACK).unwrap();
    assert_eq!(fixture.local.read_at(PACK, 0, &mut buffer).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn what_a_killed_writer_left_is_no_file_of_the_repository() {
    let fixture = fixture();
    let unfinished = fixture.local.unfinished(&fixture.local.path(PACK), Modes::default()).unwrap();
    let (_, path) = unfinished.keep().unwrap();
    assert!(path.exists());
    assert_eq!(fixture.local.list(FileKind::Pack).unwrap(), []);
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    let fixture = fixture();
    // A folder where the file belongs.
    fs::create_dir(fixture.local.path(PACK)).unwrap();
    fixture.local.write(PACK, &b"pack".to_vec().into()).unwrap_err();
    let shard = fixture.local.path(PACK).parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(shard).unwrap().count(), 1);
}

#[test]
fn a_repository_that_vanished_is_not_one_in_which_all_is_removed() {
    let fixture = fixture();
    fixture.local.remove(PACK).unwrap();
    fs::remove_dir_all(fixture.folder.path().join("repo")).unwrap();
    assert_eq!(fixture.local.remove(PACK).unwrap_err().kind(), ErrorKind::NotARepository);
}
