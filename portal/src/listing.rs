//! What a folder shows, in order, a page at a time. What is hidden is neither shown nor counted.

use std::cmp::Ordering;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bygone_common::access::{Place, Sight, View};
use bygone_http::{Problem, ProblemCode, Result};
use bygone_indexer::fold;
use bygone_vault::{Directory, Node, NodeKind, NodeTime};
use serde::{Deserialize, Serialize};

use crate::entries::{ChangeBody, EntryBody};
use crate::ghosts::Ghosts;
use crate::moment::whose;
use crate::order::{Order, Rank};

/// Characters of a cursor at most: a name of 255 bytes in base64, and numbers.
const CURSOR_CHARS_MAX: usize = 1_024;
/// Bytes of a part of a name at most: as many as a name may have.
const PART_BYTES_MAX: usize = 255;

/// A folder as it is listed.
pub(crate) struct Listing<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) view: &'a View,
    pub(crate) place: &'a Place,
    pub(crate) order: &'a Order,
    /// Positions of the folder's entries in that order.
    pub(crate) positions: Arc<Box<[u32]>>,
    /// Entries that are shown although they are gone.
    pub(crate) ghosts: Option<&'a Ghosts>,
    /// Entries of an earlier time: what is as it was then is not shown.
    pub(crate) since: Option<Earlier>,
    /// What the names of shown entries hold.
    pub(crate) contains: Option<&'a Part>,
}

/// A part of a name, however it is written.
#[derive(Debug)]
pub(crate) struct Part(String);

impl Part {
    /// # Errors
    /// `Malformed`: no name is as long.
    pub(crate) fn new(text: &str) -> Result<Self> {
        if text.len() > PART_BYTES_MAX {
            let sentence = format!("contains has at most {PART_BYTES_MAX} bytes");
            return Err(Problem::new(ProblemCode::Malformed, sentence).about("contains"));
        }
        Ok(Self(fold(text)))
    }

    pub(crate) fn is_in(&self, name: &[u8]) -> bool {
        fold(&String::from_utf8_lossy(name)).contains(&self.0)
    }
}

/// Where a page begins.
#[derive(Debug)]
pub(crate) enum Begin {
    /// At the first entry.
    Start,
    /// After the last of another page, which the cursor names.
    After(String),
    /// After so many entries.
    Offset(usize),
}

/// The folder at an earlier time; none: it was not there.
pub(crate) struct Earlier(pub(crate) Option<Arc<Directory>>);

impl Earlier {
    /// How an entry differs from what was there then; none: not at all.
    fn change(&self, node: Node<'_>) -> Option<ChangeBody> {
        let Some(before) = self.0.as_ref().and_then(|directory| directory.find(node.name())) else {
            return Some(ChangeBody::Added);
        };
        (!is_same(before, node)).then_some(ChangeBody::Changed)
    }
}

/// Whether the bytes are the same: of a file its content, of a folder all that is below it.
pub(crate) fn is_same(before: Node<'_>, after: Node<'_>) -> bool {
    before.kind() == after.kind()
        && before.content() == after.content()
        && before.subtree() == after.subtree()
        && before.link_target() == after.link_target()
}

/// The place of an entry in a list: where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// Whether it is a folder.
    d: bool,
    s: u64,
    t: i64,
    n: u32,
    /// Its name, in base64.
    b: String,
}

/// A page of a folder.
pub(crate) struct Page {
    pub(crate) entries: Vec<EntryBody>,
    pub(crate) next: Option<String>,
}

