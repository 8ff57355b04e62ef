//! What can be said of a repository by one word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether a repository takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepositoryState {
    /// It does.
    Ready,
    /// Nothing is read from it or written to it.
    Paused,
}

/// How agents reach a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentRoute {
    /// Through the server's gateway: what opens the storage stays with the server.
    Gateway,
    /// Where it lies: each job tells its agent what opens the storage.
    Direct,
}

impl RepositoryState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Ready, Self::Paused];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Paused => "paused",
        }
    }
}

impl AgentRoute {
    /// Every route.
    pub const ALL: [Self; 2] = [Self::Gateway, Self::Direct];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Direct => "direct",
        }
    }
}

impl fmt::Display for RepositoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for AgentRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RepositoryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| format!("{text:?} is no state"))
    }
}

impl FromStr for AgentRoute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|route| route.name() == text).ok_or_else(|| format!("{text:?} is no route"))
    }
}
