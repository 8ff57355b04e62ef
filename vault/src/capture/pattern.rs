//! restic's exclude patterns: Go's `filepath.Match` on each part of a path, `**` for any number of parts, and `!` for an
//! exception. Source: restic's `internal/filter`.

mod glob;

use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// A list of patterns. Later ones overrule earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    ignores_case: bool,
}

#[derive(Debug, Clone)]
struct Pattern {
    parts: Vec<Part>,
    /// What it fits is kept, although an earlier pattern says otherwise.
    is_exception: bool,
    has_any_depth: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Where an absolute path begins: what is before the first slash.
    Root,
    Exactly(Vec<u8>),
    Glob(Vec<u8>),
    /// `**`.
    AnyDepth,
}

/// Any one part: what `**` stands for, as many times as need be.
static ANY: Part = Part::AnyDepth;

impl Patterns {
    /// Reads patterns; empty ones are passed over.
    ///
    /// # Errors
    /// `InvalidInput`: a glob that is malformed.
    pub fn parse<'a>(patterns: impl IntoIterator<Item = &'a [u8]>, ignores_case: bool) -> Result<Self> {
        let mut list = Vec::new();
        for pattern in patterns.into_iter().filter(|pattern| !pattern.is_empty()) {
            let text = if ignores_case { lower(pattern) } else { pattern.to_vec() };
            list.push(Pattern::parse(&text).ok_or_else(|| {
                let shown = String::from_utf8_lossy(pattern);
                Error::new(
                    ErrorKind::InvalidInput,
                    format!("{shown:?} is not a pattern: a bracket or escape is malformed"),
                )
            })?);
        }
        Ok(Self { list, ignores_case })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a path is meant. `parts` are what is between its slashes; the first of an absolute path is empty.
    pub fn fits(&self, parts: &[&[u8]]) -> bool {
        if self.list.is_empty() {
            return false;
        }
        if !self.ignores_case {
            return self.fits_as_is(parts);
        }
        let lowered: Vec<Vec<u8>> = parts.iter().map(|part| lower(part)).collect();
        let parts: Vec<&[u8]> = lowered.iter().map(Vec::as_slice).collect();
        self.fits_as_is(&parts)
    }

    fn fits_as_is(&self, parts: &[&[u8]]) -> bool {
        let mut fits = false;
        for pattern in &self.list {
            // An exception can change nothing before something fits, and the other way round.
            if pattern.is_exception == fits && pattern.fits(parts) {
                fits = !pattern.is_exception;
            }
        }
        fits
    }
}

impl Pattern {
    fn parse(text: &[u8]) -> Option<Self> {
        let (is_exception, text) = match text.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let cleaned = clean(text);
        let parts = cleaned.split(|byte| *byte == b'/').enumerate().map(|(at, part)| match part {
            b"" if at == 0 => Some(Part::Root),
            // What follows the slash of "/" is empty, which restic takes for `**`.
            b"" | b"**" => Some(Part::AnyDepth),
            part if part.iter().any(|byte| b"\\[]*?".contains(byte)) => {
                glob::fits(part, b"").map(|_| Part::Glob(part.to_vec()))
            }
            part => Some(Part::Exactly(part.to_vec())),
        });
        let parts = parts.collect::<Option<Vec<_>>>()?;
        let has_any_depth = parts.contains(&Part::AnyDepth);
        Some(Self { parts, is_exception, has_any_depth })
    }

    fn fits(&self, path: &[&[u8]]) -> bool {
        if self.has_any_depth {
            fits_expanded(&self.parts.iter().collect::<Vec<_>>(), 0, path)
        } else {
            fits_somewhere(self.parts.iter(), path)
        }
    }
}

/// Replaces the first `**` from `from` on by more and more single parts, as far as restic does.
fn fits_expanded(parts: &[&Part], from: usize, path: &[&[u8]]) -> bool {
    let Some(at) = parts.iter().skip(from).position(|part| **part == Part::AnyDepth).map(|at| at + from) else {
        return fits_somewhere(parts.iter().copied(), path);
    };
    let (before, after) = (parts.get(..at).unwrap_or_default(), parts.get(at + 1..).unwrap_or_default());
    let most = (path.len() + 1).checked_sub(parts.len());
    most.is_some_and(|most| {
        (0..=most).any(|count| {
            let expanded: Vec<&Part> =
                before.iter().copied().chain(std::iter::repeat_n(&ANY, count)).chain(after.iter().copied()).collect();
            fits_expanded(&expanded, at + count, path)
        })
    })
}

