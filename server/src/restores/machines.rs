//! The machines that somebody may restore to, and the places on them.
//!
//! Who runs machines for an organization may restore to all of them, and anywhere. Everybody else restores to machines of
//! which they may restore something, into a new folder, to where files were, or into folders that they may restore: who could
//! put a file of theirs anywhere would rule the machine.

use std::collections::BTreeSet;

use bygone_common::access::Use;
use bygone_common::job::RestoreTarget;
use bygone_common::protocol::Capability;
use bygone_common::{AgentUid, OrgUid, SnapshotPath};
use bygone_store::access::SourceAccess;
use bygone_store::agents::{Agent, AgentState};
use bygone_store::{Action, Actor, Page, Resource, Right};
use jiff::SignedDuration;

use crate::app::App;
use crate::problem::{Problem, ProblemCode, Result};

/// A machine that was not heard of for so long is away: it speaks every half minute.
const ONLINE_WITHIN: SignedDuration = SignedDuration::from_secs(100);
/// Bytes of a folder's path at most.
const PATH_BYTES_MAX: usize = 4_096;
/// Sources that are read at once.
const SOURCES_AT_ONCE: u32 = 500;

/// A machine as somebody may use it.
pub(crate) struct Machine {
    /// Who asks runs machines for the organization.
    pub(crate) runs_it: bool,
    /// It is the asker's: a source of it is.
    pub(crate) is_own: bool,
    /// Sources of it of which the asker may restore something.
    sources: Vec<SourceAccess>,
    agent: AgentUid,
    capabilities: BTreeSet<Capability>,
}

impl Machine {
    /// Whether its agent can do something.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.capabilities.iter().any(|capability| capability.0 == name)
    }
}

/// Whether a machine that was last heard of then answers soon.
pub(crate) fn is_online(app: &App, seen_at: Option<jiff::Timestamp>) -> bool {
    seen_at.is_some_and(|seen_at| app.clock.now().duration_since(seen_at) <= ONLINE_WITHIN)
}

fn runs_machines(actor: &Actor) -> bool {
    actor.right(Action::Run, Resource::Agent) == Right::Allowed
}

/// Sources of which somebody may restore something.
async fn restorable(app: &App, actor: &Actor, org: OrgUid) -> Result<Vec<SourceAccess>> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = Page::new(Some(SOURCES_AT_ONCE), after.as_deref())?;
        let list = app.store.accesses().list(actor, org, &page).await?;
        found.extend(list.items.into_iter().filter(may_restore));
        match list.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

fn may_restore(source: &SourceAccess) -> bool {
    let view = source.access().widest_view();
    view.root().uses(&view).has(Use::Restore) || view.root().leads_to(&view, Use::Restore)
}

/// A machine that somebody may restore to.
///
/// # Errors
/// `Invalid`: none, or not for them.
pub(crate) async fn usable(app: &App, actor: &Actor, org: OrgUid, agent: AgentUid) -> Result<Machine> {
    let unknown = || Problem::invalid("agent", format!("there is no machine {agent} that you may restore to"));
    let server = Actor::system("restores", org);
    let known = app.store.agents().get(&server, org, agent).await.map_err(|error| match error.kind() {
        bygone_store::ErrorKind::NotFound => unknown(),
        _ => error.into(),
    })?;
    if known.state != AgentState::Active {
        return Err(unknown());
    }
    let capabilities = known.facts.capabilities;
    let user = actor.who().user();
    let page = Page::new(Some(SOURCES_AT_ONCE), None)?;
    let all = app.store.sources().list(&server, org, Some(agent), &page).await?.items;
    let is_own = user.is_some() && all.iter().any(|source| source.owner == user);
    if runs_machines(actor) {
        return Ok(Machine { runs_it: true, is_own, sources: Vec::new(), agent, capabilities });
    }
    let sources = restorable(app, actor, org).await?;
    let sources: Vec<SourceAccess> = sources.into_iter().filter(|source| source.source().agent == agent).collect();
    if sources.is_empty() {
        return Err(unknown());
    }
    Ok(Machine { runs_it: false, is_own, sources, agent, capabilities })
}

