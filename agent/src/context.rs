//! What every job is given besides its work.

use std::path::Path;
use std::sync::Arc;

use bygone_common::{Clock, JobUid};
use bygone_vault::backend::CancelToken;

use crate::locks::OwnLocks;
use crate::pause::Pause;
use crate::safety::Safety;
use crate::spool::Spool;
use crate::state::Folder;
use crate::watch::{JobLog, Meter};

/// What a job needs besides its work.
pub struct Context<'a> {
    /// The agent's folder.
    pub folder: &'a Folder,
    /// The time.
    pub clock: &'a Clock,
    /// Pulled to give up.
    pub token: &'a CancelToken,
    /// Held while the job is to wait.
    pub pause: &'a Pause,
    /// What there is to say.
    pub log: &'a JobLog,
    /// How far it has come.
    pub meter: &'a Arc<Meter>,
    /// What waits for the server.
    pub spool: &'a Spool,
    /// The locks that it takes.
    pub locks: &'a Arc<OwnLocks>,
    /// What restores replaced and kept.
    pub safety: &'a Safety,
    /// Where new folders for restores are made; none: in the home of the agent's account.
    pub restores_into: Option<&'a Path>,
    /// The server's URL, where its gateway is.
    pub server: String,
    /// Which job it is; none for a run that no server knows of.
    pub job: Option<JobUid>,
}
