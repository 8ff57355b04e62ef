//! How many snapshots a rule keeps.

use std::fmt;
use std::str::FromStr;

use super::RetentionError;

/// How many snapshots a rule keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// At most so many. Zero is no rule.
    AtMost(u32),
    /// All that the rule fits.
    Unlimited,
}

impl Count {
    /// Whether the rule keeps nothing (more).
    pub fn is_zero(self) -> bool {
        self == Self::AtMost(0)
    }

    /// What is left after one snapshot was kept.
    pub(super) fn less_one(self) -> Self {
        match self {
            Self::AtMost(count) => Self::AtMost(count.saturating_sub(1)),
            Self::Unlimited => Self::Unlimited,
        }
    }
}

impl Default for Count {
    fn default() -> Self {
        Self::AtMost(0)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(count) => count.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}

impl FromStr for Count {
    type Err = RetentionError;

    /// Reads a number or `unlimited`. Negative numbers are refused, as by restic since 0.16: `-1` was its `unlimited`.
    fn from_str(text: &str) -> Result<Self, RetentionError> {
        match text.trim() {
            "unlimited" => Ok(Self::Unlimited),
            number if number.starts_with('-') => {
                Err(RetentionError::new(text, "is negative: use \"unlimited\" to keep all"))
            }
            number => number
                .parse()
                .map(Self::AtMost)
                .map_err(|_| RetentionError::new(text, "is not a number of snapshots, nor \"unlimited\"")),
        }
    }
}