/// The machines that somebody may restore to. Who runs them all gets a page, everybody else all of theirs.
///
/// # Errors
/// `Unavailable`.
pub(crate) async fn list(app: &App, actor: &Actor, org: OrgUid, page: &Page) -> Result<bygone_store::List<Agent>> {
    if runs_machines(actor) {
        return Ok(app.store.agents().list(actor, org, Some(AgentState::Active), page).await?);
    }
    let sources = restorable(app, actor, org).await?;
    let mut uids: Vec<AgentUid> = sources.iter().map(|source| source.source().agent).collect();
    uids.sort_unstable();
    uids.dedup();
    let server = Actor::system("restores", org);
    let mut items = Vec::with_capacity(uids.len());
    for uid in uids {
        let agent = app.store.agents().get(&server, org, uid).await?;
        if agent.state == AgentState::Active {
            items.push(agent);
        }
    }
    Ok(bygone_store::List { items, next: None })
}

/// Whether somebody may put files there.
///
/// # Errors
/// `Invalid`: no place on that machine; `Forbidden`: not for them.
pub(crate) fn check_target(machine: &Machine, source: &SourceAccess, target: &RestoreTarget) -> Result<()> {
    match target {
        RestoreTarget::NewFolder => Ok(()),
        RestoreTarget::Original if machine.runs_it || machine.agent == source.source().agent => Ok(()),
        RestoreTarget::Original => {
            Err(Problem::invalid("target", "files go back to where they were on their own machine alone"))
        }
        RestoreTarget::Folder { path } => check_folder(machine, path),
    }
}

fn check_folder(machine: &Machine, path: &str) -> Result<()> {
    let wrong = |why: &str| Problem::invalid("target.path", why);
    if path.len() > PATH_BYTES_MAX || path.chars().any(char::is_control) {
        return Err(wrong("a folder's path has at most 4096 bytes, and no control characters"));
    }
    if !is_absolute(path) {
        return Err(wrong("a folder is named by its whole path: /srv/restored, or C:\\Restored"));
    }
    let place = place(path).ok_or_else(|| wrong("a folder's path has no .. in it"))?;
    let may = |source: &SourceAccess| {
        let view = source.access().widest_view();
        // Who may restore everything of a source may not therefore write beside it.
        let is_within =
            source.source().paths.iter().filter_map(|path| self::place(path)).any(|of| is_below(&place, &of));
        is_within && view.at(&place, []).uses(&view).has(Use::Restore)
    };
    if machine.runs_it || machine.sources.iter().any(may) {
        return Ok(());
    }
    let title = "you may not put files there: choose a new folder, or one of those that you may restore";
    Err(Problem::new(ProblemCode::Forbidden, title).about("target.path"))
}

/// A path of a machine as snapshots have it: `C:\Users` is `/C/Users`.
fn place(path: &str) -> Option<SnapshotPath> {
    let mut characters = path.chars();
    let text = match (characters.next(), characters.next()) {
        (Some(drive), Some(':')) if drive.is_ascii_alphabetic() => {
            format!("/{}{}", drive.to_ascii_uppercase(), characters.as_str().replace('\\', "/"))
        }
        (_, _) => path.to_owned(),
    };
    SnapshotPath::parse(text.as_bytes()).ok()
}

fn is_below(path: &SnapshotPath, folder: &SnapshotPath) -> bool {
    folder.names().eq(path.names().take(folder.names().len()))
}

/// Whether a path is whole, on any system.
fn is_absolute(path: &str) -> bool {
    let mut characters = path.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some('/'), _, _) | (Some('\\'), Some('\\'), _) => true,
        (Some(drive), Some(':'), Some('\\' | '/')) => drive.is_ascii_alphabetic(),
        (_, _, _) => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_of_machines_are_those_of_their_snapshots() {
        let below = |path: &str, folder: &str| is_below(&place(path).unwrap(), &place(folder).unwrap());
        assert!(below("/home/anna/x", "/home/anna/") && below("/x", "/") && below("c:\\Users\\a", "C:\\"));
        assert!(!below("/home/annab", "/home/anna") && !below("D:\\Users", "C:\\Users"));
        assert_eq!(place("C:\\Users\\anna").unwrap(), place("/C/Users/anna").unwrap());
        assert!(place("/home/anna/../bob").is_none() && place("C:\\a\\..\\b").is_none());
    }

    #[test]
    fn whole_paths_are_told_from_others_on_any_system() {
        for path in ["/", "/srv/x y", "C:\\Users", "d:/x", "\\\\server\\share"] {
            assert!(is_absolute(path), "{path}");
        }
        for path in ["", "srv", "./x", "~/x", "C:", "C:x", "1:\\x", "\\x"] {
            assert!(!is_absolute(path), "{path}");
        }
    }
}
