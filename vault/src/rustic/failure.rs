//! Errors on their way through rustic_core and back.

use std::error::Error as StdError;
use std::io;

use rustic_core::RusticError;

use crate::error::{Error, ErrorKind, io_kind};

/// rustic_core's code for bytes whose authentication tag is wrong.
const WRONG_TAG: &str = "C001";

/// Sends an error of our storage through rustic_core, whole.
pub(super) fn raise(error: Error) -> Box<RusticError> {
    RusticError::with_source(rustic_core::ErrorKind::Backend, error.to_string(), error)
}

/// The error of an operation of rustic_core, under a sentence that says what was being done. One of our own keeps its
/// kind, wherever it lies among the causes; of rustic_core's own kinds nothing can be seen from outside.
pub fn error(doing: &str, error: Box<RusticError>) -> Error {
    let mut kind = if error.is_incorrect_password() {
        ErrorKind::WrongPassword
    } else if error.is_code(WRONG_TAG) {
        ErrorKind::Damaged
    } else {
        ErrorKind::Io
    };
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if let Some(ours) = ours(error) {
            return ours.clone().context(doing);
        }
        if let Some(system) = error.downcast_ref::<io::Error>() {
            kind = io_kind(system);
        }
        cause = error.source();
    }
    // Its long form is made for reports to its authors.
    let text = error.display_log();
    Error::new(kind, format!("{doing}: {}", text.strip_prefix("Error: ").unwrap_or(&text)))
}

/// Our error, or the one in an error of the system's that was made from ours.
fn ours<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    let inside = || error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref();
    error.downcast_ref().or_else(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_keeps_its_kind_through_rustic_core() {
        let ours = Error::new(ErrorKind::NoSpace, "write data/ab").because(io::Error::other("disk full"));
        let within = RusticError::with_source(rustic_core::ErrorKind::Internal, "packer", raise(ours.clone()));
        let boxed = RusticError::with_source(rustic_core::ErrorKind::Internal, "reader", io::Error::other(ours));
        for raised in [within, boxed] {
            let back = error("back up /x", raised);
            assert_eq!(back.kind(), ErrorKind::NoSpace);
            assert_eq!(back.chain(), "back up /x: write data/ab: disk full");
        }
    }

    #[test]
    fn an_error_of_its_own_is_told_in_a_line_and_has_the_systems_kind() {
        let raised = RusticError::with_source(
            rustic_core::ErrorKind::InputOutput,
            "cannot read",
            io::Error::from(io::ErrorKind::PermissionDenied),
        );
        let back = error("back up /x", raised);
        assert_eq!(back.kind(), ErrorKind::Denied);
        assert!(back.chain().starts_with("back up /x: cannot read"), "{}", back.chain());
    }
}
