//! Naming snapshots: filters, `latest~2`, id prefixes, `@2026-11-01T10:00`, and `SNAPSHOT:PATH`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bygone_common::SnapshotPath;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use super::Snapshot;
use crate::error::{Error, ErrorKind, Result};

/// Hexadecimal digits in a whole snapshot id.
const ID_DIGITS: usize = 64;
/// How many of the candidates an error names when a short id fits several snapshots.
const CANDIDATES_SHOWN_MAX: usize = 4;

/// Which snapshots a command is about, by restic's rules. An empty filter matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotFilter {
    /// Any of these source names.
    pub hosts: Vec<String>,
    /// Any of these lists, and of that list all tags. An empty list, or one empty tag, means: has no tags.
    pub tags: Vec<Vec<String>>,
    /// All of these paths were asked to be saved.
    pub paths: Vec<String>,
}

impl SnapshotFilter {
    /// Whether a snapshot is one of those meant.
    pub fn matches(&self, snapshot: &Snapshot) -> bool {
        let host = self.hosts.is_empty() || self.hosts.contains(&snapshot.hostname);
        let tag = self.tags.is_empty() || self.tags.iter().any(|all| has_tags(snapshot, all));
        host && tag && self.paths.iter().all(|path| snapshot.paths.contains(path))
    }
}

fn has_tags(snapshot: &Snapshot, wanted: &[String]) -> bool {
    match wanted {
        [] => snapshot.tags.is_empty(),
        [only] if only.is_empty() => snapshot.tags.is_empty(),
        all => all.iter().all(|tag| snapshot.tags.contains(tag)),
    }
}

impl fmt::Display for SnapshotFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts.iter().map(|host| format!("host {host}"));
        let tags = self.tags.iter().map(|tags| format!("tag {}", tags.join(",")));
        let paths = self.paths.iter().map(|path| format!("path {path}"));
        f.write_str(&hosts.chain(tags).chain(paths).collect::<Vec<_>>().join(", "))
    }
}

/// How a person names one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotSpec {
    /// `latest`, or `latest~2`: so many before the newest of those that the filter lets through.
    Latest {
        /// How many newer ones to skip.
        back: usize,
    },
    /// The first digits of an id, in lower case. The filter does not count: a named snapshot is meant.
    Id(String),
    /// `@TIME`: the newest not after that moment, of those that the filter lets through.
    NotAfter(Moment),
}

/// A moment as a person writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With an offset or `Z`.
    Instant(Timestamp),
    /// Without: in whatever zone the person is.
    Local(civil::DateTime),
}

impl Moment {
    /// `2026-11-01`, `2026-11-01T10:00[:30[.5]][Z|+01:00]`, with a space for the `T` if preferred.
    ///
    /// A date alone means the end of that day; a time without a fraction the end of that second, since times are
    /// shown without fractions and a snapshot is expected to be found by the time shown.
    fn parse(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let time = match pieces.time() {
            None => civil::Time::MAX,
            Some(time) if text.contains(['.', ',']) => time,
            Some(time) => time.with().subsec_nanosecond(999_999_999).build().ok()?,
        };
        let written = pieces.date().to_datetime(time);
        match pieces.offset() {
            None if pieces.time_zone_annotation().is_some() => None,
            None => Some(Self::Local(written)),
            Some(PiecesOffset::Zulu) => jiff::tz::Offset::UTC.to_timestamp(written).ok().map(Self::Instant),
            Some(PiecesOffset::Numeric(numeric)) => numeric.offset().to_timestamp(written).ok().map(Self::Instant),
            Some(_) => None,
        }
    }

    /// The instant meant by somebody in `zone`. `None` for what no calendar holds.
    fn instant(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Local(written) => zone.to_timestamp(written).ok(),
        }
    }
}

impl FromStr for SnapshotSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} names no snapshot: use latest, latest~2, the start of an id, or @2026-11-01T10:00"),
            )
        };
        if let Some(moment) = text.strip_prefix('@') {
            return Moment::parse(moment).map(Self::NotAfter).ok_or_else(refused);
        }
        if let Some(rest) = text.strip_prefix("latest") {
            let back = match rest.strip_prefix('~') {
                _ if rest.is_empty() => Some(0),
                Some(number) => number.parse().ok(),
                None => None,
            };
            return back.map(|back| Self::Latest { back }).ok_or_else(refused);
        }
        let is_id = !text.is_empty() && text.len() <= ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id { Ok(Self::Id(text.to_ascii_lowercase())) } else { Err(refused()) }
    }
}

