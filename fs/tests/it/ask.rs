//! The core's questions, asked by somebody who waits for the answer.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use bygone_common::SnapshotPath;
use bygone_fs::core::attributes::Attributes;
use bygone_fs::core::fault::{Answer, Fault};
use bygone_fs::core::inode::Inode;
use bygone_fs::core::{Core, Found};
use bygone_fs::{Owner, View};
use bygone_vault::{Repository, SnapshotFilter, SnapshotSpec};

/// A mounted view, without the mount.
pub(crate) struct Asked(pub(crate) Arc<Core>);

/// A line of a listing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) next: u64,
    pub(crate) name: Vec<u8>,
    pub(crate) attributes: Attributes,
}

/// The newest snapshot's root at the mount point.
pub(crate) fn latest() -> View {
    View::Snapshot {
        snapshot: SnapshotSpec::Latest { back: 0 },
        filter: SnapshotFilter::default(),
        path: SnapshotPath::root(),
    }
}

fn wait<T: Send + 'static>(ask: impl FnOnce(Box<dyn FnOnce(T) + Send>)) -> T {
    let (send, receive) = sync_channel(1);
    ask(Box::new(move |answer| send.send(answer).unwrap()));
    receive.recv().unwrap()
}

impl Asked {
    pub(crate) fn new(repository: &Repository, view: &View) -> Self {
        Self(Core::new(repository, view, Owner::AsStored, (11, 12)).unwrap())
    }

    pub(crate) fn lookup(&self, parent: Inode, name: &[u8]) -> Answer<Found> {
        wait(|then| self.0.lookup(parent, name, then))
    }

    /// The attributes behind a name that must exist.
    pub(crate) fn find(&self, parent: Inode, name: &[u8]) -> Attributes {
        match self.lookup(parent, name) {
            Ok(Found::Thing(attributes, _)) => attributes,
            other => panic!("{:?}: {other:?}", String::from_utf8_lossy(name)),
        }
    }

    pub(crate) fn attributes(&self, inode: Inode) -> Answer<Attributes> {
        wait(|then| self.0.attributes(inode, then)).map(|(attributes, _)| attributes)
    }

    /// The listing in steps of `step` lines, without `.` and `..`.
    pub(crate) fn list(&self, inode: Inode, step: usize) -> Answer<Vec<Line>> {
        let mut lines: Vec<Line> = Vec::new();
        loop {
            let from = lines.last().map_or(0, |line| line.next);
            let before = lines.len();
            let listing = wait(|then| self.0.list(inode, then))?;
            listing.each(from, |row| {
                if lines.len() - before == step {
                    return true;
                }
                lines.push(Line { next: row.next, name: row.name.to_vec(), attributes: row.attributes });
                false
            });
            if lines.len() == before {
                assert!(lines.len() >= 2, "even an empty directory lists itself");
                let dots: Vec<_> = lines.drain(..2).map(|line| line.name).collect();
                assert_eq!(dots, [b".".to_vec(), b"..".to_vec()]);
                return Ok(lines);
            }
        }
    }

    pub(crate) fn read(&self, inode: Inode, offset: u64, len: usize) -> Answer<Vec<u8>> {
        let file = wait(|then| self.0.file_then(inode, then))?;
        let pieces = wait(|then| file.read_then(offset, len, then))?;
        let mut bytes = Vec::new();
        pieces.copy_to(&mut bytes);
        assert_eq!(bytes.len(), pieces.len());
        if let Some(single) = pieces.as_single() {
            assert_eq!(single, bytes);
        }
        Ok(bytes)
    }

    pub(crate) fn link_target(&self, inode: Inode) -> Answer<Vec<u8>> {
        let (send, receive) = sync_channel(1);
        self.0.link_target(inode, move |target| send.send(target.map(<[u8]>::to_vec)).unwrap());
        receive.recv().unwrap()
    }

    pub(crate) fn xattrs(&self, inode: Inode) -> Answer<Vec<(Vec<u8>, Vec<u8>)>> {
        let (send, receive) = sync_channel(1);
        self.0.xattrs(inode, move |xattrs| {
            let copied = xattrs.map(|xattrs| {
                xattrs.iter().map(|xattr| (xattr.name.to_vec(), xattr.value.to_vec())).collect::<Vec<_>>()
            });
            send.send(copied).unwrap();
        });
        receive.recv().unwrap()
    }
}

/// The kind of a fault, to compare.
pub(crate) fn kind<T: std::fmt::Debug>(answer: Answer<T>) -> String {
    match answer.unwrap_err() {
        Fault::Repository(error) => format!("{:?}", error.kind()),
        other => format!("{other:?}"),
    }
}
