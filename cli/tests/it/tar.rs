use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::source_tree::write_everything;

use crate::fixture::Fixture;
use crate::program::Program;

fn extract(archive: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    let output = Command::new("tar")
        .args([
            "--extract",
            "--preserve-permissions",
            "--same-owner",
            "--xattrs",
            "--xattrs-include=*",
            "--warning=no-timestamp",
            "--file",
        ])
        .arg(archive)
        .arg("--directory")
        .arg(into)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_folder_unpacks_to_what_was_saved() {
    let own = tempfile::tempdir().unwrap();
    let source = own.path().join("source");
    write_everything(&source);
    let repository = own.path().join("repository");
    Restic::new(repository.to_str().unwrap()).init_and_back_up(&source);
    let archive = own.path().join("archive.tar");
    Program::bygone(own.path())
        .env("RESTIC_REPOSITORY", &repository)
        .env("RESTIC_PASSWORD", PASSWORD)
        .arguments(&["tar", &format!("latest:{}", source.display()), "-f", archive.to_str().unwrap()])
        .bytes();
    let into = own.path().join("into");
    extract(&archive, &into);
    assert_same(&source, &into.join("source"), Aspects { changed: false, ..Aspects::ALL });
}

fn names(archive: &[u8]) -> Vec<String> {
    let mut child = Command::new("tar")
        .args(["--list", "--quoting-style=escape"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let archive = archive.to_vec();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, &archive));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn names_begin_with_the_folder_asked_for() {
    let fixture = Fixture::shared();
    let listed = |what: &str| names(&fixture.bygone(&["tar", what]).bytes());
    assert_eq!(listed("latest:/src/deep"), ["deep/", "deep/er/", "deep/er/Mod.RS"]);
    assert_eq!(listed("latest:/docs/report.txt"), ["report.txt"]);
    let all = listed("latest");
    assert!(all.contains(&"docs/report.txt".to_owned()) && all.contains(&"odd \\377\\376 name".to_owned()), "{all:?}");
}

#[test]
fn what_restic_dumps_has_the_same_files() {
    let fixture = Fixture::shared();
    let theirs = fixture.own.path().join("theirs.tar");
    let ours = fixture.own.path().join("ours.tar");
    let dumped = Command::new(bygone_tests::tools::tool("restic"))
        .args(["--no-cache", "dump", "latest", "/", "-r"])
        .arg(&fixture.repository)
        .env("RESTIC_PASSWORD", PASSWORD)
        .stdout(File::create(&theirs).unwrap())
        .status()
        .unwrap();
    assert!(dumped.success());
    fixture.bygone(&["tar", "latest", "-f", ours.to_str().unwrap()]).bytes();
    let (left, right) = (fixture.own.path().join("left"), fixture.own.path().join("right"));
    extract(&theirs, &left);
    extract(&ours, &right);
    // restic writes times in whole seconds, a pipe as an empty file, and every name of a file as a file of its own: the
    // test above asks for more than that.
    fs::remove_file(left.join("fifo")).unwrap();
    fs::remove_file(right.join("fifo")).unwrap();
    let compared = Command::new("diff").args(["-r", "--no-dereference"]).args([&left, &right]).output().unwrap();
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stdout));
}

#[test]
fn a_file_that_cannot_be_made_is_an_error() {
    let fixture = Fixture::shared();
    let told = fixture.bygone(&["tar", "latest", "-f", "/nowhere/at/all.tar"]).fails(1);
    assert!(told.starts_with("bygone: write /nowhere/at/all.tar: No such file"), "{told}");
}
