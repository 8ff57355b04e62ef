//! What a person's role, address and name may be.

use bygone_common::OrgUid;

use crate::error::{Error, Result};
use crate::rights::Role;

/// Bytes of an email address at most (RFC 5321).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Characters of a person's name at most.
pub const PERSON_NAME_CHARS_MAX: usize = 200;

/// Roles of the installation are not given in organizations, nor the other way round; the server's is nobody's.
pub(crate) fn check_role(org: Option<OrgUid>, role: Role) -> Result<()> {
    match (org, role) {
        (None, Role::Root) | (Some(_), Role::Admin | Role::Operator | Role::Auditor | Role::User) => Ok(()),
        (Some(_), Role::Root | Role::System) => {
            Err(Error::invalid("role", format!("nobody is {role} in an organization")))
        }
        (None, Role::Admin | Role::Operator | Role::Auditor | Role::User | Role::System) => {
            Err(Error::invalid("role", "who belongs to no organization is root"))
        }
    }
}

/// An address as it is kept and looked for.
pub(super) fn email(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let is_sound = email.len() <= EMAIL_BYTES_MAX
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !email.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if is_sound { Ok(email) } else { Err(Error::invalid("email", "an email address reads name@host")) }
}

pub(super) fn person_name(text: &str) -> Result<String> {
    let name = text.trim();
    let is_sound =
        !name.is_empty() && name.chars().count() <= PERSON_NAME_CHARS_MAX && !name.chars().any(char::is_control);
    let sentence = || format!("a name has 1 to {PERSON_NAME_CHARS_MAX} characters, none of them a control character");
    if is_sound { Ok(name.to_owned()) } else { Err(Error::invalid("name", sentence())) }
}
