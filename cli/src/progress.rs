//! Progress bars: on a terminal, and nowhere else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bygone_vault::progress::Unit;
use indicatif::{ProgressBar, ProgressStyle};

use crate::console;
use crate::global::Global;

/// How often a bar moves by itself.
const TICK: Duration = Duration::from_millis(200);

/// Bytes on their way; draws nothing where nobody watches.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Bytes of an unknown total.
    pub(crate) fn bytes(global: &Global, what: &'static str) -> Self {
        Self::new(global, what, ProgressBar::new_spinner(), "{spinner} {prefix} {bytes} ({bytes_per_sec}) {wide_msg}")
    }

    /// Bytes of a known total.
    pub(crate) fn bytes_of(global: &Global, what: &'static str, total: u64) -> Self {
        let template = "{prefix} [{wide_bar}] {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left)";
        Self::new(global, what, ProgressBar::new(total), template)
    }

    /// Things of a known total.
    pub(crate) fn items_of(global: &Global, what: &'static str, total: u64) -> Self {
        Self::new(global, what, ProgressBar::new(total), "{prefix} [{wide_bar}] {human_pos}/{human_len} ({eta} left)")
    }

    /// Nothing that can be counted.
    pub(crate) fn waiting(global: &Global, what: &'static str) -> Self {
        Self::new(global, what, ProgressBar::new_spinner(), "{spinner} {prefix} {wide_msg}")
    }

    fn new(global: &Global, what: &'static str, bar: ProgressBar, template: &str) -> Self {
        if global.quiet || global.json || !console::is_watched() {
            return Self { bar: None };
        }
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = console::bars().add(bar.with_style(style).with_prefix(what));
        // Drawn at once: what takes long to begin should be seen to have begun.
        bar.tick();
        bar.enable_steady_tick(TICK);
        Self { bar: Some(bar) }
    }

    /// So much more is done.
    pub(crate) fn advance(&self, by: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(by);
        }
    }

    /// What is being done at the moment.
    pub(crate) fn at(&self, name: &[u8]) {
        if let Some(bar) = &self.bar {
            let shown: String =
                String::from_utf8_lossy(name).chars().filter(|character| !character.is_control()).collect();
            bar.set_message(shown);
        }
    }
}

/// A bar for each stage of an operation of the library.
pub(crate) struct Stages<'a> {
    global: &'a Global,
    bar: Mutex<Option<Progress>>,
}

impl<'a> Stages<'a> {
    pub(crate) fn new(global: &'a Global) -> Self {
        Self { global, bar: Mutex::default() }
    }

    fn bar(&self) -> MutexGuard<'_, Option<Progress>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl bygone_vault::progress::Progress for Stages<'_> {
    fn stage(&self, doing: &'static str, total: u64, unit: Unit) {
        let mut bar = self.bar();
        // The old one is cleared before the new one is drawn.
        *bar = None;
        *bar = Some(match unit {
            Unit::Items => Progress::items_of(self.global, doing, total),
            Unit::Bytes => Progress::bytes_of(self.global, doing, total),
        });
    }

    fn advance(&self, by: u64) {
        if let Some(bar) = &*self.bar() {
            bar.advance(by);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
