//! What an agent is asked to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::secret_text;
use crate::{PlanUid, RepositoryUid, Secret};

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Save files as a snapshot.
    Backup(Box<BackupWork>),
    /// Something that this agent is too old for: it says so.
    #[serde(other)]
    Unknown,
}

/// Files to save, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackupWork {
    /// The plan, if it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanUid>,
    /// What is saved, and how.
    pub capture: CaptureSpec,
    /// Where it goes.
    pub repository: RepositoryAccess,
}

/// How a repository is reached and opened. In memory only: an agent never writes it down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RepositoryAccess {
    /// The repository, as the server knows it.
    pub repository: RepositoryUid,
    /// Where it lies, in restic's syntax, without any secret: `rest:https://backup.example/restic/acme/main/`.
    pub location: String,
    /// The name to sign in by, at a gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password that belongs to the name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "secret_text::optional")]
    pub user_password: Option<Secret<String>>,
    /// Whether to sign in by the agent's own certificate.
    #[serde(default)]
    pub client_certificate: bool,
    /// The authority that is trusted there, in PEM form; none: those of the system, and the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// What the storage needs besides, by the names that restic reads it from: `AWS_ACCESS_KEY_ID`. For repositories that
    /// are reached without a gateway.
    #[serde(default, with = "secret_text::table")]
    pub environment: BTreeMap<String, Secret<String>>,
    /// The repository's own password.
    #[serde(with = "secret_text")]
    pub password: Secret<String>,
}

/// What is saved, and how. Part of a plan, and holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaptureSpec {
    /// Files and folders, absolute.
    pub paths: Vec<String>,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
    /// The same, whatever the case of the letters.
    pub exclude_ignoring_case: Vec<String>,
    /// Folders that hold such a file: `NAME` or `NAME:HEADER`.
    pub exclude_if_present: Vec<String>,
    /// Folders that are marked as caches.
    pub exclude_caches: bool,
    /// Files of more bytes.
    pub exclude_larger_than: Option<u64>,
    /// Stays on the file systems that the paths are on.
    pub one_file_system: bool,
    /// Leaves out what `.gitignore` files say.
    pub gitignore: bool,
    /// Labels of the snapshot.
    pub tags: Vec<String>,
    /// The name of the source; none: the machine's.
    pub host: Option<String>,
    /// Takes no snapshot that would be equal to the one before.
    pub skip_if_unchanged: bool,
    /// How hard to compress: off, fastest, auto, better, max.
    pub compression: Option<String>,
    /// MiB that a pack is filled with.
    pub pack_mib: Option<u32>,
    /// Programs to run.
    pub hooks: Hooks,
    /// How much of the machine it may take.
    pub limits: CaptureLimits,
}

/// Programs that run before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hooks {
    /// Before; if one fails nothing is saved.
    pub before: Vec<Hook>,
    /// After a snapshot was taken.
    pub after_success: Vec<Hook>,
    /// After none was.
    pub after_failure: Vec<Hook>,
    /// After either; the last of all.
    pub after: Vec<Hook>,
}

/// A program, not a line for a shell: whoever wants one names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// When it is ended, in seconds.
    #[serde(default = "hook_seconds_default")]
    pub timeout_seconds: u32,
    /// The exit codes that mean success.
    #[serde(default = "success")]
    pub allowed_exit_codes: Vec<i32>,
    /// Variables of its environment, besides the agent's.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Where it runs; none: the root folder.
    #[serde(default)]
    pub folder: Option<String>,
}

/// Seconds that a hook may take, unless told otherwise.
pub const HOOK_SECONDS_DEFAULT: u32 = 300;

fn hook_seconds_default() -> u32 {
    HOOK_SECONDS_DEFAULT
}

fn success() -> Vec<i32> {
    vec![0]
}

/// How much of the machine a capture may take.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaptureLimits {
    /// Lets other programs compute first: 0 to 19.
    pub nice: Option<i32>,
    /// Lets other programs read first: `idle` or `best-effort`.
    pub io_class: Option<String>,
    /// Files that are read at once.
    pub read_concurrency: Option<usize>,
    /// Bytes a second that are sent at most, at any other time than `bandwidth` says.
    pub upload_bytes_per_second: Option<u64>,
    /// The same for what is received.
    pub download_bytes_per_second: Option<u64>,
    /// Other limits at some hours, by the agent's own clock and zone. The first that fits counts.
    pub bandwidth: Vec<BandwidthHours>,
    /// Seconds after which it is given up.
    pub seconds_max: Option<u32>,
}

/// A limit for some hours of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BandwidthHours {
    /// The first hour, 0 to 23.
    pub from_hour: u8,
    /// The hour before which it ends, 1 to 24; not after the first: it goes on past midnight.
    pub until_hour: u8,
    /// Days it holds on, 1 (Monday) to 7; none: every day. A span past midnight belongs to the day on which it begins.
    #[serde(default)]
    pub weekdays: Vec<u8>,
    /// Bytes a second that are sent at most; none: no limit.
    #[serde(default)]
    pub upload_bytes_per_second: Option<u64>,
    /// The same for what is received.
    #[serde(default)]
    pub download_bytes_per_second: Option<u64>,
}

impl BandwidthHours {
    /// Whether it holds at an hour of a weekday (1 to 7).
    pub fn holds(&self, weekday: u8, hour: u8) -> bool {
        let on = |day: u8| self.weekdays.is_empty() || self.weekdays.contains(&day);
        if self.from_hour < self.until_hour {
            return on(weekday) && (self.from_hour..self.until_hour).contains(&hour);
        }
        let yesterday = if weekday == 1 { 7 } else { weekday - 1 };
        (on(weekday) && hour >= self.from_hour) || (on(yesterday) && hour < self.until_hour)
    }
}

impl CaptureLimits {
    /// The limits of sending and receiving, in bytes a second, at an hour of a weekday.
    pub fn bandwidth_at(&self, weekday: u8, hour: u8) -> (Option<u64>, Option<u64>) {
        match self.bandwidth.iter().find(|span| span.holds(weekday, hour)) {
            Some(span) => (span.upload_bytes_per_second, span.download_bytes_per_second),
            None => (self.upload_bytes_per_second, self.download_bytes_per_second),
        }
    }
}
