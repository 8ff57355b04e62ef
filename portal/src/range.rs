//! Which bytes of something a request is answered with. Source: RFC 9110, sections 8.8 (validators), 13 (conditions) and
//! 14 (ranges).
//!
//! [`conditions`] decides whether anything is sent at all, [`ranges`] which parts, [`multipart`] how several are framed.

mod conditions;
mod multipart;
mod ranges;

use axum::http::{HeaderMap, Method, header};
use bygone_common::ByteRange;

pub(crate) use conditions::{ETag, Validators};
pub(crate) use multipart::{Multipart, content_range};

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200: all of it.
    Whole,
    /// 206: one part, never empty.
    Part(ByteRange),
    /// 206: several parts, of which no two overlap.
    Parts(Vec<ByteRange>),
    /// 416: parts that there are not.
    Unsatisfiable,
    /// 304: the client has it.
    NotModified,
    /// 412: the client wants something else.
    PreconditionFailed,
}

/// Decides on a request for something of `size` bytes. The order of the conditions is that of section 13.2.2.
pub(crate) fn decide(method: &Method, headers: &HeaderMap, size: u64, validators: &Validators) -> Answer {
    if !conditions::is_wanted(headers, validators) {
        return Answer::PreconditionFailed;
    }
    if conditions::is_known(method, headers, validators) {
        return Answer::NotModified;
    }
    // Ranges are defined for GET alone: HEAD tells of the whole.
    if method != Method::GET || !conditions::is_range_meant(headers, validators) {
        return Answer::Whole;
    }
    // Several lines of this header are no list: which is meant cannot be known.
    let mut lines = headers.get_all(header::RANGE).iter();
    match (lines.next().and_then(|line| line.to_str().ok()), lines.next()) {
        (Some(range), None) => ranges::answer(range, size),
        (None, _) | (Some(_), Some(_)) => Answer::Whole,
    }
}

#[cfg(test)]
mod tests;
