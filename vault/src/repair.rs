//! Making the best of a repository that has lost something, when no mirror has it either: first the index, then damaged
//! packs, then the snapshots that need what is gone.
//!
//! All of them want an exclusive lock. What is written is written before what it replaces is removed.

mod index;
mod packs;
mod snapshots;

pub use index::{IndexRepaired, Reread, index};
pub use packs::{PacksRepaired, packs};
pub use snapshots::{SnapshotRepaired, snapshots};
