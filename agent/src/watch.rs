//! What a job tells while it runs: how far it has come, and what there is to say.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bygone_common::Clock;
use bygone_common::job::progress::LOG_LINES_MAX;
use bygone_common::job::{LogLevel, LogLine, Phase, Progress};
use bygone_vault::capture::{Item, Problem, Watcher};

/// Lines that wait to be sent, at most; the oldest go first.
const LINES_WAITING_MAX: usize = 5_000;
/// Problems that a job names one by one.
const PROBLEMS_TOLD_MAX: u64 = 1_000;

/// A job's log on its way to the server. Clones share it.
#[derive(Debug, Clone)]
pub struct JobLog {
    clock: Clock,
    /// What was being done when it was made: lines belong there, whichever thread says them.
    span: tracing::Span,
    lines: Arc<Mutex<Lines>>,
}

#[derive(Debug, Default)]
struct Lines {
    /// The number of the first line that waits.
    first: u64,
    waiting: VecDeque<LogLine>,
}

impl JobLog {
    /// An empty one.
    pub fn new(clock: Clock) -> Self {
        Self { clock, span: tracing::Span::current(), lines: Arc::default() }
    }

    /// Says something, here and to the server.
    pub fn say(&self, level: LogLevel, text: impl Into<String>) {
        let line = LogLine::new(self.clock.now(), level, text);
        self.span.in_scope(|| match level {
            LogLevel::Debug => tracing::debug!("{}", line.text),
            LogLevel::Info => tracing::info!("{}", line.text),
            LogLevel::Warn => tracing::warn!("{}", line.text),
            LogLevel::Error => tracing::error!("{}", line.text),
        });
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.waiting.push_back(line);
        while lines.waiting.len() > LINES_WAITING_MAX {
            lines.waiting.pop_front();
            lines.first += 1;
        }
    }

    /// The next lines to send, and the number of the first.
    pub fn waiting(&self) -> Option<(u64, Vec<LogLine>)> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let some: Vec<LogLine> = lines.waiting.iter().take(LOG_LINES_MAX).cloned().collect();
        (!some.is_empty()).then_some((lines.first, some))
    }

    /// Lines up to this number have arrived.
    pub fn arrived(&self, up_to: u64) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        while lines.first < up_to && lines.waiting.pop_front().is_some() {
            lines.first += 1;
        }
    }
}

/// How far a job has come.
#[derive(Debug, Default)]
pub struct Meter {
    phase: AtomicU8,
    items: AtomicU64,
    bytes: AtomicU64,
    added: AtomicU64,
    problems: AtomicU64,
    items_total: AtomicU64,
    bytes_total: AtomicU64,
    told: OnceLock<Told>,
}

/// Where problems are told.
#[derive(Debug)]
struct Told {
    log: JobLog,
    /// What the plan names itself, which its log may name too.
    named: Vec<PathBuf>,
}

const PHASES: [Phase; 5] = [Phase::Preparing, Phase::Hooks, Phase::Scanning, Phase::Working, Phase::Finishing];

impl Meter {
    /// What is done now.
    pub fn phase(&self, phase: Phase) {
        let at = PHASES.iter().position(|known| *known == phase).unwrap_or_default();
        self.phase.store(u8::try_from(at).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Where problems are told, and which files and folders the plan names itself.
    pub fn logs_to(&self, log: &JobLog, named: &[PathBuf]) {
        // The first stays: there is one log for each job.
        self.told.set(Told { log: log.clone(), named: named.to_vec() }).ok();
    }

    /// So many more bytes are in the repository.
    pub fn added(&self, bytes: u64) {
        self.added.fetch_add(bytes, Ordering::Relaxed);
    }

    /// There will be so much to do.
    pub fn expects(&self, items: u64, bytes: u64) {
        self.items_total.store(items, Ordering::Relaxed);
        self.bytes_total.store(bytes, Ordering::Relaxed);
    }

    /// One more is done.
    pub fn item_done(&self) {
        self.items.fetch_add(1, Ordering::Relaxed);
    }

    /// So many more bytes are done.
    pub fn bytes_done(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
    }

    /// As it is now.
    pub fn progress(&self) -> Progress {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let known = |number: &AtomicU64| Some(read(number)).filter(|total| *total > 0);
        Progress {
            phase: PHASES.get(usize::from(self.phase.load(Ordering::Relaxed))).copied().unwrap_or_default(),
            items_done: read(&self.items),
            items_total: known(&self.items_total),
            bytes_done: read(&self.bytes),
            bytes_total: known(&self.bytes_total),
            bytes_added: read(&self.added),
            problems: read(&self.problems),
        }
    }
}

impl Watcher for Meter {
    fn problem(&self, problem: &Problem) {
        let before = self.problems.fetch_add(1, Ordering::Relaxed);
        let Some(Told { log, named }) = self.told.get() else { return };
        if before < PROBLEMS_TOLD_MAX {
            let is_named = named.iter().any(|path| path.as_os_str().as_encoded_bytes() == problem.path);
            // Names of files are for whoever looks for a fault; those in the plan are for all who see the plan.
            let level = if is_named { LogLevel::Warn } else { LogLevel::Debug };
            log.say(level, format!("{}: {}", String::from_utf8_lossy(&problem.path), problem.error.chain()));
        }
        if before == 0 {
            log.say(LogLevel::Warn, "something cannot be read, and is left out: lines of level debug name it");
        }
        if before + 1 == PROBLEMS_TOLD_MAX {
            log.say(LogLevel::Warn, "more things that cannot be read are counted, but not named");
        }
    }

    fn warning(&self, path: &[u8], what: &str) {
        if let Some(Told { log, .. }) = self.told.get() {
            log.say(LogLevel::Debug, format!("{}: {what}", String::from_utf8_lossy(path)));
        }
    }

    fn done(&self, item: &Item<'_>) {
        self.item_done();
        self.added(item.added.stored);
    }

    fn bytes(&self, count: u64) {
        self.bytes_done(count);
    }

    fn total(&self, files: u64, bytes: u64) {
        self.expects(files, bytes);
    }

    fn wants_items(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wait_until_they_have_arrived_and_are_bounded() {
        let log = JobLog::new(Clock::manual(jiff::Timestamp::UNIX_EPOCH));
        assert!(log.waiting().is_none());
        for number in 0..LINES_WAITING_MAX + 10 {
            log.say(LogLevel::Debug, number.to_string());
        }
        let (first, lines) = log.waiting().unwrap_or_default();
        assert_eq!((first, lines.len()), (10, LOG_LINES_MAX));
        log.arrived(first + 3);
        let (first, lines) = log.waiting().unwrap_or_default();
        assert_eq!((first, lines.first().map(|line| line.text.as_str())), (13, Some("13")));
        log.arrived(5);
        assert_eq!(log.waiting().unwrap_or_default().0, 13, "what arrived late changes nothing");
    }
}
