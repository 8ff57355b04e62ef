//! `bygone forget`: snapshots that no rule keeps go.

mod rules;
mod shown;

use std::sync::Arc;

use bygone_common::retention::GroupBy;
use bygone_vault::backend::CancelToken;
use bygone_vault::forget::{LastOfSource, Plan, remove};
use bygone_vault::lock::LockKind;
use bygone_vault::{Error, ErrorKind, Repository, Result, Snapshot, SnapshotFilter};
use clap::Args;
use jiff::Timestamp;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::open::open;
use crate::progress::Progress;
use crate::prune::PruneArgs;
use crate::selection::{Selection, parse_specs};
use crate::writing::{LockArgs, Writing};
use rules::RuleArgs;

/// Forget snapshots: those that no rule keeps, or those that are named
///
/// The rules are restic's, and apply to each group of snapshots by itself; a snapshot stays when any of them keeps it.
/// What is under hold stays, and so do what somebody reads just now and the newest snapshot of each host and paths. What
/// only forgotten snapshots needed stays in the repository until it is pruned.
#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// These, whatever the rules say
    #[arg(value_name = "SNAPSHOT")]
    named: Vec<String>,
    #[command(flatten)]
    rules: RuleArgs,
    /// Rules apply to snapshots together that have these in common: host, paths, tags
    #[arg(short, long, value_name = "GROUPS", default_value = "host,paths")]
    group_by: GroupBy,
    /// Forget nothing; say what would be forgotten, why the rest stays, and with --prune what that would do
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Prune afterwards, if anything was forgotten
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    pruning: PruneArgs,
    /// Also named snapshots that are the last of their host and paths
    #[arg(long, requires = "named")]
    allow_last: bool,
    /// Also the last snapshot of a host and paths; without rules, all that --host, --tag and --path let through
    #[arg(long, conflicts_with = "named")]
    unsafe_allow_remove_all: bool,
    /// Only snapshots of this host (may be repeated)
    #[arg(long = "host", value_name = "HOST", help_heading = "Snapshots")]
    hosts: Vec<String>,
    /// Only snapshots with all of these tags (may be repeated; an empty one means untagged)
    #[arg(long = "tag", value_name = "TAG[,TAG…]", help_heading = "Snapshots")]
    tags: Vec<String>,
    /// Only snapshots that saved this path (may be repeated: all of them)
    #[arg(long = "path", value_name = "PATH", help_heading = "Snapshots")]
    paths: Vec<String>,
    #[command(flatten)]
    lock: LockArgs,
}

impl Forget {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        self.check()?;
        let mut problems = Problems::default();
        // What a prune would do is only to be known while nobody writes: that takes the lock of a prune.
        if self.dry_run && !self.prune {
            let repository = open(global)?;
            let plan = self.plan(&repository, &mut problems)?;
            self.tell(global, &plan)?;
            return Ok(Outcome::after(problems.count()));
        }
        let writing = Writing::open(global, LockKind::Exclusive, &self.lock)?;
        let outcome = self.forget(global, &writing, &mut problems);
        writing.finish(outcome)?;
        Ok(Outcome::after(problems.count()))
    }

    /// # Errors
    /// Options that make no sense together.
    fn check(&self) -> Result<()> {
        let refused = |why: &str| Err(Error::new(ErrorKind::InvalidInput, why));
        let has_filter = !(self.hosts.is_empty() && self.tags.is_empty() && self.paths.is_empty());
        let rules = self.rules.retention();
        if !self.named.is_empty() && !rules.is_empty() {
            return refused("snapshots are named, and rules are given: say one of both");
        }
        if self.unsafe_allow_remove_all && rules.is_empty() && !has_filter {
            return refused("to forget all snapshots, say of which --host, --tag or --path");
        }
        Ok(())
    }

    fn forget(&self, global: &Global, writing: &Writing, problems: &mut Problems) -> Result<()> {
        let plan = self.plan(&writing.repository, problems)?;
        self.tell(global, &plan)?;
        let going = plan.going();
        if self.dry_run {
            return if going.is_empty() { Ok(()) } else { self.pruning.foresee(global, writing, &going) };
        }
        execute(global, writing, &going, &writing.token)?;
        if going.is_empty() || !self.prune {
            return Ok(());
        }
        writing.repository.refresh()?;
        self.pruning.prune(global, writing)
    }

    fn plan(&self, repository: &Repository, problems: &mut Problems) -> Result<Plan> {
        let selection = Selection::of(self.hosts.clone(), self.tags.clone(), self.paths.clone());
        let leases = match repository.leases() {
            Some(leases) => leases.live()?,
            None => Vec::new(),
        };
        let now = Timestamp::now();
        if self.named.is_empty() {
            // Told of here: what cannot be read is never forgotten.
            selection.all(repository, problems);
            let last = if self.unsafe_allow_remove_all { LastOfSource::MayGo } else { LastOfSource::Keep };
            let (rules, filter): (_, SnapshotFilter) = (self.rules.retention(), selection.filter());
            return Ok(Plan::by_rules(repository, &rules, self.group_by, &filter, last, &leases, now));
        }
        let named = selection.some(repository, &parse_specs(&self.named)?, problems)?;
        let last = if self.allow_last { LastOfSource::MayGo } else { LastOfSource::Keep };
        Plan::of_named(repository, &named, last, &leases, now)
    }

    fn tell(&self, global: &Global, plan: &Plan) -> Result<()> {
        let by_rules = self.named.is_empty();
        if by_rules && self.rules.retention().is_empty() && !self.unsafe_allow_remove_all && !global.quiet {
            console::line("no rule is given, so every snapshot stays");
        }
        shown::show_plan(global, plan, self.dry_run)?;
        if !global.quiet {
            for (snapshot, by) in plan.only_leased() {
                console::line(&format!("snapshot {} stays for now: it is being read by {by}", snapshot.id.short()));
            }
        }
        Ok(())
    }
}

fn execute(global: &Global, writing: &Writing, going: &[Arc<Snapshot>], token: &CancelToken) -> Result<()> {
    if going.is_empty() {
        return Ok(());
    }
    let progress = Progress::items_of(global, "forgetting", going.len() as u64);
    remove(writing.storage.as_ref(), going, token, |_| progress.advance(1))
}
