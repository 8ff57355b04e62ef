//! Several parts of something as one body, whose length is known before its first byte. Source: RFC 9110, section 14.6, and
//! RFC 2046, section 5.1.

use axum::http::HeaderValue;
use bygone_common::ByteRange;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::ETag;

/// Bytes of the boundary's hash: as many as nobody can guess.
const BOUNDARY_BYTES: usize = 16;

/// The frame of a body in several parts.
#[derive(Debug, Clone)]
pub(crate) struct Multipart {
    boundary: String,
    parts: Vec<(Bytes, ByteRange)>,
    end: Bytes,
}

impl Multipart {
    /// Frames the parts of something with this tag, size and content type.
    ///
    /// The boundary is made of the tag: nobody can write content that holds it, as the tag is a hash of that content.
    pub(crate) fn new(etag: &ETag, size: u64, content_type: &str, parts: &[ByteRange]) -> Self {
        let hash = Sha256::digest(format!("boundary of {etag}"));
        let boundary = hex::encode(hash.get(..BOUNDARY_BYTES).unwrap_or_default());
        let framed = parts.iter().map(|part| {
            let range = content_range(*part, size);
            let head = format!("\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {range}\r\n\r\n");
            (Bytes::from(head), *part)
        });
        Self { parts: framed.collect(), end: Bytes::from(format!("\r\n--{boundary}--\r\n")), boundary }
    }

    /// Bytes of the whole body.
    pub(crate) fn len(&self) -> u64 {
        let parts: u64 = self.parts.iter().map(|(head, part)| head.len() as u64 + part.len()).sum();
        parts + self.end.len() as u64
    }

    /// The body's content type.
    pub(crate) fn content_type(&self) -> HeaderValue {
        let text = format!("multipart/byteranges; boundary={}", self.boundary);
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("multipart/byteranges"))
    }

    /// What comes before each part, the part, and what comes last.
    pub(crate) fn into_pieces(self) -> (Vec<(Bytes, ByteRange)>, Bytes) {
        (self.parts, self.end)
    }
}

/// The value of `Content-Range` for a part that is not empty.
pub(crate) fn content_range(part: ByteRange, size: u64) -> String {
    format!("bytes {}-{}/{size}", part.start(), part.end().saturating_sub(1))
}
