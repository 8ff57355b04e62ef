#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bygone_common::SnapshotPath;
use bygone_common::access::{Access, Effect, Rule, Use, Uses};
use bygone_tests::compare::{Aspects, differences};
use bygone_tests::noise::noise;
use bygone_tests::source_tree::write_everything;
use bygone_tests::tools::tool;

use super::*;
use crate::feed::Content;
use crate::testing::{Fixture, archive, bytes_of};

/// Runs a program in a folder, and answers what it printed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool(program)).args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The whole archive, in a file in a folder of its own.
async fn saved(archive: &Arc<Archive>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = bytes_of(&Content::Archive(archive.clone()), 0..archive.size()).await;
    assert_eq!(bytes.len() as u64, archive.size(), "the length that was promised");
    fs::write(folder.path().join("a"), bytes).unwrap();
    folder
}

#[tokio::test]
async fn a_tar_unpacks_to_what_was_backed_up() {
    let fixture = Fixture::of(write_everything);
    let repository = fixture.open();
    let tar = archive(Form::Tar, vec![fixture.root(&repository, "")]).await;
    for (program, arguments) in [
        ("tar", ["--xattrs", "--xattrs-include=*", "-xpf", "a"].as_slice()),
        ("bsdtar", ["--xattrs", "-xpf", "a"].as_slice()),
    ] {
        let folder = saved(&tar).await;
        run(folder.path(), program, arguments);
        // bsdtar does not know every kind of attribute that tar does.
        let aspects = Aspects { owners: true, xattrs: program == "tar", changed: false };
        let mut found = differences(&fixture.source(), &folder.path().join("source"), aspects);
        if program == "bsdtar" {
            // It takes the fraction of a time before 1970 for one after the second.
            found.retain(|difference| !difference.starts_with("times/before 1970: modification time"));
        }
        assert_eq!(found, Vec::<String>::new(), "{program}");
    }
}

#[tokio::test]
async fn any_part_of_a_tar_is_the_same_part_of_the_whole() {
    parts_are_of_the_whole(Form::Tar).await;
}

#[tokio::test]
async fn any_part_of_a_zip_is_the_same_part_of_the_whole() {
    parts_are_of_the_whole(Form::Zip).await;
}

async fn parts_are_of_the_whole(form: Form) {
    let fixture = Fixture::of(|root| {
        write_everything(root);
        bygone_tests::source_tree::write_many(&root.join("many"), 30, 40);
    });
    let repository = fixture.open();
    let planned = || archive(form, vec![fixture.root(&repository, "")]);
    let first = planned().await;
    let whole = bytes_of(&Content::Archive(first.clone()), 0..first.size()).await;
    assert_eq!(whole.len() as u64, first.size());
    let size = first.size();
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..150 {
        let start = random(size);
        let end = (start + 1 + random(200_000)).min(size);
        // As after a restart: nothing is known but what the snapshot says.
        let again = planned().await;
        assert_eq!(again.etag(), first.etag());
        let content = Content::Archive(if random(4) == 0 { again } else { first.clone() });
        let part = bytes_of(&content, start..end).await;
        let expected = whole.get(start as usize..end as usize).unwrap();
        assert!(part == expected, "bytes {start}..{end} of {size}");
    }
}