impl fmt::Display for SnapshotSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest { back: 0 } => f.write_str("latest"),
            Self::Latest { back } => write!(f, "latest~{back}"),
            Self::Id(prefix) => f.write_str(prefix),
            Self::NotAfter(Moment::Instant(instant)) => write!(f, "@{}", instant.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Self::NotAfter(Moment::Local(written)) => write!(f, "@{}", written.strftime("%Y-%m-%dT%H:%M:%S")),
        }
    }
}

impl SnapshotSpec {
    /// The snapshot meant, for a person in the system's time zone. `snapshots` are oldest first.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Ambiguous` when a short id fits several.
    pub fn select<'a>(&self, snapshots: &'a [Arc<Snapshot>], filter: &SnapshotFilter) -> Result<&'a Arc<Snapshot>> {
        self.select_in(snapshots, filter, &TimeZone::system())
    }

    /// The same for a person in `zone`.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    pub fn select_in<'a>(
        &self,
        snapshots: &'a [Arc<Snapshot>],
        filter: &SnapshotFilter,
        zone: &TimeZone,
    ) -> Result<&'a Arc<Snapshot>> {
        let mut matching = snapshots.iter().rev().filter(|snapshot| filter.matches(snapshot));
        match self {
            Self::Latest { back } => matching.nth(*back).ok_or_else(|| self.missing(filter)),
            Self::NotAfter(moment) => {
                let instant = moment.instant(zone).ok_or_else(|| self.missing(filter))?;
                matching.find(|snapshot| snapshot.time <= instant).ok_or_else(|| self.missing(filter))
            }
            Self::Id(prefix) => by_prefix(snapshots, prefix),
        }
    }

    fn missing(&self, filter: &SnapshotFilter) -> Error {
        let with = if *filter == SnapshotFilter::default() { String::new() } else { format!(" with {filter}") };
        let what = match self {
            Self::Latest { back: 0 } => format!("there is no snapshot{with}"),
            Self::Latest { back } => format!("there is no snapshot {self}{with}: fewer than {} exist", back + 1),
            Self::Id(prefix) => format!("there is no snapshot {prefix}"),
            Self::NotAfter(_) => {
                format!("there is no snapshot{with} that is not after {}", self.to_string().trim_start_matches('@'))
            }
        };
        Error::new(ErrorKind::NotFound, what)
    }
}

fn by_prefix<'a>(snapshots: &'a [Arc<Snapshot>], prefix: &str) -> Result<&'a Arc<Snapshot>> {
    let fitting: Vec<_> = snapshots.iter().filter(|snapshot| snapshot.id.to_string().starts_with(prefix)).collect();
    match fitting.as_slice() {
        [] => Err(Error::new(ErrorKind::NotFound, format!("there is no snapshot {prefix}"))),
        [only] => Ok(only),
        several => {
            let mut shown: Vec<_> =
                several.iter().take(CANDIDATES_SHOWN_MAX).map(|snapshot| snapshot.id.short()).collect();
            if several.len() > CANDIDATES_SHOWN_MAX {
                shown.push("…".to_owned());
            }
            let text = format!("{prefix} fits {} snapshots: {}", several.len(), shown.join(", "));
            Err(Error::new(ErrorKind::Ambiguous, text))
        }
    }
}

/// `SNAPSHOT[:PATH]`, as commands take it. No path is the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotAndPath {
    /// The snapshot.
    pub snapshot: SnapshotSpec,
    /// The path inside it.
    pub path: SnapshotPath,
}

impl SnapshotAndPath {
    /// Splits at the first colon that can end a snapshot's name. A time holds colons itself, so there the longest
    /// beginning that is a time counts.
    ///
    /// # Errors
    /// `InvalidInput`: no such grammar, or a path that leaves the snapshot.
    pub fn parse(argument: &[u8]) -> Result<Self> {
        let (snapshot, path) = split(argument);
        let text = std::str::from_utf8(snapshot).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, format!("{:?} names no snapshot", String::from_utf8_lossy(snapshot)))
        })?;
        let snapshot = text.parse()?;
        let path = SnapshotPath::parse(path).map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()))?;
        Ok(Self { snapshot, path })
    }
}

impl FromStr for SnapshotAndPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text.as_bytes())
    }
}

fn split(argument: &[u8]) -> (&[u8], &[u8]) {
    let mut colons = argument.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
    let at = if argument.first() == Some(&b'@') {
        let is_time = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<SnapshotSpec>().is_ok());
        if is_time(argument) {
            return (argument, b"");
        }
        colons.rfind(|at| argument.get(..*at).is_some_and(is_time))
    } else {
        colons.next()
    };
    match at.and_then(|at| argument.split_at_checked(at)) {
        Some((snapshot, path)) => (snapshot, path.get(1..).unwrap_or_default()),
        None => (argument, b""),
    }
}

#[cfg(test)]
mod tests;
