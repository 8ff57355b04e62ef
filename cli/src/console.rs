//! What people are told on stderr. Standard output belongs to results.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::MultiProgress;

use crate::output::printable;

/// The bars on the terminal, if any: lines must not be written into them.
static BARS: OnceLock<MultiProgress> = OnceLock::new();

/// Where progress bars are drawn.
pub(crate) fn bars() -> &'static MultiProgress {
    BARS.get_or_init(MultiProgress::new)
}

/// Whether bars and other things for eyes make sense.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Tells of a problem, in one line.
pub(crate) fn problem(text: &str) {
    line(&format!("bygone: {text}"));
}

/// Asks somebody at the terminal something: the answer comes on the same line.
pub(crate) fn ask(question: &str) {
    let mut output = std::io::stderr().lock();
    // Whoever cannot be asked will not answer.
    let _ = write!(output, "{}", printable(question)).and_then(|()| output.flush());
}

/// Writes a line, above the bars if there are any.
pub(crate) fn line(text: &str) {
    // A reader of stderr that has gone cannot be told that it has.
    let text = printable(text);
    let write = || {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    };
    match BARS.get() {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// Counts problems that do not end the command, and tells of each.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    count: u64,
}

impl Problems {
    pub(crate) fn tell(&mut self, text: &str) {
        self.count += 1;
        problem(text);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}
