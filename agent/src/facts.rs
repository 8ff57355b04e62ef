//! What an agent says of its machine.

use bygone_common::protocol::{Capability, Facts, NAME_CHARS_MAX, Owner};
use bygone_vault::capture;
use jiff::tz::TimeZone;

/// This machine, now; and whether it may be told to restore.
pub fn gather(restores: bool) -> Facts {
    let always = [
        Capability::BACKUP,
        Capability::HOOKS,
        Capability::SPOOL,
        Capability::OFFLINE_SCHEDULE,
        Capability::BANDWIDTH_BY_HOUR,
    ];
    let capabilities =
        always.into_iter().chain([Capability::RESTORE, Capability::UNDO].into_iter().filter(|_| restores));
    Facts {
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        os: std::env::consts::OS.to_owned(),
        os_release: os_release().map(|text| bounded(&text)),
        arch: std::env::consts::ARCH.to_owned(),
        hostname: bounded(&capture::machine_name()),
        time_zone: TimeZone::system().iana_name().map(bounded),
        owner: owner(),
        capabilities: capabilities.map(|name| Capability(name.to_owned())).collect(),
    }
}

/// A name as the protocol takes it.
fn bounded(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(NAME_CHARS_MAX).collect()
}

/// Source: os-release(5).
#[cfg(unix)]
fn os_release() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches(['"', '\'']).to_owned())
}

#[cfg(not(unix))]
fn os_release() -> Option<String> {
    None
}

#[cfg(unix)]
fn owner() -> Owner {
    let account = capture::account();
    Owner { name: bounded(&account.name), uid: Some(account.uid), gid: Some(account.gid), sid: None }
}

#[cfg(not(unix))]
fn owner() -> Owner {
    let account = capture::account();
    Owner { name: bounded(&account.name), uid: None, gid: None, sid: account.sid.map(|sid| sid.to_string()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_said_of_this_machine_is_what_a_server_takes() {
        let facts = gather(true);
        facts.check().unwrap();
        assert!(!facts.hostname.is_empty());
        #[cfg(unix)]
        assert_eq!(facts.owner.uid, Some(capture::account().uid));
        #[cfg(windows)]
        assert!(facts.owner.sid.is_some_and(|sid| sid.parse::<bygone_common::Sid>().is_ok()));
    }
}
