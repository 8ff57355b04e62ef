//! The report of a restore: what was planned for every entry, and what went wrong. Who may put files back need not be allowed
//! to see them: names are told to whoever may see them, and the others are counted.

use bygone_common::SnapshotPath;
use bygone_common::access::{Sight, View};
use bygone_common::job::{PlannedEntry, RestoreProblem, Restored};
use bygone_store::Actor;
use bygone_store::restores::{Followed, Restore};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::told::restored;
use crate::app::App;
use crate::csv;
use crate::problem::{Problem, ProblemCode, Result};

/// The action of what is put beside something, under another name than its own.
const BESIDE: &str = "create-beside";
/// Names of a report's columns.
const COLUMNS: [&str; 6] = ["path", "item", "kind", "action", "bytes", "why"];

/// Of what a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportOf {
    /// The thinking through.
    Check,
    /// What was done.
    Result,
}

/// What was planned for one entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportEntryBody {
    /// Its path below the target.
    path: String,
    /// Its path in the snapshot. Of what is put beside something: as it is called there.
    item: String,
    /// `file`, `dir`, `symlink` and so on.
    kind: String,
    /// `create`, `replace`, `create-beside`, `renew`, `skip` or `conflict`.
    action: String,
    bytes: u64,
}

/// What could not be restored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportProblemBody {
    /// Its path below the target.
    path: String,
    why: String,
}

/// The report of a restore.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportBody {
    of: ReportOf,
    /// The folder that everything is in, or would be.
    target: String,
    /// The folder of the snapshot whose entries go there.
    folder: String,
    /// What was not there already, conflicts first.
    entries: Vec<ReportEntryBody>,
    /// How many more there are.
    entries_untold: u64,
    /// How many are not told as the asker may not see them.
    entries_hidden: u64,
    problems: Vec<ReportProblemBody>,
    /// How many are not told as the asker may not see where they are.
    problems_hidden: u64,
}

/// The report of a restore, as far as somebody may see it.
///
/// # Errors
/// `Conflict`: there is nothing to report yet.
pub(crate) async fn report(app: &App, actor: &Actor, followed: &Followed, of: Option<ReportOf>) -> Result<ReportBody> {
    let check = followed.check.as_ref().and_then(restored).map(|restored| (ReportOf::Check, restored));
    let result = followed.job.as_ref().and_then(restored).map(|restored| (ReportOf::Result, restored));
    let found = match of {
        Some(ReportOf::Check) => check,
        Some(ReportOf::Result) => result,
        None => result.or(check),
    };
    let (of, restored) =
        found.ok_or_else(|| Problem::new(ProblemCode::Conflict, "there is nothing to report of this restore yet"))?;
    let view = view(app, actor, &followed.restore).await?;
    Ok(seen(of, restored, view.as_ref()))
}

