//! A source at a time, under the asker's rights: the one way by which routes reach files.

use std::str::FromStr;
use std::sync::Arc;

use bygone_common::access::{Access, OwnedBy, Place, Sight, Use, View};
use bygone_common::{OrgUid, SnapshotId, SnapshotPath, TreeId};
use bygone_http::offload::offload;
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::access::SourceAccess;
use bygone_store::snapshots::SnapshotRow;
use bygone_vault::walk::Entry;
use bygone_vault::{Directory, Node, NodeKind, Repository};
use jiff::Timestamp;

use crate::portal::Portal;

/// Which snapshot of a source is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The newest.
    Latest,
    /// The newest that was taken then or before.
    Time(Timestamp),
    /// The one whose id begins so.
    Snapshot(String),
}

impl At {
    /// What a request says: nothing or `latest`, a time, or the beginning of a snapshot's id.
    pub fn parse(text: Option<&str>) -> Self {
        match text {
            None | Some("latest") => Self::Latest,
            Some(text) => Timestamp::from_str(text).map_or_else(|_| Self::Snapshot(text.to_owned()), Self::Time),
        }
    }
}

/// A snapshot of a source, open, as somebody may see it.
#[derive(Clone)]
pub struct Moment {
    /// Whose.
    pub org: OrgUid,
    /// The snapshot.
    pub snapshot: SnapshotRow,
    /// Its root.
    pub tree: TreeId,
    /// What may be done in it.
    pub view: View,
    /// Where it lies.
    pub repository: Repository,
}

/// Something in a snapshot, and what may be done with it.
#[derive(Debug, Clone)]
pub struct Stand {
    /// What lies there; none for the root.
    pub entry: Option<Entry>,
    /// The tree, if it is a folder.
    pub tree: Option<TreeId>,
    /// What may be done.
    pub place: Place,
}

impl Stand {
    /// The node; none for the root.
    pub fn node(&self) -> Option<Node<'_>> {
        self.entry.as_ref()?.node()
    }
}

impl Portal {
    /// A source at a time.
    ///
    /// # Errors
    /// `NotFound`: nothing was taken until then, or nothing of it may be seen; `Invalid`: no id; whatever opening answers.
    pub async fn moment(&self, source: &SourceAccess, at: &At) -> Result<Moment> {
        let row = match at {
            At::Snapshot(digits) => Some(self.store.snapshots().by_id(source, digits).await?),
            At::Latest => self.store.snapshots().nearest(source, Timestamp::MAX).await?,
            At::Time(time) => self.store.snapshots().nearest(source, *time).await?,
        };
        let row = row.ok_or_else(|| Problem::not_found("a snapshot of that time"))?;
        self.open(source, row).await
    }

    /// A snapshot of a source.
    ///
    /// # Errors
    /// As for [`moment`](Self::moment).
    pub async fn open(&self, source: &SourceAccess, snapshot: SnapshotRow) -> Result<Moment> {
        let view = self.view_of(source.access(), &snapshot);
        if sees_nothing(&view) {
            return Err(Problem::not_found("a snapshot of that time"));
        }
        let tree = snapshot.tree.parse().map_err(|_| {
            tracing::error!(snapshot = snapshot.id, "the catalog holds a tree's id that is none");
            Problem::new(ProblemCode::Internal, "the server failed; its log says how")
        })?;
        let org = source.source().org;
        let repository = self.repositories.open(org, snapshot.repository).await?;
        if !knows(&repository, &snapshot.id) {
            // It was catalogued by somebody who refreshed later than what is open here.
            let stale = repository.clone();
            offload(move || stale.refresh()).await?;
            if !knows(&repository, &snapshot.id) {
                return Err(Problem::not_found("a snapshot of that time"));
            }
        }
        Ok(Moment { org, snapshot, tree, view, repository })
    }

    /// What may be done in a snapshot, by its age.
    pub fn view_of(&self, access: &Access, snapshot: &SnapshotRow) -> View {
        access.view(self.clock.now().duration_since(snapshot.taken_at))
    }
}

