//! Sizes, as people write and read them. Units are powers of 1024.

const UNITS: [(&str, u32); 6] = [("k", 10), ("m", 20), ("g", 30), ("t", 40), ("p", 50), ("e", 60)];

/// `1024`, `10k`, `10KiB`, `1.5G`.
///
/// # Errors
/// A sentence for clap.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let refused = || format!("{text:?} is not a size: write 1024, 10k, 1.5G");
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = lower.get(digits.len()..).unwrap_or_default();
    let unit = unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(unit);
    let shift = match unit {
        "" => 0,
        unit => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, shift)| *shift).ok_or_else(refused)?,
    };
    if let Ok(number) = digits.parse::<u64>() {
        return number.checked_mul(1 << shift).ok_or_else(refused);
    }
    let number: f64 = digits.parse().map_err(|_| refused())?;
    let bytes = number * (1u64 << shift) as f64;
    if bytes.is_finite() && (0.0..u64::MAX as f64).contains(&bytes) { Ok(bytes as u64) } else { Err(refused()) }
}

/// A range of sizes: `+10M` at least, `-1G` at most, `5k` exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeRange {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

/// # Errors
/// A sentence for clap.
pub(crate) fn parse_size_range(text: &str) -> Result<SizeRange, String> {
    if let Some(min) = text.strip_prefix('+') {
        return Ok(SizeRange { min: Some(parse_size(min)?), max: None });
    }
    if let Some(max) = text.strip_prefix('-') {
        return Ok(SizeRange { min: None, max: Some(parse_size(max)?) });
    }
    let exact = parse_size(text)?;
    Ok(SizeRange { min: Some(exact), max: Some(exact) })
}

/// `1.234 MiB`: restic's way of showing bytes.
pub(crate) fn show_size(bytes: u64) -> String {
    const NAMES: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut name = "B";
    for next in NAMES {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        name = next;
    }
    format!("{value:.3} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(parse_size(text).ok(), expected, "{text}");
    }

    #[test]
    fn sizes_are_read_with_and_without_units() {
        check("0", Some(0));
        check("1024", Some(1024));
        check("10k", Some(10240));
        check("10KiB", Some(10240));
        check("10 K", None);
        check("1.5G", Some(3 << 29));
        check("2TB", Some(2 << 40));
        check("", None);
        check("x", None);
        check("-1", None);
        check("99999999999E", None);
    }

    #[test]
    fn a_sign_makes_a_size_a_bound() {
        assert_eq!(parse_size_range("+1k"), Ok(SizeRange { min: Some(1024), max: None }));
        assert_eq!(parse_size_range("-1k"), Ok(SizeRange { min: None, max: Some(1024) }));
        assert_eq!(parse_size_range("7"), Ok(SizeRange { min: Some(7), max: Some(7) }));
    }

    #[test]
    fn sizes_are_shown_with_a_unit_that_fits() {
        assert_eq!(show_size(1023), "1023 B");
        assert_eq!(show_size(1536), "1.500 KiB");
        assert_eq!(show_size(u64::MAX), "16.000 EiB");
    }
}
