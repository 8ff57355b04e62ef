//! Whether two folders hold the same, by everything that a restore must bring back.

use anyhow::{Context, Result};
use rustix::fs::{lgetxattr, llistxattr};
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CString, OsString};
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How much is read and compared at once.
const BLOCK_BYTES: usize = 1 << 20;
const XATTR_BYTES_MAX: usize = 1 << 16;

/// The differences below two folders, each as one line; empty when the second equals the first. The folders' own metadata
/// is not compared: a target folder was made by whoever named it.
pub(crate) fn differences(wanted: &Path, found: &Path) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    folder(wanted, found, &mut lines)?;
    Ok(lines)
}

/// As [`differences`], by names and contents alone: for what another operating system wrote.
pub(crate) fn contents(wanted: &Path, found: &Path) -> Result<Vec<String>> {
    let differences = differences(wanted, found)?;
    let told = |line: &String| {
        line.ends_with("is missing") || line.ends_with("is too many") || line.ends_with("other content")
    };
    Ok(differences.into_iter().filter(told).collect())
}

fn folder(wanted: &Path, found: &Path, lines: &mut Vec<String>) -> Result<()> {
    let (ours, theirs) = (names(wanted)?, names(found)?);
    lines.extend(ours.difference(&theirs).map(|name| format!("{} is missing", found.join(name).display())));
    lines.extend(theirs.difference(&ours).map(|name| format!("{} is too many", found.join(name).display())));
    for name in ours.intersection(&theirs) {
        entry(&wanted.join(name), &found.join(name), lines)?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    names.collect::<Result<_, _>>().with_context(|| format!("listing {}", folder.display()))
}

fn entry(wanted: &Path, found: &Path, lines: &mut Vec<String>) -> Result<()> {
    let (ours, theirs) = (metadata(wanted)?, metadata(found)?);
    let facts = facts(&ours).into_iter().zip(facts(&theirs));
    let other = facts.filter(|((_, ours), (_, theirs))| ours != theirs);
    lines.extend(
        other.map(|((name, ours), (_, theirs))| format!("{}: {name} is {theirs}, not {ours}", found.display())),
    );
    if xattrs(wanted)? != xattrs(found)? {
        lines.push(format!("{}: other extended attributes", found.display()));
    }
    if ours.file_type() != theirs.file_type() {
        return Ok(());
    }
    if ours.is_dir() {
        return folder(wanted, found, lines);
    }
    let same = if ours.is_symlink() {
        fs::read_link(wanted)? == fs::read_link(found)?
    } else {
        !ours.is_file() || same_bytes(wanted, found)?
    };
    if !same {
        lines.push(format!("{}: other content", found.display()));
    }
    Ok(())
}

fn metadata(path: &Path) -> Result<Metadata> {
    fs::symlink_metadata(path).with_context(|| format!("looking at {}", path.display()))
}

fn facts(metadata: &Metadata) -> [(&'static str, String); 5] {
    // A folder's size is the file system's own affair.
    let size = if metadata.is_dir() { String::new() } else { metadata.size().to_string() };
    [
        ("mode", format!("{:o}", metadata.mode())),
        ("owner", metadata.uid().to_string()),
        ("group", metadata.gid().to_string()),
        ("size", size),
        ("time", format!("{}.{:09}", metadata.mtime(), metadata.mtime_nsec())),
    ]
}

fn same_bytes(wanted: &Path, found: &Path) -> Result<bool> {
    let open = |path: &Path| File::open(path).with_context(|| format!("opening {}", path.display()));
    let (mut ours, mut theirs) = (open(wanted)?, open(found)?);
    let (mut left, mut right) = (vec![0; BLOCK_BYTES], vec![0; BLOCK_BYTES]);
    loop {
        let left = filled(&mut ours, &mut left).with_context(|| format!("reading {}", wanted.display()))?;
        let right = filled(&mut theirs, &mut right).with_context(|| format!("reading {}", found.display()))?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

fn filled<'a>(file: &mut File, block: &'a mut [u8]) -> Result<&'a [u8]> {
    let mut len = 0;
    while let Some(rest) = block.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            count => len += count,
        }
    }
    Ok(block.get(..len).unwrap_or_default())
}

/// The extended attributes of an entry itself, not of what a link leads to. A file system without any has none.
fn xattrs(path: &Path) -> Result<BTreeMap<CString, Vec<u8>>> {
    let mut list = vec![0; XATTR_BYTES_MAX];
    let len = match llistxattr(path, &mut list) {
        Ok(len) => len,
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => 0,
        Err(error) => {
            return Err(error).with_context(|| format!("listing the extended attributes of {}", path.display()));
        }
    };
    list.truncate(len);
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let mut found = BTreeMap::new();
    for name in names {
        let name = CString::new(name).context("the name of an extended attribute")?;
        let mut value = vec![0; XATTR_BYTES_MAX];
        let len =
            lgetxattr(path, &name, &mut value).with_context(|| format!("reading {name:?} of {}", path.display()))?;
        value.truncate(len);
        found.insert(name, value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::process::Command;

    /// Makes two equal folders, changes the second by a shell line, and counts the differences.
    fn check(change: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let make = "mkdir a a/d; echo one > a/d/f; ln -s f a/d/l; touch -d @5 a/d/f; touch -h -d @6 a/d/l; touch -d @7 a/d; cp -a a b; cd b; ";
        assert!(
            Command::new("sh")
                .arg("-c")
                .arg(format!("{make}{change}"))
                .current_dir(&folder)
                .status()
                .unwrap()
                .success()
        );
        let found = differences(&folder.path().join("a"), &folder.path().join("b")).unwrap();
        let root = format!("{}/", folder.path().join("b").display());
        let found: Vec<String> = found.into_iter().map(|line| line.replace(&root, "")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn equal_folders_have_no_differences() {
        check("true", &[]);
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        check("echo two > d/f; touch -d @5 d/f", &["d/f: other content"]);
        check("chmod 600 d/f", &["d/f: mode is 100600, not 100644"]);
        check("touch -d @5.5 d/f", &["d/f: time is 5.500000000, not 5.000000000"]);
        check("rm d/f; touch -d @7 d", &["d/f is missing"]);
        check("touch d/g; touch -d @7 d", &["d/g is too many"]);
        check("ln -sfn g d/l; touch -h -d @6 d/l; touch -d @7 d", &["d/l: other content"]);
    }
}
