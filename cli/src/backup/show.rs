//! What people and programs are told of a backup. JSON lines have restic's fields.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use bygone_common::SnapshotId;
use bygone_vault::capture::{Change, Item, Problem, Watcher};
use bygone_vault::{NodeKind, Result, Summary};
use parking_lot::Mutex;
use serde::Serialize;

use crate::console;
use crate::global::Global;
use crate::output::Output;
use crate::progress::Progress;
use crate::units::show_size;

/// How often a program is told how far it is.
const STATUS_INTERVAL: Duration = Duration::from_millis(500);
/// `-v` so often tells people of every file.
const ITEMS_VERBOSITY: u8 = 2;
/// The same for programs.
const ITEMS_VERBOSITY_JSON: u8 = 1;
/// Files named in a status line.
const CURRENT_FILES_MAX: usize = 2;

/// Tells of a backup while it runs, from any thread.
pub(super) struct Show {
    global: Global,
    output: Mutex<Option<Output>>,
    bar: Mutex<Option<Progress>>,
    begun: Instant,
    wants_items: bool,
    problems: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    total_files: AtomicU64,
    total_bytes: AtomicU64,
    current: Mutex<Vec<String>>,
}

#[derive(Serialize)]
struct StatusLine {
    message_type: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    seconds_elapsed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    seconds_remaining: u64,
    percent_done: f64,
    #[serde(skip_serializing_if = "is_zero")]
    total_files: u64,
    #[serde(skip_serializing_if = "is_zero")]
    files_done: u64,
    #[serde(skip_serializing_if = "is_zero")]
    total_bytes: u64,
    #[serde(skip_serializing_if = "is_zero")]
    bytes_done: u64,
    #[serde(skip_serializing_if = "is_zero")]
    error_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    current_files: Vec<String>,
}

#[derive(Serialize)]
struct ItemLine<'a> {
    message_type: &'static str,
    action: &'static str,
    item: &'a str,
    duration: f64,
    data_size: u64,
    data_size_in_repo: u64,
    metadata_size: u64,
    metadata_size_in_repo: u64,
    total_files: u64,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    message_type: &'static str,
    error: Message,
    during: &'static str,
    item: &'a str,
}

#[derive(Serialize)]
struct Message {
    message: String,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    message_type: &'static str,
    files_new: u64,
    files_changed: u64,
    files_unmodified: u64,
    dirs_new: u64,
    dirs_changed: u64,
    dirs_unmodified: u64,
    data_blobs: u64,
    tree_blobs: u64,
    data_added: u64,
    data_added_packed: u64,
    total_files_processed: u64,
    total_bytes_processed: u64,
    total_duration: f64,
    backup_start: &'a str,
    backup_end: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot_id: Option<SnapshotId>,
    #[serde(skip_serializing_if = "is_false")]
    dry_run: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Show {
    pub(super) fn new(global: &Global) -> Result<Self> {
        let wanted = if global.json { ITEMS_VERBOSITY_JSON } else { ITEMS_VERBOSITY };
        Ok(Self {
            global: global.clone(),
            output: Mutex::new(Some(Output::new()?)),
            bar: Mutex::default(),
            begun: Instant::now(),
            wants_items: global.verbose >= wanted,
            problems: AtomicU64::new(0),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            total_files: AtomicU64::new(0),
            total_bytes: AtomicU64::new(0),
            current: Mutex::default(),
        })
    }

    /// Whether anybody looks at how far it is.
    pub(super) fn wants_total(&self) -> bool {
        !self.global.quiet && (self.global.json || console::is_watched())
    }

    /// What is missing in the snapshot.
    pub(super) fn problems(&self) -> u64 {
        self.problems.load(Ordering::Relaxed)
    }

    /// Something was named that is not there.
    pub(super) fn missing(&self, path: &str, why: &str) {
        self.tell(path, format!("{path} is left out: {why}"));
    }

    /// Draws, or tells a program again and again, while `work` goes on.
    pub(super) fn running<T>(&self, work: impl FnOnce() -> T) -> T {
        *self.bar.lock() = Some(Progress::bytes(&self.global, "backing up"));
        let done = if self.global.json && !self.global.quiet {
            std::thread::scope(|scope| {
                let (ends, ended) = sync_channel::<()>(0);
                let tell = move || {
                    while ended.recv_timeout(STATUS_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                        self.status();
                    }
                };
                let telling = std::thread::Builder::new().name("status".to_owned()).spawn_scoped(scope, tell);
                if let Err(error) = telling {
                    tracing::debug!(%error, "there is no thread to tell of the progress");
                }
                let done = work();
                drop(ends);
                done
            })
        } else {
            work()
        };
        *self.bar.lock() = None;
        done
    }

    fn status(&self) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (bytes_done, total_bytes) = (read(&self.bytes), read(&self.total_bytes));
        let elapsed = self.begun.elapsed();
        let percent_done = if total_bytes == 0 { 0.0 } else { bytes_done as f64 / total_bytes as f64 };
        let remaining = if percent_done > 0.0 { elapsed.as_secs_f64() * (1.0 / percent_done - 1.0) } else { 0.0 };
        self.json(&StatusLine {
            message_type: "status",
            seconds_elapsed: elapsed.as_secs(),
            // A float that is no time becomes the nearest number that is.
            seconds_remaining: remaining as u64,
            percent_done: percent_done.min(1.0),
            total_files: read(&self.total_files),
            files_done: read(&self.files),
            total_bytes,
            bytes_done,
            error_count: self.problems(),
            current_files: self.current.lock().clone(),
        });
    }

