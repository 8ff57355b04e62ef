//! What a `PROPFIND` asks for. Source: RFC 4918, sections 9.1 and 14.20.

use axum::http::HeaderMap;
use bygone_http::Result;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::malformed;

/// Bytes of a request at most.
const REQUEST_BYTES_MAX: usize = 64 << 10;
/// Properties that one request names at most.
const PROPERTIES_MAX: usize = 200;
/// The namespace of everything that the standard names.
pub(super) const DAV: &str = "DAV:";

/// How far down a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The thing itself.
    Zero,
    /// And what is right in it.
    One,
    /// And everything below: never answered.
    Infinity,
}

/// What a request's `Depth` says; without one it is everything.
pub(super) fn depth(headers: &HeaderMap) -> Result<Depth> {
    match headers.get("depth").map(|value| value.to_str().unwrap_or_default().trim()) {
        Some("0") => Ok(Depth::Zero),
        Some("1") => Ok(Depth::One),
        None => Ok(Depth::Infinity),
        Some(text) if text.eq_ignore_ascii_case("infinity") => Ok(Depth::Infinity),
        Some(_) => Err(malformed("Depth is 0, 1 or infinity")),
    }
}

/// A property's name: its namespace, and its name there.
pub(super) type Name = (String, String);

/// Which properties are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All that there are.
    All,
    /// The names of all that there are.
    Names,
    /// These.
    These(Vec<Name>),
}

/// Reads a request's body; an empty one asks for everything.
pub(super) fn parse(body: &[u8]) -> Result<Wanted> {
    if body.len() > REQUEST_BYTES_MAX {
        return Err(malformed("the request is too long"));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Wanted::All);
    }
    let wrong = || malformed("the body is not a PROPFIND request");
    let mut reader = NsReader::from_reader(body);
    let mut path: Vec<Name> = Vec::new();
    let mut wanted = None;
    let mut names: Vec<Name> = Vec::new();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| wrong())?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => String::from_utf8_lossy(namespace.as_ref()).into_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(wrong()),
        };
        let (element, is_empty) = match &event {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::End(_) => {
                path.pop();
                continue;
            }
            Event::Eof if path.is_empty() => break,
            // Neither entities nor what they are made of have a place here.
            Event::Eof | Event::DocType(_) | Event::PI(_) | Event::GeneralRef(_) => return Err(wrong()),
            Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) => continue,
        };
        let name = (namespace, String::from_utf8_lossy(element.local_name().as_ref()).into_owned());
        let is_dav = |name: &Name, local: &str| name.0 == DAV && name.1 == local;
        match path.as_slice() {
            [] if !is_dav(&name, "propfind") => return Err(wrong()),
            [_] if is_dav(&name, "allprop") => wanted = Some(Wanted::All),
            [_] if is_dav(&name, "propname") => wanted = Some(Wanted::Names),
            [_, parent] if is_dav(parent, "prop") => names.push(name.clone()),
            [..] => {}
        }
        if names.len() > PROPERTIES_MAX {
            return Err(malformed("the request names too many properties"));
        }
        if !is_empty {
            path.push(name);
        }
    }
    match (wanted, names) {
        (Some(wanted), _) => Ok(wanted),
        (None, names) if !names.is_empty() => Ok(Wanted::These(names)),
        (None, _) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_request_names_what_it_wants() {
        let dav = |name: &str| (DAV.to_owned(), name.to_owned());
        let named = parse(
            br#"<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/><R:x xmlns:R="urn:r">y</R:x></prop></propfind>"#,
        );
        assert_eq!(named.unwrap(), Wanted::These(vec![dav("getetag"), ("urn:r".to_owned(), "x".to_owned())]));
        assert_eq!(parse(b"<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>").unwrap(), Wanted::All);
        assert_eq!(parse(b"<D:propfind xmlns:D='DAV:'><D:propname/></D:propfind>").unwrap(), Wanted::Names);
        assert_eq!(parse(b" \r\n").unwrap(), Wanted::All);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let many = format!("<D:propfind xmlns:D='DAV:'><D:prop>{}</D:prop></D:propfind>", "<D:x/>".repeat(201));
        for body in [
            "<propfind/>",
            "<D:propfind xmlns:D='DAV:'><D:prop><D:x></D:prop></D:propfind>",
            "<D:propfind xmlns:D='DAV:'>",
            "<D:propfind xmlns:D='DAV:'/>",
            "<D:propfind xmlns:D='DAV:'><D:prop><u:x/></D:prop></D:propfind>",
            "<!DOCTYPE x [<!ENTITY a 'b'>]><D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>",
            "nonsense",
            &many,
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
