//! What a `PROPFIND` gets: a `multistatus`, written as it is sent, so that a folder of any size takes little memory.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bygone_common::access::Sight;
use bygone_http::Result;
use bygone_http::offload::offload;
use bygone_store::Actor;
use bygone_vault::{Directory, Node, NodeKind};
use futures_util::stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::place::{LATEST, Place, is_shown, name_of};
use super::request::{DAV, Depth, Name, Wanted};
use super::{ROOT, xml};
use crate::content;
use crate::moment::{Moment, Stand, whose};
use crate::portal::Portal;

/// Entries that are written at once.
const BATCH_ENTRIES: usize = 200;
/// What stays as it is in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The properties that things have here.
const PROPERTIES: [&str; 7] = [
    "resourcetype",
    "displayname",
    "getcontentlength",
    "getcontenttype",
    "getlastmodified",
    "getetag",
    "supportedlock",
];

const BEGIN: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">\n";
const END: &str = "</D:multistatus>\n";

/// Something that has properties.
struct Thing {
    href: String,
    name: String,
    /// Seconds since 1970.
    modified: Option<i64>,
    /// Size and name of its content, if it is a file.
    file: Option<(u64, String)>,
}

/// The answer to `Depth: infinity`: RFC 4918, section 9.1.
pub(super) fn refuses_infinity() -> Response {
    let body =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>\n";
    xml(StatusCode::FORBIDDEN, Body::from(body))
}

/// The properties of a place, and of what is in it.
pub(super) async fn multistatus(
    portal: &Portal,
    actor: &Actor,
    place: Place,
    depth: Depth,
    wanted: Wanted,
) -> Result<Response> {
    let body = match place {
        Place::Root => {
            let mut text = BEGIN.to_owned();
            put(&mut text, &folder(format!("{ROOT}/"), "dav".to_owned(), None), &wanted);
            if depth == Depth::One {
                for source in portal.drive_sources(actor).await? {
                    let name = source.source().name.clone();
                    put(&mut text, &folder(format!("{ROOT}/{}/", encoded(name.as_bytes())), name, None), &wanted);
                }
            }
            Body::from(text + END)
        }
        Place::Source(source) => {
            let name = source.source().name.clone();
            let href = format!("{ROOT}/{}/", encoded(name.as_bytes()));
            let mut text = BEGIN.to_owned();
            put(&mut text, &folder(href.clone(), name, None), &wanted);
            if depth == Depth::One {
                let since = crate::sources::oldest(portal, &source);
                let (rows, _) = portal.store.snapshots().newest_of(&source, since, None).await?;
                if let Some(newest) = rows.first() {
                    let at = newest.taken_at.as_second();
                    put(&mut text, &folder(format!("{href}{LATEST}/"), LATEST.to_owned(), Some(at)), &wanted);
                }
                let mut last = String::new();
                for row in &rows {
                    let name = name_of(row);
                    // Of several within one second the newest is shown.
                    if name != last {
                        let at = row.taken_at.as_second();
                        put(&mut text, &folder(format!("{href}{name}/"), name.clone(), Some(at)), &wanted);
                        last = name;
                    }
                }
            }
            Body::from(text + END)
        }
        Place::Inside { moment, stand, path, above, .. } => {
            let names = above.iter().map(Vec::as_slice).chain(path.names());
            let href = names.fold(ROOT.to_owned(), |href, name| format!("{href}/{}", encoded(name)));
            let name = path.file_name().unwrap_or_else(|| above.last().map(Vec::as_slice).unwrap_or_default());
            let own = match stand.node() {
                Some(node) => thing(node, &href, name),
                None => folder(format!("{href}/"), lossy(name), Some(moment.snapshot.taken_at.as_second())),
            };
            let mut text = BEGIN.to_owned();
            put(&mut text, &own, &wanted);
            match stand.tree.filter(|_| depth == Depth::One) {
                None => Body::from(text + END),
                Some(tree) => {
                    let repository = moment.repository.clone();
                    let directory = offload(move || repository.directory(tree)).await?;
                    entries(text, href, *moment, *stand, directory, wanted)
                }
            }
        }
    };
    Ok(xml(StatusCode::MULTI_STATUS, body))
}

