//! What a restore promises.
#![cfg(unix)]

mod conflicts;
mod damage;
mod filters;
mod hostile;
mod resume;
mod rights;
mod support;
mod whole;
