//! What a restore does without root's rights.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use bygone_vault::ErrorKind;
use bygone_vault::restore::{OnConflict, Options, Ownership, Report, plan};

use super::support::{
    GO_ON, back_up, describe, options, restore, set_mode, source_of, target, with_rule, write_everything,
};
use crate::fixture::Fixture;

const SOMEBODY: u32 = 65_534;

/// Runs on a thread of its own, which alone gives up root's rights; threads that it starts have as few.
fn as_somebody<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: the raw calls change the credentials of the calling thread alone, and touch no memory.
            unsafe {
                assert_eq!(libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<u32>()), 0);
                assert_eq!(libc::syscall(libc::SYS_setresgid, SOMEBODY, SOMEBODY, SOMEBODY), 0);
                assert_eq!(libc::syscall(libc::SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY), 0);
            }
            run()
        });
        thread.join().unwrap()
    })
}

fn restored_by_somebody(fixture: &Fixture, verify: bool) -> Report {
    let target = target(fixture);
    fs::create_dir(&target).unwrap();
    std::os::unix::fs::chown(&target, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    set_mode(target.parent().unwrap(), 0o755);
    let repository = fixture.open();
    let source = source_of(fixture, &repository);
    let options = Options { verify, ..options(&target) };
    as_somebody(|| plan(&repository, &source, options, &GO_ON).unwrap().execute(&(), &GO_ON).unwrap())
}

#[test]
fn somebody_owns_what_somebody_restores() {
    let fixture = Fixture::new("2");
    write_everything(&fixture.source());
    for device in ["disk", "terminal"] {
        fs::remove_file(fixture.source().join(device)).unwrap();
    }
    back_up(&fixture);
    let report = restored_by_somebody(&fixture, true);
    assert!(report.is_complete(), "{report:#?}");
    assert!(report.verified.unwrap() > 200);
    let target = target(&fixture);
    let program = fs::metadata(target.join("program")).unwrap();
    assert_eq!((program.uid(), program.gid()), (SOMEBODY, SOMEBODY));
    // Its set-uid bits would lend somebody's rights, not those of the owner they were meant for.
    assert_eq!(program.mode() & 0o7777, 0o755);
    assert_eq!(program.mtime(), fs::metadata(fixture.source().join("program")).unwrap().mtime());
    assert_eq!(fs::metadata(target.join("secret")).unwrap().permissions().mode() & 0o777, 0);
    assert_eq!(fs::read_to_string(target.join("closed/file")).unwrap(), "in a folder that nobody may write");
    assert_eq!(fs::metadata(target.join("closed")).unwrap().mode() & 0o777, 0o555);
}

#[test]
fn root_owns_what_root_restores_without_owners() {
    let fixture = Fixture::new("2");
    write_everything(&fixture.source());
    fs::write(fixture.source().join("lender"), "#!/bin/sh\n").unwrap();
    set_mode(&fixture.source().join("lender"), 0o4755);
    back_up(&fixture);
    let target = target(&fixture);
    let kept = Options { ownership: Ownership::AsMade, verify: true, ..options(&target) };
    restore(&fixture, kept);
    let (saved, made) = (describe(&fixture.source()), describe(&target));
    assert_eq!(saved.len(), made.len());
    for (path, line) in &made {
        let metadata = fs::symlink_metadata(target.join(path)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (0, 0), "{}", path.display());
        // Nothing but the owner of what is another's differs; root's own set-uid bits are root's to lend.
        let line = line.replace("100755 0:0", "106755 1234:4321").replace("120777 0:0", "120777 1234:4321");
        let expected = if path.as_os_str() == "link-to-folder" { &made[path] } else { &line };
        assert_eq!(&saved[path], expected, "{}", path.display());
    }
    assert_eq!(fs::metadata(target.join("program")).unwrap().mode() & 0o7777, 0o755);
    assert_eq!(fs::metadata(target.join("lender")).unwrap().mode() & 0o7777, 0o4755);

    // What is there stays its owner's, unless owners are asked for.
    std::os::unix::fs::chown(target.join("large"), Some(1234), Some(1234)).unwrap();
    let again = with_rule(&target, OnConflict::Overwrite);
    restore(&fixture, Options { ownership: Ownership::AsMade, ..again.clone() });
    assert_eq!(fs::metadata(target.join("large")).unwrap().uid(), 1234);
    restore(&fixture, again);
    let owner = |name: &str| fs::symlink_metadata(target.join(name)).unwrap().uid();
    assert_eq!((owner("large"), owner("program"), owner("link")), (0, 1234, 1234));
}

#[test]
fn devices_are_reported_to_those_who_cannot_make_them() {
    let fixture = Fixture::new("2");
    write_everything(&fixture.source());
    back_up(&fixture);
    let report = restored_by_somebody(&fixture, false);
    let mut paths: Vec<_> = report.errors.iter().map(|error| error.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/disk", "/terminal"]);
    assert!(report.errors.iter().all(|error| error.error.kind() == ErrorKind::Denied), "{:?}", report.errors);
    assert!(target(&fixture).join("pipe").exists());
}

#[test]
fn a_target_that_may_not_be_written_is_one_clear_error() {
    let fixture = Fixture::new("2");
    fs::create_dir(fixture.source()).unwrap();
    fs::write(fixture.source().join("file"), "x").unwrap();
    back_up(&fixture);
    let folder = target(&fixture);
    fs::create_dir(&folder).unwrap();
    set_mode(folder.parent().unwrap(), 0o755);
    let repository = fixture.open();
    let source = source_of(&fixture, &repository);
    let inner = options(&folder.join("inner"));
    let error = as_somebody(|| plan(&repository, &source, inner, &GO_ON).unwrap().execute(&(), &GO_ON).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.chain().contains("target/inner: Permission denied"), "{}", error.chain());
    // In an existing folder each file says so.
    let report =
        as_somebody(|| plan(&repository, &source, options(&folder), &GO_ON).unwrap().execute(&(), &GO_ON).unwrap());
    assert_eq!((report.error_count, report.files), (1, 0));
    assert!(report.errors[0].error.chain().contains("Permission denied"), "{report:?}");
}

#[test]
fn a_target_that_is_a_file_is_one_clear_error() {
    let fixture = Fixture::new("2");
    fs::create_dir(fixture.source()).unwrap();
    back_up(&fixture);
    let target = target(&fixture);
    fs::write(&target, "a file").unwrap();
    let repository = fixture.open();
    let error = plan(&repository, &source_of(&fixture, &repository), options(&target), &GO_ON).unwrap_err();
    assert!(error.chain().ends_with("target: Not a directory (os error 20)"), "{}", error.chain());
    assert_eq!(fs::read_to_string(&target).unwrap(), "a file");
}
