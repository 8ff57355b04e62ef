//! How much of a machine a job may use.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::schedule::Window;

/// How much of a machine a job may use. What is none is not limited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How far others go before it on the processor, 0 to 19.
    pub nice: Option<u8>,
    /// How others go before it when reading.
    pub io_class: Option<IoClass>,
    /// Bytes a second that it sends.
    pub upload_bytes_per_second: Option<u64>,
    /// Bytes a second that it gets.
    pub download_bytes_per_second: Option<u64>,
    /// Other numbers at certain hours: the first that fits counts.
    pub bandwidth: Vec<BandwidthRule>,
    /// Minutes after which a job is ended.
    pub duration_minutes_max: Option<u32>,
}

impl Limits {
    /// Bytes a second that may be sent at a time of the clock on the wall.
    pub fn upload_at(&self, at: DateTime) -> Option<u64> {
        let rule = self.bandwidth.iter().find(|rule| rule.during.holds(at));
        rule.map_or(self.upload_bytes_per_second, |rule| rule.upload_bytes_per_second)
    }

    /// Bytes a second that may be got at a time of the clock on the wall.
    pub fn download_at(&self, at: DateTime) -> Option<u64> {
        let rule = self.bandwidth.iter().find(|rule| rule.during.holds(at));
        rule.map_or(self.download_bytes_per_second, |rule| rule.download_bytes_per_second)
    }
}

/// Numbers for certain hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BandwidthRule {
    /// When, by the clock of the source's machine.
    pub during: Window,
    /// Bytes a second that are sent; none is no limit.
    #[serde(default)]
    pub upload_bytes_per_second: Option<u64>,
    /// Bytes a second that are got; none is no limit.
    #[serde(default)]
    pub download_bytes_per_second: Option<u64>,
}

/// How others go before a job when reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IoClass {
    /// By turns.
    BestEffort,
    /// Whenever they want to.
    Idle,
}
