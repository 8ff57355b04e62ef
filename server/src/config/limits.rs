//! `[limits]`: how much of everything.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use bygone_portal::{DownloadLimits, LaneLimits};
use bygone_store::jobs::QueueLimits;
use bygone_store::jobs::limits::{AGENT_JOBS, INSTALLATION_JOBS, REPOSITORY_JOBS};

use super::reader::Reader;

/// Bytes of a request's body at most, but for the gateway's.
const BODY_BYTES_MAX: u64 = 1 << 20;

/// Seconds that a client may take for the headers of a request.
const HEADER_SECONDS: u64 = 30;

/// Jobs of the server's own at one time in one process, unless told otherwise.
const WORKER_JOBS: u32 = 4;

/// What memory for downloads may be: a download reads ahead by a few MiB.
const DOWNLOAD_MEMORY_RANGE: RangeInclusive<u64> = 8 << 20..=1 << 40;

/// What a limit of jobs may be.
const JOBS_RANGE: RangeInclusive<u32> = 1..=1_000_000;

/// How much of everything.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// Bytes of a request's body, but for the gateway's.
    pub body_bytes: u64,
    /// Bytes of decoded blobs and directories that all repositories share.
    pub engine_memory_bytes: u64,
    /// Connections at one time.
    pub connections: u32,
    /// How long a client may take for the headers of a request, and for the first request of a connection.
    pub headers: Duration,
    /// Jobs of the server's own that this process does at one time.
    pub jobs: u32,
    /// Jobs of the whole installation at one time, agents' and its own.
    pub installation_jobs: u32,
    /// Jobs at one time of an organization whose quota says nothing; none: as many as the installation has room for.
    pub org_jobs: Option<u32>,
    /// Jobs in one repository at one time.
    pub repository_jobs: u32,
    /// Jobs on one agent at one time.
    pub agent_jobs: u32,
    /// Requests to the API a minute from one address.
    pub address_requests: NonZeroU32,
    /// The same by one person, with all their sessions and tokens.
    pub user_requests: NonZeroU32,
    /// The same by all people of one organization.
    pub org_requests: NonZeroU32,
    /// What is sent to people who download.
    pub downloads: DownloadLimits,
}

impl LimitsConfig {
    /// What the queue goes by.
    pub fn queue(&self) -> QueueLimits {
        let org = self.org_jobs.map(i64::from);
        QueueLimits::new(self.installation_jobs.into(), org, self.repository_jobs.into(), self.agent_jobs.into())
    }
}

pub(super) fn read(reader: &mut Reader) -> LimitsConfig {
    LimitsConfig {
        body_bytes: reader.number("limits", "body_bytes", 1_024..=1 << 30).unwrap_or(BODY_BYTES_MAX),
        engine_memory_bytes: reader.number("limits", "engine_memory_bytes", 64 << 20..=1 << 40).unwrap_or(256 << 20),
        connections: reader.number("limits", "connections", 1..=1_000_000).unwrap_or(20_000),
        headers: Duration::from_secs(reader.number("limits", "header_seconds", 1..=300).unwrap_or(HEADER_SECONDS)),
        jobs: reader.number("limits", "jobs", 1..=256).unwrap_or(WORKER_JOBS),
        installation_jobs: jobs(reader, "installation_jobs", INSTALLATION_JOBS),
        org_jobs: reader.number("limits", "org_jobs", JOBS_RANGE),
        repository_jobs: jobs(reader, "repository_jobs", REPOSITORY_JOBS),
        agent_jobs: jobs(reader, "agent_jobs", AGENT_JOBS),
        address_requests: requests(reader, "address_requests", 6_000),
        user_requests: requests(reader, "user_requests", 6_000),
        org_requests: requests(reader, "org_requests", 30_000),
        downloads: downloads(reader),
    }
}

/// Downloads.
fn downloads(reader: &mut Reader) -> DownloadLimits {
    let usual = LaneLimits::default();
    let memory = reader.number("limits", "download_memory_bytes", DOWNLOAD_MEMORY_RANGE);
    let reads = reader.number("limits", "download_reads", 1..=4_096_u32);
    let rate = |reader: &mut Reader, key| reader.number("limits", key, 1_024..=1 << 40);
    DownloadLimits {
        lanes: LaneLimits {
            held_bytes: memory.and_then(|bytes: u64| usize::try_from(bytes).ok()).unwrap_or(usual.held_bytes),
            reads: reads.and_then(|reads| usize::try_from(reads).ok()).unwrap_or(usual.reads),
        },
        user_bytes_per_second: rate(reader, "user_download_bytes_per_second"),
        org_bytes_per_second: rate(reader, "org_download_bytes_per_second"),
    }
}

/// Jobs at one time.
fn jobs(reader: &mut Reader, key: &str, usual: i64) -> u32 {
    reader.number("limits", key, JOBS_RANGE).or_else(|| u32::try_from(usual).ok()).unwrap_or(u32::MAX)
}

/// Requests a minute.
fn requests(reader: &mut Reader, key: &str, usual: u32) -> NonZeroU32 {
    let given = reader.number("limits", key, 1..=10_000_000).unwrap_or(usual);
    NonZeroU32::new(given).unwrap_or(NonZeroU32::MIN)
}
