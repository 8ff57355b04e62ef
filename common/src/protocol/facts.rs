//! What an agent says of itself and its machine.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CAPABILITIES_MAX, Refused, check_count, check_name};

/// Something that an agent can do. Names that a server does not know are kept: a newer agent has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capability(pub String);

impl Capability {
    /// Saves files as snapshots.
    pub const BACKUP: &'static str = "backup";
    /// Brings files of a snapshot back.
    pub const RESTORE: &'static str = "restore";
    /// Puts back what a restore replaced.
    pub const UNDO: &'static str = "undo";
    /// Runs programs before and after.
    pub const HOOKS: &'static str = "hooks";
    /// Saves into a repository of its own while the server is away, and copies it over later.
    pub const SPOOL: &'static str = "spool";
    /// Runs plans by itself when the server is away at their time.
    pub const OFFLINE_SCHEDULE: &'static str = "offline_schedule";
    /// Limits bandwidth by the hour of the day.
    pub const BANDWIDTH_BY_HOUR: &'static str = "bandwidth_by_hour";
}

/// Whose data it is: the account that the agent runs as.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The account's name.
    pub name: String,
    /// Its number on Unix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The number of its group on Unix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// Its security identifier on Windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What an agent says of itself and its machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The agent's own version: `0.1.0`.
    pub agent_version: String,
    /// The operating system: `linux`, `windows`, `macos`.
    pub os: String,
    /// Its release, as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_release: Option<String>,
    /// The processor: `x86_64`.
    pub arch: String,
    /// The machine's name, by which its snapshots are found.
    pub hostname: String,
    /// The name of its time zone, if it has one: `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whose data it is.
    pub owner: Owner,
    /// What the agent can do.
    #[serde(default)]
    pub capabilities: BTreeSet<Capability>,
}

impl Facts {
    /// # Errors
    /// A value is too long, or there are too many.
    pub fn check(&self) -> Result<(), Refused> {
        for (field, text) in [
            ("agent_version", Some(&self.agent_version)),
            ("os", Some(&self.os)),
            ("os_release", self.os_release.as_ref()),
            ("arch", Some(&self.arch)),
            ("hostname", Some(&self.hostname)),
            ("time_zone", self.time_zone.as_ref()),
            ("owner.name", Some(&self.owner.name)),
            ("owner.sid", self.owner.sid.as_ref()),
        ] {
            if let Some(text) = text {
                check_name(field, text)?;
            }
        }
        check_count("capabilities", self.capabilities.len(), CAPABILITIES_MAX)?;
        self.capabilities.iter().try_for_each(|capability| check_name("capabilities", &capability.0))
    }
}
