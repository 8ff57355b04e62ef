//! Sorting what the SSH or SFTP side complains about.

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;

use crate::backend::http::transport_kind;
use crate::error::{Error, ErrorKind};

/// Our error for one of SFTP.
pub(super) fn sftp(doing: &str, error: SftpError) -> Error {
    let kind = match &error {
        SftpError::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => ErrorKind::NotFound,
            StatusCode::PermissionDenied => ErrorKind::Denied,
            StatusCode::NoConnection | StatusCode::ConnectionLost => ErrorKind::Unavailable,
            StatusCode::OpUnsupported => ErrorKind::Unsupported,
            StatusCode::Ok | StatusCode::Eof | StatusCode::Failure | StatusCode::BadMessage => ErrorKind::Io,
        },
        SftpError::Timeout => ErrorKind::TimedOut,
        // The session ended, or its two sides no longer understand each other: a new connection may help.
        SftpError::IO(_) | SftpError::UnexpectedPacket | SftpError::UnexpectedBehavior(_) => ErrorKind::Unavailable,
        SftpError::Limited(_) => ErrorKind::Unsupported,
    };
    match error {
        // Most servers repeat the code in words.
        SftpError::Status(status) => {
            let (code, message) = (status.status_code.to_string(), status.error_message);
            let said = if message.is_empty() || message.eq_ignore_ascii_case(&code) { code } else { message };
            Error::new(kind, format!("{doing}: the server answers {said:?}"))
        }
        error => Error::new(kind, doing).because(error),
    }
}

/// Whether the server says that there is no more.
pub(super) fn is_end(error: &SftpError) -> bool {
    matches!(error, SftpError::Status(status) if status.status_code == StatusCode::Eof)
}

/// Our error for one of SSH.
pub(super) fn ssh(doing: &str, error: russh::Error) -> Error {
    let kind = match &error {
        russh::Error::IO(cause) => transport_kind(cause),
        russh::Error::NoCommonAlgo { .. } | russh::Error::Version | russh::Error::UnknownAlgo => ErrorKind::Unsupported,
        russh::Error::WrongServerSig | russh::Error::UnknownKey | russh::Error::KeyChanged { .. } => ErrorKind::Denied,
        russh::Error::ConnectionTimeout
        | russh::Error::KeepaliveTimeout
        | russh::Error::InactivityTimeout
        | russh::Error::Elapsed(_) => ErrorKind::TimedOut,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, doing).because(error)
}
