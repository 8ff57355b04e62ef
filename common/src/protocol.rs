//! What an agent and a server say to each other under `/agent/v1`: JSON over mutual TLS.
//!
//! Requests are strict: a server refuses fields it does not know, so that nothing an agent says is passed over in silence.
//! Answers are tolerant: an agent ignores fields that a newer server adds, and says so when it does not know a kind of work.
//!
//! Read in this order: [`facts`] (what an agent says of its machine), [`enrol`] (how it gets its certificate),
//! [`heartbeat`], [`claim`] (how it gets work), [`work`] (what there is to do), [`report`] (what became of it), `tolerant`.

pub mod claim;
pub mod enrol;
pub mod facts;
pub mod heartbeat;
pub mod report;
pub mod secret_text;
mod tolerant;
pub mod work;

pub use claim::{ClaimRequest, JobLease};
pub use enrol::{EnrolRequest, EnrolResponse, RenewRequest, RenewResponse, TokenText};
pub use facts::{Capability, Facts, Owner};
pub use heartbeat::{AgentPlan, AgentPlans, HeartbeatRequest, HeartbeatResponse, RunningJob, SpooledSnapshot};
pub use report::{FinishRequest, LogRequest, ProgressRequest, Standing, StandingRequest, StartRequest};
pub use work::{BackupWork, RepositoryAccess, RestoreWork, Work};

/// The version of this protocol. A server answers `protocol_version` to a version that it does not speak.
pub const PROTOCOL_VERSION: u32 = 1;

/// Bytes of a request's body at most.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Characters of a name: of a host, a user, a version.
pub const NAME_CHARS_MAX: usize = 255;

/// Names of capabilities at most.
pub const CAPABILITIES_MAX: usize = 64;

/// Seconds that a claim may wait for work.
pub const CLAIM_WAIT_SECONDS_MAX: u32 = 60;

/// Jobs that one agent may say it works at.
pub const RUNNING_JOBS_MAX: usize = 64;

/// Snapshots in its spool that one heartbeat tells of.
pub const SPOOLED_SNAPSHOTS_MAX: usize = 100;

/// Bytes of a certificate signing request in PEM form.
pub const CSR_BYTES_MAX: usize = 16 << 10;

/// A value in a request that cannot be: the field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The field's name in JSON.
    pub field: &'static str,
    /// What is wrong with it, as a sentence.
    pub why: String,
}

/// # Errors
/// The text is longer than it may be, or holds a control character.
pub(crate) fn check_name(field: &'static str, text: &str) -> Result<(), Refused> {
    check_length(field, text, NAME_CHARS_MAX)?;
    if text.chars().any(char::is_control) {
        return Err(Refused { field, why: format!("{field} holds a control character") });
    }
    Ok(())
}

/// # Errors
/// The text is longer than it may be.
pub(crate) fn check_length(field: &'static str, text: &str, most: usize) -> Result<(), Refused> {
    if text.chars().count() > most {
        return Err(Refused { field, why: format!("{field} is longer than {most} characters") });
    }
    Ok(())
}

/// # Errors
/// There are more of them than there may be.
pub(crate) fn check_count(field: &'static str, count: usize, most: usize) -> Result<(), Refused> {
    if count > most {
        return Err(Refused { field, why: format!("{field} holds {count} entries, which is more than {most}") });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
