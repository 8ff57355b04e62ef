//! Exit codes, restic's own: 0 done, 1 failed, 2 wrong usage, 3 finished with some files missing, 11 locked by
//! another program, 130 interrupted.

use std::process::ExitCode;

use bygone_vault::{Error, ErrorKind};

/// How a verb that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was done.
    Done,
    /// It finished, but some files could not be read or written. Each has been told of.
    Partly,
    /// The command line says nothing to do. It has been told how to.
    Usage,
}

impl Outcome {
    /// `Partly` when there were problems.
    pub(crate) fn after(problems: u64) -> Self {
        if problems == 0 { Self::Done } else { Self::Partly }
    }

    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Partly => 3,
        })
    }
}

/// The exit code for a verb that failed.
pub(crate) fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(exit_number(error))
}

/// The same as a number.
pub(crate) fn exit_number(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::InvalidInput => 2,
        ErrorKind::Locked => 11,
        ErrorKind::Cancelled => 130,
        ErrorKind::WrongPassword
        | ErrorKind::NotARepository
        | ErrorKind::Unsupported
        | ErrorKind::NotFound
        | ErrorKind::Ambiguous
        | ErrorKind::Damaged
        | ErrorKind::Denied
        | ErrorKind::Unavailable
        | ErrorKind::TimedOut
        | ErrorKind::Conflict
        | ErrorKind::Retained
        | ErrorKind::NoSpace
        | ErrorKind::Io => 1,
    }
}

/// Ends the process as a program ends whose reader has gone: quietly, by SIGPIPE where there is such a thing.
pub(crate) fn reader_gone() -> ! {
    #[cfg(unix)]
    // SAFETY: both calls take plain numbers; nothing relies on the disposition after the process ends here. Rust ignores
    // the signal from its start on, so that broken network connections do not end programs.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::raise(libc::SIGPIPE);
    }
    std::process::exit(1)
}
