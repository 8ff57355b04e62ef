//! Trees in memory, of the text that restic stores, and snapshots of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bygone_common::uid::{RepositoryUid, SourceUid};
use bygone_common::{Id, SnapshotId, TreeId};
use bygone_indexer::{Found, Index, Limits, Page, Query, Scope, SnapshotRef, Trees, Versions};
use bygone_vault::{Directory, Error, ErrorKind};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) content: String,
    pub(crate) size: u64,
    pub(crate) mtime: String,
    pub(crate) uid: u32,
    pub(crate) user: String,
}

pub(crate) fn file(content: &str) -> File {
    File {
        content: content.to_owned(),
        size: content.len() as u64,
        mtime: "2026-10-05T12:00:00Z".to_owned(),
        uid: 1000,
        user: "alice".to_owned(),
    }
}

impl File {
    pub(crate) fn size(self, size: u64) -> Self {
        Self { size, ..self }
    }

    pub(crate) fn changed(self, mtime: &str) -> Self {
        Self { mtime: mtime.to_owned(), ..self }
    }

    pub(crate) fn owner(self, uid: u32, user: &str) -> Self {
        Self { uid, user: user.to_owned(), ..self }
    }
}

/// What a snapshot holds, by path. One that ends with a slash is a directory, and says whose it is; others are root's.
pub(crate) type Tree = BTreeMap<String, File>;

pub(crate) fn tree<const N: usize>(files: [(&str, File); N]) -> Tree {
    files.into_iter().map(|(path, file)| (path.to_owned(), file)).collect()
}

/// Every directory that was ever made.
#[derive(Default)]
pub(crate) struct Forest {
    directories: HashMap<TreeId, Arc<Directory>>,
    /// Trees that cannot be read.
    pub(crate) broken: Vec<TreeId>,
    /// Directories that were read.
    pub(crate) read: std::sync::Mutex<Vec<TreeId>>,
}

enum Entry<'a> {
    File(&'a File),
    Dir(Dir<'a>),
}

#[derive(Default)]
struct Dir<'a> {
    entries: BTreeMap<&'a str, Entry<'a>>,
    owner: Option<(u32, &'a str)>,
}

fn hash(text: &[u8]) -> Id {
    Id::new(Sha256::digest(text).into())
}

pub(crate) const DIR_MTIME: &str = "2026-01-01T00:00:00Z";

impl Forest {
    /// Makes the directories of a tree; its root.
    pub(crate) fn plant(&mut self, tree: &Tree) -> TreeId {
        let mut root = Dir::default();
        for (path, file) in tree {
            let mut at = &mut root;
            let (above, last) = path.rsplit_once('/').unwrap();
            for name in above.split('/').filter(|name| !name.is_empty()) {
                let Entry::Dir(dir) = at.entries.entry(name).or_insert_with(|| Entry::Dir(Dir::default())) else {
                    panic!("{name} of {path} is a file");
                };
                at = dir;
            }
            match last {
                "" => at.owner = Some((file.uid, &file.user)),
                last => drop(at.entries.insert(last, Entry::File(file))),
            }
        }
        self.directory_of(&root)
    }

    fn directory_of(&mut self, dir: &Dir<'_>) -> TreeId {
        let nodes: Vec<serde_json::Value> = dir
            .entries
            .iter()
            .map(|(name, entry)| match entry {
                Entry::File(file) => {
                    let content: Vec<String> = match file.content.as_str() {
                        "" => Vec::new(),
                        content => vec![hash(content.as_bytes()).to_hex()],
                    };
                    serde_json::json!({
                        "name": name, "type": "file", "mode": 420, "mtime": file.mtime, "uid": file.uid,
                        "gid": 100, "user": file.user, "size": file.size, "content": content,
                    })
                }
                Entry::Dir(dir) => {
                    let (uid, user) = dir.owner.unwrap_or((0, "root"));
                    serde_json::json!({
                        "name": name, "type": "dir", "mode": 2_147_484_141_u32, "mtime": DIR_MTIME, "uid": uid,
                        "gid": 0, "user": user, "subtree": self.directory_of(dir).0.to_hex(),
                    })
                }
            })
            .collect();
        let text = serde_json::to_vec(&serde_json::json!({ "nodes": nodes })).unwrap();
        let id = TreeId(hash(&text));
        let directory = Directory::parse(&text).unwrap();
        assert!(directory.rejected().is_empty());
        self.directories.insert(id, Arc::new(directory));
        id
    }
}

impl Trees for Forest {
    fn directory(&self, tree: TreeId) -> bygone_vault::Result<Arc<Directory>> {
        self.read.lock().unwrap().push(tree);
        if self.broken.contains(&tree) {
            return Err(Error::new(ErrorKind::Damaged, format!("tree {tree} is damaged")));
        }
        let directory = self.directories.get(&tree).cloned();
        directory.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("there is no tree {tree}")))
    }

    fn prefetch(&self, _: &[TreeId]) {}
}

pub(crate) fn source(number: u8) -> SourceUid {
    SourceUid::new(Timestamp::from_second(1_000).unwrap(), [number; 10])
}

pub(crate) fn repository(number: u8) -> RepositoryUid {
    RepositoryUid::new(Timestamp::from_second(1_000).unwrap(), [number; 10])
}

/// Noon of a day of November 2026, or later.
pub(crate) fn day(number: u32) -> Timestamp {
    let first: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    first + i64::from(number).checked_mul(24).unwrap().hours()
}

pub(crate) fn snapshot(source_number: u8, number: u32, tree: TreeId) -> SnapshotRef {
    SnapshotRef {
        source: source(source_number),
        source_name: format!("Laptop {source_number}"),
        host: format!("host-{source_number}"),
        repository: repository(1),
        snapshot: snapshot_id(source_number, number),
        time: day(number),
        tree,
    }
}

pub(crate) fn snapshot_id(source_number: u8, number: u32) -> SnapshotId {
    SnapshotId(hash(format!("{source_number}/{number}").as_bytes()))
}

/// An index in a folder that goes with it.
pub(crate) struct Stand {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) index: Index,
    pub(crate) forest: Forest,
}

/// A folder in memory where there is one: a test makes hundreds of commits, and each waits for the disk.
pub(crate) fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

impl Stand {
    pub(crate) fn new() -> Self {
        let folder = folder();
        let index = Index::open(folder.path(), Limits::default()).unwrap();
        Self { folder, index, forest: Forest::default() }
    }

    /// One source, a snapshot a day.
    pub(crate) fn of(trees: &[Tree]) -> Self {
        let mut stand = Self::new();
        for (number, tree) in (0..).zip(trees) {
            stand.take(1, number, tree);
        }
        stand
    }

    pub(crate) fn take(&mut self, source: u8, number: u32, tree: &Tree) -> bygone_indexer::Ingested {
        let root = self.forest.plant(tree);
        self.index.ingest(&self.forest, &snapshot(source, number, root)).unwrap()
    }

    pub(crate) fn ask(&self, text: &str) -> Found {
        self.ask_as(text, &Scope::everything())
    }

    pub(crate) fn ask_as(&self, text: &str, scope: &Scope) -> Found {
        self.index
            .search(&query(text), scope, &Page { limit: 500, versions: Versions::All, ..Page::default() })
            .unwrap()
    }

    /// The paths that a query finds, in order.
    pub(crate) fn paths(&self, text: &str) -> Vec<String> {
        self.ask(text).hits.into_iter().map(|hit| String::from_utf8(hit.path).unwrap()).collect()
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn query(text: &str) -> Query {
    Query::parse(text, now(), &TimeZone::UTC).unwrap()
}
