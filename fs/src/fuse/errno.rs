//! Failures as error numbers, in one place.

use bygone_vault::ErrorKind;
use fuser::Errno;

use crate::core::fault::Fault;

/// What a system call answers.
pub(crate) fn of(fault: &Fault) -> Errno {
    match fault {
        Fault::Stale => Errno::ESTALE,
        Fault::NotFound => Errno::ENOENT,
        Fault::NotDirectory => Errno::ENOTDIR,
        Fault::IsDirectory => Errno::EISDIR,
        Fault::WrongKind => Errno::EINVAL,
        Fault::NoXattr => Errno::NO_XATTR,
        Fault::Repository(error) => of_kind(error.kind()),
    }
}

/// What a name that exists answers when the repository cannot give what is behind it. `NotFound` is a pack that is not
/// there, not a name: whoever reads a file that exists must not hear that it does not.
fn of_kind(kind: ErrorKind) -> Errno {
    match kind {
        ErrorKind::TimedOut => Errno::ETIMEDOUT,
        ErrorKind::Denied => Errno::EACCES,
        ErrorKind::Unsupported => Errno::EOPNOTSUPP,
        ErrorKind::InvalidInput
        | ErrorKind::WrongPassword
        | ErrorKind::NotARepository
        | ErrorKind::NotFound
        | ErrorKind::Ambiguous
        | ErrorKind::Damaged
        | ErrorKind::Unavailable
        | ErrorKind::Cancelled
        | ErrorKind::Locked
        | ErrorKind::Conflict
        | ErrorKind::Retained
        | ErrorKind::NoSpace
        | ErrorKind::Io => Errno::EIO,
    }
}

#[cfg(test)]
mod tests {
    use bygone_vault::Error;

    use super::*;

    #[test]
    fn a_missing_pack_is_an_input_error_and_never_a_missing_file() {
        let fault = Fault::Repository(Error::new(ErrorKind::NotFound, "pack is gone"));
        assert_eq!(of(&fault).code(), libc::EIO);
        assert_eq!(of(&Fault::NotFound).code(), libc::ENOENT);
    }

    #[test]
    fn a_backend_that_does_not_answer_is_a_timeout() {
        let fault = Fault::Repository(Error::new(ErrorKind::TimedOut, "no answer"));
        assert_eq!(of(&fault).code(), libc::ETIMEDOUT);
    }
}
