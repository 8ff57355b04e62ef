//! Times of nodes: RFC 3339 with nanoseconds, as Go writes them.

use jiff::Timestamp;

const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// A point in time: seconds since 1970-01-01 UTC (negative before) and nanoseconds into that second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeTime {
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds, below 1,000,000,000.
    pub nanos: u32,
}

impl NodeTime {
    /// Reads `2026-11-20T10:00:00.123456789+01:00`; `None` for anything else.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let year = i64::from(number(text.get(0..4)?)?);
        let month = number(text.get(5..7)?)?;
        let day = number(text.get(8..10)?)?;
        let hour = number(text.get(11..13)?)?;
        let minute = number(text.get(14..16)?)?;
        let second = number(text.get(17..19)?)?;
        let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if punctuation.iter().any(|(at, byte)| text.get(*at) != Some(byte)) {
            return None;
        }
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix(b".") {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            nanos = number(fraction.get(..digits)?)? * 10_u32.pow(9 - u32::try_from(digits).ok()?);
            rest = fraction.get(digits..)?;
        }
        let offset_seconds = match rest {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), zone @ ..] if zone.len() == 5 && zone.get(2) == Some(&b':') => {
                let seconds = i64::from(number(zone.get(..2)?)? * 3600 + number(zone.get(3..)?)? * 60);
                if *sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        let day_seconds = i64::from(hour * 3600 + minute * 60 + second);
        let seconds = days_from_civil(year, month, day) * 86_400 + day_seconds - offset_seconds;
        Some(Self { seconds, nanos })
    }
}

impl From<Timestamp> for NodeTime {
    /// jiff counts the fraction away from 1970, also backwards; nodes count it forwards.
    fn from(time: Timestamp) -> Self {
        let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
        let (seconds, nanos) = if nanos < 0 { (seconds - 1, nanos + NANOS_PER_SECOND) } else { (seconds, nanos) };
        Self { seconds, nanos: u32::try_from(nanos).unwrap_or(0) }
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, digit| match digit {
        b'0'..=b'9' => Some(value * 10 + u32::from(digit - b'0')),
        _ => None,
    })
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that begin in March, so that
/// the leap day is the last day of a year.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(i64, u32)>) {
        let parsed = NodeTime::parse(text.as_bytes()).map(|time| (time.seconds, time.nanos));
        assert_eq!(parsed, expected, "{text}");
    }

    #[test]
    fn times_agree_with_the_calendar() {
        check("1970-01-01T00:00:00Z", Some((0, 0)));
        check("1969-12-31T23:59:59.5Z", Some((-1, 500_000_000)));
        check("2000-02-29T12:00:00+02:00", Some((951_818_400, 0)));
        check("2026-11-20T10:00:00.123456789-05:30", Some((1_795_188_600, 123_456_789)));
        check("0001-01-01T00:00:00Z", Some((-62_135_596_800, 0)));
        check("9999-12-31T23:59:59Z", Some((253_402_300_799, 0)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2026-11-20", "2026-13-01T00:00:00Z", "2026-11-20T10:00:00", "2026-11-20T10:00:00.Z"] {
            check(text, None);
        }
    }

    #[test]
    fn a_timestamp_before_1970_keeps_its_fraction() {
        for (nanoseconds, expected) in [(-1, (-1, 999_999_999)), (0, (0, 0)), (1_500_000_000, (1, 500_000_000))] {
            let time = Timestamp::from_nanosecond(nanoseconds).map(NodeTime::from);
            assert_eq!(time.map(|time| (time.seconds, time.nanos)).ok(), Some(expected));
        }
    }
}
