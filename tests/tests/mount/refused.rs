//! What cannot be mounted or unmounted is refused in one line that names it.

use std::fs;
use std::path::Path;

use bygone_common::SnapshotPath;
use bygone_fs::{MountOptions, Umount, View};
use bygone_vault::{Error, ErrorKind, SnapshotFilter};

use crate::fixture::Fixture;

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("file"), "x").unwrap();
    fixture.backup();
    fixture
}

fn refusal(fixture: &Fixture, mountpoint: &Path, view: View) -> Error {
    let mut options = MountOptions::new(mountpoint, view);
    options.keep_clear = vec![fixture.restic.repository().to_owned()];
    let error = bygone_fs::mount(&fixture.repository(), options).unwrap_err();
    assert!(!error.chain().contains('\n'), "{}", error.chain());
    error
}

#[test]
fn a_second_mount_at_the_same_place_is_refused() {
    let fixture = fixture();
    let mount = fixture.mount_latest();
    let error = refusal(&fixture, mount.path(), View::all());
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let expected = format!(
        "mount point {0} is in use by another mount of bygone: end it with `bygone umount {0}`",
        mount.path().display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_mount_over_its_own_repository_is_refused() {
    let fixture = fixture();
    for place in [fixture.path(""), fixture.restic.repository().join("data")] {
        let error = refusal(&fixture, &place, View::all());
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("which the mount reads from"), "{error}");
    }
}

#[test]
fn a_snapshot_or_path_that_does_not_exist_is_refused() {
    let fixture = fixture();
    let place = fixture.path("mnt");
    fs::create_dir(&place).unwrap();
    let view = |snapshot: &str, path: &str| View::Snapshot {
        snapshot: snapshot.parse().unwrap(),
        filter: SnapshotFilter::default(),
        path: SnapshotPath::parse(path.as_bytes()).unwrap(),
    };
    assert_eq!(refusal(&fixture, &place, view("latest~5", "")).kind(), ErrorKind::NotFound);
    assert_eq!(refusal(&fixture, &place, view("latest", "no/such/path")).kind(), ErrorKind::NotFound);
    let file = fixture.source().join("file");
    let error = refusal(&fixture, &place, view("latest", file.to_str().unwrap()));
    assert!(error.to_string().ends_with("is no directory: only directories can be mounted"), "{error}");
}

#[test]
fn only_our_own_mounts_are_unmounted() {
    let fixture = fixture();
    let error = bygone_fs::umount(Path::new("/proc"), Umount::Clean).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "/proc is not a mount of bygone: proc is mounted there (proc)");
    let error = bygone_fs::umount(&fixture.source(), Umount::Clean).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), format!("nothing is mounted at {}", fixture.source().display()));
}

#[test]
fn everything_that_would_change_a_file_is_refused() {
    let fixture = fixture();
    let mount = fixture.mount_latest();
    let read_only = |result: std::io::Result<()>| {
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    };
    let file = mount.join("file");
    read_only(fs::write(&file, "y"));
    read_only(fs::write(mount.join("new"), "y"));
    read_only(fs::create_dir(mount.join("folder")));
    read_only(fs::remove_file(&file));
    read_only(fs::rename(&file, mount.join("other")));
    read_only(fs::hard_link(&file, mount.join("other")));
    read_only(std::os::unix::fs::symlink("file", mount.join("other")));
    read_only(fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o777)));
    read_only(rustix::fs::setxattr(&file, "user.x", b"y", rustix::fs::XattrFlags::empty()).map_err(Into::into));
}
