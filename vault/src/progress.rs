//! How far an operation has come, for whoever shows it.

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things: files, packs, snapshots.
    Items,
    /// Bytes.
    Bytes,
}

/// Is told how far an operation has come. Any thread may call.
pub trait Progress: Sync {
    /// A stage begins: what it does, and how much there is to do, as far as it is known.
    fn stage(&self, doing: &'static str, total: u64, unit: Unit);

    /// So much more of the stage is done.
    fn advance(&self, by: u64);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn stage(&self, _: &'static str, _: u64, _: Unit) {}

    fn advance(&self, _: u64) {}
}
