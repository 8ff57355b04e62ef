//! Values that every other crate of Bygone speaks in: ids, byte ranges, paths inside a snapshot, secrets,
//! holds, retention; schedules, plans and jobs.
//!
//! Never: I/O, clocks, environment, or any other crate of ours.
//!
//! Read in this order: [`id`], [`byte_range`], [`snapshot_path`], [`secret`], [`hold`], [`retention`],
//! [`schedule`], [`plan`], [`job`].

pub mod access;
pub mod byte_range;
pub mod clock;
pub mod drive;
pub mod hold;
pub mod id;
pub mod job;
pub mod plan;
pub mod protocol;
pub mod retention;
pub mod schedule;
#[cfg(feature = "schema")]
mod schema;
pub mod secret;
pub mod sid;
pub mod snapshot_path;
pub mod uid;

pub use byte_range::ByteRange;
pub use clock::Clock;
pub use hold::Hold;
pub use id::{BlobId, Id, IdError, IndexId, KeyId, PackId, RepositoryId, SnapshotId, TreeId};
pub use retention::{GroupBy, Retention};
pub use secret::Secret;
pub use sid::Sid;
pub use snapshot_path::{SnapshotPath, SnapshotPathError};
pub use uid::{
    AgentUid, CorrelationUid, CredentialUid, EnrolmentUid, EventUid, GrantUid, IdentityUid, JobUid, LeaseUid, LinkUid,
    LoginRequestUid, OrgUid, PlaceUid, PlanUid, ProviderUid, RepositoryUid, RestoreUid, RunUid, SessionUid, SourceUid,
    TicketUid, TokenUid, UidError, UserUid,
};
