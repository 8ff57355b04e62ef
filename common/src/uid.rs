//! The ids that we make, as opposed to restic's: UUIDs of version 7, which sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is wrong with a text that should be a uid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UidError {
    text: String,
}

impl fmt::Display for UidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a UUID", self.text)
    }
}

impl std::error::Error for UidError {}

/// Random bytes in a uid; the rest is its time.
pub const UID_RANDOM_BYTES: usize = 10;

/// Declares one kind of uid, so that a plan's cannot be passed where a job's is meant.
macro_rules! uids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, of this time and these random bytes.
            pub fn new(now: Timestamp, random: [u8; UID_RANDOM_BYTES]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = UidError;

            fn from_str(text: &str) -> Result<Self, UidError> {
                Uuid::try_parse(text).map(Self).map_err(|_| UidError { text: text.to_owned() })
            }
        }
    )*};
}

uids! {
    /// An organization.
    OrgUid;
    /// A person.
    UserUid;
    /// How a person signs in: a provider and a subject.
    IdentityUid;
    /// A provider of identities.
    ProviderUid;
    /// A link that works once: to set up an installation, or to choose a new password.
    LinkUid;
    /// A program that asks to act for a person.
    LoginRequestUid;
    /// A session of a browser.
    SessionUid;
    /// An API token.
    TokenUid;
    /// A repository, as our database knows it; restic's own id is `RepositoryId`.
    RepositoryUid;
    /// What opens a storage.
    CredentialUid;
    /// An agent on a protected machine.
    AgentUid;
    /// A token with which an agent enrols once.
    EnrolmentUid;
    /// A machine and its paths.
    SourceUid;
    /// What to capture, when, how long to keep it.
    PlanUid;
    /// One run.
    JobUid;
    /// One run of a plan: all jobs that it made.
    RunUid;
    /// Something that happened.
    EventUid;
    /// The time for which something taken stays taken.
    LeaseUid;
    /// What lets a user see a source.
    GrantUid;
    /// A place that somebody shares.
    PlaceUid;
    /// What lets somebody download named files once.
    TicketUid;
    /// A restore that somebody asked for.
    RestoreUid;
    /// What a request, its jobs and their logs have in common.
    CorrelationUid;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn later_uids_sort_after_earlier_ones() {
        let at = |second| JobUid::new(Timestamp::from_second(second).unwrap(), [7; UID_RANDOM_BYTES]);
        assert!(at(1_000) < at(1_001));
        assert!(at(1_000).to_string() < at(1_001).to_string());
        assert_eq!(at(5).to_string().parse::<JobUid>().unwrap(), at(5));
    }

    #[test]
    fn what_is_no_uuid_is_refused_by_name() {
        let refused = "../x".parse::<OrgUid>().unwrap_err();
        assert_eq!(refused.to_string(), "\"../x\" is not a UUID");
    }
}
