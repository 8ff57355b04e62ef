//! Patterns over names and paths, as bytes: names need not be UTF-8.

use regex::bytes::{Regex, RegexBuilder};

use super::glob;
use crate::error::{Error, ErrorKind, Result};

/// A compiled glob or regular expression.
///
/// A glob without a slash is about names; one with a slash about whole paths, beginning at the root when it begins with
/// a slash and at any directory otherwise. `*` and `?` stop at slashes, `**` does not. A slash at the end does not
/// count. A regular expression is about names, or about whole paths when it holds a slash, and need not fit from end
/// to end unless it says so with `^` and `$`.
#[derive(Debug, Clone)]
pub struct Pattern {
    subject: Subject,
}

#[derive(Debug, Clone)]
enum Subject {
    /// This path and no other.
    Exact(Box<[u8]>),
    Name(Regex),
    Path {
        whole: Regex,
        /// A condition that every matching path's last name meets, so that most names need no path.
        name: Option<Regex>,
    },
}

impl Pattern {
    /// One path, which begins with a slash, whatever its bytes.
    pub fn exact(path: &[u8]) -> Self {
        Self { subject: Subject::Exact(path.into()) }
    }

    /// A glob: `*`, `?`, `[a-z]`, `{a,b}`, `**`.
    ///
    /// # Errors
    /// `InvalidInput`: it is malformed.
    pub fn glob(text: &str, ignore_case: bool) -> Result<Self> {
        let trimmed = if text.len() > 1 { text.trim_end_matches('/') } else { text };
        if !trimmed.contains('/') {
            return Ok(Self { subject: Subject::Name(compile(text, trimmed, ignore_case)?) });
        }
        let anchored = match trimmed.strip_prefix('/') {
            Some(_) => trimmed.to_owned(),
            None => format!("/**/{trimmed}"),
        };
        let whole = compile(text, &anchored, ignore_case)?;
        // Braces may hold slashes, so that the part after the last slash need not be a glob of its own.
        let last = trimmed.rsplit('/').next().filter(|last| !last.contains("**") && !trimmed.contains(['{', '}', '[']));
        let name = last.map(|last| compile(text, last, ignore_case)).transpose()?;
        Ok(Self { subject: Subject::Path { whole, name } })
    }

    /// A regular expression, in the syntax of Rust's regex crate.
    ///
    /// # Errors
    /// `InvalidInput`: it is malformed.
    pub fn regex(text: &str, ignore_case: bool) -> Result<Self> {
        let compiled = RegexBuilder::new(text).case_insensitive(ignore_case).build().map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Error::new(ErrorKind::InvalidInput, format!("regular expression {text:?}: {why}"))
        })?;
        let subject =
            if text.contains('/') { Subject::Path { whole: compiled, name: None } } else { Subject::Name(compiled) };
        Ok(Self { subject })
    }

    /// Whether a path that ends in `name` may match.
    pub fn may_match(&self, name: &[u8]) -> bool {
        match &self.subject {
            Subject::Exact(path) => path.strip_suffix(name).is_some_and(|folder| folder.ends_with(b"/")),
            Subject::Name(regex) | Subject::Path { name: Some(regex), .. } => regex.is_match(name),
            Subject::Path { name: None, .. } => true,
        }
    }

    /// Whether `path`, which begins with a slash and ends in `name`, matches.
    pub fn matches(&self, path: &[u8], name: &[u8]) -> bool {
        match &self.subject {
            Subject::Exact(exact) => path == &**exact,
            Subject::Name(regex) => regex.is_match(name),
            Subject::Path { whole, .. } => whole.is_match(path),
        }
    }
}

