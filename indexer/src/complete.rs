//! Completing a name while it is typed.

use tantivy::DocId;

use crate::error::Result;
use crate::fold::fold;
use crate::index::Index;
use crate::limits::COMPLETION_NAMES_MAX;
use crate::runs::Runs;
use crate::scope::{Scope, Sight, Spot};
use crate::versions::Segment;
use crate::view::View;

/// Versions of one name that are looked at.
const VERSIONS_MAX: usize = 1000;

/// A name that begins as was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The name, as stored; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// Versions of that name which may be seen, at least; counting ends at a thousand.
    pub versions: u64,
}

impl Index {
    /// Names that begin with `prefix` and may be seen, the most frequent first.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn complete(&self, prefix: &str, scope: &Scope, max: usize) -> Result<Vec<Completion>> {
        let folded = fold(prefix);
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let view = self.view();
        let sight = Sight::new(&view, scope);
        let mut found: Vec<Completion> = Vec::new();
        for id in view.names.beginning(folded.as_bytes(), COMPLETION_NAMES_MAX) {
            let versions = visible(&view, &sight, id)?;
            if versions > 0 {
                let name = String::from_utf8_lossy(view.names.shown(id)).into_owned();
                found.push(Completion { name, versions });
            }
        }
        found.sort_by(|left, right| right.versions.cmp(&left.versions).then_with(|| left.name.cmp(&right.name)));
        found.truncate(max);
        Ok(found)
    }
}

/// How many versions of a name may be seen.
fn visible(view: &View, sight: &Sight, name: u32) -> Result<u64> {
    let mut count = 0;
    let mut docs: Vec<DocId> = Vec::new();
    for segment in &view.segments {
        docs.clear();
        segment.docs_of_name(name, &mut docs)?;
        let seen = docs.iter().take(VERSIONS_MAX).filter(|doc| sees(segment, sight, &view.runs, **doc));
        count += seen.count() as u64;
        if count >= VERSIONS_MAX as u64 {
            break;
        }
    }
    Ok(count)
}

fn sees(segment: &Segment, sight: &Sight, runs: &Runs, doc: DocId) -> bool {
    !segment.reader.is_deleted(doc) && sight.shown(runs, Spot::at(segment, doc)).is_some()
}
