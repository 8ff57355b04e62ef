//! The control plane: where everything meets.

pub mod secrets;
