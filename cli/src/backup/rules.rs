//! What is not to be saved.

use std::path::PathBuf;

use bygone_vault::Result;
use bygone_vault::capture::{Excludes, Patterns, Tag, pattern_file};
use clap::Args;

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
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default().into_encoded_bytes();
    for file in files {
        all.extend(pattern_file::patterns_in(file, &variable)?);
    }
    Patterns::parse(all.iter().map(Vec::as_slice), ignores_case)
}
