//! The project that the tour captures: source files, documents, a picture, a link and an extended attribute, and what
//! happens to them in three days.

use crate::generate::chance::Chance;
use crate::generate::code::Writer;
use anyhow::{Context, Result};
use rustix::fs::{XattrFlags, setxattr};
use rustix::io::Errno;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const SEED: u64 = 2026;
const PICTURE_BYTES: usize = 300_000;
const PICTURE_HEADER: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A file that is there on day 1, changed on day 2.
pub(crate) const EDITED: &str = "src/parser.c";
/// A file that is there on day 1 and gone from day 2 on.
pub(crate) const DELETED: &str = "docs/budget-report.txt";
/// A file of days 1 and 2, which day 3 calls [`RENAMED_TO`].
pub(crate) const RENAMED: &str = "assets/logo.png";
pub(crate) const RENAMED_TO: &str = "assets/emblem.png";
/// A folder that is restored.
pub(crate) const RESTORED: &str = "docs";
/// What the tour searches for, and the files that must be found.
pub(crate) const SEARCHED: &str = "*report*";

/// The content of [`EDITED`] on day 1.
pub(crate) const PARSER: &str =
    "/* The parser, as it worked on day 1. */\nint parse(const char *text)\n{\n\treturn text[0] == 'b';\n}\n";
const PARSER_BROKEN: &str =
    "/* The parser, rewritten on day 2 in a hurry. */\nint parse(const char *text)\n{\n\treturn 0;\n}\n";

/// Brings the project from the day before to this day (0 is the first).
pub(crate) fn live(root: &Path, day: usize) -> Result<()> {
    match day {
        0 => begin(root),
        1 => {
            write(root, EDITED, PARSER_BROKEN.as_bytes())?;
            write(root, "docs/quarterly-report.txt", &prose(2, 900))?;
            fs::remove_file(root.join(DELETED)).with_context(|| format!("removing {DELETED}"))
        }
        _ => {
            write(root, "src/lexer.c", &prose(3, 4000))?;
            fs::rename(root.join(RENAMED), root.join(RENAMED_TO)).with_context(|| format!("renaming {RENAMED}"))
        }
    }
}

fn begin(root: &Path) -> Result<()> {
    write(root, "README.md", b"# The project\n\nThree days of it are in the repository.\n")?;
    write(root, EDITED, PARSER.as_bytes())?;
    write(root, DELETED, &prose(1, 1200))?;
    for (folder, files) in [("src", 12), ("src/drivers", 20), ("include", 10), ("docs", 6), ("tests", 8)] {
        for number in 0..files {
            let seed = SEED + folder.len() as u64 * 100 + number;
            write(root, &format!("{folder}/part_{number:02}.c"), &prose(seed, 500 + 700 * number as usize))?;
        }
    }
    let mut picture = vec![0; PICTURE_BYTES];
    Chance::new(SEED).fill(&mut picture);
    write(root, RENAMED, &[PICTURE_HEADER, &picture].concat())?;
    write(root, "build.sh", b"#!/bin/sh\ncc src/*.c -o project\n")?;
    fs::set_permissions(root.join("build.sh"), fs::Permissions::from_mode(0o755))
        .context("making build.sh executable")?;
    symlink("parser.c", root.join("src/main.c")).context("linking src/main.c")?;
    match setxattr(root.join("README.md"), "user.comment", b"read me first", XattrFlags::empty()) {
        Err(Errno::OPNOTSUPP) => {
            println!("  (no extended attribute in the demo: this temporary folder's file system has none)")
        }
        other => other.context("setting an extended attribute")?,
    }
    Ok(())
}

fn prose(seed: u64, len: usize) -> Vec<u8> {
    Writer::new(SEED).text(&mut Chance::new(seed), len)
}

fn write(root: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = root.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::write(&path, content).with_context(|| format!("writing {}", path.display()))
}
