//! Standard output: raw bytes, large writes, and the death of other tools when the reader goes.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

use bygone_vault::{Error, Result};
use serde::Serialize;

use crate::global::Global;

/// Bytes collected before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Results on their way to standard output.
pub(crate) struct Output {
    writer: BufWriter<Standard>,
    /// A person reads along, line by line.
    watched: bool,
}

impl Output {
    /// # Errors
    /// Standard output is closed.
    pub(crate) fn new() -> Result<Self> {
        let watched = std::io::stdout().is_terminal();
        Ok(Self { writer: BufWriter::with_capacity(BUFFER_BYTES, Standard::open()?), watched })
    }

    /// Whether a terminal shows it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.watched
    }

    /// Bytes as they are, such as names.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes).map_err(failed)
    }

    /// A name, path or link target: as it is, but harmless to a terminal. Whoever wrote the snapshot chose it.
    pub(crate) fn name(&mut self, name: &[u8]) -> Result<()> {
        if self.watched { self.text(&printable(&String::from_utf8_lossy(name))) } else { self.bytes(name) }
    }

    /// Text.
    pub(crate) fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Ends a line.
    pub(crate) fn end_line(&mut self) -> Result<()> {
        self.bytes(b"\n")?;
        if self.watched { self.writer.flush().map_err(failed) } else { Ok(()) }
    }

    /// A line of text.
    pub(crate) fn line(&mut self, text: &str) -> Result<()> {
        self.text(text)?;
        self.end_line()
    }

    /// Rows of as many cells as the first, below each other.
    pub(crate) fn table<const N: usize>(&mut self, rows: &[[String; N]]) -> Result<()> {
        let mut widths = [0; N];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in rows {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            self.line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }

    /// One JSON value on a line of its own.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.writer, value).map_err(|error| failed(error.into()))?;
        self.end_line()
    }

    /// For what writes by itself.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        &mut self.writer
    }

    /// Writes what is there so far.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(failed)
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.writer.flush().map_err(failed)
    }
}

/// Writes an answer that is at hand: as JSON if that was asked for, otherwise as `lines` do it.
pub(crate) fn show<T: Serialize>(
    global: &Global,
    fields: impl FnOnce() -> T,
    lines: impl FnOnce(&mut Output) -> Result<()>,
) -> Result<()> {
    let mut output = Output::new()?;
    if global.json {
        output.json(&fields())?;
    } else {
        lines(&mut output)?;
    }
    output.finish()
}

/// The text without characters that move cursors or start sequences.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("write to standard output", error)
}

/// Standard output without the line buffer of the standard library. A reader that has gone ends the process.
enum Standard {
    Direct(File),
    #[cfg(windows)]
    Console(std::io::Stdout),
}

impl Standard {
    #[cfg(unix)]
    fn open() -> Result<Self> {
        use std::os::fd::AsFd;
        let copy = std::io::stdout().as_fd().try_clone_to_owned().map_err(failed)?;
        Ok(Self::Direct(File::from(copy)))
    }

    #[cfg(windows)]
    fn open() -> Result<Self> {
        use std::os::windows::io::AsHandle;
        // A console wants UTF-16, which only the standard library's own handle knows to give it.
        if std::io::stdout().is_terminal() {
            return Ok(Self::Console(std::io::stdout()));
        }
        let copy = std::io::stdout().as_handle().try_clone_to_owned().map_err(failed)?;
        Ok(Self::Direct(File::from(copy)))
    }

    fn check<T>(result: std::io::Result<T>) -> std::io::Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => crate::exit::reader_gone(),
            other => other,
        }
    }
}

impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Self::check(match self {
            Self::Direct(file) => file.write(bytes),
            #[cfg(windows)]
            Self::Console(console) => console.write(bytes),
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Self::check(match self {
            Self::Direct(file) => file.flush(),
            #[cfg(windows)]
            Self::Console(console) => console.flush(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn names_cannot_command_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\nd"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d");
        assert_eq!(printable("\u{43e}\u{442}\u{447}\u{451}\u{442}"), "\u{43e}\u{442}\u{447}\u{451}\u{442}");
    }
}
