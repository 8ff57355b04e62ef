//! Answers to requests for content: status, headers and body.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bygone_common::ByteRange;
use bytes::Bytes;
use futures_util::stream;

use crate::feed::{Content, Feed, Span};
use crate::file::UNTRUSTED;
use crate::headers;
use crate::range::{self, Answer, Multipart, Validators};

/// Something that can be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sendable {
    /// Its bytes.
    pub(crate) content: Content,
    /// What it is known again by.
    pub(crate) validators: Validators,
    /// What it is said to be. Never what somebody else said: content is untrusted.
    pub(crate) content_type: &'static str,
    /// What becomes of it at the client's.
    pub(crate) way: Way,
    /// What it is saved as.
    pub(crate) name: String,
}

/// What a browser is told to do with what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To save it.
    Saved,
    /// To show it, in a box of its own.
    Shown,
}

/// An answer whose body is yet to be made.
#[derive(Debug)]
pub(crate) struct Prepared {
    response: Response,
    spans: Vec<Span>,
    /// Bytes of the body.
    pub(crate) len: u64,
}

/// Decides on the answer to a request for something.
pub(crate) fn prepare(method: &Method, given: &HeaderMap, sendable: &Sendable) -> Prepared {
    let size = sendable.content.size();
    let answer = feasible(range::decide(method, given, size, &sendable.validators), &sendable.content);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = match answer {
        Answer::Whole => StatusCode::OK,
        Answer::Part(_) | Answer::Parts(_) => StatusCode::PARTIAL_CONTENT,
        Answer::Unsatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        Answer::NotModified => StatusCode::NOT_MODIFIED,
        Answer::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
    };
    let headers = response.headers_mut();
    describe(headers, sendable);
    let (spans, len) = match &answer {
        Answer::Whole => (ByteRange::new(0, size).map(Span::Content).into_iter().collect(), size),
        Answer::Part(part) => {
            put(headers, header::CONTENT_RANGE, &range::content_range(*part, size));
            (vec![Span::Content(*part)], part.len())
        }
        Answer::Parts(parts) => {
            let framed = Multipart::new(&sendable.validators.etag, size, sendable.content_type, parts);
            headers.insert(header::CONTENT_TYPE, framed.content_type());
            let len = framed.len();
            (spans(framed), len)
        }
        Answer::Unsatisfiable | Answer::NotModified | Answer::PreconditionFailed => {
            if answer == Answer::Unsatisfiable {
                put(headers, header::CONTENT_RANGE, &format!("bytes */{size}"));
            }
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_DISPOSITION);
            (Vec::new(), 0)
        }
    };
    // Of what the client has the length is not told: it would be that of a body that is not there.
    if answer != Answer::NotModified {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    }
    let (spans, len) = if method == Method::HEAD { (Vec::new(), 0) } else { (spans, len) };
    Prepared { response, spans, len }
}

impl Prepared {
    /// The answer to a request that nothing is sent for.
    pub(crate) fn empty(self) -> Response {
        self.response
    }

    /// The answer, with the body that `feed` makes.
    pub(crate) fn with(mut self, feed: impl FnOnce(Vec<Span>) -> Feed) -> Response {
        *self.response.body_mut() = body(feed(self.spans));
        self.response
    }
}

/// A part of a zip whose checksums are not known would have to be computed from all that lies before it: the whole is sent
/// instead, as the standard allows.
fn feasible(answer: Answer, content: &Content) -> Answer {
    let Content::Archive(archive) = content else { return answer };
    let can = |part: &ByteRange| archive.can_begin_at(*part);
    match answer {
        Answer::Part(part) if !can(&part) => Answer::Whole,
        Answer::Parts(parts) if !archive.is_random_access() || !parts.iter().all(can) => Answer::Whole,
        answer => answer,
    }
}

fn describe(given: &mut HeaderMap, sendable: &Sendable) {
    match sendable.way {
        Way::Saved => headers::attachment(given, &sendable.name),
        Way::Shown => given.extend(UNTRUSTED),
    }
    given.insert(header::CONTENT_TYPE, HeaderValue::from_static(sendable.content_type));
    given.insert(header::ETAG, sendable.validators.etag.value());
    given.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(date) = sendable.validators.last_modified() {
        given.insert(header::LAST_MODIFIED, date);
    }
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

fn spans(framed: Multipart) -> Vec<Span> {
    let (parts, end) = framed.into_pieces();
    let mut spans = Vec::with_capacity(2 * parts.len() + 1);
    for (head, part) in parts {
        spans.extend([Span::Bytes(head), Span::Content(part)]);
    }
    spans.push(Span::Bytes(end));
    spans
}

/// The body that a feed makes. An error ends the connection before the length that was promised: whoever reads knows that
/// something is missing, and never gets wrong bytes in its place.
fn body(feed: Feed) -> Body {
    let frames = stream::try_unfold(Box::new(feed), |mut feed| async move {
        match feed.next().await {
            Ok(frame) => Ok::<Option<(Bytes, Box<Feed>)>, std::io::Error>(frame.map(|frame| (frame, feed))),
            Err(error) => {
                feed.meter_mut().broke(&error);
                Err(std::io::Error::other(error.to_string()))
            }
        }
    });
    Body::from_stream(frames)
}
