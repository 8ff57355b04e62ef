//! Files made up from a number: the same number makes the same files on every machine, for ever.

pub(crate) mod chance;
pub(crate) mod code;
