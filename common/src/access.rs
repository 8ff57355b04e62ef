//! What somebody may do with which files of a source: the one place where grants are applied. Everything that shows files
//! asks here: trees, search, previews, downloads, drives, restores.
//!
//! A [`Rule`] gives or takes uses of everything at and below a path. What is taken stays taken, whatever else gives it.
//! Looking into files and taking them away needs seeing them; putting them back does not: whoever restores for others need
//! not read what they restore. A rule for an owner's files gives what is the owner's, reached from the rule's path through
//! nothing but what is the owner's.
//!
//! [`Access`] are all rules of one person in one source, [`View`] those that hold for a snapshot of some age, and [`Place`]
//! is how far one has walked down a tree under them: walking costs the rules that lie ahead, and nothing where none do.

mod place;
mod uses;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::sid::Sid;
use crate::snapshot_path::SnapshotPath;

pub use place::{Place, Sight};
pub use uses::{Use, Uses};

/// Rules of one person in one source at most.
pub const RULES_MAX: usize = 1_000;

const HOURS_OF_A_DAY: i64 = 24;

/// Whether a rule gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It gives.
    Allow,
    /// It takes, whatever else gives.
    Deny,
}

impl Effect {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// Whose files a rule is for, as their file system says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// By number.
    Uid(u32),
    /// By the name that is stored.
    Name(Box<str>),
    /// By security identifier, on Windows: what somebody is called there may change, and numbers there are none.
    Sid(Sid),
}

/// Characters of an owner's name at most.
pub const OWNER_CHARS_MAX: usize = 256;

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uid(uid) => write!(f, "uid:{uid}"),
            Self::Name(name) => write!(f, "name:{name}"),
            Self::Sid(sid) => write!(f, "sid:{sid}"),
        }
    }
}

impl std::str::FromStr for Owner {
    type Err = String;

    /// `uid:1000`, or `name:anna`, or `sid:S-1-5-21-…`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an owner; owners are uid:1000, name:anna or sid:S-1-5-21-1-2-3-1001");
        match text.split_once(':') {
            Some(("uid", uid)) => uid.parse().map(Self::Uid).map_err(|_| wrong()),
            Some(("sid", sid)) => sid.parse().map(Self::Sid).map_err(|_| wrong()),
            Some(("name", name))
                if !name.trim().is_empty()
                    && name.chars().count() <= OWNER_CHARS_MAX
                    && !name.chars().any(char::is_control) =>
            {
                Ok(Self::Name(name.into()))
            }
            Some(_) | None => Err(wrong()),
        }
    }
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedBy<'a> {
    /// By number.
    pub uid: u32,
    /// By name; empty where none is stored.
    pub name: &'a str,
    /// By security identifier, where one is stored. Windows has no numbers: then `uid` says nothing.
    pub sid: Option<&'a Sid>,
}

impl Owner {
    fn is(&self, whose: OwnedBy<'_>) -> bool {
        match self {
            // Everything of a Windows machine is stored with number 0, which is root's elsewhere.
            Self::Uid(uid) => whose.sid.is_none() && *uid == whose.uid,
            Self::Name(name) => **name == *whose.name,
            Self::Sid(sid) => whose.sid == Some(sid),
        }
    }
}

/// How much may be taken away; none: without a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes a day.
    pub bytes_per_day: Option<u64>,
    /// Downloads at one time.
    pub downloads: Option<u32>,
}

