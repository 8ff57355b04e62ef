use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use bygone_tests::noise::noise;
use bygone_tests::restic::Restic;
use serde_json::Value;

use crate::own::Own;
use crate::program::Program;

/// A repository without snapshots, and a folder beside it with something in it.
struct Place {
    own: Own,
    restic: Restic,
}

impl Place {
    fn new() -> Self {
        let own = Own::new();
        fs::create_dir_all(own.path("files/folder")).unwrap();
        fs::write(own.path("files/a.txt"), "first").unwrap();
        fs::write(own.path("files/folder/b.o"), noise(3, 700_000)).unwrap();
        let restic = Restic::new(own.repository().to_str().unwrap());
        Self { restic: restic.arguments(&["--no-cache"]).env("TZ", "UTC").in_folder(own.folder.path()), own }
    }

    fn bygone(&self, arguments: &[&str]) -> Program {
        self.own.bygone(arguments)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.own.path(name)
    }

    /// What the newest snapshot holds, as restic lists it.
    fn listed(&self) -> Vec<String> {
        let lines = self.restic.run(&["ls", "latest", "--json"]);
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line["path"].as_str().map(str::to_owned)).collect()
    }

    fn snapshots(&self) -> Vec<Value> {
        serde_json::from_str(&self.restic.run(&["snapshots", "--json"])).unwrap()
    }

    fn newest(&self) -> Value {
        self.snapshots().last().unwrap().clone()
    }
}

