//! The report at the end of an archive: what is not in it, and why.

use std::fmt::Write as _;
use std::sync::Arc;

use bygone_vault::walk::Entry;
use bygone_vault::{Directory, Error, ErrorKind, Result};

/// Lines of a report at most; what more there is, is counted.
const LINES_MAX: usize = 10_000;

/// What is left out so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    text: String,
    lines: usize,
    more: u64,
}

impl Report {
    /// Adds something that is left out.
    pub(super) fn add(&mut self, name: &[u8], why: &str) {
        if self.lines == LINES_MAX {
            self.more += 1;
            return;
        }
        self.lines += 1;
        // Names are untrusted: one with a line feed must not look like two.
        let name: String = String::from_utf8_lossy(name)
            .chars()
            .map(|char| if char.is_control() { '\u{fffd}' } else { char })
            .collect();
        self.text.push_str(&name);
        self.text.push_str(": ");
        self.text.push_str(&why.replace(['\n', '\r'], " "));
        self.text.push_str("\r\n");
    }

    /// The report as a file of its own; none when nothing was left out.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub(super) fn finish(mut self, name: &str) -> Result<Option<Finished>> {
        if self.lines == 0 {
            return Ok(None);
        }
        if self.more > 0 {
            let _ = write!(self.text, "and {} more\r\n", self.more);
        }
        let text = format!("Not in this archive, or not as it was:\r\n\r\n{}", self.text).into_bytes();
        // A node like those of a snapshot, so that it is written as they are.
        let node = serde_json::json!({ "nodes": [{
            "name": name, "type": "file", "mode": 0o644, "size": text.len(), "mtime": "1980-01-01T00:00:00Z",
        }] });
        let failed = |why: String| Error::new(ErrorKind::Io, "the report cannot be written").because(why);
        let directory = Directory::parse(node.to_string().as_bytes()).map_err(failed)?;
        Ok(Some(Finished { entry: Entry::new(Arc::new(directory), 0), text: text.into() }))
    }
}

/// A report.
#[derive(Debug)]
pub(super) struct Finished {
    /// As an entry: a file of its name and size.
    pub(super) entry: Entry,
    /// What it says.
    pub(super) text: bytes::Bytes,
}
