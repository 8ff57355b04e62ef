//! Entries of folders, as answers show them.

use bygone_common::access::{Place, Sight, Use, View};
use bygone_store::snapshots::SnapshotRow;
use bygone_vault::{Node, NodeKind, NodeTime};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::content;
use crate::names::NameBody;
use crate::sources::UseBody;

/// What something is, in restic's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KindBody {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A block device.
    Dev,
    /// A character device.
    CharDev,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// Something that this program does not know.
    Irregular,
}

impl From<NodeKind> for KindBody {
    fn from(kind: NodeKind) -> Self {
        match kind {
            NodeKind::File => Self::File,
            NodeKind::Dir => Self::Dir,
            NodeKind::Symlink => Self::Symlink,
            NodeKind::BlockDevice => Self::Dev,
            NodeKind::CharDevice => Self::CharDev,
            NodeKind::Fifo => Self::Fifo,
            NodeKind::Socket => Self::Socket,
            NodeKind::Unknown => Self::Irregular,
        }
    }
}

/// Which snapshot it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SnapshotRefBody {
    /// restic's id.
    pub id: String,
    /// When it was taken.
    pub taken_at: Timestamp,
}

impl From<&SnapshotRow> for SnapshotRefBody {
    fn from(row: &SnapshotRow) -> Self {
        Self { id: row.id.clone(), taken_at: row.taken_at }
    }
}

/// What is known of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatBody {
    pub(crate) kind: KindBody,
    /// Bytes; of files only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    /// When its content was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mtime: Option<Timestamp>,
    /// Permission bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// Where a symbolic link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
    /// The name of its content: of files; the same wherever the content is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,
}

/// Permission bits of a mode.
const PERMISSIONS: u32 = 0o7777;

impl StatBody {
    /// All that is known.
    fn of(node: Node<'_>) -> Self {
        let kind = node.kind();
        Self {
            kind: kind.into(),
            size: (kind == NodeKind::File).then(|| node.size()),
            mtime: timestamp(node.mtime()),
            mode: Some(node.mode() & PERMISSIONS),
            uid: Some(node.uid()),
            user: (!node.user().is_empty()).then(|| node.user().to_owned()),
            target: (kind == NodeKind::Symlink).then(|| String::from_utf8_lossy(node.link_target()).into_owned()),
            content: content::of(node),
        }
    }

    /// What is known but for its content.
    pub(crate) fn without_content(node: Node<'_>) -> Self {
        Self { content: None, ..Self::of(node) }
    }

    /// What whoever stands there may know: the name of a content would confirm a guess of who may not look into it.
    pub(crate) fn under(node: Node<'_>, place: &Place, view: &View) -> Self {
        let uses = place.uses(view);
        let mut stat = Self::of(node);
        if !uses.has(Use::Preview) && !uses.has(Use::Download) {
            stat.content = None;
        }
        stat
    }

    /// Of a folder that is but the way to others.
    pub(crate) const fn bare() -> Self {
        Self {
            kind: KindBody::Dir,
            size: None,
            mtime: None,
            mode: None,
            uid: None,
            user: None,
            target: None,
            content: None,
        }
    }
}

/// How an entry differs from an earlier time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeBody {
    /// It was not there.
    Added,
    /// It was there, and was another.
    Changed,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryBody {
    #[serde(flatten)]
    pub(crate) name: NameBody,
    #[serde(flatten)]
    pub(crate) stat: StatBody,
    /// Whether it is shown only as the way to what may be seen below it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) bare: bool,
    /// What may be done with it, where that is not what may be done with its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uses: Option<Vec<UseBody>>,
    /// The last snapshot that has it, where this one has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<SnapshotRefBody>,
    /// How it differs from the time that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<ChangeBody>,
}

impl EntryBody {
    /// A node at a place; none if it is hidden there. `folder` is the place of its folder.
    pub(crate) fn of(node: Node<'_>, view: &View, folder: &Place, place: &Place) -> Option<Self> {
        let bare = match place.sight(view) {
            Sight::Hidden => return None,
            Sight::Bare if node.kind() != NodeKind::Dir => return None,
            Sight::Bare => true,
            Sight::Seen => false,
        };
        let uses = place.uses(view);
        Some(Self {
            name: node.name().into(),
            stat: if bare { StatBody::bare() } else { StatBody::under(node, place, view) },
            bare,
            uses: (uses != folder.uses(view)).then(|| uses.iter().map(UseBody::from).collect()),
            deleted: None,
            change: None,
        })
    }
}

/// What may be done, as a list.
pub(crate) fn uses(place: &Place, view: &View) -> Vec<UseBody> {
    place.uses(view).iter().map(|one: Use| one.into()).collect()
}

/// A node's time; none of one that no calendar has.
pub(crate) fn timestamp(time: NodeTime) -> Option<Timestamp> {
    Timestamp::new(time.seconds, i32::try_from(time.nanos).ok()?).ok()
}