/// Compiles a glob; an error quotes the pattern as it was written.
fn compile(written: &str, text: &str, ignore_case: bool) -> Result<Regex> {
    let invalid = |why: String| Error::new(ErrorKind::InvalidInput, format!("pattern {written:?}: {why}"));
    let expression = glob::to_regex(text).map_err(|why| invalid(why.to_owned()))?;
    RegexBuilder::new(&expression)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|error| invalid(error.to_string().replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn check(pattern: &Pattern, path: &[u8], expected: bool) {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap();
        assert_eq!(pattern.matches(path, name), expected, "{}", String::from_utf8_lossy(path));
        assert!(pattern.may_match(name) || !expected, "the quick test refuses {}", String::from_utf8_lossy(path));
    }

    fn check_glob(text: &str, fits: &[&str], fits_not: &[&str]) {
        let pattern = Pattern::glob(text, false).unwrap();
        fits.iter().for_each(|path| check(&pattern, path.as_bytes(), true));
        fits_not.iter().for_each(|path| check(&pattern, path.as_bytes(), false));
    }

    #[test]
    fn a_glob_without_a_slash_is_about_names() {
        check_glob("*.rs", &["/a.rs", "/x/y/.rs"], &["/a.rs/b", "/a.rsx"]);
        check_glob("report", &["/report", "/x/report"], &["/reports", "/Report"]);
        check_glob("[ab]?{1,2}", &["/ax1", "/x/by2"], &["/cx1", "/ax3"]);
        check_glob("a/", &["/a", "/x/a"], &["/ab"]);
    }

    #[test]
    fn a_glob_with_a_slash_is_about_whole_paths() {
        check_glob("/a/*.rs", &["/a/x.rs"], &["/b/a/x.rs", "/a/b/x.rs"]);
        check_glob("a/*.rs", &["/a/x.rs", "/b/a/x.rs"], &["/xa/x.rs", "/a/b/x.rs"]);
        check_glob("/a/**/x", &["/a/x", "/a/b/c/x"], &["/x", "/b/a/x"]);
        check_glob("/a/**", &["/a/x", "/a/b/c"], &["/b/x"]);
        check_glob("{a/b,c}/d", &["/a/b/d", "/x/c/d"], &["/b/d/e"]);
    }

    #[test]
    fn case_counts_unless_told_otherwise() {
        check(&Pattern::glob("REPORT*", true).unwrap(), b"/a/report.txt", true);
        check(&Pattern::glob("/A/R*", true).unwrap(), b"/a/report.txt", true);
        check(&Pattern::regex("^REP", true).unwrap(), b"/a/report.txt", true);
        check(&Pattern::regex("^REP", false).unwrap(), b"/a/report.txt", false);
    }

    #[test]
    fn names_that_are_not_utf8_match_like_others() {
        check(&Pattern::glob("*.txt", false).unwrap(), b"/a/\xff\xfe.txt", true);
        check(&Pattern::glob("?.txt", false).unwrap(), b"/a/\xff.txt", true);
        check(&Pattern::glob("[!a].txt", false).unwrap(), b"/a/\xff.txt", true);
        check(&Pattern::regex(r"\.txt$", false).unwrap(), b"/a/\xff\n.txt", true);
    }

    #[test]
    fn letters_beyond_ascii_are_matched() {
        check_glob("*übung*", &["/a/Eine übung.txt"], &["/a/ubung"]);
        check_glob("?.txt", &["/ü.txt"], &["/üü.txt"]);
        check_glob("[!a-c]x", &["/üx", "/dx"], &["/bx", "/a/x"]);
        check(&Pattern::glob("ОТЧЁТ*", true).unwrap(), "/a/отчёт.txt".as_bytes(), true);
    }

    #[test]
    fn a_regular_expression_with_a_slash_is_about_whole_paths() {
        let pattern = Pattern::regex("src/.*[0-9]+$", false).unwrap();
        check(&pattern, b"/a/src/b/c42", true);
        check(&pattern, b"/a/src", false);
    }

    #[test]
    fn a_malformed_pattern_is_refused_by_name() {
        let told = |result: Result<Pattern>| result.unwrap_err().chain();
        assert!(told(Pattern::glob("[a", false)).starts_with("pattern \"[a\": a [ is not closed"));
        assert!(told(Pattern::glob("{a", false)).starts_with("pattern \"{a\": a { is not closed"));
        assert!(told(Pattern::glob("[b-a]", false)).starts_with("pattern \"[b-a]\": a range goes backwards"));
        assert!(told(Pattern::regex("(a", false)).starts_with("regular expression \"(a\": unclosed group"));
    }
}
