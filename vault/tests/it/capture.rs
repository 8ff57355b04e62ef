//! What a backup promises, judged by stock restic.
#![cfg(unix)]

mod changes;
mod failures;
mod patterns;
mod support;
mod whole;
