//! What an API token may be used for: a part of what its owner may do, never more.
//!
//! Written `kind:verb`, as in `plans:read` or `*:run`. `read` sees, `write` also makes and changes, `delete` also deletes,
//! `run` sets to work, `export` takes out. `unattended` stands alone: with it a token does what asks a person for the second
//! factor again.

use std::fmt;

use crate::error::{Error, Result};
use crate::rights::{Action, Resource};

/// Scopes of a token at most.
pub const SCOPES_MAX: usize = 32;

/// The scope that stands in for a person's second factor.
const UNATTENDED: &str = "unattended";

/// A set of scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes {
    names: Vec<String>,
    allowance: Allowance,
}

/// What a set of scopes comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Allowance {
    /// One bit for each kind of thing and action.
    allowed: u128,
    unattended: bool,
}

impl Allowance {
    /// Whether something may be done to things of a kind, if its owner may.
    pub const fn allows(&self, action: Action, resource: Resource) -> bool {
        self.allowed & bit(action, resource) != 0
    }

    /// Whether what asks people for the second factor again may be done.
    pub const fn is_unattended(&self) -> bool {
        self.unattended
    }
}

impl Scopes {
    /// The scopes of these names.
    ///
    /// # Errors
    /// `Invalid`, with the field `scopes`: none, too many, or one that does not exist.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        if names.is_empty() || names.len() > SCOPES_MAX {
            return Err(Error::invalid("scopes", format!("a token has 1 to {SCOPES_MAX} scopes")));
        }
        let mut scopes = Self { names: Vec::new(), allowance: Allowance::default() };
        for name in names.iter().map(AsRef::as_ref) {
            match name {
                UNATTENDED => scopes.allowance.unattended = true,
                pair => scopes.allowance.allowed |= bits(pair)?,
            }
            if !scopes.names.iter().any(|known| known == name) {
                scopes.names.push(name.to_owned());
            }
        }
        Ok(scopes)
    }

    /// What they come to.
    pub const fn allowance(&self) -> Allowance {
        self.allowance
    }

    /// Whether somebody must have shown the second factor lately to make a token of these scopes: one that deletes, takes
    /// out, or needs none itself.
    pub fn are_grave(&self) -> bool {
        let grave = |action| Resource::ALL.into_iter().any(|resource| self.allowance.allows(action, resource));
        self.allowance.unattended || grave(Action::Delete) || grave(Action::Export)
    }

    /// Their names, in the order they were given.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(" "))
    }
}

impl std::str::FromStr for Scopes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(&text.split(' ').collect::<Vec<_>>())
    }
}

fn bits(name: &str) -> Result<u128> {
    let wrong =
        || Error::invalid("scopes", format!("{name:?} is not a scope; scopes are kind:verb, such as plans:read"));
    let (kind, verb) = name.split_once(':').ok_or_else(wrong)?;
    let kinds: Vec<Resource> =
        Resource::ALL.into_iter().filter(|resource| kind == "*" || slug(*resource) == kind).collect();
    let actions: &[Action] = match verb {
        "read" => &[Action::See],
        "write" => &[Action::See, Action::Create, Action::Change],
        "delete" => &[Action::See, Action::Delete],
        "run" => &[Action::See, Action::Run],
        "export" => &[Action::See, Action::Export],
        _ => return Err(wrong()),
    };
    if kinds.is_empty() {
        return Err(wrong());
    }
    let pairs = kinds.iter().flat_map(|kind| actions.iter().map(|action| bit(*action, *kind)));
    Ok(pairs.fold(0, |all, one| all | one))
}

const fn bit(action: Action, resource: Resource) -> u128 {
    let action = match action {
        Action::See => 0,
        Action::Create => 1,
        Action::Change => 2,
        Action::Delete => 3,
        Action::Run => 4,
        Action::Export => 5,
    };
    // 21 kinds of 6 actions fit into 128 bits: a test counts.
    1 << (resource as u32 * 6 + action)
}

/// The word of a kind in scopes: as in the API's paths.
const fn slug(resource: Resource) -> &'static str {
    match resource {
        Resource::Installation => "installation",
        Resource::Org => "orgs",
        Resource::User => "users",
        Resource::Identity => "identities",
        Resource::Session => "sessions",
        Resource::ApiToken => "tokens",
        Resource::Repository => "repositories",
        Resource::StorageCredential => "storage-credentials",
        Resource::GatewayCredential => "gateway-credentials",
        Resource::Agent => "agents",
        Resource::EnrolmentToken => "enrolments",
        Resource::Certificate => "certificates",
        Resource::Source => "sources",
        Resource::Plan => "plans",
        Resource::Job => "jobs",
        Resource::Lease => "leases",
        Resource::Snapshot => "snapshots",
        Resource::Hold => "holds",
        Resource::Grant => "grants",
        Resource::Ticket => "tickets",
        Resource::Audit => "audit",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_and_action_has_a_bit_of_its_own() {
        let all = Resource::ALL.into_iter().flat_map(|of| Action::ALL.into_iter().map(move |action| bit(action, of)));
        assert_eq!(all.fold(0_u32, |count, bit| count + bit.count_ones()), 126);
        let together = Resource::ALL
            .into_iter()
            .flat_map(|of| Action::ALL.into_iter().map(move |action| bit(action, of)))
            .fold(0_u128, |all, one| all | one);
        assert_eq!(together.count_ones(), 126);
    }

    #[test]
    fn a_scope_allows_its_verb_on_its_kind_and_nothing_else() {
        let scopes = Scopes::parse(&["plans:write", "*:read"]).unwrap();
        assert!(scopes.allowance().allows(Action::Change, Resource::Plan));
        assert!(scopes.allowance().allows(Action::See, Resource::Audit));
        assert!(!scopes.allowance().allows(Action::Delete, Resource::Plan));
        assert!(!scopes.allowance().allows(Action::Create, Resource::Repository));
        assert!(!scopes.are_grave() && !scopes.allowance().is_unattended());
        assert!(Scopes::parse(&["repositories:export"]).unwrap().are_grave());
        assert!(Scopes::parse(&["unattended"]).unwrap().are_grave());
        assert_eq!("plans:write *:read".parse::<Scopes>().unwrap(), scopes);
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for wrong in ["", "plans", "plans:", "plan:read", ":read", "plans:rule", "plans:read "] {
            assert!(Scopes::parse(&[wrong]).is_err(), "{wrong:?}");
        }
        assert!(Scopes::parse::<&str>(&[]).is_err());
    }
}
