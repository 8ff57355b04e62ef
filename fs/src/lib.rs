//! FS
