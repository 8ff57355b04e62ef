//! What a path of a drive stands for: all sources, one source, or something in a snapshot.

use axum::http::Uri;
use bygone_common::SnapshotPath;
use bygone_common::access::Use;
use bygone_http::offload::offload;
use bygone_http::{Problem, Result};
use bygone_store::access::SourceAccess;
use bygone_store::page::PAGE_ITEMS_MAX;
use bygone_store::snapshots::SnapshotRow;
use bygone_store::{Actor, Page};
use bygone_vault::{Node, NodeKind};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::ROOT;
use crate::moment::{At, Moment, Stand};
use crate::portal::Portal;

/// Sources that a drive shows at most.
const SOURCES_MAX: usize = 5_000;
/// The folder of the newest snapshot.
pub(super) const LATEST: &str = "latest";
/// Times as names that every system takes: no colons.
const TIME: &str = "%Y-%m-%dT%H-%M-%SZ";

/// What a path stands for.
pub(super) enum Place {
    /// The drive itself.
    Root,
    /// A source: its snapshots.
    Source(Box<SourceAccess>),
    /// In a snapshot.
    Inside {
        source: Box<SourceAccess>,
        moment: Box<Moment>,
        stand: Box<Stand>,
        path: SnapshotPath,
        /// The names of source and time, as they were asked for.
        above: [Vec<u8>; 2],
    },
}

/// The names of a path below the drive.
pub(super) fn parse(uri: &Uri) -> Result<Vec<Vec<u8>>> {
    let below = uri.path().strip_prefix(ROOT).unwrap_or_default();
    let names = below.split('/').filter(|name| !name.is_empty());
    let decoded: Vec<Vec<u8>> = names.map(|name| percent_decode_str(name).collect()).collect();
    // What cannot be a name names nothing: `..` came here encoded.
    let is_name = |name: &Vec<u8>| SnapshotPath::root().push(name).is_ok();
    if decoded.iter().all(is_name) { Ok(decoded) } else { Err(Problem::not_found("what this path names")) }
}

impl Portal {
    /// What a path stands for.
    ///
    /// # Errors
    /// `NotFound`: nothing, or nothing that may be seen.
    pub(super) async fn place(&self, actor: &Actor, names: &[Vec<u8>]) -> Result<Place> {
        let Some((name, rest)) = names.split_first() else { return Ok(Place::Root) };
        let missing = || Problem::not_found("what this path names");
        let wanted = std::str::from_utf8(name).map_err(|_| missing())?;
        let sources = self.drive_sources(actor).await?;
        let source = sources.into_iter().find(|source| source.source().name == wanted).ok_or_else(missing)?;
        let Some((time, below)) = rest.split_first() else { return Ok(Place::Source(Box::new(source))) };
        let at = at_of(std::str::from_utf8(time).map_err(|_| missing())?).ok_or_else(missing)?;
        let moment = self.moment(&source, &at).await.map_err(|_| missing())?;
        let mut path = SnapshotPath::root();
        for name in below {
            path.push(name).map_err(|_| missing())?;
        }
        let (looked, wanted) = (moment.clone(), path.clone());
        let stand = offload(move || looked.at(&wanted, Use::See)).await?;
        if !stand.node().is_none_or(is_shown) {
            return Err(missing());
        }
        let above = [name.clone(), time.clone()];
        Ok(Place::Inside { source: Box::new(source), moment: Box::new(moment), stand: Box::new(stand), path, above })
    }

    /// The sources that somebody sees something of.
    pub(super) async fn drive_sources(&self, actor: &Actor) -> Result<Vec<SourceAccess>> {
        let Some(org) = actor.org() else { return Ok(Vec::new()) };
        let mut sources = Vec::new();
        let mut page = Page::new(Some(PAGE_ITEMS_MAX), None)?;
        loop {
            let list = self.store.accesses().list(actor, org, &page).await?;
            sources.extend(list.items);
            match list.next {
                Some(next) if sources.len() < SOURCES_MAX => page = Page::new(Some(PAGE_ITEMS_MAX), Some(&next))?,
                Some(_) | None => return Ok(sources),
            }
        }
    }
}

/// Whether a drive shows a node. WebDAV has files and folders, and no word for anything else; what a link would lead to may
/// lie outside the snapshot, or be hidden from the asker. So links, pipes and devices are left out, as other servers do that
/// do not follow them.
pub(super) fn is_shown(node: Node<'_>) -> bool {
    match node.kind() {
        NodeKind::File | NodeKind::Dir => true,
        NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => false,
    }
}

/// The name of a snapshot's folder.
pub(super) fn name_of(row: &SnapshotRow) -> String {
    row.taken_at.strftime(TIME).to_string()
}

/// Which snapshot a name stands for: one that is shown, any other time, or the beginning of an id.
fn at_of(name: &str) -> Option<At> {
    if name == LATEST {
        return Some(At::Latest);
    }
    let (date, time) = name.split_once('T').unwrap_or((name, ""));
    let shown: Option<Timestamp> = format!("{date}T{}", time.replace('-', ":")).parse().ok();
    match shown {
        // A folder's name has whole seconds; what was taken within that second is meant.
        Some(at) => Some(At::Time(at + jiff::SignedDuration::from_micros(999_999))),
        None => match At::parse(Some(name)) {
            At::Snapshot(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(At::Snapshot(digits)),
            At::Time(time) => Some(At::Time(time)),
            At::Snapshot(_) | At::Latest => None,
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_is_named_without_colons_or_with() {
        let second = "2026-11-20T10:20:31Z".parse::<Timestamp>().unwrap();
        let meant = At::Time(second + jiff::SignedDuration::from_micros(999_999));
        assert_eq!(at_of("2026-11-20T10-20-31Z"), Some(meant.clone()));
        assert_eq!(at_of("2026-11-20T10:20:31Z"), Some(meant));
        assert_eq!(at_of("latest"), Some(At::Latest));
        assert_eq!(at_of("0123abcd"), Some(At::Snapshot("0123abcd".to_owned())));
        assert_eq!(at_of("desktop.ini"), None);
    }

    #[test]
    fn what_cannot_be_a_name_names_nothing() {
        let names = |path: &str| parse(&path.parse().unwrap());
        assert_eq!(names("/dav/a/b%20c/%FF").unwrap(), [b"a".to_vec(), b"b c".to_vec(), b"\xff".to_vec()]);
        assert_eq!(names("/dav").unwrap(), Vec::<Vec<u8>>::new());
        for path in ["/dav/a/%2e%2e/b", "/dav/a%00", "/dav/a%2fb"] {
            assert!(names(path).is_err(), "{path}");
        }
    }
}