/// Whether the parts fit somewhere in the path one after another: at its beginning if they are absolute.
fn fits_somewhere<'a>(parts: impl ExactSizeIterator<Item = &'a Part> + Clone, path: &[&[u8]]) -> bool {
    let count = parts.len();
    let Some(last) = path.len().checked_sub(count) else { return false };
    let last = if matches!(parts.clone().next(), Some(Part::Root)) { 0 } else { last };
    (0..=last).rev().any(|start| {
        let run = path.get(start..start + count).unwrap_or_default();
        parts.clone().zip(run).all(|(part, text)| match part {
            Part::Root => text.is_empty(),
            Part::Exactly(expected) => expected == text,
            Part::Glob(glob) => glob::fits(glob, text) == Some(true),
            Part::AnyDepth => true,
        })
    })
}

/// The paths that exist and fit a pattern part by part, as Go's `filepath.Glob` finds them: in the order of their names.
///
/// # Errors
/// `InvalidInput`: a glob that is malformed.
pub fn expand(pattern: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let part = component.as_os_str().as_encoded_bytes();
        let is_glob = matches!(component, Component::Normal(_)) && part.iter().any(|byte| b"\\[*?".contains(byte));
        if !is_glob {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        if glob::fits(part, b"").is_none() {
            let sentence = format!("{:?} is not a pattern: a bracket or escape is malformed", pattern.display());
            return Err(Error::new(ErrorKind::InvalidInput, sentence));
        }
        found = found.iter().flat_map(|folder| fitting(folder, part)).collect();
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    Ok(found)
}

/// The entries of a folder that fit a glob. A folder that cannot be listed has none.
fn fitting(folder: &Path, part: &[u8]) -> Vec<PathBuf> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(listed).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.retain(|name| glob::fits(part, name.as_encoded_bytes()) == Some(true));
    names.sort_unstable();
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// Go's `filepath.Clean`: without doubled slashes, `.` and what `..` takes back.
fn clean(path: &[u8]) -> Vec<u8> {
    let is_absolute = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => drop(kept.pop()),
            b".." if is_absolute => {}
            part => kept.push(part),
        }
    }
    let joined = kept.join(&b'/');
    match (is_absolute, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// Letter by letter, as Go's `strings.ToLower` does it.
fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lowered: String =
        String::from_utf8_lossy(text).chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect();
    lowered.into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(patterns: &[&str], path: &str, expected: bool) {
        let list = Patterns::parse(patterns.iter().map(|text| text.as_bytes()), false).unwrap();
        let parts: Vec<&[u8]> = path.as_bytes().split(|byte| *byte == b'/').collect();
        assert_eq!(list.fits(&parts), expected, "{patterns:?} {path}");
    }

    #[test]
    fn a_pattern_without_a_slash_fits_any_part() {
        check(&["*.o"], "/home/x/a.o", true);
        check(&["x"], "/home/x/a.o", true);
        check(&["*.o"], "/home/x/a.c", false);
        check(&["x/a*"], "/home/x/a.o", true);
        check(&["x/*.c"], "/home/x/a.o", false);
    }

    #[test]
    fn an_absolute_pattern_fits_at_the_beginning_only() {
        check(&["/home"], "/home/x", true);
        check(&["/x"], "/home/x", false);
        check(&["/home/*/a"], "/home/x/a/b", true);
        check(&["/home/./y/../x//"], "/home/x", true);
    }

    #[test]
    fn the_root_alone_fits_all_that_is_below_it() {
        check(&["/"], "/home/x", true);
        check(&["/.."], "/home", true);
        check(&["/", "!x"], "/home/x", false);
    }

    #[test]
    fn two_stars_stand_for_any_depth() {
        check(&["/home/**/a"], "/home/a", true);
        check(&["/home/**/a"], "/home/x/y/a", true);
        check(&["/home/**/a"], "/etc/x/y/a", false);
        check(&["a/**/b"], "/x/a/1/2/b/c", true);
        // The first of several gives up early, as in restic.
        check(&["/a/**/b/**/c"], "/a/x/b/c", false);
        check(&["/a/**/b/**/c"], "/a/b/y/c", true);
    }

    #[test]
    fn an_exception_overrules_what_comes_before_it() {
        check(&["*.o", "!keep.o"], "/x/keep.o", false);
        check(&["*.o", "!keep.o"], "/x/other.o", true);
        check(&["!keep.o", "*.o"], "/x/keep.o", true);
    }

    #[test]
    fn case_is_ignored_where_it_was_asked_for() {
        let list = Patterns::parse([b"*.JPG".as_slice(), "GRÜN".as_bytes()], true).unwrap();
        assert!(list.fits(&[b"", b"a.Jpg"]) && list.fits(&["grün".as_bytes()]) && !list.fits(&[b"jpg"]));
    }

    #[test]
    fn malformed_patterns_are_refused() {
        let unended: &[&str] = if cfg!(windows) { &[] } else { &["a\\"] };
        for pattern in ["[", "a[", "[]", "[a-]", "x/[/y", "[-]"].iter().chain(unended) {
            assert!(Patterns::parse([pattern.as_bytes()], false).is_err(), "{pattern}");
        }
    }
}
