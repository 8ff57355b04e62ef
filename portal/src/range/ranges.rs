//! The parts that a `Range` header asks for. Source: RFC 9110, sections 14.1 and 14.2.

use bygone_common::ByteRange;

use super::Answer;

/// Ranges of one request at most. More are answered with the whole, as any server may: no reader needs so many, and each
/// costs a header.
pub(super) const RANGES_MAX: usize = 64;
/// Bytes of the header at most; a longer one is answered with the whole.
const HEADER_BYTES_MAX: usize = 4096;

/// One range, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// From here to there, both included.
    Between(u64, u64),
    /// From here on.
    From(u64),
    /// The last so many.
    Last(u64),
}

/// What the header's value is answered with. What cannot be read does not count, as the standard says.
pub(super) fn answer(header: &str, size: u64) -> Answer {
    let Some(asked) = parse(header) else { return Answer::Whole };
    if size == 0 && asked.iter().any(|range| matches!(range, Asked::Last(1..))) {
        // The end of nothing is all of it, and no `Content-Range` can say so.
        return Answer::Whole;
    }
    let parts: Vec<ByteRange> = asked.iter().filter_map(|range| range.within(size)).collect();
    let parts = if overlap(&parts) { joined(parts) } else { parts };
    match parts.as_slice() {
        [] => Answer::Unsatisfiable,
        [part] => Answer::Part(*part),
        [_, ..] => Answer::Parts(parts),
    }
}

fn parse(header: &str) -> Option<Vec<Asked>> {
    let (unit, list) = header.split_once('=')?;
    if header.len() > HEADER_BYTES_MAX || !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut asked = Vec::new();
    // Empty elements of a list do not count (section 5.6.1).
    for element in list.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|text| !text.is_empty()) {
        if asked.len() == RANGES_MAX {
            return None;
        }
        let (first, last) = element.split_once('-')?;
        asked.push(match (first, last) {
            ("", last) => Asked::Last(number(last)?),
            (first, "") => Asked::From(number(first)?),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                // One reversed range spoils the header.
                (first <= last).then_some(Asked::Between(first, last))?
            }
        });
    }
    (!asked.is_empty()).then_some(asked)
}

/// Digits alone; what no offset can be is larger than every file.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

impl Asked {
    /// What of it there is; none when nothing is.
    fn within(self, size: u64) -> Option<ByteRange> {
        let (start, end) = match self {
            Self::Between(first, last) => (first, last.saturating_add(1).min(size)),
            Self::From(first) => (first, size),
            Self::Last(count) => (size.saturating_sub(count), size),
        };
        end.checked_sub(start).filter(|len| *len > 0).and_then(|len| ByteRange::new(start, len))
    }
}

/// Whether any byte is asked for twice.
fn overlap(parts: &[ByteRange]) -> bool {
    let mut sorted = parts.to_vec();
    sorted.sort_by_key(ByteRange::start);
    sorted.windows(2).any(|two| matches!(two, [left, right] if right.start() < left.end()))
}

/// The same bytes in order, each once: what overlaps or touches becomes one part, so that no answer is longer than the whole.
fn joined(mut parts: Vec<ByteRange>) -> Vec<ByteRange> {
    parts.sort_by_key(ByteRange::start);
    let mut joined: Vec<ByteRange> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start() <= last.end() => {
                let end = last.end().max(part.end());
                *last = ByteRange::new(last.start(), end - last.start()).unwrap_or(*last);
            }
            Some(_) | None => joined.push(part),
        }
    }
    joined
}