    /// Tells how it ended.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(super) fn summary(&self, summary: &Summary, id: Option<SnapshotId>, is_dry_run: bool) -> Result<()> {
        let mut output = self.output.lock();
        let Some(output) = output.as_mut() else { return Ok(()) };
        if self.global.json {
            return output.json(&SummaryLine {
                message_type: "summary",
                files_new: summary.files_new,
                files_changed: summary.files_changed,
                files_unmodified: summary.files_unmodified,
                dirs_new: summary.dirs_new,
                dirs_changed: summary.dirs_changed,
                dirs_unmodified: summary.dirs_unmodified,
                data_blobs: summary.data_blobs,
                tree_blobs: summary.tree_blobs,
                data_added: summary.data_added,
                data_added_packed: summary.data_added_packed,
                total_files_processed: summary.total_files_processed,
                total_bytes_processed: summary.total_bytes_processed,
                total_duration: self.begun.elapsed().as_secs_f64(),
                backup_start: &summary.backup_start,
                backup_end: &summary.backup_end,
                snapshot_id: id,
                dry_run: is_dry_run,
            });
        }
        if self.global.quiet {
            return Ok(());
        }
        let Summary { files_new, files_changed, files_unmodified, dirs_new, dirs_changed, dirs_unmodified, .. } =
            summary;
        output.line(&format!("files:   {files_new} new, {files_changed} changed, {files_unmodified} unmodified"))?;
        output.line(&format!("folders: {dirs_new} new, {dirs_changed} changed, {dirs_unmodified} unmodified"))?;
        let would = if is_dry_run { "would add" } else { "added" };
        output.line(&format!(
            "{would} {} ({} stored) of {} in {} files, in {:.1} s",
            show_size(summary.data_added),
            show_size(summary.data_added_packed),
            show_size(summary.total_bytes_processed),
            summary.total_files_processed,
            self.begun.elapsed().as_secs_f64(),
        ))?;
        match id {
            Some(id) => output.line(&format!("snapshot {} saved", id.short())),
            None if is_dry_run => Ok(()),
            None => output.line("nothing has changed: no snapshot was taken"),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(super) fn finish(&self) -> Result<()> {
        self.output.lock().take().map_or(Ok(()), Output::finish)
    }

    fn tell(&self, path: &str, message: String) {
        self.problems.fetch_add(1, Ordering::Relaxed);
        if !self.global.json {
            return console::problem(&message);
        }
        let line = ErrorLine { message_type: "error", error: Message { message }, during: "archival", item: path };
        match serde_json::to_string(&line) {
            Ok(line) => console::line(&line),
            Err(error) => console::problem(&error.to_string()),
        }
    }

    /// A line for programs. That nobody reads any more shows when the output is finished.
    fn json(&self, line: &impl Serialize) {
        if let Some(output) = self.output.lock().as_mut()
            && let Err(error) = output.json(line).and_then(|()| output.flush())
        {
            tracing::debug!(error = error.chain(), "nobody is told of the progress");
        }
    }
}

impl Watcher for Show {
    fn problem(&self, problem: &Problem) {
        self.tell(&String::from_utf8_lossy(&problem.path), problem.error.chain());
    }

    fn warning(&self, path: &[u8], what: &str) {
        if !self.global.quiet {
            console::problem(&format!("{}: {what}", String::from_utf8_lossy(path)));
        }
    }

    fn started(&self, path: &[u8]) {
        let mut current = self.current.lock();
        if current.len() >= CURRENT_FILES_MAX {
            current.remove(0);
        }
        current.push(String::from_utf8_lossy(path).into_owned());
        if let Some(bar) = &*self.bar.lock() {
            bar.at(path);
        }
    }

    fn done(&self, item: &Item<'_>) {
        if item.kind == NodeKind::File {
            self.files.fetch_add(1, Ordering::Relaxed);
        }
        if !self.wants_items {
            return;
        }
        let action = match item.change {
            Change::New => "new",
            Change::Changed => "modified",
            Change::Unmodified => "unchanged",
        };
        let path = String::from_utf8_lossy(item.path);
        if !self.global.json {
            let size = if item.kind == NodeKind::File { format!(" ({})", show_size(item.size)) } else { String::new() };
            return console::line(&format!("{action:9} {path}{size}"));
        }
        let is_file = item.kind == NodeKind::File;
        let of = |wanted: bool, bytes: u64| if wanted { bytes } else { 0 };
        self.json(&ItemLine {
            message_type: "verbose_status",
            action,
            item: &path,
            duration: 0.0,
            data_size: of(is_file, item.added.plain),
            data_size_in_repo: of(is_file, item.added.stored),
            metadata_size: of(!is_file, item.added.plain),
            metadata_size_in_repo: of(!is_file, item.added.stored),
            total_files: 0,
        });
    }

    fn bytes(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
        if let Some(bar) = &*self.bar.lock() {
            bar.advance(count);
        }
    }

    fn total(&self, files: u64, bytes: u64) {
        self.total_files.store(files, Ordering::Relaxed);
        self.total_bytes.store(bytes, Ordering::Relaxed);
        let mut bar = self.bar.lock();
        if bar.is_some() {
            let known = Progress::bytes_of(&self.global, "backing up", bytes);
            known.advance(self.bytes.load(Ordering::Relaxed));
            *bar = Some(known);
        }
    }

    fn wants_items(&self) -> bool {
        self.wants_items || self.global.json
    }
}
