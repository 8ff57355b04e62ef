//! Moments, as people write and read them: in their own time zone.

use bygone_vault::NodeTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned, civil};

/// `2026-11-01`, `2026-11-01T10:00[:30][+01:00]`, or an age: `7d`, `12h`, `2w`, `1y`. A date alone is its midnight.
///
/// # Errors
/// A sentence for clap.
pub(crate) fn parse_moment(text: &str) -> Result<Timestamp, String> {
    moment_at(text, &Zoned::now())
}

fn moment_at(text: &str, now: &Zoned) -> Result<Timestamp, String> {
    let refused = || format!("{text:?} is not a time: write 2026-11-01, 2026-11-01T10:00, or an age such as 7d or 12h");
    if let Ok(pieces) = Pieces::parse(text) {
        let written = pieces.date().to_datetime(pieces.time().unwrap_or_else(civil::Time::midnight));
        let zone = match pieces.to_numeric_offset() {
            Some(offset) => TimeZone::fixed(offset),
            None => now.time_zone().clone(),
        };
        return zone.to_timestamp(written).map_err(|_| refused());
    }
    let age: Span = text.parse().map_err(|_| refused())?;
    if age.is_negative() {
        return Err(refused());
    }
    now.checked_sub(age).map(|then| then.timestamp()).map_err(|_| refused())
}

/// As [`parse_moment`], but an age counts from now on: `90d` is in 90 days.
///
/// # Errors
/// A sentence for clap.
pub(crate) fn parse_until(text: &str) -> Result<Timestamp, String> {
    until_at(text, &Zoned::now())
}

fn until_at(text: &str, now: &Zoned) -> Result<Timestamp, String> {
    match text.parse::<Span>() {
        Ok(span) if span.is_positive() => {
            now.checked_add(span).map(|then| then.timestamp()).map_err(|_| format!("{text:?} is in no calendar"))
        }
        Ok(_) | Err(_) => moment_at(text, now),
    }
}

/// A duration without days, such as `30m`, `8h` or `2h30m`.
///
/// # Errors
/// A sentence for clap.
pub(crate) fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    let refused = || format!("{text:?} is not a duration: write 30m, 8h or 90s");
    let span: jiff::SignedDuration = text.parse().map_err(|_| refused())?;
    std::time::Duration::try_from(span).map_err(|_| refused())
}

/// Shows times in one zone.
pub(crate) struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// In the system's zone.
    pub(crate) fn local() -> Self {
        Self { zone: TimeZone::system() }
    }

    /// `2026-11-01 10:00:00`.
    pub(crate) fn show(&self, time: Timestamp) -> String {
        self.zone.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The same for a node's time; the bare seconds when no calendar holds it.
    pub(crate) fn show_node(&self, time: NodeTime) -> String {
        match Timestamp::from_second(time.seconds) {
            Ok(timestamp) => self.show(timestamp),
            Err(_) => format!("@{}", time.seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn check(text: &str, expected: &str) {
        let now: Zoned = "2026-11-10T12:00:00+01:00[+01:00]".parse().unwrap();
        let shown = moment_at(text, &now).map_or("refused".to_owned(), |moment| moment.to_string());
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn moments_are_local_unless_they_say_otherwise() {
        check("2026-11-01", "2026-10-31T23:00:00Z");
        check("2026-11-01T10:00", "2026-11-01T09:00:00Z");
        check("2026-11-01 10:00:30", "2026-11-01T09:00:30Z");
        check("2026-11-01T10:00Z", "2026-11-01T10:00:00Z");
    }

    #[test]
    fn ages_count_back_from_now() {
        check("7d", "2026-11-03T11:00:00Z");
        check("12h", "2026-11-09T23:00:00Z");
        check("2w", "2026-10-27T11:00:00Z");
        check("yesterday", "refused");
        check("-7d", "refused");
    }

    #[test]
    fn ends_count_forward_from_now() {
        let now: Zoned = "2026-11-10T12:00:00+01:00[+01:00]".parse().unwrap();
        assert_eq!(until_at("7d", &now).unwrap().to_string(), "2026-11-17T11:00:00Z");
        assert_eq!(until_at("2027-01-01", &now).unwrap().to_string(), "2026-12-31T23:00:00Z");
        assert!(until_at("-7d", &now).is_err() && until_at("soon", &now).is_err());
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("90s").unwrap().as_secs(), 90);
        assert_eq!(parse_duration("2h30m").unwrap().as_secs(), 9000);
        assert!(parse_duration("-1h").is_err());
        assert!(parse_duration("soon").is_err());
    }
}
