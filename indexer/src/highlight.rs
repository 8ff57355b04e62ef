//! Which parts of a path fit the query.

use crate::fold::fold_mapped;
use crate::pattern::Pattern;
use crate::query::{Query, Test};

/// Ranges of bytes of a path, sorted, none touching another. A path that is not UTF-8 has none: its folded form has
/// other bytes.
pub(crate) fn highlights(path: &[u8], query: &Query) -> Vec<(usize, usize)> {
    let Ok(path) = std::str::from_utf8(path) else { return Vec::new() };
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let mut found = Vec::new();
    for clause in query.clauses.iter().filter(|clause| !clause.negated) {
        match &clause.test {
            Test::Name(pattern) => mark(path, start, pattern, &mut found),
            Test::Anywhere(pattern) => {
                mark(path, start, pattern, &mut found);
                each_folder(path, start, |at, folder| mark_part(folder, at, pattern, &mut found));
            }
            Test::Folder(pattern) => each_folder(path, start, |at, folder| mark_part(folder, at, pattern, &mut found)),
            _ => {}
        }
    }
    found.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::with_capacity(found.len());
    for (from, to) in found {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}

/// Calls for every name before the last one.
fn each_folder(path: &str, end: usize, mut call: impl FnMut(usize, &str)) {
    let mut at = 0;
    for folder in path.get(..end).unwrap_or_default().split('/') {
        call(at, folder);
        at += folder.len() + 1;
    }
}

fn mark(path: &str, start: usize, pattern: &Pattern, found: &mut Vec<(usize, usize)>) {
    mark_part(path.get(start..).unwrap_or_default(), start, pattern, found);
}

fn mark_part(name: &str, start: usize, pattern: &Pattern, found: &mut Vec<(usize, usize)>) {
    let folded = fold_mapped(name);
    let origin = |at: usize| folded.origin.get(at).map(|at| *at as usize);
    for (from, to) in pattern.places(folded.text.as_bytes()) {
        let Some((first, mut end)) = origin(from).zip(origin(to)) else { continue };
        // A mark that was dropped belongs to the letter before it, and one of several folded letters to its character.
        if let Some(last) = origin(to.saturating_sub(1)) {
            let next = |c: &str| c.chars().next().map_or(0, char::len_utf8);
            end = end.max(last + next(name.get(last..).unwrap_or_default()));
        }
        found.push((start + first, start + end));
    }
}
