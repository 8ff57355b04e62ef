//! Who may do what: one function, total over roles, actions and kinds of things. The whole of it is a committed snapshot.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody is to an organization, or to the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the installation: makes organizations, sees their settings; never their files.
    Root,
    /// Runs an organization.
    Admin,
    /// Runs its plans and jobs.
    Operator,
    /// Reads everything that was done, and changes nothing.
    Auditor,
    /// Finds and restores their own files.
    User,
    /// The server itself, at work for somebody.
    System,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Root, Self::Admin, Self::Operator, Self::Auditor, Self::User, Self::System];

    /// The word for it, in SQL and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| format!("{text:?} is not a role"))
    }
}

/// What is done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Listing and reading.
    See,
    /// Making a new one.
    Create,
    /// Changing what is there.
    Change,
    /// Removing it.
    Delete,
    /// Setting it to work: a plan, a job, a connection test.
    Run,
    /// Taking secrets or whole histories out.
    Export,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 6] = [Self::See, Self::Create, Self::Change, Self::Delete, Self::Run, Self::Export];

    /// The word for it, as the audit log keeps it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
            Self::Run => "run",
            Self::Export => "export",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kinds of things there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Settings, keys and providers of the whole installation.
    Installation,
    /// An organization.
    Org,
    /// A person in an organization.
    User,
    /// How a person signs in from elsewhere.
    Identity,
    /// A session of a browser.
    Session,
    /// An API token.
    ApiToken,
    /// A repository.
    Repository,
    /// What opens a storage.
    StorageCredential,
    /// A name and password for the gateway.
    GatewayCredential,
    /// An agent.
    Agent,
    /// A token with which an agent enrols.
    EnrolmentToken,
    /// An agent's certificate.
    Certificate,
    /// What is protected.
    Source,
    /// What to capture and when.
    Plan,
    /// One run.
    Job,
    /// A lease.
    Lease,
    /// A snapshot in the catalog.
    Snapshot,
    /// What keeps a snapshot from being forgotten.
    Hold,
    /// What lets a user see a source.
    Grant,
    /// What lets somebody download named files once, and the downloads that come of it.
    Ticket,
    /// The record of what was done.
    Audit,
}

impl Resource {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Installation,
        Self::Org,
        Self::User,
        Self::Identity,
        Self::Session,
        Self::ApiToken,
        Self::Repository,
        Self::StorageCredential,
        Self::GatewayCredential,
        Self::Agent,
        Self::EnrolmentToken,
        Self::Certificate,
        Self::Source,
        Self::Plan,
        Self::Job,
        Self::Lease,
        Self::Snapshot,
        Self::Hold,
        Self::Grant,
        Self::Ticket,
        Self::Audit,
    ];

    /// The words for it, for people and for the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Org => "organization",
            Self::User => "user",
            Self::Identity => "identity",
            Self::Session => "session",
            Self::ApiToken => "API token",
            Self::Repository => "repository",
            Self::StorageCredential => "storage credential",
            Self::GatewayCredential => "gateway credential",
            Self::Agent => "agent",
            Self::EnrolmentToken => "enrolment token",
            Self::Certificate => "certificate",
            Self::Source => "source",
            Self::Plan => "plan",
            Self::Job => "job",
            Self::Lease => "lease",
            Self::Snapshot => "snapshot",
            Self::Hold => "hold",
            Self::Grant => "grant",
            Self::Ticket => "ticket",
            Self::Audit => "audit log",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Everything of the kind, in the actor's organization (in all of them for root).
    Allowed,
    /// What belongs to the actor.
    Own,
    /// Nothing.
    Denied,
}

