//! Trees and blobs on their way out, as far as they may be seen.

use axum::body::Bytes;
use bygone_common::access::{OwnedBy, Place, Sight, Use, View};
use bygone_common::drive::{Fault, FaultKind, Frame, ServedTree, frame};
use bygone_common::{BlobId, SnapshotPath, TreeId};
use bygone_http::Problem;
use bygone_vault::served::rewrite::{self, Entry, Show};
use bygone_vault::{BlobKind, Error, ErrorKind, Priority, Repository};
use tokio::sync::mpsc;

use super::names::Names;
use crate::moment::Moment;

/// A tree that is asked for.
pub(super) enum Wanted {
    /// By its name.
    Whole(TreeId),
    /// By its place.
    Part(Box<Moment>, SnapshotPath),
    /// One that cannot be had, and why.
    Nothing(String),
}

/// Whether all that is here and below may be seen and taken away.
pub(super) fn is_whole(place: &Place, view: &View) -> bool {
    let uses = place.uses(view);
    place.is_uniform() && uses.has(Use::See) && uses.has(Use::Download)
}

/// What gives out what lies in one repository, to one person.
pub(super) struct Giving {
    pub(super) repository: Repository,
    pub(super) names: Names,
}

impl Giving {
    /// Sends trees. Ends when nobody waits for them any more.
    pub(super) fn trees(&self, wanted: &[Wanted], sender: &mpsc::Sender<Bytes>) {
        let whole = wanted.iter().filter_map(|wanted| match wanted {
            Wanted::Whole(name) => Some(self.names.tree_of(*name)).filter(|tree| self.is_there(BlobKind::Tree, tree.0)),
            Wanted::Part(..) | Wanted::Nothing(_) => None,
        });
        let ahead: Vec<BlobId> = whole.map(BlobId::from).collect();
        self.repository.prefetch_blobs(&ahead, Priority::Demand);
        for (position, wanted) in wanted.iter().enumerate() {
            let tree = match wanted {
                Wanted::Whole(name) => self.whole(*name),
                Wanted::Part(moment, path) => self.part(moment, path),
                Wanted::Nothing(why) => Err(denied(why.clone())),
            };
            if !send(sender, position, tree.map_or_else(Frame::Fault, Frame::Tree)) {
                return;
            }
        }
    }

    /// Bytes of what these blobs hold, as far as they are there.
    pub(super) fn bytes_of(&self, names: &[BlobId]) -> u64 {
        let located =
            names.iter().filter_map(|name| self.repository.locate_as(BlobKind::Data, self.names.blob_of(*name)));
        located.map(|location| u64::from(location.plain_bytes())).sum()
    }

    /// Sends blobs. Ends when nobody waits for them any more.
    pub(super) fn blobs(&self, names: &[BlobId], sender: &mpsc::Sender<Bytes>) {
        let ids: Vec<BlobId> = names.iter().map(|name| self.names.blob_of(*name)).collect();
        let there = |id: &BlobId| self.is_there(BlobKind::Data, id.0);
        let ahead: Vec<BlobId> = ids.iter().copied().filter(there).collect();
        self.repository.prefetch_blobs(&ahead, Priority::Demand);
        for (position, id) in ids.iter().enumerate() {
            let blob = match there(id) {
                true => self.repository.blob(*id).map_err(|error| fault(&error)),
                false => Err(not_given()),
            };
            if !send(sender, position, blob.map_or_else(Frame::Fault, |blob| Frame::Blob(blob.to_vec()))) {
                return;
            }
        }
    }

    fn whole(&self, name: TreeId) -> Result<ServedTree, Fault> {
        let tree = self.names.tree_of(name);
        if !self.is_there(BlobKind::Tree, tree.0) {
            return Err(not_given());
        }
        let show = |entry: &Entry<'_>| {
            let content = entry.content.iter().map(|blob| self.names.blob(*blob, true)).collect();
            Show::Seen(entry.subtree.map(|tree| self.names.tree(tree)), content)
        };
        rewrite::tree(&self.repository, tree, show).map_err(|error| fault(&error))
    }

    fn part(&self, moment: &Moment, path: &SnapshotPath) -> Result<ServedTree, Fault> {
        let stand = moment.at(path, Use::See).map_err(|problem: Problem| denied(problem.title().to_owned()))?;
        let tree = stand.tree.ok_or_else(not_given)?;
        let (view, snapshot) = (&moment.view, moment.snapshot.id.as_str());
        let mut partial = Vec::new();
        let show = |entry: &Entry<'_>| {
            let owner = OwnedBy { uid: entry.uid, name: entry.user, sid: entry.sid };
            let place = stand.place.enter(view, entry.name, Some(owner));
            let mut below = path.clone();
            // A name that no path can hold is no drive's either.
            if below.push(entry.name).is_err() {
                return Show::Nothing;
            }
            let mut part = || {
                let name = self.names.part(snapshot, &below.to_bytes());
                partial.push((name, entry.name.to_vec()));
                name
            };
            match (place.sight(view), entry.subtree) {
                (Sight::Hidden, _) | (Sight::Bare, None) => Show::Nothing,
                (Sight::Bare, Some(_)) => Show::Bare(part()),
                (Sight::Seen, subtree) => {
                    let may_be_taken = place.uses(view).has(Use::Download);
                    let name = |tree| if is_whole(&place, view) { self.names.tree(tree) } else { part() };
                    let content = entry.content.iter().map(|blob| self.names.blob(*blob, may_be_taken)).collect();
                    Show::Seen(subtree.map(name), content)
                }
            }
        };
        let served = rewrite::tree(&moment.repository, tree, show).map_err(|error| fault(&error))?;
        Ok(ServedTree { partial, ..served })
    }

    fn is_there(&self, kind: BlobKind, id: bygone_common::Id) -> bool {
        self.repository.locate_as(kind, BlobId(id)).is_some()
    }
}

fn send(sender: &mpsc::Sender<Bytes>, position: usize, one: Frame) -> bool {
    let position = u32::try_from(position).unwrap_or(u32::MAX);
    sender.blocking_send(frame(position, &one).into()).is_ok()
}

fn denied(detail: String) -> Fault {
    Fault { kind: FaultKind::Denied, detail }
}

fn not_given() -> Fault {
    denied("this may not be read, or not any more".to_owned())
}

fn fault(error: &Error) -> Fault {
    let kind = match error.kind() {
        ErrorKind::Damaged | ErrorKind::NotFound => FaultKind::Damaged,
        ErrorKind::Unavailable | ErrorKind::TimedOut => FaultKind::Unavailable,
        ErrorKind::Denied => FaultKind::Denied,
        _ => FaultKind::Failed,
    };
    tracing::warn!(error = error.chain(), "a drive cannot be given what it asked for");
    Fault { kind, detail: error.to_string() }
}
