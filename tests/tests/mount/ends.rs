//! How mounts end: unmounted, by a signal, by kill -9, in use or not.

use std::fs;
use std::io::Read;

use bygone_fs::{Ended, Umount};
use bygone_tests::source_tree::write_many;
use bygone_vault::ErrorKind;
use rustix::process::Signal;

use crate::fixture::{Fixture, Server, is_mounted};

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    write_many(&fixture.source(), 10, 20);
    fs::write(fixture.source().join("large"), bygone_tests::noise::noise(1, 30 << 20)).unwrap();
    fixture.backup();
    fixture
}

#[test]
fn unmounting_ends_it() {
    let fixture = fixture();
    let mount = fixture.mount_latest();
    let path = mount.path().to_owned();
    assert!(is_mounted(&path));
    assert_eq!(mount.into_mounted().unmount().unwrap(), Ended::Unmounted);
    assert!(!is_mounted(&path));
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn somebody_else_may_unmount_it() {
    let fixture = fixture();
    let mount = fixture.mount_latest();
    bygone_fs::umount(mount.path(), Umount::Clean).unwrap();
    assert_eq!(mount.into_mounted().wait().unwrap(), Ended::Unmounted);
}

#[test]
fn a_mount_in_use_is_detached_at_the_end() {
    let fixture = fixture();
    let mount = fixture.mount_latest();
    let path = mount.path().to_owned();
    let mut file = fs::File::open(mount.join("large")).unwrap();
    let busy = bygone_fs::umount(&path, Umount::Clean).unwrap_err();
    assert_eq!(busy.kind(), ErrorKind::Conflict);
    assert!(busy.to_string().contains("is in use"), "{busy}");
    assert_eq!(mount.into_mounted().unmount().unwrap(), Ended::Detached);
    assert!(!is_mounted(&path));
    // Whoever has it open is not cut off as long as the process lives.
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 30 << 20);
}

#[test]
fn signals_end_it_properly() {
    let fixture = fixture();
    for signal in [Signal::TERM, Signal::INT] {
        let server = Server::start(&fixture, &["latest"]);
        assert!(is_mounted(server.mountpoint()));
        server.signal(signal);
        let (status, output) = server.wait();
        assert!(status.success(), "{output}");
        assert!(output.contains("Unmounted"), "{output}");
        assert!(!is_mounted(&fixture.path("served")));
    }
}

#[test]
fn a_signal_under_load_ends_it_and_hangs_nobody() {
    let fixture = fixture();
    let server = Server::start(&fixture, &["latest"]);
    let folder = fixture.source_in(server.mountpoint());
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.clone();
            std::thread::spawn(move || while fs::read(folder.join("large")).is_ok() {})
        })
        .collect();
    // The readers have arrived.
    fixture.until("somebody reads", || fs::metadata(folder.join("large")).is_ok());
    server.signal(Signal::TERM);
    let (status, output) = server.wait();
    assert!(status.success(), "{output}");
    assert!(!is_mounted(&fixture.path("served")));
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

#[test]
fn kill_9_leaves_nothing() {
    let fixture = fixture();
    let server = Server::start(&fixture, &["latest"]);
    let mountpoint = server.mountpoint().to_owned();
    let open = fs::File::open(fixture.source_in(&mountpoint).join("large")).unwrap();
    server.signal(Signal::KILL);
    let (status, _) = server.wait();
    assert!(!status.success());
    fixture.until("the watchdog clears the mount", || !is_mounted(&mountpoint));
    let mut buffer = [0; 10];
    let error = rustix::io::pread(&open, &mut buffer, 0);
    assert!(error.is_err(), "whoever had something open hears of it");
}

#[test]
fn what_even_the_watchdog_could_not_clear_umount_clears() {
    let fixture = fixture();
    let server = Server::start(&fixture, &["latest"]);
    let mountpoint = server.mountpoint().to_owned();
    server.kill_with_watchdog();
    fixture.until("the mount is dead", || fs::read_dir(&mountpoint).is_err());
    assert!(is_mounted(&mountpoint));
    let error = fixture.try_mount(&mountpoint).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let expected = format!("clear it with `bygone umount {}`", mountpoint.display());
    assert!(error.to_string().contains(&expected), "{error}");
    bygone_fs::umount(&mountpoint, Umount::Clean).unwrap();
    assert!(!is_mounted(&mountpoint));
    fixture.try_mount(&mountpoint).unwrap();
}

#[test]
fn the_background_process_serves_when_the_command_returns() {
    let fixture = fixture();
    let mountpoint = fixture.path("served");
    fs::create_dir(&mountpoint).unwrap();
    let output = fixture.serve_command(&["latest"], true).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fixture.source_in(&mountpoint).join("large").exists());
    bygone_fs::umount(&mountpoint, Umount::Clean).unwrap();
}

#[test]
fn the_command_tells_why_the_background_process_failed() {
    let fixture = fixture();
    let mountpoint = fixture.path("served");
    fs::create_dir(&mountpoint).unwrap();
    fs::write(mountpoint.join("in the way"), "").unwrap();
    let output = fixture.serve_command(&["latest"], true).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let expected = format!("mount point {} is not empty\n", mountpoint.display());
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
}