#[tokio::test]
async fn a_zip_unpacks_to_what_was_backed_up() {
    let fixture = Fixture::of(|root| {
        fs::create_dir_all(root.join("a/b/empty")).unwrap();
        fs::write(root.join("a/empty file"), "").unwrap();
        fs::write(root.join("a/small"), noise(1, 1000)).unwrap();
        fs::write(root.join("a/b/Отчёт ё.txt"), "здравствуй").unwrap();
        fs::write(root.join("a/large"), noise(2, 9_000_001)).unwrap();
        fs::write(root.join("a/exactly"), noise(3, 4 << 20)).unwrap();
        fs::write(root.join("a/one more"), noise(4, (4 << 20) + 1)).unwrap();
        std::os::unix::fs::symlink("small", root.join("a/link")).unwrap();
    });
    let repository = fixture.open();
    let zip = archive(Form::Zip, vec![fixture.root(&repository, "a")]).await;
    assert!(!zip.is_random_access());
    for (program, arguments) in [
        ("unzip", ["-q", "a"].as_slice()),
        ("bsdtar", ["-xf", "a"].as_slice()),
        ("7z", ["x", "-y", "a"].as_slice()),
        (
            "python3",
            ["-c", "import zipfile; z = zipfile.ZipFile('a'); assert z.testzip() is None; z.extractall()"].as_slice(),
        ),
    ] {
        let folder = saved(&zip).await;
        if program == "unzip" {
            run(folder.path(), "unzip", &["-tq", "a"]);
        }
        fs::rename(folder.path().join("a"), folder.path().join("zip")).unwrap();
        let arguments: Vec<&str> = arguments.iter().map(|word| if *word == "a" { "zip" } else { word }).collect();
        let arguments: Vec<String> = arguments.iter().map(|word| word.replace("'a'", "'zip'")).collect();
        run(folder.path(), program, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        // Zip keeps whole seconds of files, in every program differently for links and folders: names and contents here.
        assert_contents(&fixture.source().join("a"), &folder.path().join("a"), program != "python3" && program != "7z");
    }
    assert!(zip.is_random_access(), "every file was read");
    let stdin = saved(&zip).await;
    run(stdin.path(), "sh", &["-c", "cat a | bsdtar -tf - > list"]);
    assert_eq!(fs::read_to_string(stdin.path().join("list")).unwrap().lines().count() as u64, zip.plan.entries);
}

/// Names, kinds and contents.
fn assert_contents(expected: &Path, actual: &Path, has_links: bool) {
    let list = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(list(expected), list(actual), "{}", actual.display());
    for name in list(expected) {
        let (expected, actual) = (expected.join(&name), actual.join(&name));
        if expected.is_symlink() {
            assert!(!has_links || fs::read_link(&expected).unwrap() == fs::read_link(&actual).unwrap());
        } else if expected.is_dir() {
            assert_contents(&expected, &actual, has_links);
        } else {
            assert!(fs::read(&expected).unwrap() == fs::read(&actual).unwrap(), "{}", actual.display());
        }
    }
}

#[tokio::test]
async fn what_a_zip_cannot_hold_is_listed_in_it() {
    let fixture = Fixture::of(write_everything);
    let repository = fixture.open();
    let zip = archive(Form::Zip, vec![fixture.root(&repository, "special"), fixture.root(&repository, "names")]).await;
    let folder = saved(&zip).await;
    run(
        folder.path(),
        "python3",
        &["-c", "import zipfile; z = zipfile.ZipFile('a'); assert z.testzip() is None; z.extractall()"],
    );
    let report = fs::read_to_string(folder.path().join("_RESTORE-REPORT.txt")).unwrap();
    assert!(report.contains("special/fifo: it is a pipe"), "{report}");
    assert!(report.contains("special/disk: it is a device"), "{report}");
    let names: Vec<String> = run(folder.path(), "unzip", &["-Z1", "a"]).lines().map(str::to_owned).collect();
    assert!(names.contains(&"names/back_slash".to_owned()), "{names:?}");
    assert!(names.contains(&"names/a_b_c_d_e_f_g".to_owned()), "{names:?}");
    assert!(names.contains(&"names/trailing dot_".to_owned()), "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| !name.starts_with('/') && !name.contains('\\') && !name.contains("..") || name.contains("..."))
    );
}

#[tokio::test]
async fn several_files_and_folders_make_one_archive() {
    let fixture = Fixture::of(|root| {
        for folder in ["one", "two", "two/below"] {
            fs::create_dir(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("file"), folder).unwrap();
        }
    });
    let repository = fixture.open();
    let roots = || ["one/file", "two", "two/file"].map(|below| fixture.root(&repository, below)).to_vec();
    let tar = saved(&archive(Form::Tar, roots()).await).await;
    let listed = run(tar.path(), "tar", &["-tf", "a"]);
    assert_eq!(listed, "file\ntwo/\ntwo/below/\ntwo/below/file\ntwo/file\nfile (2)\n");
    let zip = saved(&archive(Form::Zip, roots()).await).await;
    assert_eq!(run(zip.path(), "unzip", &["-Z1", "a"]), listed);
    assert_eq!(run(zip.path(), "unzip", &["-p", "a", "file (2)"]), "two");
}

#[tokio::test]
async fn what_may_not_be_taken_is_not_in_it() {
    let mut fixture = Fixture::of(|root| {
        for folder in ["open", "open/secret", "closed", "closed/but"] {
            fs::create_dir(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("file"), folder).unwrap();
        }
    });
    let repository = fixture.open();
    let rule = |below: &str, effect, uses| {
        let path = fixture.source().join(below);
        Rule::new(SnapshotPath::parse(path.as_os_str().as_encoded_bytes()).unwrap(), effect, uses)
    };
    fixture.access = Access::new(
        Uses::ALL,
        [
            rule("open", Effect::Allow, Uses::ALL),
            rule("open/secret", Effect::Deny, Uses::ALL),
            rule("closed", Effect::Allow, Uses::of([Use::See])),
            rule("closed/but", Effect::Allow, Uses::ALL),
        ],
    );
    let tar = saved(&archive(Form::Tar, vec![fixture.root(&repository, "")]).await).await;
    let listed = run(tar.path(), "tar", &["-tf", "a"]);
    assert_eq!(listed, "source/closed/but/\nsource/closed/but/file\nsource/open/\nsource/open/file\n");
}

#[tokio::test]
async fn an_interrupted_zip_goes_on_where_it_broke_off() {
    let fixture = Fixture::of(|root| {
        for number in 0..600 {
            fs::write(root.join(format!("{number:03}")), noise(number, 3000)).unwrap();
        }
        fs::write(root.join("large"), noise(1, 12_000_000)).unwrap();
    });
    let repository = fixture.open();
    let planned = || archive(Form::Zip, vec![fixture.root(&repository, "")]);
    let whole = planned().await;
    let expected = bytes_of(&Content::Archive(whole.clone()), 0..whole.size()).await;
    let part = |start, end| ByteRange::new(start, end - start).unwrap();
    let broken = planned().await;
    let size = broken.size();
    let middle = size / 2;
    assert!(!broken.is_random_access(), "the list at the end needs all checksums");
    assert!(broken.can_begin_at(part(middle, middle + 10)), "a part without the list needs none");
    let begun = bytes_of(&Content::Archive(broken.clone()), 0..middle).await;
    assert!(broken.can_begin_at(part(middle, size)), "what lies before was read");
    let kept = broken.checksums().changes().unwrap();
    let restarted = planned().await;
    restarted.checksums().learn(&kept);
    assert!(restarted.can_begin_at(part(middle, size)));
    let rest = bytes_of(&Content::Archive(restarted), middle..size).await;
    assert!([begun, rest].concat() == expected);
}
