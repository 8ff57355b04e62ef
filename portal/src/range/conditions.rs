//! Whether a client has something already, or means another. Source: RFC 9110, sections 8.8 and 13.

use std::fmt;
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// A strong entity tag, with its quotes: the same only for the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of a hash.
    pub(crate) fn of(hash: &[u8]) -> Self {
        Self::named(&hex::encode(hash))
    }

    /// The tag of what has a name of hexadecimal digits.
    pub(crate) fn named(digits: &str) -> Self {
        Self(format!("\"{digits}\""))
    }

    /// As a header's value.
    pub(crate) fn value(&self) -> HeaderValue {
        // Hexadecimal digits between quotes are always a value.
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What something is known again by.
#[derive(Debug, Clone)]
pub(crate) struct Validators {
    /// Its tag.
    pub(crate) etag: ETag,
    /// Its last change, to the second.
    pub(crate) modified: Option<SystemTime>,
}

impl Validators {
    /// Validators with a time in seconds since 1970; one before that is none, as HTTP has no date for it.
    pub(crate) fn new(etag: ETag, modified_seconds: i64) -> Self {
        let since = u64::try_from(modified_seconds).ok().map(Duration::from_secs);
        Self { etag, modified: since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)) }
    }

    /// The last change as a date of HTTP.
    pub(crate) fn last_modified(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&httpdate::fmt_http_date(self.modified?)).ok()
    }
}

/// Whether `If-Match`, or else `If-Unmodified-Since`, lets the request be.
pub(super) fn is_wanted(headers: &HeaderMap, validators: &Validators) -> bool {
    match list(headers, &header::IF_MATCH) {
        Some(tags) => tags.iter().any(|tag| tag == "*" || *tag == validators.etag.0),
        None => match (date(headers, &header::IF_UNMODIFIED_SINCE), validators.modified) {
            (Some(date), Some(modified)) => modified <= date,
            (None, _) | (Some(_), None) => true,
        },
    }
}

/// Whether `If-None-Match`, or else `If-Modified-Since`, says that the client has it.
pub(super) fn is_known(method: &Method, headers: &HeaderMap, validators: &Validators) -> bool {
    let reads = method == Method::GET || method == Method::HEAD;
    match list(headers, &header::IF_NONE_MATCH) {
        // A weak tag fits here as well: it stands for something just as good.
        Some(tags) => tags.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == validators.etag.0),
        None => match (date(headers, &header::IF_MODIFIED_SINCE), validators.modified) {
            (Some(date), Some(modified)) => reads && modified <= date,
            (None, _) | (Some(_), None) => false,
        },
    }
}

/// Whether `If-Range` lets a part be sent: what the client has a part of is what there is.
pub(super) fn is_range_meant(headers: &HeaderMap, validators: &Validators) -> bool {
    let Some(given) = headers.get(header::IF_RANGE) else { return true };
    let Ok(given) = given.to_str().map(str::trim) else { return false };
    if given.starts_with('"') || given.starts_with("W/") {
        // A weak tag never fits: parts of different bytes would be put together.
        return given == validators.etag.0;
    }
    // Exactly that date: an earlier one is of something older, a later one of nothing that was ever sent.
    httpdate::parse_http_date(given).is_ok_and(|date| validators.modified == Some(date))
}

/// The tags of a list, over all lines of a header; none when there is no such header.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    if lines.is_empty() {
        return None;
    }
    let texts = lines.into_iter().filter_map(|line| line.to_str().ok());
    Some(texts.flat_map(tags).collect())
}

/// Tags between commas; a comma between quotes belongs to its tag.
fn tags(text: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut quoted = false;
    for char in text.chars() {
        quoted ^= char == '"';
        match tags.last_mut() {
            Some(tag) if char != ',' || quoted => tag.push(char),
            Some(_) | None => tags.push(String::new()),
        }
    }
    tags.into_iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

/// A date; one that cannot be read does not count.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?.trim()).ok()
}