impl Listing<'_> {
    /// Entries from somewhere on, up to a limit.
    pub(crate) fn page(&self, begin: &Begin, limit: usize) -> Result<Page> {
        let mut walk = match begin {
            Begin::Start => self.walk(),
            Begin::After(cursor) => self.after(cursor)?,
            Begin::Offset(offset) => self.at(*offset),
        };
        let mut page = Page { entries: Vec::with_capacity(limit), next: None };
        let mut last: Option<String> = None;
        while let Some((node, gone)) = walk.next() {
            let Some(entry) = gone.cloned().or_else(|| self.entry(node)) else { continue };
            if page.entries.len() == limit {
                page.next = last;
                break;
            }
            page.entries.push(entry);
            if page.entries.len() == limit {
                last = Some(written(node)?);
            }
        }
        Ok(page)
    }

    /// From the first entry on.
    fn walk(&self) -> Walk<'_> {
        Walk { listing: self, at: 0, ghost: 0 }
    }

    /// From behind the entry that a cursor names, whether it is there or not.
    fn after(&self, cursor: &str) -> Result<Walk<'_>> {
        let (cursor, name) = read(cursor)?;
        let last = Rank {
            is_folder: cursor.d,
            size: cursor.s,
            mtime: NodeTime { seconds: cursor.t, nanos: cursor.n },
            name: &name,
        };
        let is_before = |rank: Rank<'_>| self.order.compare(rank, last) != Ordering::Greater;
        let ghost = self.ghosts.map_or(0, |ghosts| ghosts.partition_point(|node| is_before(node.into())));
        Ok(Walk { listing: self, at: self.entries_until(is_before), ghost })
    }

    /// From behind so many shown entries.
    fn at(&self, offset: usize) -> Walk<'_> {
        if self.shows_all() {
            return self.jump(offset);
        }
        let mut walk = self.walk();
        let mut passed = 0;
        while passed < offset {
            match walk.next() {
                Some((_, Some(_))) => passed += 1,
                Some((node, None)) => passed += usize::from(self.is_shown(node)),
                None => break,
            }
        }
        walk
    }

    /// The same where every entry is shown: a ghost stands behind the entries that come before it, and the ghosts that do.
    fn jump(&self, offset: usize) -> Walk<'_> {
        let ghost = self.ghosts.map_or(0, |ghosts| {
            ghosts.partition_point(|node| {
                let gone = Rank::from(node);
                let entries = self.entries_until(|rank| self.order.compare(rank, gone) != Ordering::Greater);
                let before = ghosts.partition_point(|other| self.order.compare(other.into(), gone) == Ordering::Less);
                entries + before < offset
            })
        });
        Walk { listing: self, at: (offset - ghost.min(offset)).min(self.positions.len()), ghost }
    }

    /// How many entries come before the first that does not fit.
    fn entries_until(&self, is_before: impl Fn(Rank<'_>) -> bool) -> usize {
        self.positions.partition_point(|position| self.node(*position).is_some_and(|node| is_before(node.into())))
    }

    /// Whether nothing of the folder is hidden.
    fn shows_all(&self) -> bool {
        self.contains.is_none()
            && self.since.is_none()
            && self.place.is_uniform()
            && self.place.sight(self.view) == Sight::Seen
    }

    /// How many entries there are to show, without those that are gone.
    pub(crate) fn total(&self) -> usize {
        if self.since.is_some() || self.contains.is_some() || self.place.asks_owners() {
            return self.directory.iter().filter(|node| self.is_shown(*node)).count();
        }
        let ahead = self.place.names_ahead(self.view);
        let named = || ahead.iter().filter_map(|name| self.directory.find(name));
        let shown = named().filter(|node| self.is_shown(*node)).count();
        match self.place.sight(self.view) {
            Sight::Seen => self.directory.len() - named().count() + shown,
            Sight::Bare | Sight::Hidden => shown,
        }
    }

    fn node(&self, position: u32) -> Option<Node<'_>> {
        self.directory.get(position as usize)
    }

    fn is_shown(&self, node: Node<'_>) -> bool {
        let sight = self.place.enter(self.view, node.name(), Some(whose(node))).sight(self.view);
        let by_right = match sight {
            Sight::Hidden => false,
            Sight::Bare => node.kind() == NodeKind::Dir,
            Sight::Seen => true,
        };
        // What is below a folder that is but a way is not this folder's business.
        let differs = |since: &Earlier| sight == Sight::Seen && since.change(node).is_some();
        by_right && self.has_part(node) && self.since.as_ref().is_none_or(differs)
    }

    fn has_part(&self, node: Node<'_>) -> bool {
        self.contains.is_none_or(|part| part.is_in(node.name()))
    }

    fn entry(&self, node: Node<'_>) -> Option<EntryBody> {
        if !self.has_part(node) {
            return None;
        }
        let place = self.place.enter(self.view, node.name(), Some(whose(node)));
        let mut entry = EntryBody::of(node, self.view, self.place, &place)?;
        if let Some(since) = &self.since {
            entry.change = Some(since.change(node).filter(|_| !entry.bare)?);
        }
        Some(entry)
    }
}

/// Entries and ghosts, one after the other in order.
struct Walk<'a> {
    listing: &'a Listing<'a>,
    at: usize,
    ghost: usize,
}

impl<'a> Walk<'a> {
    /// The next, and as what it is shown if it is gone. Whether an entry may be shown is not asked here.
    fn next(&mut self) -> Option<(Node<'a>, Option<&'a EntryBody>)> {
        let listing = self.listing;
        let node = listing.positions.get(self.at).and_then(|position| listing.node(*position));
        let gone = listing.ghosts.and_then(|ghosts| ghosts.get(self.ghost));
        match (node, gone) {
            (Some(node), Some((gone, _))) if listing.order.compare(gone.into(), node.into()) != Ordering::Less => {
                self.at += 1;
                Some((node, None))
            }
            (_, Some((gone, shown))) => {
                self.ghost += 1;
                Some((gone, Some(shown)))
            }
            (Some(node), None) => {
                self.at += 1;
                Some((node, None))
            }
            (None, None) => None,
        }
    }
}

/// Reads a cursor.
fn read(text: &str) -> Result<(Cursor, Vec<u8>)> {
    let wrong =
        || Problem::new(ProblemCode::Malformed, "after must be the `next` of a page of this list").about("after");
    if text.len() > CURSOR_CHARS_MAX {
        return Err(wrong());
    }
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let cursor: Cursor = serde_json::from_slice(&json).map_err(|_| wrong())?;
    let name = URL_SAFE_NO_PAD.decode(&cursor.b).map_err(|_| wrong())?;
    Ok((cursor, name))
}

/// The cursor of a node.
fn written(node: Node<'_>) -> Result<String> {
    let rank = Rank::from(node);
    let cursor = Cursor {
        d: rank.is_folder,
        s: rank.size,
        t: rank.mtime.seconds,
        n: rank.mtime.nanos,
        b: URL_SAFE_NO_PAD.encode(rank.name),
    };
    let json = serde_json::to_vec(&cursor).map_err(|error| {
        tracing::error!(%error, "a cursor cannot be written");
        Problem::new(ProblemCode::Internal, "the server failed; its log says how")
    })?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}
