//! `bygone restore`: files back onto a disk.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bygone_vault::find::Pattern;
use bygone_vault::restore::{
    Filter, OnConflict, Options, Ownership, Plan, Progress as Watcher, Report, Source, Summary, plan,
};
use bygone_vault::{Error, ErrorKind, Result};
use clap::Args;
use serde::Serialize;

use crate::console::{self, Problems};
use crate::exit::Outcome;
use crate::global::Global;
use crate::json::Path;
use crate::leased::lease;
use crate::open::open;
use crate::output::Output;
use crate::progress::Progress;
use crate::selection::{Selection, parse_snapshot_and_path};
use crate::units::show_size;

/// Conflicts named when a restore is refused.
const CONFLICTS_SHOWN_MAX: usize = 10;

/// Restore a folder or file
///
/// The entries of a folder go directly into the target; a single file goes there by its name. Nothing that is there is
/// overwritten unless --on-conflict says so. Run it again to go on after it was interrupted.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What to restore
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    what: OsString,
    /// The folder that receives it; made if it is missing
    #[arg(short, long, value_name = "DIR")]
    target: PathBuf,
    /// Show what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// What to do about files that are there already and differ: fail before anything is written, skip, overwrite, newer
    /// (overwrite what is older than the snapshot's), keep-both, set-aside (move it to a folder in the target)
    #[arg(long, value_name = "RULE", default_value = "fail")]
    on_conflict: String,
    /// Only what fits this glob, with everything below it; paths begin at the restored folder (may be repeated)
    #[arg(short, long, value_name = "GLOB")]
    include: Vec<String>,
    /// Not what fits this glob, nor anything below it (may be repeated)
    #[arg(short, long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Read every file back and compare it with the snapshot
    #[arg(long)]
    verify: bool,
    /// Leave holes where files hold zeros only
    #[arg(long)]
    sparse: bool,
    /// Leave everything to whoever restores it, also when that is root; set-uid bits are kept for the saved owner only
    #[arg(long, visible_alias = "no-ownership")]
    no_owner: bool,
    #[command(flatten)]
    selection: Selection,
}

#[derive(Serialize)]
struct ActionLine {
    message_type: &'static str,
    #[serde(flatten)]
    path: Path,
    #[serde(rename = "type")]
    kind: &'static str,
    action: &'static str,
    size: u64,
}

#[derive(Serialize)]
struct PlanLine {
    message_type: &'static str,
    directories_new: u64,
    directories_merged: u64,
    files_new: u64,
    files_replaced: u64,
    files_beside: u64,
    files_unchanged: u64,
    files_skipped: u64,
    conflicts: u64,
    bytes: u64,
    bytes_fetched: u64,
    errors: u64,
}

impl From<Summary> for PlanLine {
    fn from(summary: Summary) -> Self {
        Self {
            message_type: "plan",
            directories_new: summary.directories_new,
            directories_merged: summary.directories_merged,
            files_new: summary.files_new,
            files_replaced: summary.files_replaced,
            files_beside: summary.files_beside,
            files_unchanged: summary.files_unchanged,
            files_skipped: summary.files_skipped,
            conflicts: summary.conflicts,
            bytes: summary.bytes,
            bytes_fetched: summary.bytes_fetched,
            errors: summary.errors,
        }
    }
}

#[derive(Serialize)]
struct ReportLine {
    message_type: &'static str,
    files: u64,
    directories: u64,
    bytes: u64,
    unchanged: u64,
    skipped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<u64>,
    errors: u64,
}

impl Restore {
    pub(crate) fn run(self, global: &Global) -> Result<Outcome> {
        let what = parse_snapshot_and_path(&self.what)?;
        let options = self.options()?;
        let repository = open(global)?;
        let mut problems = Problems::default();
        let snapshot = self.selection.one(&repository, &what.snapshot, &mut problems)?;
        let _lease = lease(&repository, "restore", [&*snapshot]);
        let cancel = cancelled_by_interrupt();
        let source = Source { tree: snapshot.tree, path: what.path };
        let planned = {
            let _progress = Progress::waiting(global, "planning");
            plan(&repository, &source, options, cancel)
                .map_err(|error| error.context(format!("restore snapshot {}", snapshot.id.short())))?
        };
        if self.dry_run {
            return show_plan(&planned, global, problems);
        }
        if planned.summary().conflicts > 0 && self.on_conflict == "fail" {
            for conflict in planned.conflicts().take(CONFLICTS_SHOWN_MAX) {
                console::line(&format!("in the way: {}", String::from_utf8_lossy(&conflict.path)));
            }
        }
        let watcher = Bars { global, current: Mutex::new(None) };
        let report = planned.execute(&watcher, cancel);
        drop(watcher);
        finish(&report?, global, problems)
    }

