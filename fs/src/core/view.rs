//! What is mounted, and how it follows the repository.

use std::sync::Arc;

use bygone_common::{SnapshotPath, TreeId};
use bygone_vault::{Error, ErrorKind, NodeTime, Repository, Resolved, Result, Snapshot, SnapshotFilter};
use parking_lot::RwLock;

use super::Core;
use super::attributes::Attributes;
use super::inode::Inode;
use super::leased::Leased;
use crate::layout::changes::{Change, changes};
use crate::layout::{self, What};
use crate::options::{Owner, View};

/// What keeps a view up to date.
#[derive(Debug)]
pub(super) enum Live {
    /// It follows the repository.
    Layout { filter: SnapshotFilter, path_templates: Vec<String>, owner: (u32, u32) },
    /// It stays what it is.
    Fixed { shows: String },
}

/// What a refresh found.
#[derive(Debug)]
pub struct Refreshed {
    /// What a kernel that keeps everything must forget.
    pub changes: Vec<Change>,
}

impl Core {
    /// Prepares to show `view`. Layout directories belong to `mounter` (user and group) unless `owner` says otherwise.
    ///
    /// # Errors
    /// `NotFound` or `Ambiguous`: no such snapshot or path. `InvalidInput`: the path is no directory.
    pub fn new(repository: &Repository, view: &View, owner: Owner, mounter: (u32, u32)) -> Result<Arc<Self>> {
        let owned = owner.of(mounter.0, mounter.1);
        let leased = Leased::begin(repository);
        let (live, layout) = match view {
            View::Layout { filter, path_templates } => {
                let layout = layout::build(&shown(repository, filter), path_templates, owned, None);
                let (filter, path_templates) = (filter.clone(), path_templates.clone());
                (Live::Layout { filter, path_templates, owner: owned }, layout)
            }
            View::Snapshot { snapshot, filter, path } => {
                let snapshots = repository.snapshots();
                let snapshot = Arc::clone(snapshot.select(&snapshots, filter)?);
                let (tree, attributes) = root_of(repository, &snapshot, path, owner, owned)?;
                leased.hold(&snapshot, tree);
                let place = if path.is_root() { String::new() } else { format!(":{path}") };
                let shows =
                    format!("snapshot {}{place} of {}, {}", snapshot.id.short(), snapshot.hostname, snapshot.rfc3339());
                (Live::Fixed { shows }, layout::single(snapshot, tree, attributes))
            }
        };
        Ok(Arc::new(Self {
            repository: repository.clone(),
            view: live,
            layout: RwLock::new(Arc::new(layout)),
            directories: super::Directories::default(),
            links: super::Links::default(),
            files: super::Files::default(),
            pinned: super::pinned::Pinned::default(),
            leased,
            owner,
        }))
    }

    /// What is shown, for people.
    pub fn shows(&self) -> String {
        match &self.view {
            Live::Fixed { shows } => shows.clone(),
            Live::Layout { .. } => match self.layout().snapshots().len() {
                1 => "1 snapshot".to_owned(),
                count => format!("{count} snapshots"),
            },
        }
    }

    /// The trees at which what is shown begins, the newest snapshot's last.
    pub fn roots(&self) -> Vec<TreeId> {
        let layout = self.layout();
        let mut roots: Vec<_> = layout
            .iter()
            .filter_map(|(_, entry)| match &entry.what {
                What::Snapshot(root) => Some((root.snapshot.order(), root.tree)),
                What::Directory(_) | What::Link(_) => None,
            })
            .collect();
        roots.sort();
        roots.dedup();
        roots.into_iter().map(|(_, tree)| tree).collect()
    }

    /// Whether a refresh can change anything.
    pub fn is_live(&self) -> bool {
        match self.view {
            Live::Layout { .. } => true,
            Live::Fixed { .. } => false,
        }
    }

    /// Asks the repository for new and forgotten snapshots and shows them. Blocks.
    ///
    /// # Errors
    /// The repository could not be listed; what is shown stays as it was.
    pub fn refresh(&self) -> Result<Refreshed> {
        let Live::Layout { filter, path_templates, owner } = &self.view else {
            return Ok(Refreshed { changes: Vec::new() });
        };
        self.repository.refresh()?;
        let before = self.layout();
        let snapshots = shown(&self.repository, filter);
        let after = Arc::new(layout::build(&snapshots, path_templates, *owner, Some(&before)));
        let changes = changes(&before, &after);
        *self.layout.write() = after;
        Ok(Refreshed { changes })
    }
}

fn shown(repository: &Repository, filter: &SnapshotFilter) -> Vec<Arc<Snapshot>> {
    repository.snapshots().iter().filter(|snapshot| filter.matches(snapshot)).cloned().collect()
}

/// The tree at `path`, and what `stat` tells of it.
fn root_of(
    repository: &Repository,
    snapshot: &Snapshot,
    path: &SnapshotPath,
    owner: Owner,
    owned: (u32, u32),
) -> Result<(TreeId, Attributes)> {
    match repository.resolve(snapshot.tree, path)? {
        Resolved::Root(tree) => {
            let attributes = Attributes::of_directory(Inode::ROOT, 0, NodeTime::from(snapshot.time), owned);
            Ok((tree, Attributes { links: 1, ..attributes }))
        }
        Resolved::Entry { parent, index } => {
            let node = parent.get(index).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{path} is gone")))?;
            match node.subtree() {
                Some(tree) => Ok((tree, Attributes::of_node(node, Inode::ROOT, owner))),
                None => {
                    let text = format!(
                        "{path} in snapshot {} is no directory: only directories can be mounted",
                        snapshot.id.short()
                    );
                    Err(Error::new(ErrorKind::InvalidInput, text))
                }
            }
        }
    }
}
