//! The control plane: where everything meets.
