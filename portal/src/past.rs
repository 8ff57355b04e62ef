//! All snapshots of a source that somebody may see, and one path through them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bygone_common::access::{Place, Sight, Use, View};
use bygone_common::{RepositoryUid, SnapshotPath, TreeId};
use bygone_http::Result;
use bygone_http::offload::offload;
use bygone_store::access::SourceAccess;
use bygone_store::snapshots::SnapshotRow;
use bygone_vault::walk::Entry;
use bygone_vault::{Error, Repository};
use jiff::Timestamp;

use crate::moment::{sees_nothing, whose};
use crate::portal::Portal;

/// Repositories that the snapshots of one source lie in, at most: the others' are left out.
const REPOSITORIES_MAX: usize = 8;

/// Snapshots of a source, as somebody may see them.
pub struct Past {
    /// In each repository, oldest first.
    pub parts: Vec<Part>,
    /// Whether there are snapshots that were not looked at.
    pub is_cut: bool,
}

/// Those of one repository.
pub struct Part {
    /// The repository.
    pub repository: Repository,
    /// Its snapshots of the source, oldest first, with what may be done in each.
    pub snapshots: Vec<(SnapshotRow, TreeId, View)>,
}

impl Portal {
    /// The snapshots of a source that were taken before a time.
    ///
    /// # Errors
    /// Whatever opening a repository answers.
    pub async fn past(&self, source: &SourceAccess, before: Option<Timestamp>) -> Result<Past> {
        let since = crate::sources::oldest(self, source);
        let (rows, mut is_cut) = self.store.snapshots().newest_of(source, since, before).await?;
        let mut parts: Vec<(RepositoryUid, Part)> = Vec::new();
        for row in rows.into_iter().rev() {
            let view = self.view_of(source.access(), &row);
            let Ok(tree) = row.tree.parse::<TreeId>() else { continue };
            if sees_nothing(&view) {
                continue;
            }
            let known = parts.iter().position(|(uid, _)| *uid == row.repository);
            let at = match known {
                Some(at) => at,
                None if parts.len() == REPOSITORIES_MAX => {
                    is_cut = true;
                    continue;
                }
                None => {
                    let repository = self.repositories.open(source.source().org, row.repository).await?;
                    parts.push((row.repository, Part { repository, snapshots: Vec::new() }));
                    parts.len() - 1
                }
            };
            if let Some((_, part)) = parts.get_mut(at) {
                part.snapshots.push((row, tree, view));
            }
        }
        for (_, part) in &parts {
            self.refresh_for(part).await?;
        }
        Ok(Past { parts: parts.into_iter().map(|(_, part)| part).collect(), is_cut })
    }

    /// Learns of snapshots that were catalogued by somebody who refreshed later than what is open here.
    async fn refresh_for(&self, part: &Part) -> Result<()> {
        let Some((newest, _, _)) = part.snapshots.last() else { return Ok(()) };
        if !crate::moment::knows(&part.repository, &newest.id) {
            let stale = part.repository.clone();
            offload(move || stale.refresh()).await?;
        }
        Ok(())
    }
}

/// What lies at a path in one snapshot.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which snapshot, by position.
    pub snapshot: usize,
    /// What; none for the root.
    pub entry: Option<Entry>,
    /// The tree, if it is a folder.
    pub tree: Option<TreeId>,
    /// What may be done.
    pub place: Place,
}

/// One path in the snapshots of one repository.
#[derive(Debug, Default)]
pub struct Trail {
    /// Where it is, and may be used so, in the order of snapshots.
    pub found: Vec<Found>,
    /// Snapshots in which a folder on the way cannot be read, by position, and why.
    pub broken: Vec<(usize, Error)>,
}

/// What a folder has of one name.
type Step = Option<(Entry, Option<TreeId>)>;

impl Part {
    /// Follows a path through all snapshots. A folder that many of them share is looked into once. Blocks.
    pub fn trail(&self, path: &SnapshotPath, one: Use) -> Trail {
        let mut trail = Trail::default();
        let begin = |(at, (_, root, view)): (usize, &(SnapshotRow, TreeId, View))| Found {
            snapshot: at,
            entry: None,
            tree: Some(*root),
            place: view.root(),
        };
        let mut reached: Vec<Found> = self.snapshots.iter().enumerate().map(begin).collect();
        for name in path.names() {
            let steps = self.steps(&reached, name);
            reached = reached.into_iter().filter_map(|from| self.step(from, &steps, name, one, &mut trail)).collect();
        }
        trail.found = reached.into_iter().filter(|found| self.is_shown(found, one)).collect();
        trail
    }

    /// What each distinct folder that was reached has of a name.
    fn steps(&self, reached: &[Found], name: &[u8]) -> HashMap<TreeId, Result<Step, Error>> {
        let trees: HashSet<TreeId> = reached.iter().filter_map(|found| found.tree).collect();
        let trees: Vec<TreeId> = trees.into_iter().collect();
        if trees.len() > 1 {
            self.repository.prefetch_directories(&trees);
        }
        let look = |tree: &TreeId| {
            let directory = self.repository.directory(*tree)?;
            let found = directory.find(name).map(|node| (node.index(), node.subtree()));
            Ok(found.map(|(index, below)| (Entry::new(Arc::clone(&directory), index), below)))
        };
        trees.iter().map(|tree| (*tree, look(tree))).collect()
    }

    fn step(
        &self,
        from: Found,
        steps: &HashMap<TreeId, Result<Step, Error>>,
        name: &[u8],
        one: Use,
        trail: &mut Trail,
    ) -> Option<Found> {
        let (_, _, view) = self.snapshots.get(from.snapshot)?;
        match steps.get(&from.tree?)? {
            Ok(None) => None,
            Ok(Some((entry, below))) => {
                let place = from.place.enter(view, name, entry.node().map(whose));
                let leads =
                    place.sight(view) != Sight::Hidden || place.uses(view).has(one) || place.leads_to(view, one);
                leads.then(|| Found { entry: Some(entry.clone()), tree: *below, place, ..from })
            }
            Err(error) => {
                trail.broken.push((from.snapshot, error.clone()));
                None
            }
        }
    }

    fn is_shown(&self, found: &Found, one: Use) -> bool {
        let Some((_, _, view)) = self.snapshots.get(found.snapshot) else { return false };
        let is_way = one == Use::See && found.tree.is_some() && found.place.sight(view) == Sight::Bare;
        found.place.uses(view).has(one) || is_way
    }
}