/// Whether neither is anything shown nor may anything be put back.
pub(crate) fn sees_nothing(view: &View) -> bool {
    let root = view.root();
    let restores = root.uses(view).has(Use::Restore) || root.leads_to(view, Use::Restore);
    root.sight(view) == Sight::Hidden && !restores
}

pub(crate) fn knows(repository: &Repository, id: &str) -> bool {
    let Ok(id) = id.parse::<SnapshotId>() else { return false };
    repository.snapshots().iter().any(|snapshot| snapshot.id == id)
}

/// Whose a node is.
pub fn whose(node: Node<'_>) -> OwnedBy<'_> {
    node.owned_by()
}

fn missing() -> Problem {
    Problem::not_found("what this path names")
}

impl Moment {
    /// What lies at a path, for a use of it. Blocks.
    ///
    /// # Errors
    /// `NotFound`: nothing, or nothing that may be seen; `Forbidden`: seen, but not for this; what the storage answers.
    pub fn at(&self, path: &SnapshotPath, one: Use) -> Result<Stand> {
        let stand = self.walk(path, one, |tree| Ok(self.repository.directory(tree)?))?;
        self.judged(stand, one)
    }

    /// The same; and a folder too that may not be used so, while something below it may. Blocks.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub fn reach(&self, path: &SnapshotPath, one: Use) -> Result<Stand> {
        let stand = self.walk(path, one, |tree| Ok(self.repository.directory(tree)?))?;
        self.reached(stand, one)
    }

    /// The same, if all directories on the way are at hand. Does not block.
    pub fn reach_at_hand(&self, path: &SnapshotPath, one: Use) -> Option<Result<Stand>> {
        let mut is_at_hand = true;
        let stand = self.walk(path, one, |tree| {
            let directory = self.repository.cached_directory(tree);
            is_at_hand = directory.is_some();
            directory.ok_or_else(missing)
        });
        is_at_hand.then(|| stand.and_then(|stand| self.reached(stand, one)))
    }

    fn reached(&self, stand: Stand, one: Use) -> Result<Stand> {
        // What is put back need not be seen; everything else is seen, or not there.
        let is_there = one == Use::Restore || stand.place.sight(&self.view) != Sight::Hidden;
        let is_way = stand.tree.is_some() && stand.place.leads_to(&self.view, one);
        if is_there && is_way { Ok(stand) } else { self.judged(stand, one) }
    }

    /// Down a path, as far as it is seen or leads to what may be used so, through directories that `open` knows.
    fn walk(
        &self,
        path: &SnapshotPath,
        one: Use,
        mut open: impl FnMut(TreeId) -> Result<Arc<Directory>>,
    ) -> Result<Stand> {
        let mut stand = Stand { entry: None, tree: Some(self.tree), place: self.view.root() };
        for name in path.names() {
            let directory = open(stand.tree.ok_or_else(missing)?)?;
            let node = directory.find(name).ok_or_else(missing)?;
            let place = stand.place.enter(&self.view, name, Some(whose(node)));
            // What is hidden is not walked through: how long an answer takes must not tell what is there.
            if place.sight(&self.view) == Sight::Hidden
                && !place.uses(&self.view).has(one)
                && !place.leads_to(&self.view, one)
            {
                return Err(missing());
            }
            let (index, tree) = (node.index(), node.subtree());
            stand = Stand { entry: Some(Entry::new(Arc::clone(&directory), index)), tree, place };
        }
        Ok(stand)
    }

    fn judged(&self, stand: Stand, one: Use) -> Result<Stand> {
        let is_folder = stand.node().is_none_or(|node| node.kind() == NodeKind::Dir);
        match stand.place.sight(&self.view) {
            _ if stand.place.uses(&self.view).has(one) => Ok(stand),
            Sight::Bare if is_folder && one == Use::See => Ok(stand),
            Sight::Seen => {
                let sentence = format!("you may see this, and not {} it", one.name());
                Err(Problem::new(ProblemCode::Forbidden, sentence))
            }
            Sight::Bare | Sight::Hidden => Err(missing()),
        }
    }
}
