//! Taking the content of an HTTP answer, under deadlines, and no more of it than was asked for.

use std::future::Future;

use bytes::Bytes;

use super::FileId;
use super::remote::{Remote, WHOLE_FILE_BYTES_MAX};
use super::too_short;
use crate::error::{Error, ErrorKind, Result};

/// The content of an answer, part by part.
pub(super) trait Body {
    /// The next part; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes>>> + Send;
}

/// The whole content. `length` is what the server said it would be.
pub(super) async fn whole(remote: &Remote, doing: &str, length: Option<u64>, body: &mut impl Body) -> Result<Vec<u8>> {
    let too_long = || Error::new(ErrorKind::Damaged, format!("{doing}: longer than {WHOLE_FILE_BYTES_MAX} bytes"));
    if length.is_some_and(|length| length > WHOLE_FILE_BYTES_MAX) {
        return Err(too_long());
    }
    let limit = remote.deadlines.for_bytes(length.unwrap_or(WHOLE_FILE_BYTES_MAX));
    let parts = async {
        let mut content = Vec::with_capacity(usize::try_from(length.unwrap_or(0)).unwrap_or(0));
        while let Some(part) = next(remote, doing, body).await? {
            content.extend_from_slice(&part);
            if content.len() as u64 > WHOLE_FILE_BYTES_MAX {
                return Err(too_long());
            }
        }
        Ok(content)
    };
    let content = remote.within(limit, doing, parts).await?;
    match length {
        Some(length) if length != content.len() as u64 => Err(Error::new(
            ErrorKind::Unavailable,
            format!("{doing}: the answer ended after {} of {length} bytes", content.len()),
        )),
        _ => Ok(content),
    }
}

/// Fills `buffer` with the content, which must be exactly as long.
pub(super) async fn fill(remote: &Remote, doing: &str, body: &mut impl Body, buffer: &mut [u8]) -> Result<()> {
    let limit = remote.deadlines.for_bytes(buffer.len() as u64);
    let wanted = buffer.len();
    let parts = async {
        let mut rest = &mut *buffer;
        while let Some(part) = next(remote, doing, body).await? {
            let Some((head, tail)) = std::mem::take(&mut rest).split_at_mut_checked(part.len()) else {
                let context = format!("{doing}: the server sent more than the {wanted} bytes asked for");
                return Err(Error::new(ErrorKind::Damaged, context));
            };
            head.copy_from_slice(&part);
            rest = tail;
        }
        match rest.len() {
            0 => Ok(()),
            left => Err(Error::new(
                ErrorKind::Unavailable,
                format!("{doing}: the answer ended after {} of {wanted} bytes", wanted - left),
            )),
        }
    };
    remote.within(limit, doing, parts).await
}

async fn next(remote: &Remote, doing: &str, body: &mut impl Body) -> Result<Option<Bytes>> {
    let part = remote.within(remote.deadlines.answer, doing, async { body.next().await.transpose() }).await?;
    if let Some(part) = &part {
        remote.pace_download(part.len() as u64).await;
    }
    Ok(part)
}

/// Checks that an answer is the part of the file asked for, by its `Content-Range` (`bytes 0-9/100`).
///
/// # Errors
/// `Damaged` when the file ends before the part does, `Unsupported` when the server sent something else.
pub(super) fn check_range(doing: &str, header: Option<&str>, file: FileId, offset: u64, len: usize) -> Result<()> {
    let Some(header) = header else {
        return Err(Error::new(ErrorKind::Unsupported, format!("{doing}: the server does not answer ranges")));
    };
    let odd = || Error::new(ErrorKind::Unsupported, format!("{doing}: the server answered with the range {header:?}"));
    let (range, size) = header.strip_prefix("bytes ").and_then(|rest| rest.split_once('/')).ok_or_else(odd)?;
    let (first, last) = range.split_once('-').ok_or_else(odd)?;
    let (first, last): (u64, u64) = (first.parse().map_err(|_| odd())?, last.parse().map_err(|_| odd())?);
    let wanted_last = offset.saturating_add(len as u64).saturating_sub(1);
    match size.parse::<u64>() {
        Ok(size) if first == offset && last < wanted_last && last.checked_add(1) == Some(size) => {
            Err(too_short(file, size, offset, len).context(doing.to_owned()))
        }
        _ if first == offset && last == wanted_last => Ok(()),
        _ => Err(odd()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>, expected: Option<ErrorKind>) {
        let checked = check_range("read", header, FileId::CONFIG, 10, 5).map_err(|error| error.kind());
        assert_eq!(checked.err(), expected, "{header:?}");
    }

    #[test]
    fn only_the_range_asked_for_is_taken() {
        check(Some("bytes 10-14/100"), None);
        check(Some("bytes 10-14/*"), None);
        check(Some("bytes 10-14/15"), None);
        check(Some("bytes 10-12/13"), Some(ErrorKind::Damaged));
        check(Some("bytes 10-12/100"), Some(ErrorKind::Unsupported));
        check(Some("bytes 0-4/100"), Some(ErrorKind::Unsupported));
        check(Some("bytes */100"), Some(ErrorKind::Unsupported));
        check(Some("10-14"), Some(ErrorKind::Unsupported));
        check(None, Some(ErrorKind::Unsupported));
    }
}
