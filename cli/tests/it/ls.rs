use std::collections::BTreeMap;

use serde_json::Value;

use crate::fixture::Fixture;

#[test]
fn everything_below_is_what_restic_lists() {
    let fixture = Fixture::shared();
    for snapshot in 0..4 {
        let id = &fixture.ids[snapshot];
        let ours = fixture.bygone(&["ls", "-R", id]).bytes();
        let ours = String::from_utf8_lossy(&ours).into_owned();
        let theirs = fixture.restic(&["ls", id]);
        let theirs: Vec<&str> = theirs.lines().filter(|line| line.starts_with('/')).collect();
        assert_eq!(ours.lines().collect::<Vec<_>>(), theirs);
    }
}

#[test]
fn json_says_of_each_node_what_restic_says() {
    let fixture = Fixture::shared();
    let nodes = |lines: Vec<Value>| -> BTreeMap<String, Value> {
        let nodes = lines.into_iter().filter(|line| line["struct_type"] == "node");
        nodes.map(|node| (node["path"].as_str().unwrap().to_owned(), node)).collect()
    };
    let ours = fixture.bygone(&["ls", "-R", "latest", "--json"]).json_lines();
    assert_eq!(ours[0]["struct_type"], "snapshot");
    assert_eq!(ours[0]["id"], fixture.ids[3]);
    let ours = nodes(ours);
    let theirs = nodes(fixture.restic_lines(&["ls", "latest", "--json"]));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (path, node) in &ours {
        for field in ["name", "type", "uid", "gid", "size", "inode"] {
            assert_eq!(node[field], theirs[path][field], "{path} {field}");
        }
        let time = |value: &Value| value["mtime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time(node), time(&theirs[path]), "{path}");
    }
}

#[test]
fn names_that_are_not_utf8_come_as_bytes_and_in_json_as_base64() {
    let fixture = Fixture::shared();
    let listed = fixture.bygone(&["ls"]).bytes();
    assert!(listed.split(|byte| *byte == b'\n').any(|name| name == b"odd \xff\xfe name"));
    let lines = fixture.bygone(&["ls", "--json"]).json_lines();
    let odd = lines.iter().find(|line| line["path_base64"].is_string()).unwrap();
    assert_eq!(odd["path_base64"], "L29kZCD//iBuYW1l");
    assert_eq!(odd["path"], "/odd \u{fffd}\u{fffd} name");
}

#[test]
fn a_folder_lists_its_own_names_only() {
    let fixture = Fixture::shared();
    assert_eq!(fixture.bygone(&["ls", "latest:/src"]).lines(), ["deep", "lib.rs", "main.rs", "new.rs"]);
    assert_eq!(fixture.bygone(&["ls", "latest~3:src"]).lines(), ["deep", "lib.rs", "main.rs"]);
    assert_eq!(fixture.bygone(&["ls", "@2026-11-02T12:00:/src/deep/er"]).lines(), ["Mod.RS"]);
    assert_eq!(fixture.bygone(&["ls", "latest:/src/main.rs"]).lines(), ["main.rs"]);
}

#[test]
fn the_long_form_is_that_of_ls() {
    let fixture = Fixture::shared();
    let ours = fixture.bygone(&["ls", "-l", "latest:/docs"]).lines();
    let owner =
        |flag: &str| String::from_utf8(std::process::Command::new("id").arg(flag).output().unwrap().stdout).unwrap();
    let (user, group) = (owner("-un"), owner("-gn"));
    let owner = format!("{} {}", user.trim(), group.trim());
    let expected = [
        format!("-rw------- 2 {owner} 6 2023-11-14 22:13:20 notes.md"),
        format!("-rw-r--r-- 1 {owner} 6 2023-11-14 22:13:20 report.txt"),
    ];
    assert_eq!(ours, expected);
    let root = fixture.bygone(&["ls", "-l"]).bytes();
    let root = String::from_utf8_lossy(&root).into_owned();
    assert!(
        root.lines().any(|line| line.starts_with("lrwxrwxrwx") && line.ends_with(" link -> docs/report.txt")),
        "{root}"
    );
    assert!(root.lines().any(|line| line.starts_with("prw-r--r--") && line.ends_with(" fifo")), "{root}");
    assert!(root.lines().any(|line| line.contains(" 1969-12-31 23:59:59 odd ")), "{root}");
}

#[test]
fn times_are_shown_in_the_readers_zone() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["ls", "-l", "latest:/docs/report.txt"]).env("TZ", "Asia/Tokyo").lines();
    assert!(lines[0].contains(" 2023-11-15 07:13:20 report.txt"), "{}", lines[0]);
}

#[test]
fn several_folders_have_titles() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["ls", "latest:/docs", "latest~3:/docs"]).lines();
    let expected = [
        format!("{}:/docs:", fixture.short(3)),
        "notes.md".into(),
        "report.txt".into(),
        format!("{}:/docs:", fixture.short(0)),
        "gone.txt".into(),
        "notes.md".into(),
        "report.txt".into(),
    ];
    assert_eq!(lines, expected);
}
