//! Which nodes of the source a restore means.

use crate::find::Pattern;

/// Patterns over paths below the source, which begin with a slash. A pattern that fits a directory speaks for
/// everything in it. What both lists name is left out.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Restore these only; nothing here means everything.
    pub include: Vec<Pattern>,
    /// Leave these out.
    pub exclude: Vec<Pattern>,
}

impl Filter {
    /// Whether there is nothing to decide, so that no path needs to be made.
    pub(super) fn is_trivial(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether everything is meant as far as the first list goes.
    pub(super) fn includes_all(&self) -> bool {
        self.include.is_empty()
    }

    /// Whether a node, and all below it, is left out.
    pub(super) fn excludes(&self, path: &[u8], name: &[u8]) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(path, name))
    }

    /// Whether a node, and all below it, is meant as far as the first list goes.
    pub(super) fn includes(&self, path: &[u8], name: &[u8]) -> bool {
        self.include.iter().any(|pattern| pattern.matches(path, name))
    }
}
