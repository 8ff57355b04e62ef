//! Which group makes somebody what.

use bygone_common::OrgUid;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::rights::Role;
use crate::users::check_role;

/// Rules of a provider at most.
pub const RULES_MAX: usize = 100;

/// The group that everybody is in.
pub const EVERYBODY: &str = "*";

/// Bytes of a group's name at most.
const GROUP_BYTES_MAX: usize = 500;

/// Who is in the group is this in that organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// The group's name at the provider; `*` is everybody.
    pub group: String,
    /// In which organization. None: the provider's own, or the installation if it has none.
    #[serde(default)]
    pub org: Option<OrgUid>,
    /// What they are there.
    pub role: Role,
}

/// What somebody is, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The organization; none: the installation.
    pub org: Option<OrgUid>,
    /// What they are there.
    pub role: Role,
}

/// What the groups of somebody make them, by the first rule that fits; none: nothing, and they are not let in.
pub fn standing(own: Option<OrgUid>, rules: &[GroupRule], groups: &[String]) -> Option<Standing> {
    let fits = |rule: &&GroupRule| rule.group == EVERYBODY || groups.contains(&rule.group);
    rules.iter().find(fits).map(|rule| Standing { org: own.or(rule.org), role: rule.role })
}

/// Refuses rules that would reach beyond what the provider is of.
pub(super) fn check(own: Option<OrgUid>, rules: &[GroupRule]) -> Result<()> {
    if rules.len() > RULES_MAX {
        return Err(Error::invalid("rules", format!("there are up to {RULES_MAX} rules")));
    }
    for rule in rules {
        if rule.group.is_empty() || rule.group.len() > GROUP_BYTES_MAX {
            return Err(Error::invalid("rules", format!("a group's name has 1 to {GROUP_BYTES_MAX} bytes")));
        }
        if own.is_some() && rule.org.is_some() && rule.org != own {
            return Err(Error::invalid("rules", "a provider of an organization gives nothing in another one"));
        }
        let fits = check_role(own.or(rule.org), rule.role);
        fits.map_err(|refusal| Error::invalid("rules", refusal.context().to_owned()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::Timestamp;

    fn org(n: u8) -> OrgUid {
        OrgUid::new(Timestamp::from_second(1).unwrap(), [n; 10])
    }

    fn rule(group: &str, org: Option<OrgUid>, role: Role) -> GroupRule {
        GroupRule { group: group.to_owned(), org, role }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = [
            rule("backup-admins", Some(org(1)), Role::Admin),
            rule("staff", Some(org(1)), Role::User),
            rule("roots", None, Role::Root),
        ];
        let of =
            |groups: &[&str]| standing(None, &rules, &groups.iter().map(|&group| group.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["staff", "backup-admins"]), Some(Standing { org: Some(org(1)), role: Role::Admin }));
        assert_eq!(of(&["roots"]), Some(Standing { org: None, role: Role::Root }));
        assert_eq!(of(&["others"]), None);
        let everybody = [rule(EVERYBODY, None, Role::User)];
        assert_eq!(standing(Some(org(2)), &everybody, &[]), Some(Standing { org: Some(org(2)), role: Role::User }));
    }

    #[test]
    fn an_organization_s_provider_gives_nothing_beyond_it() {
        let own = Some(org(1));
        assert!(check(own, &[rule("a", None, Role::Admin), rule("b", own, Role::User)]).is_ok());
        assert!(check(own, &[rule("a", Some(org(2)), Role::User)]).is_err());
        assert!(check(own, &[rule("a", None, Role::Root)]).is_err());
        assert!(check(None, &[rule("a", None, Role::Root)]).is_ok());
        assert!(check(None, &[rule("a", None, Role::Admin)]).is_err());
        assert!(check(None, &[rule("a", own, Role::System)]).is_err());
    }
}
