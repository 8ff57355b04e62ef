//! From what a server says to what the vault takes.

use std::path::PathBuf;

use bygone_common::job::BackupSpec;
use bygone_vault::capture::{Excludes, Options, Patterns, READ_CONCURRENCY_DEFAULT, Sources, Tag, pattern_file};
use bygone_vault::{Result, WriteOptions};

use crate::state::Folder;

/// Bytes in what packs are counted in.
const MIB: u32 = 1 << 20;

/// What is saved.
pub(super) fn sources(spec: &BackupSpec) -> Sources {
    // The server has put what the plan includes among them.
    Sources { paths: spec.paths.iter().map(PathBuf::from).collect(), as_path: None }
}

/// How it is captured.
///
/// # Errors
/// A pattern that makes no sense; a file of patterns that cannot be read.
pub(super) fn capture(spec: &BackupSpec, folder: &Folder) -> Result<Options> {
    let said = &spec.capture;
    let mut patterns: Vec<Vec<u8>> = said.exclude.iter().map(|pattern| pattern.clone().into_bytes()).collect();
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default().into_encoded_bytes();
    for file in &said.exclude_files {
        patterns.extend(pattern_file::patterns_in(file.as_ref(), &variable)?);
    }
    let mut tags = said.exclude_if_present.iter().map(|text| Tag::parse(text)).collect::<Result<Vec<_>>>()?;
    if said.exclude_caches {
        tags.push(Tag::of_caches());
    }
    let excludes = Excludes {
        patterns: Patterns::parse(patterns.iter().map(Vec::as_slice), false)?,
        patterns_ignoring_case: Patterns::parse(said.iexclude.iter().map(String::as_bytes), true)?,
        // What the agent keeps is nothing that anybody could miss, and its spool would grow by itself.
        paths: std::path::absolute(folder.path()).into_iter().collect(),
        if_present: tags,
        larger_than: said.exclude_larger_than,
        other_file_systems: said.one_file_system,
        ignored_by_git: said.gitignore,
    };
    Ok(Options {
        excludes,
        ignore_ctime: said.ignore_ctime || said.ignore_inode,
        ignore_inode: said.ignore_inode,
        with_atime: said.with_atime,
        read_concurrency: said.read_concurrency.map_or(READ_CONCURRENCY_DEFAULT, usize::from),
        ..Options::default()
    })
}

/// How it is written.
///
/// # Errors
/// A compression that is not known.
pub(super) fn write(spec: &BackupSpec) -> Result<WriteOptions> {
    let mut options = WriteOptions { compression: spec.capture.compression.name().parse()?, ..WriteOptions::default() };
    if let Some(mib) = spec.capture.pack_size_mib {
        options.pack_bytes = u32::from(mib).saturating_mul(MIB);
    }
    Ok(options)
}

/// The labels of the snapshot: the plan's is among them, by which its retention finds it.
pub(super) fn tags(spec: &BackupSpec) -> Vec<String> {
    let mut tags = spec.tags.clone();
    let of_plan = format!("plan:{}", spec.plan);
    if !tags.contains(&of_plan) {
        tags.push(of_plan);
    }
    tags
}