/// What somebody may see of the snapshot that is restored; none: nothing.
async fn view(app: &App, actor: &Actor, restore: &Restore) -> Result<Option<View>> {
    match app.portal.source(actor, restore.source).await {
        Ok(source) => Ok(Some(source.access().view(app.clock.now().duration_since(restore.taken_at)))),
        Err(problem) if problem.code() == ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn seen(of: ReportOf, restored: &Restored, view: Option<&View>) -> ReportBody {
    let is_told = |path: &str, action: &str| {
        view.is_some_and(|view| item(&restored.folder, path).is_some_and(|item| is_seen(view, &item, action)))
    };
    let entries = restored.plan.entries.iter().filter(|entry| is_told(&entry.path, &entry.action));
    let entries: Vec<_> = entries.map(|entry| entry_body(&restored.folder, entry)).collect();
    let problems = restored.problems.iter().filter(|problem| is_told(&problem.path, ""));
    let problems: Vec<_> = problems.map(problem_body).collect();
    ReportBody {
        of,
        target: restored.target.clone(),
        folder: restored.folder.clone(),
        entries_untold: restored.plan.entries_untold,
        entries_hidden: (restored.plan.entries.len() - entries.len()) as u64,
        problems_hidden: (restored.problems.len() - problems.len()) as u64,
        entries,
        problems,
    }
}

/// A path below the target, as it is in the snapshot.
fn item(folder: &str, path: &str) -> Option<SnapshotPath> {
    SnapshotPath::parse(format!("{folder}/{path}").as_bytes()).ok()
}

/// Whose an entry is, the machine did not say: where that matters, it is not told.
fn is_seen(view: &View, item: &SnapshotPath, action: &str) -> bool {
    if action != BESIDE {
        return view.at(item, []).sight(view) == Sight::Seen;
    }
    // Its own name is not known: it has to be seen whatever that is.
    let mut folder = item.clone();
    folder.pop();
    let place = view.at(&folder, []);
    place.sight(view) == Sight::Seen && place.is_uniform()
}

fn entry_body(folder: &str, entry: &PlannedEntry) -> ReportEntryBody {
    ReportEntryBody {
        path: entry.path.clone(),
        item: item(folder, &entry.path).map(|item| item.to_string()).unwrap_or_default(),
        kind: entry.kind.clone(),
        action: entry.action.clone(),
        bytes: entry.bytes,
    }
}

fn problem_body(problem: &RestoreProblem) -> ReportProblemBody {
    ReportProblemBody { path: problem.path.clone(), why: problem.why.clone() }
}

impl ReportBody {
    /// The same as a table: a line an entry, and one a problem.
    pub(crate) fn csv(&self) -> String {
        let mut text = String::new();
        csv::push_line(&mut text, COLUMNS);
        for ReportEntryBody { path, item, kind, action, bytes } in &self.entries {
            csv::push_line(&mut text, [path, item, kind, action, bytes.to_string().as_str(), ""]);
        }
        for ReportProblemBody { path, why } in &self.problems {
            csv::push_line(&mut text, [path, "", "", "problem", "", why]);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bygone_common::access::{Access, Effect, Rule, Use, Uses};
    use bygone_common::job::RestorePlan;

    use super::*;

    fn rule(path: &str, effect: Effect, one: Use) -> Rule {
        Rule::new(SnapshotPath::parse(path.as_bytes()).unwrap(), effect, Uses::of([one]))
    }

    fn told(rules: &[Rule], entries: &[(&str, &str)]) -> (Vec<String>, u64) {
        let entry = |(path, action): &(&str, &str)| PlannedEntry {
            path: (*path).to_owned(),
            kind: "file".to_owned(),
            action: (*action).to_owned(),
            bytes: 1,
        };
        let plan = RestorePlan { entries: entries.iter().map(entry).collect(), ..RestorePlan::default() };
        let problems = vec![RestoreProblem { path: "/secret/x".to_owned(), why: "damaged".to_owned() }];
        let restored = Restored { folder: "/home".to_owned(), plan, problems, ..Restored::default() };
        let view = Access::new(Uses::ALL, rules.to_vec()).widest_view();
        let report = seen(ReportOf::Check, &restored, Some(&view));
        assert!(report.problems.is_empty() && report.problems_hidden == 1);
        (report.entries.into_iter().map(|entry| entry.item).collect(), report.entries_hidden)
    }

    #[test]
    fn names_are_told_to_whoever_may_see_them_and_to_nobody_else() {
        let all = [("/anna/a", "create"), ("/secret/x", "conflict"), ("/anna/a (restored T)", "create-beside")];
        let restores = rule("/", Effect::Allow, Use::Restore);
        let sees = rule("/home/anna", Effect::Allow, Use::See);
        let seen = vec!["/home/anna/a".to_owned(), "/home/anna/a (restored T)".to_owned()];
        assert_eq!(told(std::slice::from_ref(&restores), &all), (vec![], 3));
        assert_eq!(told(&[restores.clone(), sees.clone()], &all), (seen, 1));
        let but_one = rule("/home/anna/a", Effect::Deny, Use::See);
        let expected = (vec![], 3);
        assert_eq!(told(&[restores, sees, but_one], &all), expected, "the other name tells the hidden one");
    }
}
