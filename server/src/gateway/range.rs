//! The one range that a request asks for. Source: RFC 9110, section 14.

/// Which bytes of a file are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them: nothing was said, or nothing that has to be understood.
    Whole,
    /// These: `start..end`, never empty.
    Part(u64, u64),
    /// None that the file has.
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `size` bytes. Several ranges at once are answered with the whole, as may be.
pub(super) fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some(range) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Wanted::Whole };
    let Some((first, last)) = range.trim().split_once('-').filter(|_| !range.contains(',')) else {
        return Wanted::Whole;
    };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (first, number(first), last, number(last)) {
        (_, Some(first), _, Some(last)) if last < first => Wanted::Whole,
        (_, Some(first), _, _) if first >= size && (last.is_empty() || number(last).is_some()) => Wanted::Unsatisfiable,
        (_, Some(first), "", _) => Wanted::Part(first, size),
        (_, Some(first), _, Some(last)) => Wanted::Part(first, last.saturating_add(1).min(size)),
        ("", _, _, Some(0)) => Wanted::Unsatisfiable,
        ("", _, _, Some(_)) if size == 0 => Wanted::Unsatisfiable,
        ("", _, _, Some(count)) => Wanted::Part(size.saturating_sub(count), size),
        _ => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_the_standard_says() {
        for (header, expected) in [
            (None, Wanted::Whole),
            (Some("bytes=0-"), Wanted::Part(0, 10)),
            (Some("bytes=7-"), Wanted::Part(7, 10)),
            (Some("bytes=2-4"), Wanted::Part(2, 5)),
            (Some("bytes=2-400"), Wanted::Part(2, 10)),
            (Some("bytes=9-9"), Wanted::Part(9, 10)),
            (Some("bytes=10-"), Wanted::Unsatisfiable),
            (Some("bytes=10-12"), Wanted::Unsatisfiable),
            (Some("bytes=-3"), Wanted::Part(7, 10)),
            (Some("bytes=-30"), Wanted::Part(0, 10)),
            (Some("bytes=-0"), Wanted::Unsatisfiable),
            (Some("bytes=4-2"), Wanted::Whole),
            (Some("bytes=0-1,3-4"), Wanted::Whole),
            (Some("bytes=+1-2"), Wanted::Whole),
            (Some("bytes=-"), Wanted::Whole),
            (Some("bytes=x-2"), Wanted::Whole),
            (Some("lines=1-2"), Wanted::Whole),
            (Some("bytes=99999999999999999999-"), Wanted::Whole),
        ] {
            assert_eq!(wanted(header, 10), expected, "{header:?}");
        }
        assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Unsatisfiable);
        assert_eq!(wanted(Some("bytes=-1"), 0), Wanted::Unsatisfiable);
    }
}
