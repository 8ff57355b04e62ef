//! Progress bars: on a terminal, and nowhere else.

use std::time::Duration;

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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
