#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bygone_common::Id;

use super::*;

/// A folder that looks like a repository: a config, one snapshot, two packs.
struct Fixture {
    folder: tempfile::TempDir,
    local: Local,
}

fn id(first: u8) -> Id {
    let mut bytes = [0x11; 32];
    bytes[0] = first;
    Id::new(bytes)
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::new(folder.path(), &BackendOptions::default(), CancelToken::new());
    let fixture = Fixture { local, folder };
    fixture.write("config", b"config");
    fixture.write(&layout::path_of(FileId::new(FileKind::Snapshot, id(1))), b"snapshot");
    fixture.write(&layout::path_of(FileId::new(FileKind::Pack, id(0xab))), b"0123456789");
    fixture.write(&layout::path_of(FileId::new(FileKind::Pack, id(0x02))), b"two");
    fixture
}

impl Fixture {
    fn write(&self, path: &str, content: &[u8]) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn listed(&self, kind: FileKind) -> Vec<Listed> {
        let mut lines = self.local.list(kind).unwrap();
        lines.sort();
        lines
    }
}

#[test]
fn a_listing_names_every_file_with_its_size() {
    let fixture = fixture();
    assert_eq!(fixture.listed(FileKind::Config), [Listed { id: FileId::CONFIG.id, size: 6 }]);
    assert_eq!(fixture.listed(FileKind::Snapshot), [Listed { id: id(1), size: 8 }]);
    assert_eq!(fixture.listed(FileKind::Pack), [Listed { id: id(0x02), size: 3 }, Listed { id: id(0xab), size: 10 }]);
    assert_eq!(fixture.listed(FileKind::Index), [], "a folder that does not exist is empty");
}

#[test]
fn names_that_are_not_ids_are_left_out() {
    let fixture = fixture();
    let name = id(0xab).to_hex();
    fixture.write("snapshots/README", b"");
    fixture.write(&format!("snapshots/{name}-tmp-1"), b"");
    if cfg!(unix) {
        // Elsewhere this is the name itself, written differently.
        fixture.write(&format!("snapshots/{}", name.to_uppercase()), b"");
    }
    fixture.write(&format!("data/{name}"), b"flat");
    fixture.write(&format!("data/cd/{name}"), b"in another pack's folder");
    fs::create_dir(fixture.folder.path().join("snapshots").join(&name)).unwrap();
    assert_eq!(fixture.listed(FileKind::Snapshot).len(), 1);
    assert_eq!(fixture.listed(FileKind::Pack).len(), 2);
}

#[test]
fn a_subfolder_that_cannot_be_listed_makes_the_listing_an_error() {
    let fixture = fixture();
    // A file where a folder belongs fails for root too, whom permissions do not stop.
    fixture.write("data/cc", b"not a folder");
    let error = fixture.local.list(FileKind::Pack).unwrap_err();
    assert!(error.to_string().replace('\\', "/").ends_with("data/cc"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_looked_at_makes_the_listing_an_error() {
    let fixture = fixture();
    let link = fixture.folder.path().join("snapshots").join(id(2).to_hex());
    std::os::unix::fs::symlink("/nowhere/at/all", &link).unwrap();
    let error = fixture.local.list(FileKind::Snapshot).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(&id(2).to_hex()), "{error}");
}

#[test]
fn a_repository_that_vanished_is_not_an_empty_one() {
    let fixture = fixture();
    fs::remove_dir_all(fixture.folder.path()).unwrap();
    for kind in [FileKind::Key, FileKind::Snapshot, FileKind::Index, FileKind::Pack] {
        assert_eq!(fixture.local.list(kind).unwrap_err().kind(), ErrorKind::NotARepository, "{kind:?}");
    }
}

#[test]
fn a_place_without_a_folder_is_not_a_repository() {
    let fixture = fixture();
    for (path, why) in [("nowhere", "the folder does not exist"), ("config", "it is not a folder")] {
        let error = Local::look_for(&fixture.folder.path().join(path)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotARepository);
        assert!(error.to_string().ends_with(why), "{error}");
    }
}

#[test]
fn a_ranged_read_equals_the_slice_of_the_file() {
    let fixture = fixture();
    let pack = FileId::new(FileKind::Pack, id(0xab));
    let whole = fixture.local.read(pack).unwrap();
    assert_eq!(whole, b"0123456789");
    for start in 0..=whole.len() {
        for end in start..=whole.len() {
            let mut buffer = vec![0; end - start];
            fixture.local.read_at(pack, start as u64, &mut buffer).unwrap();
            assert_eq!(buffer, whole[start..end]);
        }
    }
}

#[test]
fn a_file_that_ends_early_is_damaged() {
    let fixture = fixture();
    let pack = FileId::new(FileKind::Pack, id(0xab));
    for (offset, len) in [(0, 11), (9, 2), (10, 1), (100, 1), (u64::MAX, 1)] {
        let error = fixture.local.read_at(pack, offset, &mut vec![0; len]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{offset}+{len}: {error}");
    }
}

#[test]
fn a_missing_file_is_not_found_by_name() {
    let fixture = fixture();
    let missing = FileId::new(FileKind::Pack, id(0x77));
    for error in [fixture.local.read(missing).unwrap_err(), fixture.local.read_at(missing, 0, &mut [0]).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(&id(0x77).to_hex()), "{error}");
    }
}

#[test]
fn the_number_of_open_files_is_bounded() {
    let fixture = fixture();
    let files = files::OPEN_FILES_MAX * 2;
    for number in 0..files {
        let mut bytes = [0x22; 32];
        bytes[1] = (number / 256) as u8;
        bytes[2] = (number % 256) as u8;
        let pack = FileId::new(FileKind::Pack, Id::new(bytes));
        fixture.write(&layout::path_of(pack), &[number as u8]);
        let mut byte = [0];
        fixture.local.read_at(pack, 0, &mut byte).unwrap();
        assert_eq!(byte, [number as u8]);
        assert!(fixture.local.files.len() <= files::OPEN_FILES_MAX);
    }
    assert_eq!(fixture.local.files.len(), files::OPEN_FILES_MAX);
}

#[test]
fn threads_that_read_one_file_each_see_its_bytes() {
    let fixture = fixture();
    let pack = FileId::new(FileKind::Pack, id(0x55));
    let content: Vec<u8> = (0..1 << 20).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fixture.write(&layout::path_of(pack), &content);
    std::thread::scope(|scope| {
        for reader in 0..8_usize {
            let (local, content) = (&fixture.local, &content);
            scope.spawn(move || {
                for step in 0..200_usize {
                    let start = (reader * 131 + step * 4099) % (content.len() - 5000);
                    let mut buffer = vec![0; 5000];
                    local.read_at(pack, start as u64, &mut buffer).unwrap();
                    assert!(buffer == content[start..start + 5000]);
                }
            });
        }
    });
}
