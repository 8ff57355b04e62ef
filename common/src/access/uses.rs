//! What is done with files.

use serde::{Deserialize, Serialize};

/// What is done with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Listing and finding them.
    See,
    /// Looking into them in the portal.
    Preview,
    /// Taking them away.
    Download,
    /// Putting them back.
    Restore,
}

impl Use {
    /// Every use.
    pub const ALL: [Self; 4] = [Self::See, Self::Preview, Self::Download, Self::Restore];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Preview => "preview",
            Self::Download => "download",
            Self::Restore => "restore",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::See => 1,
            Self::Preview => 2,
            Self::Download => 4,
            Self::Restore => 8,
        }
    }
}

/// A set of uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Uses(u8);

impl Uses {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(Use::See.bit() | Use::Preview.bit() | Use::Download.bit() | Use::Restore.bit());

    /// These.
    pub fn of(uses: impl IntoIterator<Item = Use>) -> Self {
        Self(uses.into_iter().fold(0, |bits, one| bits | one.bit()))
    }

    /// Whether one is among them.
    pub const fn has(self, one: Use) -> bool {
        self.0 & one.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that the other has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Use> {
        Use::ALL.into_iter().filter(move |one| self.has(*one))
    }

    /// Without what cannot be done to what is not seen.
    pub(super) const fn possible(self) -> Self {
        if self.has(Use::See) { self } else { Self(self.0 & Use::Restore.bit()) }
    }
}
