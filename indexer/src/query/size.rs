//! Sizes of a query: `10M`, `1.5G`, `>100k`, `1M..5M`.

use std::ops::RangeInclusive;

use super::error::{QueryError, QueryFault};

const HINT: &str = "write sizes like size:>10M, size:1M..5M or size:0 (B, K, M, G, T)";

/// A size, and the step in which it was written.
struct Size {
    bytes: u64,
    step: u64,
}

pub(super) fn range(text: &str, at: (usize, usize)) -> Result<RangeInclusive<u64>, QueryError> {
    let bad = || QueryError::new(QueryFault::BadSize, at, format!("“{text}” is not a size"), HINT);
    let size = |text: &str| size(text).ok_or_else(bad);
    if let Some(text) = text.strip_prefix(">=") {
        return Ok(size(text)?.bytes..=u64::MAX);
    }
    if let Some(text) = text.strip_prefix("<=") {
        return Ok(0..=size(text)?.bytes);
    }
    if let Some(text) = text.strip_prefix('>') {
        return Ok(size(text)?.bytes.saturating_add(1)..=u64::MAX);
    }
    if let Some(text) = text.strip_prefix('<') {
        return Ok(0..=size(text)?.bytes.checked_sub(1).ok_or_else(bad)?);
    }
    if let Some((from, to)) = text.split_once("..").or_else(|| text.split_once('-')) {
        let from = if from.is_empty() { 0 } else { size(from)?.bytes };
        let to = if to.is_empty() { u64::MAX } else { size(to)?.bytes };
        if to < from {
            let message = format!("“{text}” ends before it begins");
            return Err(QueryError::new(QueryFault::EmptyRange, at, message, "write the smaller size first"));
        }
        return Ok(from..=to);
    }
    // As people read it: 10M is whatever is shown as ten megabytes.
    let size = size(text.strip_prefix('=').unwrap_or(text))?;
    Ok(size.bytes..=size.bytes.saturating_add(if size.bytes == 0 { 0 } else { size.step - 1 }))
}

fn size(text: &str) -> Option<Size> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.trim().to_lowercase().as_str() {
        "" | "b" | "б" => 0,
        "k" | "kb" | "kib" | "к" | "кб" => 10,
        "m" | "mb" | "mib" | "м" | "мб" => 20,
        "g" | "gb" | "gib" | "г" | "гб" => 30,
        "t" | "tb" | "tib" | "т" | "тб" => 40,
        _ => return None,
    };
    let unit = 1_u64 << shift;
    let Some((whole, fraction)) = number.split_once('.') else {
        return Some(Size { bytes: number.parse::<u64>().ok()?.checked_mul(unit)?, step: unit });
    };
    /// Digits behind the point that can matter.
    const FRACTION_DIGITS_MAX: usize = 6;
    if fraction.is_empty() || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let parts = u128::from(whole) * u128::from(scale) + u128::from(fraction.parse::<u64>().ok()?);
    let bytes = u64::try_from(parts * u128::from(unit) / u128::from(scale)).ok()?;
    Some(Size { bytes, step: (unit / scale).max(1) })
}