    fn options(&self) -> Result<Options> {
        let globs = |texts: &[String]| texts.iter().map(|text| Pattern::glob(text, false)).collect::<Result<Vec<_>>>();
        let mut options = Options::new(&self.target, jiff::Zoned::now().datetime());
        options.on_conflict = self.on_conflict.parse::<OnConflict>()?;
        options.filter = Filter { include: globs(&self.include)?, exclude: globs(&self.exclude)? };
        options.sparse = self.sparse;
        options.verify = self.verify;
        if self.no_owner {
            options.ownership = Ownership::AsMade;
        }
        Ok(options)
    }
}

/// Set by the first interrupt, so that what is being written is finished; the second one ends the process.
fn cancelled_by_interrupt() -> &'static AtomicBool {
    static CANCELLED: AtomicBool = AtomicBool::new(false);
    let set = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = set {
        tracing::debug!(%error, "an interrupt will end the process at once");
    }
    &CANCELLED
}

fn show_plan(plan: &Plan, global: &Global, mut problems: Problems) -> Result<Outcome> {
    let mut output = Output::new()?;
    for planned in plan.actions() {
        let action = planned.action.name();
        if global.json {
            let (path, kind) = (Path::new(&planned.path), planned.kind.name());
            output.json(&ActionLine { message_type: "action", path, kind, action, size: planned.size })?;
        } else {
            output.text(&format!("{action:13} "))?;
            output.name(&planned.path)?;
            output.end_line()?;
        }
    }
    for error in plan.errors() {
        problems.tell(&error.error.context(error.path).chain());
    }
    let summary = plan.summary();
    if global.json {
        output.json(&PlanLine::from(summary))?;
    } else {
        output.line(&format!(
            "would make {} files and {} folders, replace {}, add {} beside others, leave {} as they are, skip {}; {} to \
             write; {} in the way",
            summary.files_new,
            summary.directories_new,
            summary.files_replaced,
            summary.files_beside,
            summary.files_unchanged,
            summary.files_skipped,
            show_size(summary.bytes),
            summary.conflicts,
        ))?;
    }
    output.finish()?;
    Ok(Outcome::after(problems.count()))
}

fn finish(report: &Report, global: &Global, mut problems: Problems) -> Result<Outcome> {
    for error in &report.errors {
        problems.tell(&error.error.clone().context(error.path.clone()).chain());
    }
    let untold = report.error_count.saturating_sub(report.errors.len() as u64);
    if untold > 0 {
        problems.tell(&format!("{untold} more errors"));
    }
    if global.json {
        let mut output = Output::new()?;
        output.json(&ReportLine {
            message_type: "summary",
            files: report.files,
            directories: report.directories,
            bytes: report.bytes,
            unchanged: report.unchanged,
            skipped: report.skipped,
            verified: report.verified,
            errors: report.error_count,
        })?;
        output.finish()?;
    } else if !global.quiet {
        let verified = report.verified.map_or(String::new(), |files| format!(", {files} read back and equal"));
        console::line(&format!(
            "restored {} files and {} folders, {}; {} were there already, {} skipped{verified}",
            report.files,
            report.directories,
            show_size(report.bytes),
            report.unchanged,
            report.skipped,
        ));
    }
    match &report.stopped {
        Some(error) if error.kind() == ErrorKind::Cancelled => {
            Err(Error::new(ErrorKind::Cancelled, "interrupted; run it again to go on"))
        }
        Some(error) => Err(error.clone().context("the restore ended early; run it again to go on")),
        None => Ok(Outcome::after(problems.count())),
    }
}

/// Draws what a restore reports from its threads.
struct Bars<'a> {
    global: &'a Global,
    current: Mutex<Option<Arc<Progress>>>,
}

impl Bars<'_> {
    fn begin(&self, what: &'static str, bytes: u64) {
        let bar = Arc::new(Progress::bytes_of(self.global, what, bytes));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }
}

impl Watcher for Bars<'_> {
    fn planned(&self, _files: u64, bytes: u64) {
        self.begin("restoring", bytes);
    }

    fn bytes(&self, count: u64) {
        let bar = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(bar) = bar {
            bar.advance(count);
        }
    }

    fn verifying(&self, bytes: u64) {
        self.begin("verifying", bytes);
    }
}
