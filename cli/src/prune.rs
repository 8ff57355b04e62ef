//! `bygone prune`: reclaim the space of what no snapshot uses.

use std::sync::Arc;
use std::time::Duration;

use bygone_vault::lock::LockKind;
use bygone_vault::prune::{Amount, GRACE_DEFAULT, MaxUnused, PruneOptions, PrunePlan, PruneStats, Pruned, Repack};
use bygone_vault::write::options::{PACK_BYTES_MAX, PACK_BYTES_MIN};
use bygone_vault::{Result, Snapshot};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::exit::Outcome;
use crate::global::Global;
use crate::output::{Output, show};
use crate::progress::Stages;
use crate::units::{parse_size, show_size};
use crate::when::{Clock, parse_duration};
use crate::writing::{LockArgs, Writing};

/// Reclaim the space of what no snapshot uses
///
/// Packs that nobody needs are marked first, and deleted by a prune after --grace, so that mounts and downloads that began
/// before go on. With --grace 0 they are deleted at once, unless something on this machine is reading the repository.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Only say what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    how: PruneArgs,
    #[command(flatten)]
    lock: LockArgs,
}

/// How to prune: also what `forget --prune` takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pruning")]
pub(crate) struct PruneArgs {
    /// Unused data that may stay in packs that are partly used: 5%, 10G, or unlimited
    #[arg(long, value_name = "LIMIT", default_value = "5%", value_parser = parse_max_unused)]
    max_unused: MaxUnused,
    /// Move at most so much data to new packs
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_repack_size: Option<u64>,
    /// Also repack packs that are much smaller than they should be
    #[arg(long, group = "what")]
    repack_small: bool,
    /// Also repack what is not compressed
    #[arg(long, group = "what")]
    repack_uncompressed: bool,
    /// Repack nothing but packs of trees
    #[arg(long, group = "what")]
    repack_cacheable_only: bool,
    /// Bytes at which a pack is full, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(4..=128))]
    pack_size: u32,
    /// Delete packs so long after they were marked
    #[arg(long, value_name = "DURATION", default_value = "23h", value_parser = parse_grace)]
    grace: Duration,
}

const _: () = assert!(4 << 20 == PACK_BYTES_MIN && 128 << 20 == PACK_BYTES_MAX && GRACE_DEFAULT.as_secs() == 23 * 3600);

/// A duration, or a bare 0.
fn parse_grace(text: &str) -> Result<Duration, String> {
    if text == "0" { Ok(Duration::ZERO) } else { parse_duration(text) }
}

/// `5%`, a size, or `unlimited`.
fn parse_max_unused(text: &str) -> Result<MaxUnused, String> {
    if text == "unlimited" {
        return Ok(MaxUnused::Unlimited);
    }
    let Some(number) = text.strip_suffix('%') else { return parse_size(text).map(MaxUnused::Bytes) };
    match number.parse::<f64>() {
        Ok(percent) if (0.0..100.0).contains(&percent) => Ok(MaxUnused::Share(percent / 100.0)),
        Ok(_) | Err(_) => Err(format!("{text:?} is not a share from 0% up to, but without, 100%")),
    }
}

impl PruneArgs {
    /// The options, for a repository with what is being read there, and what its storage locks.
    ///
    /// # Errors
    /// Leases that cannot be read.
    fn options(&self, writing: &Writing) -> Result<PruneOptions> {
        let leases = match writing.repository.leases() {
            Some(leases) => leases.live()?,
            None => Vec::new(),
        };
        let repack = match (self.repack_small, self.repack_uncompressed, self.repack_cacheable_only) {
            (true, _, _) => Repack::Small,
            (_, true, _) => Repack::Uncompressed,
            (_, _, true) => Repack::TreesOnly,
            (false, false, false) => Repack::Unused,
        };
        Ok(PruneOptions {
            max_unused: self.max_unused,
            max_repack_bytes: self.max_repack_size.unwrap_or(u64::MAX),
            repack,
            pack_bytes: self.pack_size << 20,
            grace: self.grace,
            leased_since: leases.iter().map(|lease| lease.since).min(),
            leased_trees: leases.iter().flat_map(|lease| &lease.snapshots).map(|(_, tree)| *tree).collect(),
            // Only where we lock: elsewhere it would be a request for each pack in vain.
            object_lock: writing.object_lock.clone().filter(|lock| lock.policy().is_some()),
            ..PruneOptions::new(Timestamp::now())
        })
    }

    /// Prunes a repository that is locked exclusively, and shows what was done.
    ///
    /// # Errors
    /// What keeps it from being pruned.
    pub(crate) fn prune(&self, global: &Global, writing: &Writing) -> Result<()> {
        let stages = Stages::new(global);
        let options = self.options(writing)?;
        let object_lock = options.object_lock.clone();
        let plan = PrunePlan::make(&writing.repository, options, &writing.token, &stages)?;
        let stats = *plan.stats();
        let pruned = if plan.is_empty() {
            Pruned::default()
        } else {
            plan.execute(&writing.repository, &writing.storage, &writing.token, &stages)?
        };
        if let Some(object_lock) = object_lock {
            let swept = object_lock.sweep_index()?;
            tracing::debug!(?swept, "hidden index files");
        }
        drop(stages);
        tell(global, false, &stats, &pruned)
    }

