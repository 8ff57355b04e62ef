//! JSON shapes that several verbs share. Field names are restic's where restic has the field.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bygone_common::hold::HoldTag;
use bygone_vault::{Node, NodeKind, NodeTime, Snapshot, Summary};
use jiff::Timestamp;
use serde::Serialize;

/// A name or path: text, and the exact bytes when they are not UTF-8.
#[derive(Debug, Serialize)]
pub(crate) struct Path {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
}

impl Path {
    pub(crate) fn new(path: &[u8]) -> Self {
        match std::str::from_utf8(path) {
            Ok(text) => Self { path: text.to_owned(), path_base64: None },
            Err(_) => {
                Self { path: String::from_utf8_lossy(path).into_owned(), path_base64: Some(STANDARD.encode(path)) }
            }
        }
    }
}

/// What is known about a node, besides its path.
#[derive(Debug, Serialize)]
pub(crate) struct NodeFields {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    uid: u32,
    gid: u32,
    user: String,
    group: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    mode: u32,
    permissions: String,
    mtime: String,
    atime: String,
    ctime: String,
    inode: u64,
    #[serde(skip_serializing_if = "is_no_link")]
    links: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    linktarget: String,
}

fn is_no_link(links: &u32) -> bool {
    *links < 2
}

impl NodeFields {
    pub(crate) fn new(node: Node<'_>) -> Self {
        Self {
            name: String::from_utf8_lossy(node.name()).into_owned(),
            kind: node.kind().name(),
            uid: node.uid(),
            gid: node.gid(),
            user: node.user().to_owned(),
            group: node.group().to_owned(),
            size: (node.kind() == NodeKind::File).then(|| node.size()),
            mode: node.mode(),
            permissions: crate::listing::permissions(node),
            mtime: node_time(node.mtime()),
            atime: node_time(node.atime()),
            ctime: node_time(node.ctime()),
            inode: node.inode(),
            links: node.links(),
            linktarget: String::from_utf8_lossy(node.link_target()).into_owned(),
        }
    }
}

/// RFC 3339 in UTC with all digits; the bare seconds for a time that no calendar holds.
pub(crate) fn node_time(time: NodeTime) -> String {
    let nanos = i32::try_from(time.nanos).unwrap_or(0);
    match Timestamp::new(time.seconds, nanos) {
        Ok(timestamp) => timestamp.to_string(),
        Err(_) => time.seconds.to_string(),
    }
}

/// A snapshot, as `restic snapshots --json` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct SnapshotFields<'a> {
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    tree: String,
    paths: &'a [String],
    hostname: &'a str,
    username: &'a str,
    uid: u32,
    gid: u32,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    excludes: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holds: Vec<HoldFields<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    program_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a Summary>,
    id: String,
    short_id: String,
}

impl<'a> SnapshotFields<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            time: snapshot.time.display_with_offset(snapshot.offset).to_string(),
            parent: snapshot.parent.map(|id| id.to_string()),
            tree: snapshot.tree.to_string(),
            paths: &snapshot.paths,
            hostname: &snapshot.hostname,
            username: &snapshot.username,
            uid: snapshot.uid,
            gid: snapshot.gid,
            excludes: &snapshot.excludes,
            tags: &snapshot.tags,
            holds: holds(&snapshot.tags),
            original: snapshot.original.map(|id| id.to_string()),
            program_version: &snapshot.program_version,
            summary: snapshot.summary.as_ref(),
            id: snapshot.id.to_string(),
            short_id: snapshot.id.short(),
        }
    }
}

/// A hold: of one that cannot be read there is only its tag, as the case by which it is released.
#[derive(Debug, Serialize)]
pub(crate) struct HoldFields<'a> {
    case: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    holds: bool,
}

impl<'a> HoldFields<'a> {
    pub(crate) fn new(tag: &'a HoldTag, now: Timestamp) -> Self {
        let holds = tag.holds_at(now);
        match tag {
            HoldTag::Read(hold) => Self {
                case: hold.case().into(),
                who: Some(hold.who().into()),
                reason: Some(hold.reason().into()),
                until: hold.until().map(|until| until.to_string()),
                holds,
            },
            HoldTag::Unreadable(tag) => Self { case: tag.into(), who: None, reason: None, until: None, holds },
        }
    }

    fn into_owned(self) -> HoldFields<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        HoldFields {
            case: owned(self.case),
            who: self.who.map(owned),
            reason: self.reason.map(owned),
            until: self.until,
            holds: self.holds,
        }
    }
}

fn holds(tags: &[String]) -> Vec<HoldFields<'static>> {
    let now = Timestamp::now();
    tags.iter().filter_map(|tag| HoldTag::of(tag)).map(|tag| HoldFields::new(&tag, now).into_owned()).collect()
}

/// A snapshot in one word and its time.
#[derive(Debug, Serialize)]
pub(crate) struct SnapshotMark {
    id: String,
    time: String,
}

impl SnapshotMark {
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        Self { id: snapshot.id.to_string(), time: snapshot.time.display_with_offset(snapshot.offset).to_string() }
    }
}
