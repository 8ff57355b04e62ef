//! What is not to be saved.

use std::path::{Path, PathBuf};

use bygone_vault::capture::{Excludes, Patterns, Tag};
use bygone_vault::{Error, Result};
use clap::Args;

use super::sources::lines;
use crate::units::parse_size;

/// What is left out.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is left out")]
pub(super) struct RuleArgs {
    /// What fits this pattern, and everything below it; ! before it makes an exception (may be repeated)
    #[arg(short, long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// The same, whatever the case of the letters (may be repeated)
    #[arg(long, value_name = "PATTERN")]
    iexclude: Vec<String>,
    /// The patterns in this file, one a line (may be repeated)
    #[arg(long, value_name = "FILE")]
    exclude_file: Vec<PathBuf>,
    /// The same, whatever the case of the letters (may be repeated)
    #[arg(long, value_name = "FILE")]
    iexclude_file: Vec<PathBuf>,
    /// Folders that are marked as caches by a CACHEDIR.TAG
    #[arg(long)]
    exclude_caches: bool,
    /// Folders that hold a file of this name, which begins so (may be repeated)
    #[arg(long, value_name = "NAME[:HEADER]")]
    exclude_if_present: Vec<String>,
    /// Files of more bytes
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    exclude_larger_than: Option<u64>,
    /// Other file systems that are mounted below a source
    #[arg(short = 'x', long)]
    one_file_system: bool,
    /// What .gitignore and .ignore files say
    #[arg(long)]
    gitignore: bool,
}

impl RuleArgs {
    /// The patterns given, for the snapshot to tell of.
    pub(super) fn patterns(&self) -> &[String] {
        &self.exclude
    }

    /// The rules. Our own cache is nothing that anybody could miss.
    ///
    /// # Errors
    /// A file cannot be read; a pattern is malformed.
    pub(super) fn read(&self, cache: Option<PathBuf>) -> Result<Excludes> {
        let mut tags = self.exclude_if_present.iter().map(|text| Tag::parse(text)).collect::<Result<Vec<_>>>()?;
        if self.exclude_caches {
            tags.push(Tag::of_caches());
        }
        Ok(Excludes {
            patterns: patterns(&self.exclude_file, &self.exclude, false)?,
            patterns_ignoring_case: patterns(&self.iexclude_file, &self.iexclude, true)?,
            paths: cache.and_then(|folder| std::path::absolute(folder).ok()).into_iter().collect(),
            if_present: tags,
            larger_than: self.exclude_larger_than,
            other_file_systems: self.one_file_system,
            ignored_by_git: self.gitignore,
        })
    }
}

/// Those given, then those of files, as restic orders them.
fn patterns(files: &[PathBuf], given: &[String], ignores_case: bool) -> Result<Patterns> {
    let mut all: Vec<Vec<u8>> = given.iter().map(|pattern| pattern.clone().into_bytes()).collect();
    for file in files {
        all.extend(patterns_in(file)?);
    }
    Patterns::parse(all.iter().map(Vec::as_slice), ignores_case)
}

/// The lines of a file without comments, with variables of the environment filled in.
fn patterns_in(file: &Path) -> Result<Vec<Vec<u8>>> {
    let list =
        std::fs::read(file).map_err(|error| Error::io(format!("read the patterns in {}", file.display()), error))?;
    let list = list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&list);
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default().into_encoded_bytes();
    Ok(lines(list).filter(|line| !line.starts_with(b"#")).map(|line| expand(line, &variable)).collect())
}

/// Fills in `$NAME` and `${NAME}`; `$$` is a dollar sign. As Go's `os.Expand`.
fn expand(line: &[u8], variable: &impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let (name, length) = match after.first() {
            Some(b'{') => match after.iter().position(|byte| *byte == b'}') {
                Some(end) => (after.get(1..end).unwrap_or_default(), end + 1),
                // Go eats the bracket that is not closed.
                None => (&[][..], 1),
            },
            Some(b'$') => (&b"$"[..], 1),
            Some(digit) if digit.is_ascii_digit() => (after.get(..1).unwrap_or_default(), 1),
            _ => {
                let length = after.iter().take_while(|byte| is_name(byte)).count();
                (after.get(..length).unwrap_or_default(), length)
            }
        };
        match name {
            b"$" => out.push(b'$'),
            b"" if length == 0 => out.push(b'$'),
            name => out.extend_from_slice(&variable(&String::from_utf8_lossy(name))),
        }
        rest = after.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let variable = |name: &str| if name == "HOME" { b"/home/x".to_vec() } else { Vec::new() };
        assert_eq!(String::from_utf8_lossy(&expand(line.as_bytes(), &variable)), expected, "{line}");
    }

    #[test]
    fn variables_are_filled_in_as_go_does_it() {
        check("plain", "plain");
        check("$HOME/.cache", "/home/x/.cache");
        check("${HOME}x/*.o", "/home/xx/*.o");
        check("cost$$", "cost$");
        check("$NONE/x", "/x");
        check("a$ b$", "a$ b$");
    }
}