impl Limits {
    /// What two rules together allow: the more of each.
    fn widest(self, other: Self) -> Self {
        let more = |left: Option<u64>, right: Option<u64>| left.zip(right).map(|(left, right)| left.max(right));
        Self {
            bytes_per_day: more(self.bytes_per_day, other.bytes_per_day),
            downloads: self.downloads.zip(other.downloads).map(|(left, right)| left.max(right)),
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// At and below which path.
    pub path: SnapshotPath,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// What.
    pub uses: Uses,
    /// Only what is this owner's; for rules that give.
    pub owner: Option<Owner>,
    /// Only in snapshots that are not older; for rules that give.
    pub history_days: Option<u32>,
    /// For rules that give downloads.
    pub limits: Limits,
}

impl Rule {
    /// A rule for everything, of every age, below a path.
    pub fn new(path: SnapshotPath, effect: Effect, uses: Uses) -> Self {
        Self { path, effect, uses, owner: None, history_days: None, limits: Limits::default() }
    }

    /// The age of the oldest snapshot that it holds for; none: it holds for every one.
    pub fn oldest(&self) -> Option<SignedDuration> {
        self.history_days.map(|days| SignedDuration::from_hours(i64::from(days) * HOURS_OF_A_DAY))
    }

    fn holds_for(&self, age: SignedDuration) -> bool {
        self.oldest().is_none_or(|oldest| age <= oldest)
    }
}

/// What one person may do in one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    rules: Arc<[Rule]>,
}

impl Access {
    /// What rules give together. `ceiling` is what the person's role, or the token they use, allows at all.
    pub fn new(ceiling: Uses, rules: impl IntoIterator<Item = Rule>) -> Self {
        let capped = rules.into_iter().map(|rule| match rule.effect {
            Effect::Allow => Rule { uses: rule.uses.and(ceiling), ..rule },
            Effect::Deny => rule,
        });
        Self { rules: capped.filter(|rule| !rule.uses.is_empty()).collect() }
    }

    /// The rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What holds for a snapshot of an age.
    pub fn view(&self, age: SignedDuration) -> View {
        if self.rules.iter().all(|rule| rule.holds_for(age)) {
            return View::new(Arc::clone(&self.rules));
        }
        View::new(self.rules.iter().filter(|rule| rule.holds_for(age)).cloned().collect())
    }

    /// What holds for a snapshot of now: nothing holds for an older one that does not for it.
    pub fn widest_view(&self) -> View {
        self.view(SignedDuration::ZERO)
    }

    /// How many days back anything is given; none: without an end.
    pub fn depth_days(&self) -> Option<u32> {
        let giving = self.rules.iter().filter(|rule| rule.effect == Effect::Allow);
        giving.map(|rule| rule.history_days).try_fold(0, |deepest, days| days.map(|days| deepest.max(days)))
    }

    /// Whether nothing can be seen and nothing restored, in any snapshot.
    pub fn is_nothing(&self) -> bool {
        let view = self.widest_view();
        let root = view.root();
        !root.uses(&view).has(Use::Restore) && !root.leads_to(&view, Use::Restore) && root.sight(&view) == Sight::Hidden
    }
}

/// What one person may do in one snapshot of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    rules: Arc<[Rule]>,
}

impl View {
    fn new(rules: Arc<[Rule]>) -> Self {
        Self { rules }
    }

    /// At the root of the tree.
    pub fn root(&self) -> Place {
        Place::root(self)
    }

    /// Where a path leads. `whose` names the owners of what lies on it, from the top down, as far as they are known: what
    /// is not known is nobody's.
    pub fn at<'a>(&self, path: &SnapshotPath, whose: impl IntoIterator<Item = OwnedBy<'a>>) -> Place {
        let mut whose = whose.into_iter();
        path.names().fold(self.root(), |place, name| place.enter(self, name, whose.next()))
    }

    /// Whether who owns a file matters anywhere.
    pub fn asks_owners(&self) -> bool {
        self.rules.iter().any(|rule| rule.owner.is_some())
    }

    /// Whether every file may be seen, of any owner and at any path.
    pub fn is_everything(&self) -> bool {
        let root = self.root();
        root.uses(self).has(Use::See) && root.is_uniform()
    }

    /// How much may be taken away of what lies anywhere: the more of what rules say.
    pub fn limits(&self) -> Limits {
        let giving = self.rules.iter().filter(|rule| rule.effect == Effect::Allow);
        giving.fold(None, place::widest).unwrap_or_default()
    }

    /// The rules that hold.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

#[cfg(test)]
mod tests;
