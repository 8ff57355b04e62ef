//! Failures as NTSTATUS codes, in one place. After Microsoft's `ntstatus.h`.

use bygone_vault::ErrorKind;

use crate::core::fault::Fault;

/// A code as WinFsp takes it.
pub type Status = i32;

/// No such name.
pub const OBJECT_NAME_NOT_FOUND: Status = code(0xc000_0034);
/// No such folder on the way to a name.
pub const OBJECT_PATH_NOT_FOUND: Status = code(0xc000_003a);
/// It is no folder.
pub const NOT_A_DIRECTORY: Status = code(0xc000_0103);
/// It is a folder.
pub const FILE_IS_A_DIRECTORY: Status = code(0xc000_00ba);
/// It is not of a kind for which that could be asked.
pub const INVALID_DEVICE_REQUEST: Status = code(0xc000_0010);
/// It is no reparse point.
pub const NOT_A_REPARSE_POINT: Status = code(0xc000_0275);
/// Nothing comes after the end.
pub const END_OF_FILE: Status = code(0xc000_0011);
/// The buffer is too small.
pub const BUFFER_TOO_SMALL: Status = code(0xc000_0023);
/// Stored bytes are not what was written.
pub const CRC_ERROR: Status = code(0xc000_003f);
/// No answer within the deadline.
pub const IO_TIMEOUT: Status = code(0xc000_00b5);
/// The storage forbids it.
pub const ACCESS_DENIED: Status = code(0xc000_0022);
/// Nothing is ever written.
pub const MEDIA_WRITE_PROTECTED: Status = code(0xc000_00a2);
/// The storage cannot be reached.
pub const DEVICE_NOT_CONNECTED: Status = code(0xc000_009d);
/// A version or feature that we do not know.
pub const NOT_SUPPORTED: Status = code(0xc000_00bb);
/// Any other failure.
pub const IO_DEVICE_ERROR: Status = code(0xc000_0185);

const fn code(bits: u32) -> Status {
    bits.cast_signed()
}

/// What a call answers.
pub fn of(fault: &Fault) -> Status {
    match fault {
        Fault::Stale | Fault::NotFound | Fault::NoXattr => OBJECT_NAME_NOT_FOUND,
        Fault::NotDirectory => NOT_A_DIRECTORY,
        Fault::IsDirectory => FILE_IS_A_DIRECTORY,
        Fault::WrongKind => INVALID_DEVICE_REQUEST,
        Fault::Repository(error) => of_kind(error.kind()),
    }
}

/// As on Unix, a pack that is missing is no file that is missing.
fn of_kind(kind: ErrorKind) -> Status {
    match kind {
        ErrorKind::Damaged | ErrorKind::NotFound => CRC_ERROR,
        ErrorKind::TimedOut => IO_TIMEOUT,
        ErrorKind::Denied => ACCESS_DENIED,
        ErrorKind::Unavailable => DEVICE_NOT_CONNECTED,
        ErrorKind::Unsupported => NOT_SUPPORTED,
        ErrorKind::InvalidInput
        | ErrorKind::WrongPassword
        | ErrorKind::NotARepository
        | ErrorKind::Ambiguous
        | ErrorKind::Cancelled
        | ErrorKind::Locked
        | ErrorKind::Conflict
        | ErrorKind::Retained
        | ErrorKind::NoSpace
        | ErrorKind::Io => IO_DEVICE_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use bygone_vault::Error;

    use super::*;

    #[test]
    fn damage_is_told_from_absence() {
        let damaged = Fault::Repository(Error::new(ErrorKind::NotFound, "a pack is gone"));
        assert_eq!(of(&damaged), CRC_ERROR);
        assert_eq!(of(&Fault::NotFound), OBJECT_NAME_NOT_FOUND);
    }

    #[test]
    fn every_code_is_an_error() {
        let error = |kind| Fault::Repository(Error::new(kind, "x"));
        for fault in [Fault::Stale, Fault::WrongKind, error(ErrorKind::Denied), error(ErrorKind::Unavailable)] {
            assert!(of(&fault) < 0, "{fault:?}");
        }
    }
}
