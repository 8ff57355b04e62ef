//! Times of nodes as Go writes them: RFC 3339 with as many digits of a second as there are, in the local zone.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::tree::NodeTime;

const DAY_SECONDS: i64 = 86_400;
/// The last year that RFC 3339 can write. restic puts later ones there, and earlier ones than 0 into that year.
const YEAR_MAX: i64 = 9999;

/// Writes times in one zone. Times come in runs between two changes of the zone's offset, which is looked up once for each.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    zone: TimeZone,
    /// The same offset for all times.
    fixed: Option<Offset>,
}

impl Zone {
    pub(super) fn new(zone: TimeZone) -> Self {
        let fixed = zone.to_fixed_offset().ok();
        Self { zone, fixed }
    }

    fn offset_seconds(&self, seconds: i64) -> i64 {
        let offset = self.fixed.unwrap_or_else(|| {
            let within = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
            Timestamp::from_second(within).map_or(Offset::UTC, |time| self.zone.to_offset(time))
        });
        i64::from(offset.seconds())
    }

    /// Appends a time as a JSON string.
    pub(super) fn push(&self, out: &mut Vec<u8>, time: NodeTime) {
        let offset = self.offset_seconds(time.seconds);
        let local = time.seconds.saturating_add(offset);
        let (year, month, day) = civil(local.div_euclid(DAY_SECONDS));
        // A leap day of a year that cannot be written is the day after February's last, as Go has it.
        let (year, month, day) = match year {
            ..0 => (0, month, day),
            0..=YEAR_MAX => (year, month, day),
            _ if (month, day) == (2, 29) => (YEAR_MAX, 3, 1),
            _ => (YEAR_MAX, month, day),
        };
        let second = local.rem_euclid(DAY_SECONDS);
        out.push(b'"');
        push_number(out, year, 4);
        for (before, value) in
            [(b'-', month), (b'-', day), (b'T', second / 3600), (b':', second / 60 % 60), (b':', second % 60)]
        {
            out.push(before);
            push_number(out, value, 2);
        }
        if time.nanos != 0 {
            out.push(b'.');
            push_number(out, i64::from(time.nanos), 9);
            while out.last() == Some(&b'0') {
                out.pop();
            }
        }
        if offset == 0 {
            out.push(b'Z');
        } else {
            out.push(if offset < 0 { b'-' } else { b'+' });
            push_number(out, offset.abs() / 3600, 2);
            out.push(b':');
            push_number(out, offset.abs() / 60 % 60, 2);
        }
        out.push(b'"');
    }
}

/// So many decimal digits of a number that is not negative.
fn push_number(out: &mut Vec<u8>, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b'0' + (number / 10_i64.pow(place) % 10) as u8);
    }
}

/// Year, month and day of a number of days since 1970-01-01, in the proleptic Gregorian calendar. Counted in eras of 400
/// years that begin in March, so that the leap day is the last day of a year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn written(zone: &TimeZone, seconds: i64, nanos: u32) -> String {
        let mut out = Vec::new();
        Zone::new(zone.clone()).push(&mut out, NodeTime { seconds, nanos });
        String::from_utf8(out).unwrap().trim_matches('"').to_owned()
    }

    #[test]
    fn times_are_written_as_go_writes_them() {
        assert_eq!(written(&TimeZone::UTC, 0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(written(&TimeZone::UTC, -1, 500_000_000), "1969-12-31T23:59:59.5Z");
        assert_eq!(written(&TimeZone::UTC, 1_795_168_800, 123_456_780), "2026-11-20T10:00:00.12345678Z");
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(written(&berlin, 1_795_168_800, 1), "2026-11-20T11:00:00.000000001+01:00");
        assert_eq!(written(&berlin, 1_782_000_000, 0), "2026-06-21T02:00:00+02:00");
        let caracas = TimeZone::get("America/Caracas").unwrap();
        assert_eq!(written(&caracas, 1_400_000_000, 0), "2014-05-13T12:23:20-04:30");
    }

    #[test]
    fn years_that_cannot_be_written_are_the_nearest_that_can() {
        assert_eq!(written(&TimeZone::UTC, 253_402_300_800, 0), "9999-01-01T00:00:00Z");
        assert!(written(&TimeZone::UTC, -100_000_000_000, 0).starts_with("0000-"));
        assert!(written(&TimeZone::UTC, i64::MAX, 0).starts_with("9999-"));
        assert!(written(&TimeZone::UTC, i64::MIN, 0).starts_with("0000-"));
    }

    #[test]
    fn every_day_of_an_era_is_read_back() {
        for day in (-719_528..-719_528 + 146_097 * 2).step_by(13) {
            let text = written(&TimeZone::UTC, day * DAY_SECONDS, 0);
            assert_eq!(NodeTime::parse(text.as_bytes()), Some(NodeTime { seconds: day * DAY_SECONDS, nanos: 0 }));
        }
    }
}