#[test]
fn a_backup_tells_what_it_did_and_restic_goes_on_from_it() {
    let place = Place::new();
    let ran = place.bygone(&["backup", "files", "--tag", "x, y", "--tag", "x", "-H", "here", "-e", "*.tmp"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let said = String::from_utf8(ran.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["files:   2 new, 0 changed, 0 unmodified", "folders: 2 new, 0 changed, 0 unmodified"]);
    let newest = place.newest();
    assert_eq!(lines[3], format!("snapshot {} saved", newest["short_id"].as_str().unwrap()));
    assert_eq!((&newest["hostname"], &newest["tags"]), (&"here".into(), &serde_json::json!(["x", "y"])));
    assert_eq!(newest["paths"], serde_json::json!([place.path("files")]));
    assert_eq!(newest["excludes"], serde_json::json!(["*.tmp"]));
    place.restic.run(&["backup", "files", "--host", "here"]);
    let theirs = place.newest();
    assert_eq!((&theirs["tree"], &theirs["parent"]), (&newest["tree"], &newest["id"]));
    assert_eq!(theirs["summary"]["files_unmodified"], 2);
    place.restic.run(&["check", "--read-data"]);
    assert_eq!(place.restic.run(&["list", "locks"]), "");
}

#[test]
fn an_unchanged_source_can_do_without_a_snapshot() {
    let place = Place::new();
    place.bygone(&["backup", "files"]).text();
    let said = place.bygone(&["backup", "files", "--skip-if-unchanged"]).text();
    assert!(said.ends_with("nothing has changed: no snapshot was taken\n"), "{said}");
    assert_eq!(place.snapshots().len(), 1);
    fs::write(place.path("files/new"), "").unwrap();
    place.bygone(&["backup", "files", "--skip-if-unchanged", "-q"]).text();
    assert_eq!(place.snapshots().len(), 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new();
    let said = place.bygone(&["backup", "files", "--dry-run"]).text();
    assert!(said.contains("would add ") && !said.contains("saved"), "{said}");
    assert_eq!((place.snapshots().len(), place.restic.run(&["list", "packs"])), (0, String::new()));
}

#[test]
fn programs_are_told_in_the_words_of_restic() {
    let place = Place::new();
    let lines = place.bygone(&["backup", "files", "--json", "-v"]).json_lines();
    let items: Vec<&str> = lines
        .iter()
        .filter(|line| line["message_type"] == "verbose_status" && line["action"] == "new")
        .map(|line| line["item"].as_str().unwrap())
        .collect();
    assert!(items.contains(&"/files/folder/b.o") && items.contains(&"/files/"), "{items:?}");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["message_type"], &summary["files_new"]), (&"summary".into(), &2.into()));
    assert_eq!((&summary["total_bytes_processed"], &summary["snapshot_id"]), (&700_005.into(), &place.newest()["id"]));
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_saved() {
    let place = Place::new();
    let ran = place.bygone(&["backup", "files", "nowhere"]).partly();
    assert_eq!(ran.stderr, "bygone: nowhere is left out: it does not exist\n");
    assert_eq!(place.listed(), ["/files", "/files/a.txt", "/files/folder", "/files/folder/b.o"]);
    let ran = place.bygone(&["backup", "nowhere"]).run();
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.ends_with("bygone: nothing to back up: it does not exist\n"), "{}", ran.stderr);
    assert_eq!(place.snapshots().len(), 1);
    let told = place.bygone(&["backup"]).fails(2);
    assert_eq!(told, "bygone: nothing to back up: name files or folders");
}

#[test]
fn patterns_and_lists_come_from_files() {
    let place = Place::new();
    fs::write(place.path("files/c.txt"), "").unwrap();
    fs::write(place.path("rules"), "# what nobody needs\n\n$KIND\n").unwrap();
    fs::write(place.path("list"), "# sources\nfiles/*.t?t\nfiles/folder\n").unwrap();
    place
        .bygone(&["backup", "-q", "--files-from", "list", "--exclude-file", "rules", "--iexclude", "C.*"])
        .env("KIND", "*.o")
        .text();
    // What was named is saved, whatever the rules say.
    assert_eq!(place.listed(), ["/files", "/files/a.txt", "/files/c.txt", "/files/folder"]);
    let told = place.bygone(&["backup", "files", "-e", "["]).fails(2);
    assert_eq!(told, "bygone: \"[\" is not a pattern: a bracket or escape is malformed");
}

#[test]
fn a_source_can_stand_at_another_path() {
    let place = Place::new();
    place.bygone(&["backup", "-q", "files/folder", "--as-path", "/srv/data"]).text();
    assert_eq!(place.listed(), ["/srv", "/srv/data", "/srv/data/b.o"]);
    assert_eq!(place.newest()["paths"], serde_json::json!(["/srv/data"]));
}

#[test]
fn a_source_above_the_current_folder_is_excluded_by_its_own_path() {
    let place = Place::new();
    let rule = place.path("files/folder/b.o");
    let mut command = place.bygone(&["backup", "-q", "../../files", "-x", "-e", rule.to_str().unwrap()]).command();
    assert!(command.current_dir(place.path("files/folder")).status().unwrap().success());
    assert_eq!(place.listed(), ["/files", "/files/a.txt", "/files/folder"]);
    assert_eq!(place.newest()["paths"], serde_json::json!([place.path("files")]));
}

#[test]
fn standard_input_is_saved_as_a_file() {
    let place = Place::new();
    let content = noise(5, 3 << 20);
    let mut command = place.bygone(&["backup", "--stdin", "--stdin-filename", "dumps/db.sql", "-q"]).command();
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&content).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(place.listed(), ["/dumps", "/dumps/db.sql"]);
    let restored = place.bygone(&["cat", "latest:/dumps/db.sql"]).bytes();
    assert!(restored == content);
}

#[test]
fn what_a_command_prints_is_saved_unless_it_fails() {
    let place = Place::new();
    let printing =
        ["backup", "-q", "--stdin-from-command", "--stdin-filename", "x", "--", "sh", "-c", "echo some; exit 0"];
    place.bygone(&printing).text();
    assert_eq!(place.bygone(&["cat", "latest:/x"]).text(), "some\n");
    let failing = ["backup", "--stdin-from-command", "--", "sh", "-c", "echo some; exit 7"];
    let told = place.bygone(&failing).fails(1);
    assert_eq!(told, "bygone: read what is to be saved: sh failed: exit status: 7");
    assert_eq!(place.snapshots().len(), 1);
}
