//! The mount equals the source: names, content, metadata, extended attributes, hard links.

use bygone_fs::View;
use bygone_tests::compare::{Aspects, assert_same};
use bygone_tests::source_tree::write_everything;

use crate::fixture::Fixture;
use crate::restic::Release;

fn check(release: Release, version: u32) {
    let fixture = Fixture::with(release, version);
    write_everything(&fixture.source());
    if release == Release::Bookworm {
        // It stores what is left of such a target when it is taken for text, and no attributes of links.
        for link in ["links/to bytes", "attributes/attributed link"] {
            std::fs::remove_file(fixture.source().join(link)).unwrap();
        }
    }
    fixture.backup();
    let mount = fixture.mount_latest();
    // Twice: the first time from us, the second from what the kernel kept.
    for _ in 0..2 {
        assert_same(&fixture.source(), mount.path(), Aspects::ALL);
    }
}

#[test]
fn a_snapshot_of_the_newest_restic_equals_its_source() {
    check(Release::Newest, 2);
}

#[test]
fn a_snapshot_of_bookworms_restic_in_the_old_format_equals_its_source() {
    check(Release::Bookworm, 1);
}

#[test]
fn pushing_changes_nothing_but_the_speed() {
    let fixture = Fixture::new();
    write_everything(&fixture.source());
    fixture.backup();
    let mount = fixture.mount("mnt", fixture.latest(), |options| options.push = false);
    assert_same(&fixture.source(), mount.path(), Aspects::ALL);
    assert_eq!(mount.messages("store"), 0);
}

#[test]
fn the_layout_shows_the_same_trees() {
    let fixture = Fixture::new();
    write_everything(&fixture.source());
    let id = fixture.backup();
    let mount = fixture.mount("mnt", View::all(), |_| {});
    for snapshot in [format!("ids/{}", &id[..8]), "snapshots/latest".into(), "hosts/test-host/latest".into()] {
        assert_same(&fixture.source(), &fixture.source_in(&mount.join(&snapshot)), Aspects::ALL);
    }
}
