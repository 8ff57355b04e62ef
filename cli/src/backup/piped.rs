//! Standard input, or what a command prints, as something that can be read and given up.
//!
//! Nobody can be made to write: what is piped is read by a thread that may wait for ever, and ends with the process.

use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use bygone_vault::backend::CancelToken;
use bygone_vault::{Error, ErrorKind, Result};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;
/// Pieces that wait to be saved.
const PIECES_MAX: usize = 4;
/// How often somebody who waits asks whether to go on.
const LOOK: Duration = Duration::from_millis(200);

/// Where content comes from.
#[derive(Debug)]
pub(super) enum Piped {
    /// Standard input.
    Stdin,
    /// A command's standard output.
    Command {
        /// What to run.
        program: OsString,
        /// With what.
        arguments: Vec<OsString>,
    },
}

impl Piped {
    /// Begins to read. A command that fails makes its reader fail at the end.
    ///
    /// # Errors
    /// The command cannot be run.
    pub(super) fn open(self, token: &CancelToken) -> Result<Box<dyn Read + Send>> {
        let (send, pieces) = sync_channel(PIECES_MAX);
        let child = match self {
            Self::Stdin => {
                pump(io::stdin(), send)?;
                None
            }
            Self::Command { program, arguments } => {
                let shown = program.to_string_lossy().into_owned();
                let mut child = Command::new(&program)
                    .args(&arguments)
                    .stdin(Stdio::null())
                    .stdout(Stdio::piped())
                    .spawn()
                    .map_err(|error| Error::new(ErrorKind::Io, format!("run {shown}")).because(error))?;
                if let Some(stdout) = child.stdout.take() {
                    pump(stdout, send)?;
                }
                Some((shown, child))
            }
        };
        Ok(Box::new(Reader { pieces, piece: Vec::new(), used: 0, child, token: token.clone() }))
    }
}

/// Reads to the end in a thread of its own.
fn pump(mut from: impl Read + Send + 'static, to: SyncSender<io::Result<Vec<u8>>>) -> Result<()> {
    let run = move || {
        loop {
            let mut piece = vec![0; READ_BYTES];
            let read = match from.read(&mut piece) {
                Ok(0) => return,
                Ok(count) => {
                    piece.truncate(count);
                    Ok(piece)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            if to.send(read).is_err() || failed {
                return;
            }
        }
    };
    let started = std::thread::Builder::new().name("piped".to_owned()).spawn(run);
    started.map(drop).map_err(|error| Error::io("start a thread to read what is piped", error))
}

struct Reader {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    used: usize,
    child: Option<(String, Child)>,
    token: CancelToken,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.piece.len() {
            if self.token.is_cancelled() {
                return Err(io::Error::other("given up"));
            }
            match self.pieces.recv_timeout(LOOK) {
                Ok(piece) => (self.piece, self.used) = (piece?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
        }
        let count = self.piece.get(self.used..).unwrap_or_default().read(buffer)?;
        self.used += count;
        Ok(count)
    }
}

impl Reader {
    /// The end of what was piped: of a command only when it succeeded.
    fn end(&mut self) -> io::Result<usize> {
        let Some((program, mut child)) = self.child.take() else { return Ok(0) };
        let status = child.wait()?;
        if status.success() { Ok(0) } else { Err(io::Error::other(format!("{program} failed: {status}"))) }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some((_, child)) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
