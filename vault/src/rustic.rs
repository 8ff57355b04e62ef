//! rustic_core over our storage: what it sees of it, how its errors come back, and where its operations run.
//!
//! rustic_core stays in this crate: nobody above names it. What must be known of it is said where it is dealt with here:
//! it forgets the kinds of errors ([`error`]), panics on some, and stops every other user of a shared thread pool ([`run`]).

mod adapter;
mod failure;
mod run;

pub use adapter::backends;
pub use failure::error;
pub use run::{THREADS_MAX, run};