/// The entries of a folder that may be seen, written some at a time.
fn entries(
    begun: String,
    href: String,
    moment: Moment,
    stand: Stand,
    directory: Arc<Directory>,
    wanted: Wanted,
) -> Body {
    let parts = stream::unfold((Some(begun), 0), move |(begun, at)| {
        let mut text = match begun {
            Some(begun) => begun,
            None if at > directory.len() => return std::future::ready(None),
            None => String::new(),
        };
        let end = (at + BATCH_ENTRIES).min(directory.len());
        for node in (at..end).filter_map(|at| directory.get(at)) {
            let place = stand.place.enter(&moment.view, node.name(), Some(whose(node)));
            let is_seen = match place.sight(&moment.view) {
                Sight::Seen => true,
                Sight::Bare => node.kind() == NodeKind::Dir,
                Sight::Hidden => false,
            };
            if is_shown(node) && is_seen {
                put(&mut text, &thing(node, &format!("{href}/{}", encoded(node.name())), node.name()), &wanted);
            }
        }
        let mut next = end;
        if end == directory.len() {
            text.push_str(END);
            next += 1;
        }
        std::future::ready(Some((Ok::<String, std::convert::Infallible>(text), (None, next))))
    });
    Body::from_stream(parts)
}

fn thing(node: Node<'_>, href: &str, name: &[u8]) -> Thing {
    let modified = Some(node.mtime().seconds);
    match node.kind() {
        NodeKind::Dir => folder(format!("{href}/"), lossy(name), modified),
        NodeKind::File
        | NodeKind::Symlink
        | NodeKind::BlockDevice
        | NodeKind::CharDevice
        | NodeKind::Fifo
        | NodeKind::Socket
        | NodeKind::Unknown => {
            let file = Some((node.size(), content::of_blobs(node.content())));
            Thing { href: href.to_owned(), name: lossy(name), modified, file }
        }
    }
}

const fn folder(href: String, name: String, modified: Option<i64>) -> Thing {
    Thing { href, name, modified, file: None }
}

fn encoded(name: &[u8]) -> String {
    percent_encode(name, PLAIN).to_string()
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// Writes one `response`.
fn put(text: &mut String, thing: &Thing, wanted: &Wanted) {
    let mut found = String::new();
    let mut missing = String::new();
    let mut one = |name: &Name| match value(thing, name) {
        Some(value) if *wanted == Wanted::Names => {
            let _ = (value, write!(found, "<D:{}/>", name.1));
        }
        Some(value) if value.is_empty() => {
            let _ = write!(found, "<D:{}/>", name.1);
        }
        Some(value) => {
            let _ = write!(found, "<D:{0}>{value}</D:{0}>", name.1);
        }
        None => {
            // The name came from an XML document, so that it is one.
            let _ = write!(missing, "<x:{} xmlns:x=\"{}\"/>", name.1, escaped(&name.0));
        }
    };
    match wanted {
        Wanted::All | Wanted::Names => {
            let names = PROPERTIES.iter().map(|name| (DAV.to_owned(), (*name).to_owned()));
            names.filter(|name| value(thing, name).is_some()).for_each(|name| one(&name));
        }
        Wanted::These(names) => names.iter().for_each(&mut one),
    }
    let _ = write!(text, "<D:response><D:href>{}</D:href>", thing.href);
    for (properties, status) in [(found, "200 OK"), (missing, "404 Not Found")] {
        if !properties.is_empty() {
            let _ = write!(
                text,
                "<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
            );
        }
    }
    text.push_str("</D:response>\n");
}

/// The value of a property, as XML; none where there is none.
fn value(thing: &Thing, (namespace, name): &Name) -> Option<String> {
    if namespace != DAV {
        return None;
    }
    match (name.as_str(), &thing.file) {
        ("resourcetype", None) => Some("<D:collection/>".to_owned()),
        ("resourcetype" | "supportedlock", _) => Some(String::new()),
        ("displayname", _) => Some(escaped(&thing.name)),
        ("getlastmodified", _) => {
            let since = Duration::from_secs(u64::try_from(thing.modified?).ok()?);
            Some(httpdate::fmt_http_date(SystemTime::UNIX_EPOCH.checked_add(since)?))
        }
        ("getcontentlength", Some((size, _))) => Some(size.to_string()),
        ("getcontenttype", Some(_)) => Some("application/octet-stream".to_owned()),
        ("getetag", Some((_, content))) => Some(format!("&quot;{content}&quot;")),
        (_, _) => None,
    }
}

/// Text in XML; what XML cannot hold becomes a sign that stands for it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(char));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}
