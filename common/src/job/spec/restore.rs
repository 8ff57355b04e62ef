//! What a restore is to do.

use serde::{Deserialize, Serialize};

use crate::access::{Access, Effect, Owner, Rule, Use, Uses, View};
use crate::id::SnapshotId;
use crate::plan::Limits;
use crate::snapshot_path::SnapshotPath;
use crate::uid::RepositoryUid;

/// What a restore does where something is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConflictRule {
    /// Begins nothing.
    #[default]
    Fail,
    /// Leaves it.
    Skip,
    /// Replaces it.
    Overwrite,
    /// Replaces it when the snapshot's is newer.
    Newer,
    /// Puts the snapshot's beside it, under a name that says when.
    KeepBoth,
    /// Moves it to a safety folder in the target, and puts the snapshot's in its place.
    SetAside,
}

/// Where a restore goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum RestoreTarget {
    /// A new folder that the agent makes and names, in the home of the account that it runs as.
    #[default]
    NewFolder,
    /// A folder of the machine, made if it is not there.
    Folder {
        /// Its absolute path.
        path: String,
    },
    /// Where everything was when it was saved.
    Original,
}

/// A restore to a machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreSpec {
    /// From where.
    pub repository: RepositoryUid,
    /// The snapshot.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub snapshot: SnapshotId,
    /// Paths in the snapshot, such as `/home/alice/report.pdf`, or `hex:` and its bytes for one that is not UTF-8; none means
    /// all of it. In a folder they stand as they do below the deepest folder of the snapshot that holds them all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Where it goes on the machine.
    #[serde(default)]
    pub target: RestoreTarget,
    /// What happens where something is already.
    #[serde(default)]
    pub on_conflict: ConflictRule,
    /// Reads what was written, and compares.
    #[serde(default)]
    pub verify: bool,
    /// Says what would be done, and does nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// Rules for single paths of the snapshot, in the place of `on_conflict`.
    #[serde(default)]
    pub choices: Vec<RestoreChoice>,
    /// What whoever asked may put back, at most; none: all of it.
    #[serde(default)]
    pub within: Option<Vec<RestoreRule>>,
    /// Whoever asked may not write everywhere on the machine: links on the way to the target are followed only if none but
    /// the machine's administrator can have made them.
    #[serde(default)]
    pub confined: bool,
    /// How much of the machine it may use.
    #[serde(default)]
    pub limits: Limits,
    /// Instead of restoring anything: puts back what an earlier restore replaced and kept. An agent that does not know how
    /// must not get it: it would restore once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Box<RestoreUndo>>,
}

/// What an earlier restore replaced and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreUndo {
    /// The folder that it restored to.
    pub target: String,
    /// The name of the safety folder in it.
    pub safety_folder: String,
}

/// What a restore does about one thing that is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreChoice {
    /// Its path in the snapshot, written as those of the restore are.
    pub path: String,
    /// What is done.
    pub rule: ConflictRule,
}

/// What may be put back, or may not, at and below a path of the snapshot: a rule of [`access`](crate::access).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreRule {
    /// Its path in the snapshot.
    pub path: String,
    /// Whether it gives; else it takes.
    pub gives: bool,
    /// Only what is this owner's: `uid:1000` or `name:anna`.
    #[serde(default)]
    pub owner: Option<String>,
}

impl RestoreRule {
    /// What rules come to in one snapshot.
    ///
    /// # Errors
    /// A path or an owner that is none, named.
    pub fn view(rules: &[Self]) -> Result<View, String> {
        let rules = rules.iter().map(Self::rule).collect::<Result<Vec<_>, _>>()?;
        Ok(Access::new(Uses::ALL, rules).widest_view())
    }

    /// The rules of a view that are about putting back; none if they let everything be put back.
    pub fn of(view: &View) -> Option<Vec<Self>> {
        let root = view.root();
        if root.uses(view).has(Use::Restore) && root.is_uniform() {
            return None;
        }
        let about = view.rules().iter().filter(|rule| rule.uses.has(Use::Restore));
        let rule = |rule: &Rule| Self {
            // Grants name paths as text.
            path: rule.path.to_string(),
            gives: rule.effect == Effect::Allow,
            owner: rule.owner.as_ref().map(Owner::to_string),
        };
        Some(about.map(rule).collect())
    }

    fn rule(&self) -> Result<Rule, String> {
        let path = SnapshotPath::parse(self.path.as_bytes()).map_err(|error| error.to_string())?;
        let effect = if self.gives { Effect::Allow } else { Effect::Deny };
        let owner = self.owner.as_deref().map(str::parse).transpose()?;
        Ok(Rule { owner, ..Rule::new(path, effect, Uses::of([Use::Restore])) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::OwnedBy;

    fn path(text: &str) -> SnapshotPath {
        SnapshotPath::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn rules_say_on_the_machine_what_they_say_on_the_server() {
        let owner = Some("uid:1000".parse().unwrap());
        let all = [
            Rule::new(path("/a"), Effect::Allow, Uses::ALL),
            Rule::new(path("/a/b"), Effect::Deny, Uses::of([Use::Restore])),
            Rule::new(path("/c"), Effect::Allow, Uses::of([Use::See])),
            Rule { owner, ..Rule::new(path("/d"), Effect::Allow, Uses::ALL) },
        ];
        let view = Access::new(Uses::ALL, all).widest_view();
        let rules = RestoreRule::of(&view).unwrap();
        assert_eq!(rules.len(), 3, "seeing is no matter of a restore");
        let there = RestoreRule::view(&rules).unwrap();
        for (at, may) in [("/", false), ("/a/x", true), ("/a/b", false), ("/a/b/c", false), ("/c", false)] {
            assert_eq!(view.at(&path(at), []).uses(&view).has(Use::Restore), may, "{at}");
            assert_eq!(there.at(&path(at), []).uses(&there).has(Use::Restore), may, "{at}");
        }
        let whose = [0, 1000].map(|uid| OwnedBy { uid, name: "", sid: None });
        assert!(there.at(&path("/d/mine"), whose).uses(&there).has(Use::Restore));
    }

    #[test]
    fn whoever_may_put_everything_back_is_told_no_rules() {
        let whole = Access::new(Uses::ALL, [Rule::new(path("/"), Effect::Allow, Uses::ALL)]).widest_view();
        assert_eq!(RestoreRule::of(&whole), None);
    }

    #[test]
    fn a_rule_that_cannot_be_is_named() {
        let rule = RestoreRule { path: "/a/../b".to_owned(), gives: true, owner: None };
        assert!(RestoreRule::view(std::slice::from_ref(&rule)).unwrap_err().contains("/a/../b"));
        let rule = RestoreRule { path: "/a".to_owned(), owner: Some("anna".to_owned()), ..rule };
        assert!(RestoreRule::view(&[rule]).unwrap_err().contains("anna"));
    }
}
