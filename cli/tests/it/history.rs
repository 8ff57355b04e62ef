use serde_json::Value;

use crate::fixture::Fixture;

fn owners(fixture: &Fixture, ids: &Value) -> Vec<usize> {
    let ids = ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap());
    ids.map(|id| fixture.ids.iter().position(|known| known == id).unwrap()).collect()
}

#[test]
fn a_file_has_a_version_for_each_state() {
    let fixture = Fixture::shared();
    let history = fixture.bygone(&["history", "/docs/report.txt", "--json"]).json();
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(owners(&fixture, &versions[0]["snapshots"]), [0, 3]);
    assert_eq!(owners(&fixture, &versions[1]["snapshots"]), [1, 2]);
    assert_eq!((&versions[0]["content"], &versions[1]["content"]), (&0.into(), &1.into()));
    assert_eq!((&versions[0]["size"], &versions[1]["size"]), (&6.into(), &15.into()));
    assert_eq!(versions.len(), 2);
    assert_eq!(history["absent"], Value::Array(Vec::new()));
}

#[test]
fn versions_that_differ_in_metadata_share_their_content() {
    let fixture = Fixture::shared();
    let history = fixture.bygone(&["history", "docs/notes.md", "--json"]).json();
    let versions = history["versions"].as_array().unwrap();
    let seen: Vec<_> =
        versions.iter().map(|version| (version["permissions"].as_str().unwrap(), &version["content"])).collect();
    assert_eq!(seen, [("-rw-r--r--", &0.into()), ("-rw-------", &0.into())]);
    let lines = fixture.bygone(&["history", "docs/notes.md"]).lines();
    assert!(lines.iter().all(|line| line.contains("  A    -rw")), "{lines:?}");
}

#[test]
fn snapshots_without_the_path_are_counted() {
    let fixture = Fixture::shared();
    let history = fixture.bygone(&["history", "/docs/gone.txt", "--json"]).json();
    assert_eq!(owners(&fixture, &history["absent"]), [1, 2, 3]);
    let lines = fixture.bygone(&["history", "/docs/gone.txt"]).lines();
    assert_eq!(lines.last().unwrap(), "3 of 4 snapshots do not have it");
    let told = fixture.bygone(&["history", "/nowhere"]).fails(1);
    assert_eq!(told, "bygone: no snapshot has /nowhere");
    let told = fixture.bygone(&["history", "/docs/report.txt/below"]).fails(1);
    assert_eq!(told, "bygone: no snapshot has /docs/report.txt/below");
}

#[test]
fn folders_and_the_root_have_versions_too() {
    let fixture = Fixture::shared();
    let versions =
        |path: &str| fixture.bygone(&["history", path, "--json"]).json()["versions"].as_array().unwrap().len();
    assert_eq!(versions("/docs"), 3);
    assert_eq!(versions("/"), 3);
    assert_eq!(versions("/src/deep"), 1);
}

#[test]
fn a_change_of_type_is_a_version() {
    let fixture = Fixture::shared();
    let lines = fixture.bygone(&["history", "/src/lib.rs", "--host", "alice-pc"]).lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains(" 2 snapshots  A    -rw-r--r-- "), "{}", lines[0]);
    assert!(lines[1].contains(" 1 snapshot   B    lrwxrwxrwx ") && lines[1].ends_with(" -> main.rs"), "{}", lines[1]);
}
