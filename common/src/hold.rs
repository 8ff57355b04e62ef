//! Holds: what keeps snapshots from being forgotten, whatever the rules say, and how it is stored in their tags.
//!
//! A hold is a tag of the snapshot itself, `hold:case=2026-17;who=alice;until=2027-01-01T00:00:00Z;reason=lawsuit`, so that
//! it survives the loss of any database, and every program that lists tags shows it. Values are percent-encoded where
//! they hold what restic or this form gives a meaning: commas, semicolons, percent signs and control characters.
//!
//! Invariant: a tag that begins with `hold:` holds its snapshot, also when it cannot be read. Only a hold that says until
//! when it lasts ends by itself.

use std::fmt;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// How the tags begin that are holds.
pub const TAG_PREFIX: &str = "hold:";
/// Bytes that a case, a person or a reason may take: they are part of every listing.
pub const FIELD_BYTES_MAX: usize = 1024;

/// What restic splits tags at, and we fields, and what encodes them.
const ENCODED: &AsciiSet = &CONTROLS.add(b',').add(b';').add(b'%');

/// Why something cannot be a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldError {
    field: &'static str,
    why: &'static str,
}

impl fmt::Display for HoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of a hold {}", self.field, self.why)
    }
}

impl std::error::Error for HoldError {}

/// What keeps a snapshot from being forgotten.
///
/// Invariant: no text of it is empty, begins or ends with white space, or is longer than [`FIELD_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hold {
    case: String,
    who: String,
    reason: String,
    until: Option<Timestamp>,
}

impl Hold {
    /// A hold for a case, by somebody, for a reason, until a moment (to the second) or for good. White space around texts
    /// does not count.
    ///
    /// # Errors
    /// A text is empty or too long.
    pub fn new(case: &str, who: &str, reason: &str, until: Option<Timestamp>) -> Result<Self, HoldError> {
        let checked = |field, text: &str| match text.trim() {
            "" => Err(HoldError { field, why: "must not be empty" }),
            text if text.len() > FIELD_BYTES_MAX => Err(HoldError { field, why: "is longer than 1024 bytes" }),
            text => Ok(text.to_owned()),
        };
        let until = match until.map(|until| Timestamp::from_second(until.as_second())) {
            None => None,
            Some(Ok(until)) => Some(until),
            Some(Err(_)) => return Err(HoldError { field: "end", why: "is in no calendar" }),
        };
        Ok(Self {
            case: checked("case", case)?,
            who: checked("author", who)?,
            reason: checked("reason", reason)?,
            until,
        })
    }

    /// What it is for: a name by which it is released.
    pub fn case(&self) -> &str {
        &self.case
    }

    /// Who put it there.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// When it ends; `None` when somebody has to release it.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The tag of it.
    pub fn to_tag(&self) -> String {
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        let until = self.until.map(|until| format!("until={until};")).unwrap_or_default();
        let (case, who, reason) = (encoded(&self.case), encoded(&self.who), encoded(&self.reason));
        format!("{TAG_PREFIX}case={case};who={who};{until}reason={reason}")
    }

    /// Reads the fields behind the prefix. Fields of newer programs are passed over.
    fn from_fields(fields: &str) -> Option<Self> {
        let (mut case, mut who, mut reason, mut until) = (None, None, None, None);
        for field in fields.split(';') {
            let (name, value) = field.split_once('=')?;
            let value = percent_decode_str(value).decode_utf8().ok()?;
            let before = match name {
                "case" => case.replace(value),
                "who" => who.replace(value),
                "reason" => reason.replace(value),
                "until" => until.replace(value),
                _ => None,
            };
            if before.is_some() {
                return None;
            }
        }
        let until = until.map(|until| until.parse()).transpose().ok()?;
        Self::new(&case?, &who?, &reason?, until).ok()
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case {}, by {}", self.case, self.who)?;
        if let Some(until) = self.until {
            write!(f, ", until {until}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// A tag that is a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldTag {
    /// One that says all that a hold says.
    Read(Hold),
    /// One that a person or a newer program wrote. It holds until the tag is removed.
    Unreadable(String),
}

impl HoldTag {
    /// The hold that a tag is; `None` for any other tag.
    pub fn of(tag: &str) -> Option<Self> {
        let fields = tag.strip_prefix(TAG_PREFIX)?;
        Some(Hold::from_fields(fields).map_or_else(|| Self::Unreadable(tag.to_owned()), Self::Read))
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        match self {
            Self::Read(hold) => hold.holds_at(now),
            Self::Unreadable(_) => true,
        }
    }
}

/// Whether a snapshot with these tags is held at `now`.
pub fn is_held(tags: &[String], now: Timestamp) -> bool {
    tags.iter().filter_map(|tag| HoldTag::of(tag)).any(|hold| hold.holds_at(now))
}

/// The tags that are no holds, in their order.
pub fn other_tags(tags: &[String]) -> Vec<String> {
    tags.iter().filter(|tag| !tag.starts_with(TAG_PREFIX)).cloned().collect()
}

#[cfg(test)]
mod tests;
