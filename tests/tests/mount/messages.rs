//! What makes a mount fast is what is never asked: the number of messages that the kernel sends.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bygone_fs::View;
use bygone_tests::source_tree::write_many;

use crate::fixture::{Fixture, Mount};

const FOLDERS: usize = 60;
/// Folders in two levels, ten above, and the root.
const FOLDERS_IN_ALL: u64 = 60 + 10 + 1;
const FILES: usize = 30;

fn many() -> Fixture {
    let fixture = Fixture::new();
    write_many(&fixture.source(), FOLDERS, FILES);
    fixture.backup();
    fixture
}

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let mut command = Command::new(program);
    let status = command.args(arguments).arg(folder).stdout(Stdio::null()).status().unwrap();
    assert!(status.code().is_some_and(|code| code <= 1), "{command:?}: {status}");
}

/// Messages that a program's walk costs.
fn cost(mount: &Mount, program: &str, arguments: &[&str], folder: &Path) -> u64 {
    let before = mount.messages_in_all();
    run(program, arguments, folder);
    mount.messages_in_all() - before
}

#[test]
fn a_walk_takes_two_messages_a_directory_and_a_second_one_none() {
    let fixture = many();
    let mount = fixture.mount("mnt", fixture.latest(), |options| options.xattrs = bygone_fs::Xattrs::Off);
    let first = cost(&mount, "find", &["-L"], mount.path());
    assert!(first <= 2 * FOLDERS_IN_ALL + 5, "{first} messages for {FOLDERS_IN_ALL} directories");
    for (program, arguments) in [("find", &[] as &[&str]), ("ls", &["-lR"]), ("du", &[])] {
        let second = cost(&mount, program, arguments, mount.path());
        assert!(second <= 2, "{program} took {second} messages again");
    }
}

#[test]
fn nothing_is_opened_or_closed_and_no_attribute_asked_for() {
    let fixture = many();
    let mount = fixture.mount_latest();
    run("grep", &["-r", "no such text"], mount.path());
    run("ls", &["-lR"], mount.path());
    for (message, most) in
        [("open", 1), ("opendir", 1), ("flush", 1), ("release", 0), ("releasedir", 0), ("getattr", 2), ("lookup", 2)]
    {
        let count = mount.messages(message);
        assert!(count <= most, "{count} messages {message}");
    }
    assert_eq!(mount.messages("readdir"), 0);
}

#[test]
fn reading_everything_again_takes_no_message() {
    let fixture = many();
    let mount = fixture.mount_latest();
    run("grep", &["-r", "no such text"], mount.path());
    let second = cost(&mount, "grep", &["-r", "no such text"], mount.path());
    assert!(second <= 2, "{second} messages");
}

#[test]
fn siblings_are_given_before_they_are_asked_for() {
    let fixture = Fixture::new();
    write_many(&fixture.source(), 1, 400);
    fixture.backup();
    let mount = fixture.mount_latest();
    let folder = mount.join("00/0000");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    // As a reader who thinks a little: waits until what was given has arrived.
    let mut reads = 0;
    for (position, name) in names.iter().enumerate() {
        let before = mount.messages("read");
        fs::read(name).unwrap();
        if mount.messages("read") > before {
            reads += 1;
            if position > 0 {
                mount.wait_for_stores();
            }
        }
    }
    assert!(reads <= 12, "{reads} reads for 400 files");
    assert_eq!(fs::read(&names[399]).unwrap(), fs::read(fixture.source().join("00/0000/file 399")).unwrap());
}

#[test]
fn a_random_reader_of_a_large_file_is_given_whole_blobs() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.source()).unwrap();
    fs::write(fixture.source().join("large"), bytes()).unwrap();
    fixture.backup();
    let mount = fixture.mount_latest();
    let file = fs::File::open(mount.join("large")).unwrap();
    let expected = bytes();
    let mut reads = Vec::new();
    // Quickly, as the kernel may take away what nobody looked at for some seconds.
    for step in 0..400_u64 {
        let offset = step.wrapping_mul(7_919_731) % (expected.len() as u64 - 4096);
        let mut buffer = [0; 4096];
        let before = mount.messages("read");
        rustix::io::pread(&file, &mut buffer, offset).unwrap();
        assert_eq!(buffer, expected[offset as usize..][..4096], "at {offset}");
        reads.push(mount.messages("read") - before);
        if step < 200 && step % 20 == 19 {
            mount.wait_for_stores();
        }
    }
    let late: u64 = reads.iter().skip(200).sum();
    // A page that two blobs share belongs to neither and is read when it is asked for, or when the kernel reads ahead
    // over it: at most one for each MiB or so.
    assert!(late <= 24, "after every blob was touched once, the kernel has the file: {reads:?}");
}

fn bytes() -> Vec<u8> {
    bygone_tests::noise::noise(77, 24 << 20)
}

#[test]
fn once_it_is_known_that_there_are_no_attributes_nobody_asks() {
    let fixture = many();
    for view in [fixture.latest(), View::all()] {
        let mount = fixture.mount("mnt", view, |_| {});
        let folder = if mount.join("snapshots").exists() {
            fixture.source_in(&mount.join("snapshots/latest"))
        } else {
            mount.path().to_owned()
        };
        // The walk goes on meanwhile; when it is done, one more question is answered by ENOSYS, the last of its kind.
        fixture.until("the kernel stops asking", || {
            let before = mount.messages("getxattr");
            run("ls", &["-lR"], &folder);
            mount.messages("getxattr") == before
        });
        let before = mount.messages("getxattr");
        run("ls", &["-lR"], &folder);
        assert_eq!(mount.messages("getxattr"), before);
    }
}
