#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::layout::changes::{Change, changes};
use crate::options::PATH_TEMPLATES_DEFAULT;

fn snapshot(id: u8, time: &str, host: &str, tags: &[&str]) -> Arc<Snapshot> {
    let tags: Vec<_> = tags.iter().map(|tag| format!("{tag:?}")).collect();
    let json = format!(
        r#"{{"time":"{time}","tree":"{}","hostname":"{host}","tags":[{}]}}"#,
        format!("{id:02x}").repeat(32),
        tags.join(",")
    );
    Arc::new(Snapshot::parse(format!("{id:02x}").repeat(32).parse().unwrap(), json.as_bytes()).unwrap())
}

fn layout(snapshots: &[Arc<Snapshot>], before: Option<&Layout>) -> Layout {
    build(snapshots, &PATH_TEMPLATES_DEFAULT.map(str::to_owned), (0, 0), before)
}

/// Every path, with ` -> target` for links and ` = id` for snapshots, sorted.
fn paths(layout: &Layout) -> Vec<String> {
    fn walk(layout: &Layout, inode: Inode, path: &str, out: &mut Vec<String>) {
        match &layout.get(inode).unwrap().what {
            What::Directory(children) => {
                out.push(format!("{path}/"));
                for child in children.after(0) {
                    assert_eq!(layout.get(child.inode).unwrap().parent, inode);
                    let name = String::from_utf8(child.name.to_vec()).unwrap();
                    walk(layout, child.inode, &format!("{path}/{name}"), out);
                }
            }
            What::Snapshot(root) => out.push(format!("{path} = {}", root.snapshot.id.short())),
            What::Link(target) => out.push(format!("{path} -> {}", String::from_utf8_lossy(target))),
        }
    }
    let mut out = Vec::new();
    walk(layout, Inode::ROOT, "", &mut out);
    out.sort();
    out
}

fn child(layout: &Layout, path: &[&str]) -> Inode {
    path.iter().fold(Inode::ROOT, |inode, name| match &layout.get(inode).unwrap().what {
        What::Directory(children) => children.find(name.as_bytes()).unwrap().inode,
        What::Snapshot(_) | What::Link(_) => panic!("{name} lies in no directory"),
    })
}

#[test]
fn an_empty_repository_shows_the_four_directories() {
    assert_eq!(paths(&layout(&[], None)), ["/", "/hosts/", "/ids/", "/snapshots/", "/tags/"]);
}

#[test]
fn snapshots_lie_where_restic_shows_them() {
    let one = snapshot(1, "2026-11-01T10:00:00Z", "pc", &["a", "b"]);
    let two = snapshot(2, "2026-11-01T10:00:00.9Z", "pc", &[]);
    let shown = paths(&layout(&[one, two], None));
    assert_eq!(
        shown,
        [
            "/",
            "/hosts/",
            "/hosts/pc/",
            "/hosts/pc/2026-11-01T10:00:00Z = 01010101",
            "/hosts/pc/2026-11-01T10:00:00Z-1 = 02020202",
            "/hosts/pc/latest -> 2026-11-01T10:00:00Z-1",
            "/ids/",
            "/ids/01010101 = 01010101",
            "/ids/02020202 = 02020202",
            "/snapshots/",
            "/snapshots/2026-11-01T10:00:00Z = 01010101",
            "/snapshots/2026-11-01T10:00:00Z-1 = 02020202",
            "/snapshots/latest -> 2026-11-01T10:00:00Z-1",
            "/tags/",
            "/tags/a/",
            "/tags/a/2026-11-01T10:00:00Z = 01010101",
            "/tags/a/latest -> 2026-11-01T10:00:00Z",
            "/tags/b/",
            "/tags/b/2026-11-01T10:00:00Z = 01010101",
            "/tags/b/latest -> 2026-11-01T10:00:00Z",
        ]
    );
}

#[test]
fn a_number_never_changes_what_it_shows() {
    let one = snapshot(1, "2026-11-01T10:00:00Z", "pc", &[]);
    let two = snapshot(2, "2026-11-01T10:00:00.9Z", "pc", &[]);
    let before = layout(&[Arc::clone(&one), Arc::clone(&two)], None);
    let after = layout(&[two], Some(&before));
    let path = ["snapshots", "2026-11-01T10:00:00Z"];
    assert_ne!(child(&before, &path), child(&after, &path), "the name now shows the other snapshot");
    assert_eq!(child(&before, &["snapshots"]), child(&after, &["snapshots"]));
}

#[test]
fn a_new_snapshot_changes_the_directories_it_appears_in_and_their_links() {
    let one = snapshot(1, "2026-11-01T10:00:00Z", "pc", &["a"]);
    let two = snapshot(2, "2026-11-02T10:00:00Z", "pc", &[]);
    let before = layout(&[Arc::clone(&one)], None);
    let after = layout(&[one, two], Some(&before));
    let changed = changes(&before, &after);
    let named = |directory: &[&str], name: &str| Change::Name {
        directory: child(&before, directory),
        name: name.as_bytes().into(),
    };
    for expected in [
        named(&["ids"], "02020202"),
        named(&["snapshots"], "2026-11-02T10:00:00Z"),
        named(&["snapshots"], "latest"),
        named(&["hosts", "pc"], "2026-11-02T10:00:00Z"),
        named(&["hosts", "pc"], "latest"),
        Change::Directory(child(&before, &["ids"])),
        Change::Directory(child(&before, &["snapshots"])),
        Change::Directory(child(&before, &["hosts", "pc"])),
    ] {
        assert!(changed.contains(&expected), "{expected:?} is missing in {changed:?}");
    }
    let tags = child(&before, &["tags", "a"]);
    assert!(!changed.iter().any(|change| matches!(change, Change::Name { directory, .. } if *directory == tags)));
    assert!(!changed.contains(&Change::Directory(tags)));
}

#[test]
fn the_same_snapshots_make_no_change() {
    let one = snapshot(1, "2026-11-01T10:00:00Z", "pc", &["a"]);
    let before = layout(&[Arc::clone(&one)], None);
    assert_eq!(changes(&before, &layout(&[one], Some(&before))), []);
}

#[test]
fn a_listing_that_a_refresh_interrupts_shows_nothing_twice_and_misses_nothing_old() {
    let days: Vec<_> = (1..=5).map(|day| snapshot(day, &format!("2026-11-0{day}T10:00:00Z"), "pc", &[])).collect();
    let before = layout(days.get(1..4).unwrap(), None);
    let names = |layout: &Layout, after: u64| -> Vec<(String, u64)> {
        let What::Directory(children) = &layout.get(child(layout, &["ids"])).unwrap().what else {
            panic!("no directory")
        };
        let named = children.after(after).iter();
        named.map(|child| (String::from_utf8(child.name.to_vec()).unwrap(), child.cookie)).collect()
    };
    let first_half = names(&before, 0).get(..2).unwrap().to_vec();
    let after = layout(&[&days[..1], &days[2..]].concat(), Some(&before));
    let second_half = names(&after, first_half.last().unwrap().1);
    let seen: Vec<_> = first_half.into_iter().chain(second_half).map(|(name, _)| name).collect();
    assert_eq!(seen, ["02020202", "03030303", "04040404", "01010101", "05050505"]);
}
