//! What an agent is asked to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::secret_text;
use crate::job::{BackupSpec, RestoreSpec};
use crate::plan::StorageClass;
use crate::{RepositoryUid, Secret};

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// Save files as a snapshot.
    Backup(Box<BackupWork>),
    /// Bring files of a snapshot back to this machine.
    Restore(Box<RestoreWork>),
    /// Something that this agent is too old for: it says so.
    #[serde(other)]
    Unknown,
}

/// Files to save, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackupWork {
    /// What is saved, and how.
    #[serde(deserialize_with = "super::tolerant::deserialize")]
    pub spec: BackupSpec,
    /// Where it goes.
    pub repository: RepositoryAccess,
}

/// Files to bring back, and from where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestoreWork {
    /// What is restored, and how.
    #[serde(deserialize_with = "super::tolerant::deserialize")]
    pub spec: RestoreSpec,
    /// Where it comes from.
    pub repository: RepositoryAccess,
}

/// How a repository is reached and opened. In memory only: an agent never writes it down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RepositoryAccess {
    /// The repository, as the server knows it.
    pub repository: RepositoryUid,
    /// The path of a gateway on the server that the agent enrolled at: `/restic/acme/main/`. The agent signs in there by
    /// its certificate, and `location` says nothing then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_path: Option<String>,
    /// Where it lies, in restic's syntax, without any secret.
    #[serde(default)]
    pub location: String,
    /// The name to sign in by, at a gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password that belongs to the name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "secret_text::optional")]
    pub user_password: Option<Secret<String>>,
    /// The authority that is trusted there, in PEM form; none: those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// What the storage needs besides, by the names that restic reads it from: `AWS_ACCESS_KEY_ID`. For repositories that
    /// are reached without a gateway.
    #[serde(default, with = "secret_text::table")]
    pub environment: BTreeMap<String, Secret<String>>,
    /// The class of storage that packs are to be kept in.
    #[serde(default)]
    pub storage_class: StorageClass,
    /// The repository's own password.
    #[serde(with = "secret_text")]
    pub password: Secret<String>,
}
