//! Groups of snapshots to which rules apply separately.

use std::fmt;
use std::str::FromStr;

use super::{Candidate, RetentionError};

/// What snapshots of one group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupBy {
    /// The source's name.
    pub host: bool,
    /// What was asked to be saved, in any order.
    pub paths: bool,
    /// Their tags, in any order.
    pub tags: bool,
}

impl GroupBy {
    /// A source: a machine and its paths.
    pub const SOURCE: Self = Self { host: true, paths: true, tags: false };

    /// The key of a snapshot's group.
    pub fn key(self, snapshot: &Candidate) -> GroupKey {
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        GroupKey {
            host: self.host.then(|| snapshot.host.clone()),
            paths: self.paths.then(|| sorted(&snapshot.paths)),
            tags: self.tags.then(|| sorted(&snapshot.tags)),
        }
    }
}

impl Default for GroupBy {
    fn default() -> Self {
        Self::SOURCE
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.host, "host"), (self.paths, "paths"), (self.tags, "tags")];
        let parts: Vec<_> = parts.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
        f.write_str(&parts.join(","))
    }
}

impl FromStr for GroupBy {
    type Err = RetentionError;

    /// Reads `host`, `paths` and `tags` (or `path`, `tag`) with commas between; nothing at all is one group of all.
    fn from_str(text: &str) -> Result<Self, RetentionError> {
        let mut by = Self { host: false, paths: false, tags: false };
        for part in text.split(',') {
            match part.trim() {
                "" => {}
                "host" => by.host = true,
                "paths" | "path" => by.paths = true,
                "tags" | "tag" => by.tags = true,
                other => {
                    let why = format!("cannot group snapshots: {other:?} is not one of host, paths, tags");
                    return Err(RetentionError::new(text, why));
                }
            }
        }
        Ok(by)
    }
}

/// What a group's snapshots have in common. `None` is what does not divide them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// The source's name.
    pub host: Option<String>,
    /// What was asked to be saved, sorted.
    pub paths: Option<Vec<String>>,
    /// Their tags, sorted.
    pub tags: Option<Vec<String>>,
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.iter().map(|host| format!("host {host}"));
        let paths = self.paths.iter().map(|paths| format!("paths {}", paths.join(", ")));
        let tags = self.tags.iter().map(|tags| format!("tags [{}]", tags.join(", ")));
        f.write_str(&host.chain(paths).chain(tags).collect::<Vec<_>>().join(", "))
    }
}
