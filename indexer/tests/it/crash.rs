//! What a crash, damage or another process leaves.

use std::fs;
use std::path::{Path, PathBuf};

use bygone_indexer::{ErrorKind, Health, Index, Limits, Page, Scope};

use crate::fixture::{Forest, Stand, file, query, snapshot, source, tree};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&path, target).unwrap();
    }
}

fn total(index: &Index) -> u64 {
    index.search(&query("txt"), &Scope::everything(), &Page::default()).unwrap().total
}

#[test]
fn an_index_is_what_it_was_after_it_is_opened_again() {
    let Stand { folder, index, .. } =
        Stand::of(&[tree([("/a.txt", file("a"))]), tree([("/a.txt", file("b")), ("/b.txt", file("b"))])]);
    let (status, known) = (index.status(), index.known());
    drop(index);
    let index = Index::open(folder.path(), Limits::default()).unwrap();
    assert_eq!((index.status(), index.known()), (status, known));
    assert_eq!(total(&index), 3);
}

#[test]
fn an_index_is_open_once() {
    let stand = Stand::new();
    let error = Index::open(stand.folder.path(), Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert_eq!(Index::delete(stand.folder.path()).unwrap_err().kind(), ErrorKind::Busy);
}

#[test]
fn a_deleted_index_leaves_nothing() {
    let Stand { folder, index, .. } = Stand::of(&[tree([("/a.txt", file("a"))])]);
    drop(index);
    Index::delete(folder.path()).unwrap();
    assert!(!folder.path().exists());
    Index::delete(folder.path()).unwrap();
}

/// Copies of the folder taken at any moment of a write are what `kill -9` leaves: each opens at a commit, says which
/// snapshots it holds, and takes the others again.
#[test]
fn whatever_a_crash_leaves_opens_at_a_commit() {
    let mut stand = Stand::of(&[tree([("/a.txt", file("a"))])]);
    let mut second = tree([("/a.txt", file("b"))]);
    for number in 0..300 {
        second.insert(format!("/d{}/{number}.txt", number % 20), file("x"));
    }
    let root = stand.forest.plant(&second);
    let wanted = snapshot(1, 1, root);
    let done = std::sync::atomic::AtomicBool::new(false);
    let copies: Vec<tempfile::TempDir> = std::thread::scope(|scope| {
        let (done, folder) = (&done, stand.folder.path());
        let copier = scope.spawn(move || {
            let mut copies = Vec::new();
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                let target = crate::fixture::folder();
                // A copy is not of one moment: what vanishes on the way was of an older one, which then cannot be told
                // from a crash, so only whole copies count.
                if try_copy(folder, target.path()) {
                    copies.push(target);
                }
            }
            copies
        });
        stand.index.ingest(&stand.forest, &wanted).unwrap();
        stand.index.expire(source(1), &[wanted.snapshot]).unwrap();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        copier.join().unwrap()
    });
    assert!(!copies.is_empty());
    for folder in copies {
        let index = Index::open(folder.path(), Limits::default()).unwrap();
        let held = index.known().len();
        assert_eq!(index.status().health, Health::Ready);
        let again = index.ingest(&stand.forest, &wanted).unwrap();
        assert!(held >= usize::from(again.was_known));
        index.expire(source(1), &[wanted.snapshot]).unwrap();
        assert_eq!(total(&index), 301);
    }
}

