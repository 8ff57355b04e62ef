//! Whatever the tree, the core answers what the model says.

use std::collections::BTreeMap;

use bygone_fs::View;
use bygone_fs::core::Found;
use bygone_fs::core::Lifetime;
use bygone_fs::core::attributes::{Attributes, Kind};
use bygone_fs::core::inode::Inode;
use proptest::prelude::*;

use crate::ask::{Asked, kind, latest};
use crate::model::{Folder, Node, What, device, folders, write};
use crate::store::Writer;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_core_shows_what_the_model_holds(folder in folders(), step in 1_usize..8) {
        let mut writer = Writer::new();
        let tree = write(&mut writer, &folder);
        writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
        let repository = writer.open();
        let core = Asked::new(&repository, &latest());
        let mut walk = Walk { core: &core, step, numbers: BTreeMap::new(), links: BTreeMap::new() };
        walk.folder(Inode::ROOT, &folder, b"");

        // Numbers are the same in another mount, whatever was visited before.
        let other = Asked::new(&repository, &latest());
        for (inode, path) in &walk.numbers {
            let mut at = Inode::ROOT;
            for name in path.split(|byte| *byte == b'/').skip(1) {
                at = other.find(at, name).inode;
            }
            prop_assert_eq!(at, *inode);
        }
    }
}

struct Walk<'a> {
    core: &'a Asked,
    step: usize,
    /// One path of each number.
    numbers: BTreeMap<Inode, Vec<u8>>,
    /// The number of each file with several names.
    links: BTreeMap<u8, Inode>,
}

impl Walk<'_> {
    fn folder(&mut self, inode: Inode, folder: &Folder, path: &[u8]) {
        let lines = self.core.list(inode, self.step).unwrap();
        let names: Vec<_> = lines.iter().map(|line| line.name.clone()).collect();
        assert_eq!(names, folder.keys().cloned().collect::<Vec<_>>());
        for (line, (name, node)) in lines.iter().zip(folder) {
            let found = self.core.find(inode, name);
            assert_eq!(found, line.attributes, "a lookup and a listing tell the same");
            let path = [path, b"/", name].concat();
            self.number(found.inode, node, &path);
            self.node(found, node, &path);
        }
        let missing = self.core.lookup(inode, b"no such name in any model").unwrap();
        assert_eq!(missing, Found::Nothing(Lifetime::Forever));
        assert_eq!(kind(self.core.read(inode, 0, 1)), "IsDirectory");
    }

    fn number(&mut self, inode: Inode, node: &Node, path: &[u8]) {
        match node.what {
            What::Linked(file) => {
                let known = *self.links.entry(file).or_insert(inode);
                assert_eq!(known, inode, "all names of a file have one number");
                self.numbers.entry(inode).or_insert_with(|| path.to_vec());
            }
            _ => assert_eq!(self.numbers.insert(inode, path.to_vec()), None, "a number is used once"),
        }
    }

    fn node(&mut self, found: Attributes, node: &Node, path: &[u8]) {
        let inode = found.inode;
        assert_eq!(self.core.attributes(inode).unwrap(), found);
        assert_eq!((found.permissions, found.uid, found.gid), (node.permissions, node.uid, node.gid));
        for time in [found.modified, found.accessed, found.changed] {
            assert_eq!((time.seconds, time.nanos), (node.seconds, node.nanos));
        }
        let xattrs: BTreeMap<_, _> = self.core.xattrs(inode).unwrap().into_iter().collect();
        let expected: BTreeMap<_, _> =
            node.xattrs.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone())).collect();
        assert_eq!(xattrs, expected);
        if let Some(content) = node.content() {
            self.content(found, &content);
        } else {
            assert_eq!(found.links, 1);
        }
        match &node.what {
            What::File(_) => assert_eq!((found.kind, found.links), (Kind::File, 1)),
            What::Linked(_) => assert_eq!((found.kind, found.links), (Kind::File, 2)),
            What::Folder(below) => {
                assert_eq!(found.kind, Kind::Directory);
                self.folder(inode, below, path);
            }
            What::Symlink(target) => {
                assert_eq!((found.kind, found.size), (Kind::Symlink, target.len() as u64));
                assert_eq!(self.core.link_target(inode).unwrap(), target.as_bytes());
                assert_eq!(kind(self.core.list(inode, 1)), "NotDirectory");
            }
            What::Fifo => assert_eq!(found.kind, Kind::Fifo),
            What::Socket => assert_eq!(found.kind, Kind::Socket),
            What::Device(major, minor) => {
                assert_eq!(found.kind, Kind::CharDevice);
                assert_eq!(u64::from(found.device), device(*major, *minor));
            }
        }
    }

    fn content(&self, found: Attributes, content: &[u8]) {
        assert_eq!(found.size, content.len() as u64);
        assert_eq!(found.blocks(), (content.len() as u64).div_ceil(512));
        assert_eq!(self.core.read(found.inode, 0, usize::MAX / 2).unwrap(), content);
        for (offset, len) in
            [(0, 1), (content.len() / 3, 1000), (content.len().saturating_sub(1), 10), (content.len() + 5, 10)]
        {
            let expected = content.get(offset..(offset + len).min(content.len())).unwrap_or_default();
            assert_eq!(self.core.read(found.inode, offset as u64, len).unwrap(), expected);
        }
        assert_eq!(kind(self.core.link_target(found.inode)), "WrongKind");
    }
}

#[test]
fn the_layout_leads_to_the_same_trees_by_different_numbers() {
    let mut writer = Writer::new();
    let tree = write(&mut writer, &Folder::new());
    let id = writer.snapshot(tree, "2026-11-01T10:00:00Z", "host");
    let core = Asked::new(&writer.open(), &View::all());
    let by_id = core.find(core.find(Inode::ROOT, b"ids").inode, id.short().as_bytes());
    let snapshots = core.find(Inode::ROOT, b"snapshots").inode;
    let by_time = core.find(snapshots, b"2026-11-01T10:00:00Z");
    assert_ne!(by_id.inode, by_time.inode, "one directory in two places would be moved about by the kernel");
    let latest = core.find(snapshots, b"latest");
    assert_eq!(latest.kind, Kind::Symlink);
    assert_eq!(core.link_target(latest.inode).unwrap(), b"2026-11-01T10:00:00Z");
    assert_eq!((by_id.uid, by_id.gid, by_id.permissions), (11, 12, 0o555), "no node tells of a snapshot's root");
    assert_eq!(by_id.modified.seconds, 1_793_527_200);
    assert_eq!(core.list(by_id.inode, 3).unwrap(), []);
}
