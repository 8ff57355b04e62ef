//! One repository for all tests that only read: four snapshots of a small tree, and a place of its own to break things.
//!
//! | | time (UTC) | host | tags | what changed |
//! |---|---|---|---|---|
//! | 0 | 2026-11-01 10:00 | alice-pc | daily | |
//! | 1 | 2026-11-02 10:00 | alice-pc | daily, full | report rewritten, `new.rs` added, `gone.txt` removed, `notes.md` chmodded |
//! | 2 | 2026-11-03 10:00 | bob-pc | | nothing |
//! | 3 | 2026-11-04 10:00 | alice-pc | full | `lib.rs` is a link now, report as at first, `late/` added |

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use bygone_tests::kept::kept;
use bygone_tests::noise::noise;
use bygone_tests::restic::PASSWORD;
use bygone_tests::source_tree::set_times;
use bygone_tests::tools::tool;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::Program;

/// Snapshots in the repository.
pub(crate) const SNAPSHOTS: usize = 4;
/// The bytes of `/big.bin`.
pub(crate) const BIG_BYTES: usize = 5_000_001;

/// The repository, and a cache folder of one's own.
pub(crate) struct Fixture {
    pub(crate) repository: PathBuf,
    /// The saved tree, as it was at the last snapshot.
    pub(crate) source: PathBuf,
    /// Snapshot ids, oldest first.
    pub(crate) ids: Vec<String>,
    pub(crate) own: TempDir,
}

impl Fixture {
    /// The shared repository, made by the first test that asks. Nobody may write to it.
    pub(crate) fn shared() -> Self {
        let place = kept(tests_folder(), "cli-fixture", include_str!("fixture.rs"), make);
        let ids = fs::read_to_string(place.join("ids")).unwrap().lines().map(str::to_owned).collect();
        let (repository, source) = (place.join("repository"), place.join("source"));
        Self { repository, source, ids, own: tempfile::tempdir().unwrap() }
    }

    /// Another repository, which was made elsewhere. Nobody may write to it.
    pub(crate) fn over(repository: PathBuf) -> Self {
        let own = tempfile::tempdir().unwrap();
        Self { repository, source: own.path().to_owned(), ids: Vec::new(), own }
    }

    /// A copy that may be broken.
    pub(crate) fn to_break() -> Self {
        let shared = Self::shared();
        let copy = shared.own.path().join("repository");
        let status = Command::new("cp").arg("-a").arg(&shared.repository).arg(&copy).status().unwrap();
        assert!(status.success());
        Self { repository: copy, ..shared }
    }

    /// The first eight digits of a snapshot's id.
    pub(crate) fn short(&self, snapshot: usize) -> &str {
        &self.ids[snapshot][..8]
    }

    /// `bygone`, with the repository and its password in the environment.
    pub(crate) fn bygone(&self, arguments: &[&str]) -> Program {
        Program::bygone(self.own.path())
            .env("RESTIC_REPOSITORY", self.repository.as_os_str())
            .env("RESTIC_PASSWORD", PASSWORD)
            .arguments(arguments)
    }

    /// What stock restic prints; bytes that are not UTF-8 are replaced.
    pub(crate) fn restic(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&restic(&self.repository, &self.source, arguments)).into_owned()
    }

    /// The same, as JSON lines.
    pub(crate) fn restic_lines(&self, arguments: &[&str]) -> Vec<Value> {
        self.restic(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// All packs, as paths.
    pub(crate) fn packs(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.repository.join("data")).unwrap().map(|folder| folder.unwrap().path());
        folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path())).collect()
    }
}

/// Where what is dear to make is kept.
pub(crate) fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn restic(repository: &Path, source: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(tool("restic"))
        .args(["--no-cache", "-r"])
        .arg(repository)
        .args(arguments)
        .current_dir(source)
        .env("RESTIC_PASSWORD", PASSWORD)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    assert!(output.status.success(), "restic {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn make(place: &Path) {
    let (repository, source) = (place.join("repository"), place.join("source"));
    fs::create_dir_all(&source).unwrap();
    first_day(&source);
    restic(&repository, &source, &["init"]);
    back_up(&repository, &source, 1, "alice-pc", &["daily"]);
    second_day(&source);
    back_up(&repository, &source, 2, "alice-pc", &["daily,full"]);
    back_up(&repository, &source, 3, "bob-pc", &[]);
    fourth_day(&source);
    back_up(&repository, &source, 4, "alice-pc", &["full"]);
    let listed = restic(&repository, &source, &["snapshots", "--json"]);
    let listed: Vec<Value> = serde_json::from_slice(&listed).unwrap();
    let ids: Vec<&str> = listed.iter().map(|snapshot| snapshot["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), SNAPSHOTS);
    fs::write(place.join("ids"), ids.join("\n")).unwrap();
}

fn back_up(repository: &Path, source: &Path, day: u32, host: &str, tags: &[&str]) {
    let time = format!("2026-11-{day:02} 10:00:00");
    let mut arguments = vec!["backup", ".", "--host", host, "--time", &time, "--exclude", "*.tmp"];
    tags.iter().for_each(|tags| arguments.extend(["--tag", tags]));
    restic(repository, source, &arguments);
}

fn write(source: &Path, name: &str, content: &[u8]) {
    let path = source.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    set_times(&path, 1_700_000_000, 123_456_789);
}

fn first_day(source: &Path) {
    write(source, "docs/report.txt", b"first\n");
    write(source, "docs/notes.md", b"notes\n");
    write(source, "docs/gone.txt", b"soon gone\n");
    write(source, "src/main.rs", b"fn main() {}\n");
    write(source, "src/lib.rs", b"//! lib\n");
    write(source, "src/deep/er/Mod.RS", b"mod\n");
    write(source, "big.bin", &noise(7, BIG_BYTES));
    write(source, "empty", b"");
    let odd = source.join(OsStr::from_bytes(b"odd \xff\xfe name"));
    fs::write(&odd, "odd\n").unwrap();
    set_times(&odd, -1, 500_000_000);
    symlink("docs/report.txt", source.join("link")).unwrap();
    fs::hard_link(source.join("docs/notes.md"), source.join("hard")).unwrap();
    let made = Command::new("mkfifo").arg(source.join("fifo")).status().unwrap();
    assert!(made.success());
}

fn second_day(source: &Path) {
    write(source, "docs/report.txt", b"second, longer\n");
    write(source, "src/new.rs", b"pub fn new() {}\n");
    fs::remove_file(source.join("docs/gone.txt")).unwrap();
    fs::set_permissions(source.join("docs/notes.md"), fs::Permissions::from_mode(0o600)).unwrap();
}

fn fourth_day(source: &Path) {
    write(source, "docs/report.txt", b"first\n");
    fs::remove_file(source.join("src/lib.rs")).unwrap();
    symlink("main.rs", source.join("src/lib.rs")).unwrap();
    write(source, "late/report.txt", b"late\n");
}
