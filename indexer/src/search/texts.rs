//! What a query says of names, taken together: a name is looked up once, however many texts are looked for.

use super::block::{Block, Placed};
use crate::marks::Marks;
use crate::names::NameHits;
use crate::pattern::Fit;

/// A text that is looked for in names.
pub(crate) struct Text {
    pub(crate) hits: NameHits,
    /// Directories at or below one whose name fits, when that counts as well.
    pub(crate) below: Option<Vec<bool>>,
    pub(crate) negated: bool,
}

/// All of them. Every one must pass.
pub(crate) struct Texts {
    each: Vec<Text>,
    /// Names that pass all of them where no directory decides; none when there is one text alone, and it is wanted.
    shared: Option<Marks>,
}

impl Text {
    /// Whether every name in a directory has the text, by the directories on the way to it.
    #[inline]
    fn is_above(&self, dir: u32) -> bool {
        self.below.as_ref().is_some_and(|below| below.get(dir as usize).copied().unwrap_or(false))
    }

    #[inline]
    fn passes(&self, dir: u32, name: u32) -> bool {
        (self.is_above(dir) || self.hits.has(name)) != self.negated
    }
}

impl Texts {
    /// `names`: how many there are.
    pub(super) fn new(each: Vec<Text>, names: u32) -> Self {
        let is_plain = matches!(each.as_slice(), [] | [Text { negated: false, .. }]);
        let shared = (!is_plain).then(|| {
            let mut shared = Marks::all(names as usize);
            each.iter().for_each(|text| shared.keep(text.hits.marks(), text.negated));
            shared
        });
        Self { each, shared }
    }

    /// Keeps of a block what passes.
    pub(super) fn apply(&self, block: &mut Block<'_>) {
        let Some(first) = self.each.first() else { return };
        let shared = self.shared.as_ref().unwrap_or(first.hits.marks());
        let passes = |dir, name| self.each.iter().all(|text| text.passes(dir, name));
        block.keep_placed(shared, |dir| self.placed(dir), passes);
    }

    /// What a directory says of all that lies in it.
    #[inline]
    fn placed(&self, dir: u32) -> Placed {
        let mut above = self.each.iter().filter(|text| text.is_above(dir));
        let Some(first) = above.next() else { return Placed::Marked };
        if first.negated || above.any(|text| text.negated) {
            Placed::Nothing
        } else if self.each.iter().all(|text| text.is_above(dir)) {
            Placed::Everything
        } else {
            Placed::Each
        }
    }

    /// How well a name fits all of them.
    #[inline]
    pub(super) fn score(&self, name: u32) -> u32 {
        self.wanted().map(|text| text.hits.fit(name).max(Fit::Path) as u32).sum()
    }

    /// No name fits better.
    pub(super) fn score_max(&self) -> u32 {
        self.wanted().map(|text| text.hits.best().max(Fit::Path) as u32).sum()
    }

    fn wanted(&self) -> impl Iterator<Item = &Text> {
        self.each.iter().filter(|text| !text.negated)
    }
}
