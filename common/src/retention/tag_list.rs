//! Lists of tags, `a,b`.

use std::fmt;
use std::str::FromStr;

use super::RetentionError;

/// Tags of which a snapshot must have all. The empty tag stands for a snapshot without tags.
///
/// Invariant: there is at least one tag, so that no list fits everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagList(Vec<String>);

impl TagList {
    /// The tags.
    pub fn tags(&self) -> &[String] {
        &self.0
    }

    /// Whether a snapshot with these tags has all of the list's.
    pub fn fits(&self, tags: &[String]) -> bool {
        for wanted in &self.0 {
            if wanted.is_empty() && tags.is_empty() {
                return true;
            }
            if !tags.contains(wanted) {
                return false;
            }
        }
        true
    }
}

impl fmt::Display for TagList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.0.join(", "))
    }
}

impl FromStr for TagList {
    type Err = RetentionError;

    /// Splits at commas. An empty text is the list of one empty tag.
    fn from_str(text: &str) -> Result<Self, RetentionError> {
        Ok(Self(text.split(',').map(|tag| tag.trim().to_owned()).collect()))
    }
}
