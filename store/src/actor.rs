//! Who asks: every call of the store takes one, and sees and changes only what that one may.

use std::fmt;
use std::net::IpAddr;

use bygone_common::{AgentUid, CorrelationUid, OrgUid, TokenUid, UserUid};

use crate::error::{Error, ErrorKind, Result};
use crate::rights::{Action, Resource, Right, Role, right};
use crate::scopes::Allowance;

/// Who it is behind a request or a job.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person, signed in.
    User(UserUid),
    /// A program with a person's API token.
    Token(TokenUid, UserUid),
    /// An agent.
    Agent(AgentUid),
    /// A part of the server itself.
    System(&'static str),
}

impl Who {
    /// The word for its kind, as the audit log keeps it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Token(..) => "token",
            Self::Agent(_) => "agent",
            Self::System(_) => "system",
        }
    }

    /// The person, if it is one or acts for one.
    pub const fn user(&self) -> Option<UserUid> {
        match self {
            Self::User(user) | Self::Token(_, user) => Some(*user),
            Self::Agent(_) | Self::System(_) => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Token(token, _) => token.fmt(f),
            Self::Agent(agent) => agent.fmt(f),
            Self::System(part) => f.write_str(part),
        }
    }
}

/// What decides what an [`Actor`] may do: the same whatever request it is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Standing {
    who: Who,
    org: Option<OrgUid>,
    role: Role,
    allowance: Option<Allowance>,
}

/// Who asks, for which organization, with which role, and from where.
#[derive(Debug, Clone)]
pub struct Actor {
    who: Who,
    org: Option<OrgUid>,
    role: Role,
    correlation: Option<CorrelationUid>,
    address: Option<IpAddr>,
    allowance: Option<Allowance>,
}

impl Actor {
    /// Somebody with a role in an organization, or with root's in the installation.
    pub const fn new(who: Who, org: Option<OrgUid>, role: Role) -> Self {
        Self { who, org, role, correlation: None, address: None, allowance: None }
    }

    /// A part of the server at work for an organization.
    pub const fn system(part: &'static str, org: OrgUid) -> Self {
        Self::new(Who::System(part), Some(org), Role::System)
    }

    /// A part of the server at work for the installation.
    pub const fn installation(part: &'static str) -> Self {
        Self::new(Who::System(part), None, Role::System)
    }

    /// The same actor in a request that came from an address.
    #[must_use]
    pub const fn from_request(mut self, correlation: CorrelationUid, address: Option<IpAddr>) -> Self {
        self.correlation = Some(correlation);
        self.address = address;
        self
    }

    /// The same actor with a token that may be used for a part of what its owner may do.
    #[must_use]
    pub const fn within(mut self, allowance: Allowance) -> Self {
        self.allowance = Some(allowance);
        self
    }

    /// Who it is.
    pub const fn who(&self) -> &Who {
        &self.who
    }

    /// What decides what this actor may do.
    pub(crate) fn standing(&self) -> Standing {
        Standing { who: self.who.clone(), org: self.org, role: self.role, allowance: self.allowance }
    }

    /// With which role.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The organization; none for root, who belongs to the installation.
    pub const fn org(&self) -> Option<OrgUid> {
        self.org
    }

    /// What the request, its jobs and their logs have in common.
    pub const fn correlation(&self) -> Option<CorrelationUid> {
        self.correlation
    }

    /// From where.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// What this actor may do to things of a kind: everybody's, their own, or none.
    pub const fn right(&self, action: Action, resource: Resource) -> Right {
        match &self.allowance {
            Some(allowance) if !allowance.allows(action, resource) => Right::Denied,
            Some(_) | None => right(self.role, action, resource),
        }
    }

    /// The organization in which this actor may do something to everybody's things of a kind.
    ///
    /// # Errors
    /// `NotFound` when things of that kind are not even seen, `Forbidden` when they are, and when only one's own are meant.
    pub fn require(&self, action: Action, resource: Resource) -> Result<()> {
        match self.right(action, resource) {
            Right::Allowed => Ok(()),
            Right::Own | Right::Denied => Err(self.refusal(action, resource)),
        }
    }

    /// Like [`require`](Self::require), for a thing that belongs to a person.
    ///
    /// # Errors
    /// As there; `NotFound` when it is somebody else's and only one's own may be seen.
    pub fn require_of(&self, action: Action, resource: Resource, owner: Option<UserUid>) -> Result<()> {
        match self.right(action, resource) {
            Right::Allowed => Ok(()),
            Right::Own if owner.is_some() && owner == self.who.user() => Ok(()),
            Right::Own | Right::Denied => Err(self.refusal(action, resource)),
        }
    }

    fn refusal(&self, action: Action, resource: Resource) -> Error {
        match self.right(Action::See, resource) {
            Right::Allowed if action != Action::See => {
                let sentence = format!("a {} may not {action} {resource}", self.role);
                Error::new(ErrorKind::Forbidden, sentence)
            }
            Right::Allowed | Right::Own | Right::Denied => Error::not_found(format_args!("this {resource}")),
        }
    }

    /// The organization whose rows are meant: the actor's own, or any for root and for the server.
    ///
    /// # Errors
    /// `NotFound`: another organization, whose existence is nobody else's business.
    pub fn in_org(&self, org: OrgUid) -> Result<OrgUid> {
        match self.org {
            Some(own) if own == org => Ok(org),
            None if matches!(self.role, Role::Root | Role::System) => Ok(org),
            Some(_) | None => Err(Error::not_found(format_args!("organization {org}"))),
        }
    }
}