    /// Shows what a prune would do once the snapshots `gone` are forgotten.
    ///
    /// # Errors
    /// What would keep the repository from being pruned.
    pub(crate) fn foresee(&self, global: &Global, writing: &Writing, gone: &[Arc<Snapshot>]) -> Result<()> {
        let stages = Stages::new(global);
        let options = self.options(writing)?;
        let stats = PrunePlan::foresee(&writing.repository, gone, options, &writing.token, &stages)?;
        drop(stages);
        tell(global, true, &stats, &Pruned::default())
    }
}

impl Prune {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let writing = Writing::open(global, LockKind::Exclusive, &self.lock)?;
        let outcome =
            if self.dry_run { self.how.foresee(global, &writing, &[]) } else { self.how.prune(global, &writing) };
        writing.finish(outcome).map(|()| Outcome::Done)
    }
}

#[derive(Serialize)]
struct PruneFields {
    message_type: &'static str,
    dry_run: bool,
    used: AmountFields,
    unused: AmountFields,
    kept: AmountFields,
    repacked: AmountFields,
    marked: AmountFields,
    waiting: AmountFields,
    next_deletion: Option<Timestamp>,
    recovered: AmountFields,
    deleted: AmountFields,
    locked: AmountFields,
    locked_until: Option<Timestamp>,
    unindexed: AmountFields,
    unused_bytes_after: u64,
    packs_written: u64,
    index_files_written: u64,
    index_files_removed: u64,
    packs_deleted: u64,
    bytes_deleted: u64,
}

#[derive(Serialize)]
struct AmountFields {
    packs: u64,
    blobs: u64,
    bytes: u64,
}

impl From<Amount> for AmountFields {
    fn from(amount: Amount) -> Self {
        let Amount { packs, blobs, bytes } = amount;
        Self { packs, blobs, bytes }
    }
}

impl PruneFields {
    fn new(dry_run: bool, stats: &PruneStats, pruned: &Pruned) -> Self {
        Self {
            message_type: "summary",
            dry_run,
            used: stats.used.into(),
            unused: stats.unused.into(),
            kept: stats.kept.into(),
            repacked: stats.repacked.into(),
            marked: stats.marked.into(),
            waiting: stats.waiting.into(),
            next_deletion: stats.next_deletion,
            recovered: stats.recovered.into(),
            deleted: stats.deleted.into(),
            locked: stats.locked.into(),
            locked_until: stats.locked_until,
            unindexed: stats.unindexed.into(),
            unused_bytes_after: stats.unused_bytes_after,
            packs_written: pruned.packs_written,
            index_files_written: pruned.index_files_written,
            index_files_removed: pruned.index_files_removed,
            packs_deleted: pruned.packs_deleted,
            bytes_deleted: pruned.bytes_deleted,
        }
    }
}

fn tell(global: &Global, dry_run: bool, stats: &PruneStats, pruned: &Pruned) -> Result<()> {
    let fields = PruneFields::new(dry_run, stats, pruned);
    show(global, || &fields, |output| table(stats, dry_run, output))
}

fn table(stats: &PruneStats, dry_run: bool, output: &mut Output) -> Result<()> {
    let would = if dry_run { "would be " } else { "" };
    let lines = [
        ("used".to_owned(), stats.used, "blobs"),
        ("unused".to_owned(), stats.unused, "blobs"),
        (format!("{would}moved to new packs"), stats.repacked, "blobs"),
        (format!("{would}recovered: marked before, and needed again"), stats.recovered, "packs"),
        (format!("{would}marked"), stats.marked, "packs"),
        ("marked before, and not due yet".to_owned(), stats.waiting, "packs"),
        (format!("{would}deleted"), stats.deleted, "packs"),
    ];
    for (what, amount, unit) in lines {
        if amount == Amount::default() {
            continue;
        }
        let count = if unit == "packs" { amount.packs } else { amount.blobs };
        output.line(&format!("{what}: {count} {unit}, {}", show_size(amount.bytes)))?;
    }
    output.line(&format!("unused data that stays: {}", show_size(stats.unused_bytes_after)))?;
    if let Some(until) = stats.locked_until {
        let (packs, bytes) = (stats.locked.packs, show_size(stats.locked.bytes));
        let until =
            if until == Timestamp::MAX { "their legal hold is lifted".to_owned() } else { Clock::local().show(until) };
        output.line(&format!("locked in the storage: {packs} packs, {bytes}, the first until {until}"))?;
    }
    match stats.next_deletion.filter(|time| *time != Timestamp::MAX) {
        None => Ok(()),
        Some(time) => output.line(&format!("marked packs are deleted by a prune after {}", Clock::local().show(time))),
    }
}