/// Copies `meta.json` last and only counts when it stayed the same meanwhile, so that the copy is a state the folder
/// was in, with more files at most.
fn try_copy(from: &Path, to: &Path) -> bool {
    let meta = from.join("versions/meta.json");
    let Ok(before) = fs::read(&meta) else { return false };
    for path in walk(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        let copied = fs::create_dir_all(target.parent().unwrap()).and_then(|()| fs::copy(&path, target));
        if copied.is_err() {
            return false;
        }
    }
    fs::write(to.join("versions/meta.json"), &before).unwrap();
    fs::read(&meta).is_ok_and(|after| after == before)
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Says to a run of this program that it is the one to be killed, and in which folder.
const VICTIM: &str = "BYGONE_INDEX_VICTIM";
const KILLS: usize = 12;
const STEPS: u32 = 6;

fn tree_of(step: u32) -> crate::fixture::Tree {
    (0..200_u32)
        .map(|number| (format!("/d{}/{number}.txt", number % 7), file(&format!("{}", (number + step) % 5))))
        .collect()
}

/// Takes snapshots and forgets them, telling of every step, until it is killed.
fn victim(folder: &Path) {
    let index = Index::open(folder, Limits::default()).unwrap();
    let mut forest = Forest::default();
    for step in 0..u32::MAX {
        println!("step {step}");
        let number = step % STEPS;
        let root = forest.plant(&tree_of(number));
        index.ingest(&forest, &snapshot(1, number, root)).unwrap();
        if number == STEPS - 1 {
            index.expire(source(1), &[crate::fixture::snapshot_id(1, 0)]).unwrap();
        }
    }
}

#[test]
fn a_killed_writer_leaves_its_last_commit() {
    use std::io::{BufRead, BufReader};
    if let Some(folder) = std::env::var_os(VICTIM) {
        return victim(Path::new(&folder));
    }
    let folder = crate::fixture::folder();
    for kill in 0..KILLS {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::a_killed_writer_leaves_its_last_commit", "--nocapture"])
            .env(VICTIM, folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let steps = lines.filter(|line| line.contains("step ")).take(1 + kill % 5);
        assert_eq!(steps.count(), 1 + kill % 5, "it ended by itself");
        // Each time a little later within the step.
        let until = std::time::Instant::now() + std::time::Duration::from_millis(kill as u64 * 3);
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let index = Index::open(folder.path(), Limits::default()).unwrap();
        assert_eq!(index.status().health, Health::Ready);
        check_against_known(&index);
    }
}

/// An index of what another one says that it holds, document for document.
fn check_against_known(index: &Index) {
    let mut anew = Stand::new();
    for known in index.known() {
        let number = (0..STEPS).find(|number| crate::fixture::day(*number) == known.time).unwrap();
        anew.take(1, number, &tree_of(number));
    }
    let all = |index: &Index| {
        let mut all = Vec::new();
        index.documents(|document| all.push(format!("{document:?}")));
        all.sort();
        all
    };
    assert_eq!(all(index), all(&anew.index));
}

/// Any byte of any file may flip, and any file may be cut or vanish: the index answers right, or it is dropped and says
/// that it is being built anew.
#[test]
fn damage_is_noticed_and_the_index_built_anew() {
    let Stand { folder, index, mut forest } =
        Stand::of(&[tree([("/a.txt", file("a")), ("/d/b.txt", file("b"))]), tree([("/a.txt", file("c"))])]);
    drop(index);
    let root = forest.plant(&tree([("/a.txt", file("a")), ("/d/b.txt", file("b"))]));
    let mut rebuilt = 0;
    for path in files(folder.path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let length = fs::metadata(&path).unwrap().len() as usize;
        if length == 0 || name.ends_with(".lock") {
            continue;
        }
        for damage in ["flip", "cut", "remove"] {
            let target = crate::fixture::folder();
            copy(folder.path(), target.path());
            let victim = target.path().join(path.strip_prefix(folder.path()).unwrap());
            let mut bytes = fs::read(&victim).unwrap();
            match damage {
                "flip" => bytes[length / 2] ^= 0x55,
                "cut" => bytes.truncate(length / 2),
                _ => {}
            }
            if damage == "remove" {
                fs::remove_file(&victim).unwrap();
            } else {
                fs::write(&victim, bytes).unwrap();
            }
            let index = Index::open(target.path(), Limits::default())
                .unwrap_or_else(|error| panic!("{name} {damage}: {error}"));
            match index.status().health {
                Health::Ready if index.known().is_empty() => {
                    assert!(name == "meta.json", "{name} {damage} went unnoticed")
                }
                Health::Ready => assert_eq!(total(&index), 3, "{name} {damage}"),
                Health::Rebuilding(_) => {
                    rebuilt += 1;
                    check_rebuild(&index, target.path(), &forest, root);
                }
            }
        }
    }
    assert!(rebuilt > 10, "only {rebuilt} damages were noticed");
}

fn check_rebuild(index: &Index, _: &Path, forest: &Forest, root: bygone_common::TreeId) {
    assert!(index.known().is_empty());
    index.ingest(forest, &snapshot(1, 0, root)).unwrap();
    let found = index.search(&query("txt"), &Scope::everything(), &Page::default()).unwrap();
    assert!(found.is_partial);
    assert_eq!(found.total, 2);
    index.rebuilt().unwrap();
    assert_eq!(index.status().health, Health::Ready);
}

#[test]
fn a_rebuild_goes_on_after_a_restart() {
    let Stand { folder, index, mut forest } = Stand::of(&[tree([("/a.txt", file("a"))])]);
    drop(index);
    let state = files(folder.path()).into_iter().find(|path| path.to_string_lossy().contains("state-")).unwrap();
    fs::write(state, b"{}").unwrap();
    let index = Index::open(folder.path(), Limits::default()).unwrap();
    let root = forest.plant(&tree([("/a.txt", file("a"))]));
    index.ingest(&forest, &snapshot(1, 0, root)).unwrap();
    drop(index);
    let index = Index::open(folder.path(), Limits::default()).unwrap();
    assert!(matches!(index.status().health, Health::Rebuilding(_)));
    assert_eq!(index.known().len(), 1);
    index.rebuilt().unwrap();
    drop(index);
    assert_eq!(Index::open(folder.path(), Limits::default()).unwrap().status().health, Health::Ready);
}

#[test]
fn an_index_of_another_format_is_built_anew() {
    let Stand { folder, index, .. } = Stand::of(&[tree([("/a.txt", file("a"))])]);
    drop(index);
    // As a later program would have written it: sound, but of another format.
    let meta = folder.path().join("versions/meta.json");
    let state = files(folder.path()).into_iter().find(|path| path.to_string_lossy().contains("state-")).unwrap();
    let text = fs::read_to_string(&state).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    let old = crc(&fs::read(&state).unwrap());
    fs::write(&state, &text).unwrap();
    let changed = fs::read_to_string(&meta).unwrap().replace(&old.to_string(), &crc(text.as_bytes()).to_string());
    fs::write(&meta, changed).unwrap();
    let index = Index::open(folder.path(), Limits::default()).unwrap();
    assert!(matches!(index.status().health, Health::Rebuilding(why) if why.contains("format 2")));
}

fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

#[test]
fn a_search_sees_one_commit_while_another_is_written() {
    let mut stand = Stand::of(&[tree([("/0.txt", file("x"))])]);
    let roots: Vec<_> = (1..12_u32)
        .map(|count| {
            let files = (0..=count).map(|number| (format!("/{number}.txt"), file("x"))).collect();
            stand.forest.plant(&files)
        })
        .collect();
    std::thread::scope(|scope| {
        let index = &stand.index;
        let writer = scope.spawn(|| {
            for (number, root) in (1..).zip(&roots) {
                index.ingest(&stand.forest, &snapshot(1, number, *root)).unwrap();
            }
        });
        let mut last = 0;
        while !writer.is_finished() {
            let now = total(index);
            assert!(now >= last);
            last = now;
        }
        writer.join().unwrap();
        assert_eq!(total(index), 12);
    });
}