/// What a role may do to things of a kind.
pub const fn right(role: Role, action: Action, resource: Resource) -> Right {
    use Action::{Change, Create, Delete, Export, Run, See};
    use Resource as Of;
    use Right::{Allowed, Denied, Own};
    match role {
        Role::System => Allowed,
        // Root sees how the installation is used, and makes and unmakes organizations and their first admins; what is
        // in an organization's repositories is the organization's.
        Role::Root => match (resource, action) {
            (Of::Installation | Of::Org | Of::User | Of::Identity | Of::Session, _) => Allowed,
            (Of::ApiToken, See | Create | Change | Delete) => Own,
            (Of::Audit, See | Export) => Allowed,
            (Of::Repository | Of::Agent | Of::Plan | Of::Job | Of::Lease | Of::Source, See) => Allowed,
            (Of::Job, Change) => Allowed,
            (
                Of::ApiToken
                | Of::Audit
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant
                | Of::Ticket,
                _,
            ) => Denied,
        },
        Role::Admin => match (resource, action) {
            (Of::Installation, _) => Denied,
            (Of::Org, See | Change) => Allowed,
            (Of::Org, Create | Delete | Run | Export) => Denied,
            (Of::ApiToken, Create) => Own,
            (Of::Ticket, See | Create | Delete) => Own,
            (Of::Ticket, Change | Run | Export) => Denied,
            (Of::Audit, See | Export) => Allowed,
            (Of::Audit, Create | Change | Delete | Run) => Denied,
            (
                Of::User
                | Of::Identity
                | Of::Session
                | Of::ApiToken
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant,
                _,
            ) => Allowed,
        },
        Role::Operator => match (resource, action) {
            (Of::Org | Of::User | Of::Repository | Of::StorageCredential | Of::Certificate | Of::Lease, See) => Allowed,
            (Of::Repository, Run) => Allowed,
            (Of::Agent | Of::EnrolmentToken | Of::Source | Of::Plan | Of::Job, See | Create | Change | Run) => Allowed,
            // Files of others are found and put back, and not looked into.
            (Of::Snapshot, See | Run) => Allowed,
            (Of::Snapshot, Export) => Own,
            (Of::Hold, See | Create) => Allowed,
            (Of::Grant | Of::GatewayCredential, See) => Allowed,
            (Of::User, Change) => Own,
            (Of::Session | Of::ApiToken | Of::Identity, See | Create | Change | Delete) => Own,
            (Of::Ticket, See | Create | Delete) => Own,
            (
                Of::Installation
                | Of::Org
                | Of::User
                | Of::Identity
                | Of::Session
                | Of::ApiToken
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant
                | Of::Ticket
                | Of::Audit,
                _,
            ) => Denied,
        },
        Role::Auditor => match (resource, action) {
            (Of::Installation, _) => Denied,
            (Of::Audit, See | Export) => Allowed,
            (Of::Snapshot, Export) | (Of::User, Change) => Own,
            (Of::Session | Of::ApiToken | Of::Identity, See | Create | Change | Delete) => Own,
            (Of::Ticket, See | Create | Delete) => Own,
            (
                Of::Org
                | Of::User
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant,
                See,
            ) => Allowed,
            (
                Of::Org
                | Of::User
                | Of::Identity
                | Of::Session
                | Of::ApiToken
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant
                | Of::Ticket
                | Of::Audit,
                _,
            ) => Denied,
        },
        Role::User => match (resource, action) {
            (Of::Org, See) => Allowed,
            (Of::Session | Of::ApiToken | Of::Identity, See | Create | Change | Delete) => Own,
            (Of::Ticket, See | Create | Delete) => Own,
            (Of::User, See | Change) => Own,
            (Of::Source | Of::Snapshot | Of::Grant, See) => Own,
            // What is in snapshots of one's own sources, or granted: looking into it, taking it away, putting it back.
            (Of::Snapshot, Run | Export) => Own,
            (Of::Job, See | Create) => Own,
            (
                Of::Installation
                | Of::Org
                | Of::User
                | Of::Identity
                | Of::Session
                | Of::ApiToken
                | Of::Repository
                | Of::StorageCredential
                | Of::GatewayCredential
                | Of::Agent
                | Of::EnrolmentToken
                | Of::Certificate
                | Of::Source
                | Of::Plan
                | Of::Job
                | Of::Lease
                | Of::Snapshot
                | Of::Hold
                | Of::Grant
                | Of::Ticket
                | Of::Audit,
                _,
            ) => Denied,
        },
    }
}
